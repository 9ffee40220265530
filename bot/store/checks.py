"""Checks: one read of one query each. Only a running check can be changed, so late answers are dropped."""

from datetime import datetime
from functools import cache

from sqlalchemy import delete, exists, insert, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Update

from bot.enrollment.model.checks import Check, CheckState
from bot.store import rows
from bot.store.tables import checks as table
from bot.store.tables import enrollments


async def add(s: AsyncConnection, check: Check) -> None:
    """The check is kept."""
    await s.execute(insert(table), rows.values(check))


async def get(s: AsyncConnection, check_id: str) -> Check | None:
    """The check with this id."""
    return await rows.one_by(s, table, "id", check_id, Check)


async def save(s: AsyncConnection, check: Check) -> bool:
    """The row is as this check says if it was still running; False when it was not."""
    return await rows.changed(s, _running(), of_id=check.id, **rows.values(check)) == 1


@cache
def _running() -> Update:
    return rows.as_read(table, "id").where(table.c.state == CheckState.RUNNING)


async def shown(s: AsyncConnection, check_id: str) -> None:
    """The check has ended and was shown: nothing is left to do for it."""
    ended = update(table).where(table.c.id == check_id, table.c.state != CheckState.RUNNING)
    await s.execute(ended.values(due_at=None))


async def abandon(s: AsyncConnection, draft_id: str, now: datetime) -> int:
    """No check of this draft runs any more. Says how many did."""
    running = update(table).where(table.c.draft_id == draft_id, table.c.state == CheckState.RUNNING)
    return await rows.changed(s, running.values(state=CheckState.ABANDONED, ended_at=now, due_at=None))


async def due(s: AsyncConnection, now: datetime, limit: int) -> list[str]:
    """The ids of checks that want to be looked at by now."""
    return await rows.due(s, table, now, limit)


async def due_at(s: AsyncConnection, check_id: str) -> datetime | None:
    """When this check wants to be looked at next, if ever."""
    return await rows.due_at(s, table, check_id)


async def purge(s: AsyncConnection, before: datetime) -> int:
    """Checks made before then are gone with their lists, unless an enrollment that ended later still needs them."""
    needed = exists().where(
        enrollments.c.check_id == table.c.id,
        or_(enrollments.c.ended_at.is_(None), enrollments.c.ended_at >= before),
    )
    return await rows.changed(s, delete(table).where(table.c.created_at < before, ~needed))
