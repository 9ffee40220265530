"""One text for all spellings of a query that Snowflake reads alike, for fingerprints. It is compared, never run.

Comments, blanks and the case of words that Snowflake folds are gone. What it tells apart stays apart: strings, quoted
names, and the names on a path into a value (`a:b` is not `a:B`). Two texts may differ here and still mean the same.
"""

from bot.enrollment.query_text import Piece

_NOTHING = Piece("sign", 0, "")
_OLD_OUTER_JOIN = ("(", "+", ")")


def normalized(found: tuple[Piece, ...]) -> str:
    """The pieces of one statement as one line, but for what stands inside of quotes."""
    parts: list[str] = []
    on_path = False
    before = _NOTHING
    for at, piece in enumerate(found):
        parts.append("" if not at or _is_tight(found, at) else " ")
        on_path = _is_on_path(on_path, before, piece)
        parts.append(piece.text if piece.literal or on_path else piece.text.upper())
        before = piece
    return "".join(parts)


def _is_on_path(on_path: bool, before: Piece, piece: Piece) -> bool:
    """True where names are told apart by their case: after a colon or a subscript, for as long as dots follow."""
    if piece.text in {":", "]", ")"}:
        return True
    if piece.text == ".":
        return on_path
    return before.text == ":" or (on_path and before.text == ".")


def _is_tight(found: tuple[Piece, ...], at: int) -> bool:
    """True where a blank before this piece would make another thing of it, or a dot stands between names."""
    before, piece = found[at - 1], found[at]
    if piece.text == "." or before.text == ".":
        # 1 .5 are two things, 1.5 is one.
        return before.kind != "number"
    if piece.kind == "string" and len(before.upper) == 1:
        # X'0F' is bytes, and x '0F' is a column.
        return before.end == piece.start
    return any(_texts(found, at - offset) == _OLD_OUTER_JOIN for offset in (1, 2))


def _texts(found: tuple[Piece, ...], at: int) -> tuple[str, ...]:
    return tuple(piece.text for piece in found[max(at, 0) : at + 3])
