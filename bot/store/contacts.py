"""The list that a check froze, what became of each contact on it, and the rows that the check left out.

A batch is a slice of the list by position, so nothing is copied when an enrollment is confirmed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Update

from bot.enrollment.model.checks import Contact, LeftOutRow
from bot.enrollment.model.enrollments import Outcome, Tally
from bot.store import rows
from bot.store.tables import checks
from bot.store.tables import contacts as table
from bot.store.tables import left_out as left_out_rows

Slice: TypeAlias = tuple[int, int]
"""A batch, or another piece: the first position of the list that is in it, and the one after its last."""

_NOT_REFUSED = frozenset({Outcome.PENDING, Outcome.SENT, Outcome.ENROLLED, Outcome.GONE})
_TOLD = frozenset(Outcome) - {Outcome.PENDING, Outcome.SENT, Outcome.ENROLLED}
_MESSAGE = 200
# Preparing rows holds the event loop: 2,000 of them for about 10 ms, so that others are answered in between.
_AT_ONCE = 2_000


async def save(s: AsyncConnection, check_id: str, contacts: Sequence[Contact], left_out: Sequence[LeftOutRow]) -> None:
    """The check's two lists are exactly these, and nothing has become of anybody yet."""
    await delete_lists(s, check_id)
    team_id = (await s.execute(select(checks.c.team_id).where(checks.c.id == check_id))).scalar_one()
    same = {"check_id": check_id, "team_id": team_id}
    pending = {"outcome": Outcome.PENDING, "message": ""}
    await _insert(s, table, (rows.values(contact) | same | pending for contact in contacts))
    numbered = enumerate(left_out)
    await _insert(s, left_out_rows, (rows.values(row) | same | {"position": place} for place, row in numbered))


async def count(s: AsyncConnection, check_id: str, piece: Slice) -> int:
    """How many there are in a piece of the list."""
    return int((await s.execute(_count(), _piece(check_id, piece))).scalar_one())


async def batch_values(s: AsyncConnection, check_id: str, piece: Slice) -> list[str]:
    """The source values of one batch, in the list's order."""
    return [value for value, _ in await listed(s, check_id, piece)]


async def listed(s: AsyncConnection, check_id: str, piece: Slice) -> list[tuple[str, str]]:
    """A piece of the list in its order: what the query gave, and the id that it stands for."""
    return [(row[0], row[1]) for row in await s.execute(_listed(), _piece(check_id, piece))]


async def mark(s: AsyncConnection, check_id: str, outcomes: Mapping[str, tuple[Outcome, str]]) -> None:
    """Each contact with one of these source values has this outcome and message; others are as they were."""
    if not outcomes:
        return
    statement = (
        update(table)
        .where(table.c.check_id == check_id, table.c.source_value == bindparam("value"))
        .values(outcome=bindparam("became"), message=bindparam("said"))
    )
    await s.execute(
        statement,
        [
            {"value": value, "became": outcome, "said": message[:_MESSAGE]}
            for value, (outcome, message) in outcomes.items()
        ],
    )


async def mark_batch(s: AsyncConnection, check_id: str, piece: Slice, *, only: Outcome, to: Outcome) -> int:
    """Everybody of the batch who was `only` is now `to`. Says how many."""
    return await rows.changed(s, _marked(), **_piece(check_id, piece), of_outcome=only, outcome=to)


async def tally(s: AsyncConnection, check_id: str, total: int) -> Tally:
    """How many contacts of the list have which outcome, the most frequent reasons first."""
    counts: dict[Outcome, int] = {row[0]: row[1] for row in await s.execute(_tally(), {"of_check": check_id})}
    reasons = [(outcome, count) for outcome, count in counts.items() if outcome not in _NOT_REFUSED]
    return Tally(
        total=total,
        enrolled=counts.get(Outcome.ENROLLED, 0),
        refused=sum(count for _, count in reasons),
        gone=counts.get(Outcome.GONE, 0),
        reasons=tuple(sorted(reasons, key=lambda reason: (-reason[1], reason[0]))),
    )


async def refused(s: AsyncConnection, check_id: str) -> list[tuple[str, Outcome, str]]:
    """Who was refused or is gone, with the reason and Gong's words, in the list's order."""
    statement = (
        select(table.c.source_value, table.c.outcome, table.c.message)
        .where(table.c.check_id == check_id, table.c.outcome.in_(_ordered(_TOLD)))
        .order_by(table.c.position)
    )
    return [(value, outcome, message) for value, outcome, message in await s.execute(statement)]


async def left_out(s: AsyncConnection, check_id: str) -> list[LeftOutRow]:
    """The rows that the check left out, in the order in which they were found."""
    of_check = rows.selected(left_out_rows, LeftOutRow).where(left_out_rows.c.check_id == check_id)
    return await rows.every(s, of_check.order_by(left_out_rows.c.position), LeftOutRow)


async def delete_lists(s: AsyncConnection, check_id: str) -> None:
    """The check has no lists."""
    await s.execute(delete(table).where(table.c.check_id == check_id))
    await s.execute(delete(left_out_rows).where(left_out_rows.c.check_id == check_id))


async def _insert(s: AsyncConnection, into: Table, whole: Iterable[dict[str, object]]) -> None:
    # Made piece by piece: a hundred thousand rows as dictionaries would take ten times what the list itself takes.
    coming = iter(whole)
    while piece := list(islice(coming, _AT_ONCE)):
        await s.execute(insert(into), piece)


@cache
def _count() -> Select[Any]:
    return select(func.count()).select_from(table).where(*_within())


@cache
def _listed() -> Select[Any]:
    return select(table.c.source_value, table.c.canonical_id).where(*_within()).order_by(table.c.position)


@cache
def _marked() -> Update:
    return update(table).where(*_within(), table.c.outcome == bindparam("of_outcome"))


@cache
def _tally() -> Select[Any]:
    of_check = select(table.c.outcome, func.count()).where(table.c.check_id == bindparam("of_check"))
    return of_check.group_by(table.c.outcome)


def _within() -> tuple[ColumnElement[bool], ...]:
    of_check = table.c.check_id == bindparam("of_check")
    return of_check, table.c.position >= bindparam("of_first"), table.c.position < bindparam("of_end")


def _piece(check_id: str, piece: Slice) -> dict[str, Any]:
    first, end = piece
    return {"of_check": check_id, "of_first": first, "of_end": end}


def _ordered(outcomes: Collection[Outcome]) -> list[Outcome]:
    return sorted(outcomes)
