"""Who has opened their Home tab, so that whichever process changes something there brings it up to date."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import rows
from bot.store.screen_tables import homes as table


async def opened(s: AsyncConnection, team_id: str, user_id: str, now: datetime) -> None:
    """This person's Home stands open since now."""
    new = {"team_id": team_id, "user_id": user_id, "opened_at": now}
    if not await rows.added(s, table, new):
        mine = (table.c.team_id == team_id, table.c.user_id == user_id)
        await s.execute(update(table).where(*mine).values(opened_at=now))


async def is_open(s: AsyncConnection, team_id: str, user_id: str) -> bool:
    """True when this person has ever opened their Home: Slack does not tell of its closing."""
    mine = select(table.c.opened_at).where(table.c.team_id == team_id, table.c.user_id == user_id)
    return (await s.execute(mine)).first() is not None
