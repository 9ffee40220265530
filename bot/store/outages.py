"""Outages: at most one of a kind and connection goes on at a time, whoever notices it first."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.outages import Outage, OutageKind
from bot.store import rows
from bot.store.tables import outages as table


async def add(s: AsyncConnection, outage: Outage) -> bool:
    """The outage is kept; False when one of its kind and connection goes on already, and nothing is changed."""
    return await rows.added(s, table, rows.values(outage))


async def get(s: AsyncConnection, outage_id: str) -> Outage | None:
    """The outage with this id."""
    return await rows.one_by(s, table, "id", outage_id, Outage)


async def going(s: AsyncConnection, team_id: str, kind: OutageKind, connection_id: str) -> Outage | None:
    """The one that has not healed; nobody else joins or heals it before this transaction ends."""
    statement = rows.selected(table, Outage).where(
        table.c.team_id == team_id,
        table.c.kind == kind,
        table.c.connection_id == connection_id,
        table.c.healed_at.is_(None),
    )
    return await rows.one(s, statement.with_for_update(), Outage)


async def all_going(s: AsyncConnection) -> list[Outage]:
    """Every one that has not healed, the oldest first."""
    statement = rows.selected(table, Outage).where(table.c.healed_at.is_(None))
    return await rows.every(s, statement.order_by(table.c.since, table.c.id), Outage)


async def latest(s: AsyncConnection, team_id: str, kind: OutageKind) -> Outage | None:
    """The newest of this kind, healed or not."""
    statement = rows.selected(table, Outage).where(table.c.team_id == team_id, table.c.kind == kind)
    return await rows.one(s, statement.order_by(table.c.since.desc(), table.c.id).limit(1), Outage)


async def count_resumed(s: AsyncConnection, outage_id: str) -> None:
    """One more enrollment has gone on."""
    await s.execute(update(table).where(table.c.id == outage_id).values(resumed=table.c.resumed + 1))


async def heal(s: AsyncConnection, outage_id: str, now: datetime) -> bool:
    """The outage is over; False when somebody else was faster to say so."""
    guarded = update(table).where(table.c.id == outage_id, table.c.healed_at.is_(None))
    return await rows.changed(s, guarded.values(healed_at=now)) == 1
