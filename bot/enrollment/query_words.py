"""What the pieces of a query may be: how it starts, no variables and no stages, and calls of allowed names only.

Looks at the text alone, because a parser may drop or rename what it was given, and Snowflake reads the text.
"""

from bot.enrollment.query_rules import (
    AFTER_COLUMN,
    BEFORE_VALUES,
    FUNCTIONS,
    KEYWORDS,
    STATEMENTS,
    TABLE_FUNCTIONS,
    TYPES,
)
from bot.enrollment.query_text import Piece, refused, unread
from bot.errors import QueryProblem, QueryRefused

_DEEPEST = 32
_BEFORE_PARENTHESIS = FUNCTIONS | KEYWORDS | TYPES
_START = Piece("sign", 0, "")


def check_start(sql: str, found: tuple[Piece, ...]) -> None:
    """Raises unless the first word is that of a read."""
    first = next((piece for piece in found if piece.text != "("), found[-1])
    if first.kind != "word":
        raise unread(sql, first.start)
    if first.upper not in {"SELECT", "WITH"}:
        raise refused(QueryProblem.NOT_A_SELECT, sql, first.start, first.text)


def check_words(sql: str, found: tuple[Piece, ...]) -> None:
    """Raises at the first variable, stage, statement within the query, or bracket that is too deep."""
    depth = 0
    for piece in found:
        if piece.kind == "stage":  # Before its columns $1, $2: the stage is what has to go.
            raise refused(QueryProblem.NOT_A_TABLE, sql, piece.start, piece.text)
    for at, piece in enumerate(found):
        before, after = found[at - 1] if at else _START, found[at + 1] if at + 1 < len(found) else _START
        if piece.text in {"(", "["}:
            depth += 1
        elif piece.text in {")", "]"}:
            depth -= 1
        if depth > _DEEPEST:
            raise unread(sql, piece.start)
        if refusal := _odd(sql, before, piece, after):
            raise refusal


def check_calls(sql: str, found: tuple[Piece, ...], aliases: frozenset[int]) -> None:
    """Raises at the first name before a parenthesis that is neither allowed nor, by its place, an alias."""
    for at, piece in enumerate(found):
        if piece.kind not in {"word", "quoted"} or (piece.start in aliases and _names_follow(found, at)):
            continue
        called, sequence = _is_called(found, at), _is_sequence(found, at)
        if not called and not sequence:
            continue
        first = _first_of_name(found, at)
        if sequence or first != at or piece.upper not in _callable(found, first):
            problem = QueryProblem.NOT_A_TABLE if _is_table(found, first) else QueryProblem.NOT_A_FUNCTION
            raise refused(problem, sql, found[first].start, sql[found[first].start : piece.end])


def _odd(sql: str, before: Piece, piece: Piece, after: Piece) -> QueryRefused | None:
    if piece.kind == "variable":
        return refused(QueryProblem.VARIABLE, sql, piece.start, piece.text)
    if piece.text == ":" and _value_begins_after(before):
        return refused(QueryProblem.VARIABLE, sql, piece.start, ":" + after.text)
    if piece.text == ":" and after.text == "=":
        return unread(sql, piece.start)
    if before.text == "(" and piece.upper in STATEMENTS and _goes_on(after):
        return refused(QueryProblem.NOT_A_SELECT, sql, piece.start, piece.text)
    return None


def _value_begins_after(before: Piece) -> bool:
    if before.kind == "word":
        return before.upper in BEFORE_VALUES
    return before.kind == "sign" and before.text not in {")", "]"}


def _goes_on(after: Piece) -> bool:
    """True where a statement would go on after its first word; a column of that name is followed by an operator."""
    return after.kind in {"string", "quoted"} or (after.kind == "word" and after.upper not in AFTER_COLUMN)


def _first_of_name(found: tuple[Piece, ...], at: int) -> int:
    while at >= 2 and found[at - 1].text == "." and found[at - 2].kind in {"word", "quoted"}:
        at -= 2
    return at


def _callable(found: tuple[Piece, ...], first: int) -> frozenset[str]:
    """The names that may stand before a parenthesis at this place."""
    before = found[first - 1] if first else _START
    if before.upper == "LATERAL" or _in_table(found, first):
        return TABLE_FUNCTIONS
    return _BEFORE_PARENTHESIS


def _is_called(found: tuple[Piece, ...], at: int) -> bool:
    """True before a parenthesis, unless that is the (+) of an old outer join."""
    after = [piece.text for piece in found[at + 1 : at + 4]]
    return after[:1] == ["("] and after != ["(", "+", ")"]


def _is_sequence(found: tuple[Piece, ...], at: int) -> bool:
    """True for what looks like a column and takes the next number of a sequence."""
    return at > 0 and found[at - 1].text == "." and found[at].text.strip('"').upper() == "NEXTVAL"


def _names_follow(found: tuple[Piece, ...], at: int) -> bool:
    """True when the parenthesis holds names and commas alone, as the columns of an alias do."""
    for piece in found[at + 2 :]:
        if piece.text == ")":
            return True
        if piece.text != "," and piece.kind not in {"word", "quoted"}:
            return False
    return False


def _is_table(found: tuple[Piece, ...], first: int) -> bool:
    before = found[first - 1] if first else _START
    return before.upper in {"FROM", "JOIN", "LATERAL"} or _in_table(found, first)


def _in_table(found: tuple[Piece, ...], first: int) -> bool:
    return first >= 2 and found[first - 1].text == "(" and found[first - 2].upper == "TABLE"
