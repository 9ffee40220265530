"""The funnel and the sample as monospaced lines of at most 36 characters, which is what a phone shows."""

from bot.enrollment.model.checks import Funnel, LeftOut, Preflight
from bot.views import words

WIDTH = 36
_FUNNEL_WIDTH = 32
_LABEL_MAX = 24
_CELL_MAX = 16
_COLUMNS_MAX = 4
_ROWS_MAX = 5
_GAP = 2


def preflight_lines(preflight: Preflight) -> str:
    """The funnel of a check, with the caps that applied to it."""
    return funnel_lines(preflight.funnel, company_cap=preflight.company_cap, request_cap=preflight.request_cap)


def funnel_lines(funnel: Funnel, *, company_cap: int = 0, request_cap: int = 0) -> str:
    """How the rows of the query become the people of the list; reasons that nobody met are not shown.

    Where the caps that applied are given, their lines name them.
    """
    caps = {LeftOut.COMPANY_CAP: (company_cap, "company"), LeftOut.REQUEST_CAP: (request_cap, "request")}
    lines = [("Rows from the query", funnel.rows)]
    lines += [(f"- {_label(reason, *caps.get(reason, (0, '')))}", rows) for reason, rows in funnel.left_out if rows]
    lines.append(("= will be enrolled", funnel.will_enroll))
    return "\n".join(_line(label, value) for label, value in lines)


def _label(reason: LeftOut, cap: int, of: str) -> str:
    named = f"over {words.number(cap)} per {of}"
    return named if cap and len(named) <= _LABEL_MAX else reason.value


def _line(label: str, value: int) -> str:
    figure = words.number(value)
    return f"{label:<{_FUNNEL_WIDTH - len(figure) - 1}} {figure}"


def left_out_words(funnel: Funnel) -> str:
    """The sum in words: 187 of 1,412 rows are left out."""
    out = funnel.left_out_rows
    if not out:
        return "No row is left out."
    verb = "is" if out == 1 else "are"
    return f"{words.number(out)} of {words.count(funnel.rows, 'row')} {verb} left out."


def sample_lines(preflight: Preflight) -> str:
    """The first rows over the allowed columns, cells cut so that every line fits."""
    columns = preflight.sample_columns[:_COLUMNS_MAX]
    table = [[_cell(name) for name in columns]]
    table += [[_cell(value) for value in row[: len(columns)]] for row in preflight.sample[:_ROWS_MAX]]
    widths = _widths([max(len(row[place]) for row in table if place < len(row)) for place in range(len(columns))])
    return "\n".join(_row(row, widths) for row in table)


def _cell(value: str) -> str:
    return words.data(value, _CELL_MAX) or "–"


def _widths(natural: list[int]) -> list[int]:
    """The widest column gives way first until a line fits."""
    widths = list(natural)
    room = WIDTH - _GAP * (len(widths) - 1)
    while sum(widths) > room:
        widths[widths.index(max(widths))] -= 1
    return widths


def _row(row: list[str], widths: list[int]) -> str:
    cells = [words.cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=False)]
    return (" " * _GAP).join(cells).rstrip()
