"""Stops: one stands per team at most, and a lifted one is kept for who asks later who stopped what, and why."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.stops import Stop
from bot.store import rows
from bot.store.guard_tables import stops as table


async def standing(s: AsyncConnection, team_id: str) -> Stop | None:
    """The team's stop that nobody has lifted, if there is one."""
    return await rows.one(s, _standing_of(), Stop, team_id=team_id)


@cache
def _standing_of() -> Select[Any]:
    # Asked before each step of each enrollment.
    return rows.selected(table, Stop).where(_standing(), table.c.team_id == bindparam("team_id"))


async def get(s: AsyncConnection, stop_id: str) -> Stop | None:
    """The stop with this id, lifted or not."""
    return await rows.one_by(s, table, "id", stop_id, Stop)


async def add(s: AsyncConnection, stop: Stop) -> Stop:
    """The team's standing stop: this one, or the one that stood before."""
    if await rows.added(s, table, rows.values(stop)):
        return stop
    # Lifted between the two statements, there is none to be read and room for this one.
    return await standing(s, stop.team_id) or await add(s, stop)


async def explain(s: AsyncConnection, stop_id: str, reason: str) -> bool:
    """The stop has this reason if it had none; False when it had one, or stands no more."""
    silent = update(table).where(_standing(), table.c.id == stop_id, table.c.reason == "")
    return await rows.changed(s, silent.values(reason=reason)) == 1


async def lift(s: AsyncConnection, stop_id: str, by: str, now: datetime) -> bool:
    """The stop stands no more; False when somebody was faster."""
    mine = update(table).where(and_(_standing(), table.c.id == stop_id))
    return await rows.changed(s, mine.values(lifted_by=by, lifted_at=now)) == 1


def _standing() -> ColumnElement[bool]:
    return table.c.lifted_at.is_(None)
