"""Cursors: how far a list at Polytomic was read, for whichever process reads on."""

from datetime import datetime

from sqlalchemy import and_, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.cursors import Cursor
from bot.store import rows
from bot.store.tables import cursors as table


async def get(s: AsyncConnection, name: str, team_id: str) -> Cursor:
    """How far this list was read; one that was never read has no times."""
    statement = rows.selected(table, Cursor).where(table.c.name == name, table.c.team_id == team_id)
    return await rows.one(s, statement, Cursor) or Cursor(name, team_id)


async def claim(s: AsyncConnection, name: str, team_id: str, now: datetime, before: datetime) -> bool:
    """The list counts as read now; False when somebody has read it since `before`."""
    looked_at = table.c.looked_at
    # A time that is still to come was written while the clock was wrong.
    long_ago = or_(looked_at.is_(None), looked_at <= before, looked_at > now)
    claimed = update(table).where(table.c.name == name, table.c.team_id == team_id, long_ago).values(looked_at=now)
    return await rows.changed(s, claimed) == 1 or await _add(s, Cursor(name, team_id, looked_at=now))


async def save(s: AsyncConnection, cursor: Cursor) -> None:
    """The row of this list is as the cursor says."""
    same = and_(table.c.name == cursor.name, table.c.team_id == cursor.team_id)
    write = update(table).where(same).values(rows.values(cursor))
    if not await rows.changed(s, write) and not await _add(s, cursor):
        # Another process was the first one a moment ago.
        await s.execute(write)


async def _add(s: AsyncConnection, cursor: Cursor) -> bool:
    return await rows.added(s, table, rows.values(cursor))
