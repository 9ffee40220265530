"""The query guard: one plain read, by allow-list, or a refusal with its place. What is run is the person's own text.

It reads the text twice: piece by piece as Snowflake's lexer cuts it, which sees every call, variable and stage, and as
sqlglot's tree, which sees what kind of statement it is. Both have to agree. Knows no Slack and no Polytomic.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from bot.enrollment.model.queries import QueryWarning
from bot.enrollment.query_normal import normalized
from bot.enrollment.query_text import Piece, pieces, refused, unread
from bot.enrollment.query_tree import alias_starts, check_tree, parse, tables_read
from bot.enrollment.query_warnings import is_ordered, warnings_of
from bot.enrollment.query_words import check_calls, check_start, check_words
from bot.errors import QueryProblem, QueryRefused

_MARK = "\ufeff"
_SIGNATURE = "\n/* Enroll Flow {enrollment_id} {user_id} */"
_LONGEST_ID = 24
_ID = re.compile(rf"[A-Z0-9-]{{1,{_LONGEST_ID}}}")


@dataclass(frozen=True, slots=True)
class Query:
    """A query that may be run: `text` is a piece of what was written, `tables` are the names it reads, as written.

    `ordered` when the outermost query says in which order its rows come. `normalized` is the same for two texts that
    differ in comments, blanks or the case of words alone, and never for two that Snowflake reads differently.
    """

    text: str = field(repr=False)
    tables: tuple[str, ...]
    warnings: tuple[QueryWarning, ...] = ()
    ordered: bool = False
    normalized: str = field(default="", repr=False)


def guard(sql: str, *, max_bytes: int) -> Query:
    """The query that is run. Raises QueryRefused, and nothing else, unless it is one plain read.

    Signed, it has at most `max_bytes` once encoded, whoever signs it.
    """
    written = sql.removeprefix(_MARK)
    if not written.strip():
        raise QueryRefused(QueryProblem.EMPTY)
    size = encoded_size(_trimmed(written)) + SIGNATURE_BYTES
    if size > max_bytes:
        raise QueryRefused(QueryProblem.TOO_LONG, size=size, limit=max_bytes)
    found = _statement(written, pieces(written))
    check_words(written, found)
    start, end = _span(written, found)
    tree = parse(written, written[start:end], start, found)
    check_calls(written, found, frozenset(at + start for at in alias_starts(tree)))
    check_tree(tree, written, start, found)
    return Query(
        text=written[start:end],
        tables=tables_read(tree),
        warnings=warnings_of(tree),
        ordered=is_ordered(tree),
        normalized=normalized(found),
    )


def signed(text: str, user_id: str, enrollment_id: str) -> str:
    """The text as it is sent: the warehouse's history says who asked, and for which enrollment.

    The comment stands in lines of its own behind the text, so the text may be put in parentheses. Raises ValueError
    for an id that could end the comment, or that is longer than what the guard leaves room for.
    """
    for given in (user_id, enrollment_id):
        if not _ID.fullmatch(given):
            raise ValueError("not an id of Slack's or of ours")
    return text + _SIGNATURE.format(enrollment_id=enrollment_id, user_id=user_id)


def encoded_size(sql: str) -> int:
    """How many bytes the text takes in a URL's query string, as httpx writes it."""
    return len(quote_plus(sql, errors="surrogatepass"))


SIGNATURE_BYTES = encoded_size(_SIGNATURE.format(enrollment_id="E" * _LONGEST_ID, user_id="U" * _LONGEST_ID))
"""What a signature takes at most, encoded: the guard counts it, because it is sent with the text."""


def _trimmed(written: str) -> str:
    return written.strip().removesuffix(";").rstrip()


def _statement(written: str, found: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The pieces of the only statement, without comments and semicolons."""
    code = tuple(piece for piece in found if piece.kind != "comment")
    if not code:
        raise QueryRefused(QueryProblem.ONLY_A_COMMENT, line=1, column=1)
    ends = [at for at, piece in enumerate(code) if piece.text == ";"]
    first = code[: ends[0]] if ends else code
    if not first and all(piece.text == ";" for piece in code):
        raise QueryRefused(QueryProblem.EMPTY)
    if not first:
        raise unread(written, code[0].start)
    check_start(written, first)
    for piece in code[len(first) :]:
        if piece.text != ";":
            raise refused(QueryProblem.SECOND_STATEMENT, written, piece.start, piece.text)
    return first


def _span(written: str, found: tuple[Piece, ...]) -> tuple[int, int]:
    """From the first character, comments before the query included, to the last piece.

    A comment after the query goes: a line comment there would hide whatever is written behind the text.
    """
    return len(written) - len(written.lstrip()), found[-1].end
