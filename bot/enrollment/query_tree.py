"""The tree that sqlglot makes of a query: is it one read, of tables alone, made of allowed shapes, and of which tables?

Only its shape is used. The text that is run is never generated from it.
"""

import difflib
import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from bot.enrollment.query_rules import CALLS, CLAUSES, FUNCTIONS, ROOTS, SHAPES
from bot.enrollment.query_text import Piece, refused, unread
from bot.errors import QueryProblem

_LITERALS = {
    TokenType.STRING,
    TokenType.RAW_STRING,
    TokenType.IDENTIFIER,
    TokenType.HEX_STRING,
    TokenType.NATIONAL_STRING,
}
_VARIABLES = (exp.Parameter, exp.Placeholder, exp.SessionParameter)
# What sqlglot raises over texts that it did not foresee: too deep, or a call with too few arguments.
_STUMBLES = (SqlglotError, RuntimeError, LookupError, AttributeError, TypeError, ValueError, ArithmeticError)
_WRITES = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock)


def parse(sql: str, text: str, start: int, found: tuple[Piece, ...]) -> exp.Expr:
    """The tree of the text, which begins at `start` of what was written. Raises QueryRefused, at the place."""
    tokens: list[Token] = []
    trees: list[exp.Expr | None] = []
    failed = found[0].start
    try:
        with _silence():
            dialect = Dialect.get_or_raise("snowflake")
            tokens = dialect.tokenize(text)
            _agree(sql, start, tokens, found)
            trees = dialect.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, text)
    except ParseError as error:
        failed = _place(error, tokens, start, found)
    except _STUMBLES:
        trees = []
    # Raised out here, because sqlglot's errors hold the text, and an error keeps the one that it was raised in.
    tree = trees[0] if len(trees) == 1 else None
    if tree is None or type(tree).__name__ not in ROOTS:
        raise unread(sql, failed)
    return tree


def alias_starts(tree: exp.Expr) -> frozenset[int]:
    """Where, in the parsed text, the names of tables stand that a list of their columns follows."""
    aliases = (alias.this for alias in tree.find_all(exp.TableAlias) if alias.args.get("columns"))
    return frozenset(name.meta["start"] for name in aliases if name is not None and "start" in name.meta)


def check_tree(tree: exp.Expr, sql: str, start: int, found: tuple[Piece, ...]) -> None:
    """Raises at the first node that is not on the lists."""
    for node in tree.walk():
        problem = _problem(node)
        if problem is not None:
            at, fragment = _where(node, start, found)
            raise refused(problem, sql, at, fragment)


def tables_read(tree: exp.Expr) -> tuple[str, ...]:
    """The tables that are read, as written, each once; names of common table expressions are none."""
    names: dict[tuple[str, ...], str] = {}
    for table in sorted(tree.find_all(exp.Table), key=_start):
        if cte_of(table) is None:
            names.setdefault(tuple(map(folded, _parts(table))), ".".join(map(_written, _parts(table))))
    return tuple(names.values())


def cte_of(table: exp.Table) -> exp.CTE | None:
    """What the name means when it is a WITH's of its own scope that was written before it, or is recursive."""
    if table.args.get("db") is not None:
        return None
    inside: exp.Expr = table
    scope = table.parent
    while scope is not None:
        for cte in _visible(scope, inside):
            if folded(cte.args["alias"].this) == folded(table.this):
                return cte
        inside, scope = scope, scope.parent
    return None


def folded(name: exp.Expr) -> str:
    """The name as Snowflake compares it."""
    return name.name if name.args.get("quoted") else name.name.upper()


@contextmanager
def _silence() -> Iterator[None]:
    """sqlglot logs the text that it cannot parse, and a query is nobody's but the person's who wrote it."""
    log = logging.getLogger("sqlglot")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def _agree(sql: str, start: int, tokens: list[Token], found: tuple[Piece, ...]) -> None:
    """Raises where sqlglot takes something for a string or a quoted name that we do not, or the reverse."""
    theirs = {token.end + 1 + start for token in tokens if token.token_type in _LITERALS}
    differing = theirs ^ {piece.end for piece in found if piece.literal}
    if differing:
        first = min(differing)
        raise unread(sql, next((piece.start for piece in found if piece.end >= first), found[-1].start))


def _place(error: ParseError, tokens: list[Token], start: int, found: tuple[Piece, ...]) -> int:
    """Where reading failed. A misspelled clause was taken for an alias, so the word after it is what fails."""
    facts = error.errors[0] if error.errors else {}
    at = (facts.get("line"), facts.get("col"))
    failed = next((token.start + start for token in tokens if (token.line, token.col) == at), found[-1].start)
    position = next((index for index, piece in enumerate(found) if piece.start >= failed), len(found) - 1)
    before = found[position - 1] if position else found[position]
    if before.upper and before.upper not in CLAUSES and difflib.get_close_matches(before.upper, CLAUSES, cutoff=0.7):
        return before.start
    return found[position].start


def _problem(node: exp.Expr) -> QueryProblem | None:
    if isinstance(node, exp.Table):
        return None if _is_named(node) else QueryProblem.NOT_A_TABLE
    if isinstance(node, exp.TableFromRows) and not isinstance(node.this, exp.Func):
        return QueryProblem.NOT_A_TABLE
    if _is_empty(node):
        return QueryProblem.UNREADABLE
    return None if _allowed(node) else _problem_of_the_unlisted(node)


def _problem_of_the_unlisted(node: exp.Expr) -> QueryProblem:
    if isinstance(node, _VARIABLES):
        return QueryProblem.VARIABLE
    if isinstance(node, _WRITES):
        return QueryProblem.NOT_A_SELECT
    return QueryProblem.NOT_A_FUNCTION if isinstance(node, exp.Func) else QueryProblem.UNREADABLE


def _allowed(node: exp.Expr) -> bool:
    name = type(node).__name__
    if isinstance(node, exp.Anonymous):
        return node.name.upper() in FUNCTIONS
    if name in SHAPES or name in CALLS:
        return True
    return isinstance(node, exp.Func) and not FUNCTIONS.isdisjoint(type(node).sql_names())


def _is_empty(node: exp.Expr) -> bool:
    """True for what sqlglot forgives: a SELECT of nothing, a GROUP BY nothing, a WITH of what is no query."""
    if isinstance(node, exp.Group):
        return not any(node.args.values())
    if isinstance(node, exp.CTE):
        return not isinstance(node.this, exp.Query | exp.Values)
    return isinstance(node, exp.Select) and not node.expressions


def _is_named(table: exp.Table) -> bool:
    """A name has at most three parts, and none of them is that of a stage."""
    return all(isinstance(part, exp.Identifier) and part.name[:1] != "@" for part in _parts(table))


def _where(node: exp.Expr, start: int, found: tuple[Piece, ...]) -> tuple[int, str]:
    word = next((piece for piece in found if piece.upper == type(node).__name__.upper()), None)
    if word is not None:
        return word.start, word.text
    at = max(_start(node) + start, found[0].start)
    return at, next((piece.text for piece in found if piece.start >= at), "")


def _start(node: exp.Expr) -> int:
    """Where, in the parsed text, the first thing in the node stands that sqlglot knows the place of."""
    return min((part.meta["start"] for part in node.walk() if "start" in part.meta), default=0)


def _visible(scope: exp.Expr, inside: exp.Expr) -> list[exp.CTE]:
    """The names of a WITH that this node gives to what is inside of it."""
    if isinstance(scope, exp.With):
        before: list[exp.CTE] = list(itertools.takewhile(lambda cte: cte is not inside, scope.expressions))
        recursive = isinstance(inside, exp.CTE) and isinstance(inside.this, exp.SetOperation)
        return [*before, inside] if recursive and isinstance(inside, exp.CTE) else before
    tied = scope.args.get("with_")
    return list(tied.expressions) if isinstance(tied, exp.With) and tied is not inside else []


def _parts(table: exp.Table) -> list[exp.Expr]:
    """The parts of the name; in db..t the schema is an empty one."""
    given = [table.args.get("catalog"), table.args.get("db"), table.this]
    return [part if isinstance(part, exp.Expr) else exp.Identifier(this="") for part in given if part is not None]


def _written(name: exp.Expr) -> str:
    return '"' + name.name.replace('"', '""') + '"' if name.args.get("quoted") else name.name
