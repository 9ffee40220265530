"""Rows as one table for people, and as JSON for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tests.bench.rows import Row, Spread, Target

_HEAD = ("what", "ours", "peer", "theirs", "ratio (lowest–highest)", "target", "", "load, rounds")
_WORDS = {"times": "×", "faster": "× faster", "fewer": "× fewer"}


def table(rows: Sequence[Row]) -> str:
    """One line for each row, and under it what has to be known to read it."""
    lines = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    noted = zip(lines, ["", *(row.note for row in rows)], strict=True)
    return "\n".join(_aligned(line, widths) + (f"\n    {note}" if note else "") for line, note in noted)


def as_json(rows: Sequence[Row], where: Mapping[str, str], seconds: float) -> dict[str, Any]:
    """Everything, for whoever compares it with another day's; `met` is null where nothing was wished."""
    return {
        "machine": dict(where),
        "seconds": round(seconds, 1),
        "rows": [{**asdict(row), "met": row.met} for row in rows],
    }


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{_spread(row.ratio)} {_WORDS[row.better]}"
    theirs = "" if row.theirs is None else f"{_spread(row.theirs)} {row.unit}"
    load = ", ".join(part for part in (row.loop, f"{row.rounds} rounds" if row.rounds > 1 else "once") if part)
    met = {True: "met", False: "MISSED", None: ""}[row.met]
    return row.what, f"{_spread(row.ours)} {row.unit}", row.peer, theirs, ratio, _target(row), met, load


def _target(row: Row) -> str:
    if row.target is None:
        return ""
    return f"{row.target.sign} {_number(row.target.limit)} {_measure(row, row.target)}"


def _measure(row: Row, target: Target) -> str:
    return row.unit if target.of == "ours" else _WORDS[row.better]


def _spread(spread: Spread) -> str:
    if spread.low == spread.high:
        return _number(spread.median)
    return f"{_number(spread.median)} ({_number(spread.low)}–{_number(spread.high)})"


def _number(value: float) -> str:
    """Three digits that count."""
    if value == 0:
        return "0"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
