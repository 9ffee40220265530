"""What was started since a moment, in contacts: what a day's cap is held against."""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.enrollments import Step, Tally
from bot.store.tables import enrollments as table


async def contacts(s: AsyncConnection, team_id: str, since: datetime, *, apart_from: str = "") -> int:
    """The contacts of the team's enrollments that were started since then, but for those of one enrollment.

    One that goes counts whole, one that has ended with those who are in the flow because of it. One that is asking
    for its first run counts as started: its run may be on its way.
    """
    asking = and_(table.c.started_at.is_(None), table.c.step == Step.START_RUN, table.c.asked)
    statement = select(table.c.tally, table.c.ended_at).where(
        table.c.team_id == team_id,
        table.c.id != apart_from,
        or_(table.c.started_at >= since, and_(table.c.ended_at.is_(None), asking)),
    )
    found = (await s.execute(statement)).all()
    # A row that cannot be read is told of elsewhere, and takes no room.
    tallies = [(tally, ended_at) for tally, ended_at in found if isinstance(tally, Tally)]
    return sum(tally.total if ended_at is None else tally.enrolled for tally, ended_at in tallies)
