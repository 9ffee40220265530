"""The text of a query, cut into pieces as Snowflake's lexer cuts it, with the place of each.

Strict where lexers differ: a text that two readers could cut differently is refused, so that nothing can hide in
what only one of them takes for a comment or a string. Knows no grammar.
"""

import re
from dataclasses import dataclass, field

from bot.errors import QueryProblem, QueryRefused

_FRAGMENT = 40

# Line ends that only some lexers see, control characters, text direction marks and lone surrogates.
_NEVER = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_PIECE = re.compile(
    r"""
      (?P<space>   [ \t\r\n]+)
    | (?P<comment> (?:--|//)[^\n]* | /\*.*?\*/)
    | (?P<string>  '(?:[^'\\]|\\.|'')*+')
    | (?P<raw>     \$\$.*?\$\$)
    | (?P<quoted>  "(?:[^"]|"")++")
    | (?P<variable>\$[A-Za-z0-9_]+ | \?+)
    | (?P<stage>   @[^\s,;()'"]*)
    | (?P<number>  [0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)
    | (?P<word>    [A-Za-z_][A-Za-z0-9_$]*)
    | (?P<sign>    ::|=>|->(?!>)|!=|<>|<=>|<=|>=|==|\|\||/(?!\*)|[-+*%=<>(),.;:\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)
# What Slack makes of an address in a message: no longer the value that was written.
_LINK = re.compile(r"<(?:https?://|mailto:)([^|<>]+?)/?\|\1>")
_UNREAD = re.compile(r"&(?:\#?\w+;)?|[\"'][^\s\"']*|/\*|\$\$|\w+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """One token: `kind` is the name of a group above, `text` is as written, `upper` is for comparing words."""

    kind: str
    start: int
    text: str = field(repr=False)

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def upper(self) -> str:
        return self.text.upper() if self.kind == "word" else ""

    @property
    def literal(self) -> bool:
        return self.kind in {"string", "raw", "quoted"}


def pieces(sql: str) -> tuple[Piece, ...]:
    """Every piece but blanks, comments included, in order. Raises QueryRefused where the text cannot be cut."""
    if odd := _NEVER.search(sql):
        raise refused(QueryProblem.UNREADABLE, sql, odd.start(), visible(odd.group()))
    found: list[Piece] = []
    at = 0
    while at < len(sql):
        match = _PIECE.match(sql, at)
        if match is None or match.lastgroup is None:
            raise unread(sql, at)
        if match.lastgroup == "comment" and "/*" in match.group()[2:] and match.group().startswith("/*"):
            # Some lexers nest these comments, others end them at the first end.
            raise unread(sql, sql.index("/*", at + 2))
        if match.lastgroup == "string" and (link := _LINK.search(match.group())):
            raise refused(QueryProblem.UNREADABLE, sql, at + link.start(), link.group())
        if match.lastgroup != "space":
            found.append(Piece(match.lastgroup, at, match.group()))
        at = match.end()
    return tuple(found)


def unread(sql: str, at: int) -> QueryRefused:
    """UNREADABLE from this place on, with the word that stands there."""
    match = _UNREAD.match(sql, at)
    return refused(QueryProblem.UNREADABLE, sql, at, visible(match.group() if match else ""))


def refused(problem: QueryProblem, sql: str, at: int, fragment: str) -> QueryRefused:
    """The refusal with its place in the text as the person wrote it, counted from 1."""
    line = sql.count("\n", 0, at) + 1
    column = at - sql.rfind("\n", 0, at)
    return QueryRefused(problem, line=line, column=column, fragment=fragment[:_FRAGMENT])


def visible(text: str) -> str:
    """The text, or the number of its first character where it would show as nothing."""
    return text if text.isprintable() and not text.isspace() else f"U+{ord(text[:1] or ' '):04X}"
