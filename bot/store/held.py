"""Enrollments that are held until somebody mends what they wait for: counted, and made due when it is mended.

Making one due is all that is done from here: whoever brings it on looks for itself, so a wake that comes twice, or for
nothing, costs a look.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.enrollments import Hold, Step
from bot.enrollment.model.outages import Outage, OutageKind, Waiting
from bot.store.tables import enrollments as table

NAMED = 10
"""How many are told by their id."""

_OPEN = table.c.ended_at.is_(None)
_HOLDS = {OutageKind.KEY: Hold.KEY, OutageKind.GONG: Hold.GONG}


async def anybody(s: AsyncConnection) -> bool:
    """True while an open enrollment is held, for whatever."""
    return bool((await s.execute(select(exists().where(table.c.held_for.is_not(None), _OPEN)))).scalar())


async def anybody_for(s: AsyncConnection, outage: Outage) -> bool:
    """True while an open enrollment waits for this outage to heal."""
    return bool((await s.execute(select(exists().where(_for(outage), _OPEN)))).scalar())


async def waiting_for_gong(s: AsyncConnection, team_id: str) -> int:
    """How many open enrollments of this team wait for a consent at Gong."""
    mine = select(func.count()).where(table.c.team_id == team_id, table.c.held_for == Hold.GONG, _OPEN)
    return (await s.execute(mine)).scalar_one()


async def waiting(s: AsyncConnection, outage: Outage) -> Waiting:
    """Who waits for this outage to heal, the longest waiting first."""
    # A start that was asked for may have happened, so people of it are not said to be out.
    begun = and_(_OPEN, or_(table.c.started_at.is_not(None), and_(table.c.step == Step.START_RUN, table.c.asked)))
    retiring = and_(table.c.ended_at.is_not(None), table.c.step == Step.RETIRE)
    many = [func.count(case((one, 1))) for one in (_OPEN, begun, retiring)]
    counts = select(many[0], many[1], many[2]).where(_for(outage))
    count, started, ended = (await s.execute(counts)).one()
    named = select(table.c.id).where(_for(outage), _OPEN).order_by(table.c.held_since, table.c.id).limit(NAMED)
    return Waiting(count, started, ended, tuple((await s.execute(named)).scalars()))


async def wake_for_gong(s: AsyncConnection, connection_ids: Collection[str], now: datetime) -> list[str]:
    """Those that wait for one of these connections are due now; their ids."""
    mine = and_(table.c.held_for == Hold.GONG, table.c.gong_id.in_(list(connection_ids)))
    return await _wake(s, mine, now)


async def wake_for_key(s: AsyncConnection, now: datetime, *, tried: int, tried_before: datetime) -> list[str]:
    """Those that wait for the key are due now; their ids.

    One that was refused more than `tried` times is due only when it was last tried before `tried_before`: the key works
    for others, so it is refused something of its own.
    """
    again = or_(table.c.failures <= tried, table.c.updated_at <= tried_before)
    return await _wake(s, and_(table.c.held_for == Hold.KEY, again), now)


async def _wake(s: AsyncConnection, which: ColumnElement[bool], now: datetime) -> list[str]:
    guarded = update(table).where(which, table.c.due_at > now).values(due_at=now).returning(table.c.id)
    return list((await s.execute(guarded)).scalars())


def _for(outage: Outage) -> ColumnElement[bool]:
    mine = and_(table.c.team_id == outage.team_id, table.c.held_for == _HOLDS[outage.kind])
    return mine if outage.kind is OutageKind.KEY else and_(mine, table.c.gong_id == outage.connection_id)
