"""What is true of the view of a check and of nothing else, for whichever process shows it next."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.checks import Check
from bot.store import rows
from bot.store.screen_tables import check_views as table


async def stands_alone(s: AsyncConnection, check: Check) -> None:
    """The view that shows this check has no form beneath it."""
    await _keep(s, check, root=True)


async def left_out_sent(s: AsyncConnection, check: Check) -> None:
    """The view of this check says that the rows left out were sent."""
    await _keep(s, check, left_out_sent=True)


async def get(s: AsyncConnection, check_id: str) -> tuple[bool, bool]:
    """Whether the view stands alone, and whether it says that the list was sent; nothing of both before it is kept."""
    found = (await s.execute(select(table.c.root, table.c.left_out_sent).where(table.c.check_id == check_id))).first()
    return (found.root, found.left_out_sent) if found is not None else (False, False)


async def _keep(s: AsyncConnection, check: Check, **known: bool) -> None:
    first = {"root": False, "left_out_sent": False, **known}
    if not await rows.added(s, table, {"check_id": check.id, "team_id": check.team_id, **first}):
        await s.execute(update(table).where(table.c.check_id == check.id).values(**known))
