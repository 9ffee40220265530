"""Receipts: one chain of entries for each team, whose end is a row of its own, so that a missing tail shows."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, insert, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.receipts import Chain, Receipt
from bot.store import rows
from bot.store.guard_tables import receipt_chains
from bot.store.guard_tables import receipts as table
from bot.store.tables import enrollments


async def end(s: AsyncConnection, first: Chain) -> Chain:
    """Where the team's chain ends; nobody else adds to it before this transaction ends. `first` is before any entry."""
    ends = await _current_end(s, first.team_id)
    if ends is None:
        # Whoever begins the same chain elsewhere is waited for.
        await rows.added(s, receipt_chains, rows.values(first))
        ends = await _current_end(s, first.team_id) or first
    newest = (await s.execute(select(func.max(table.c.number)).where(table.c.team_id == first.team_id))).scalar() or 0
    # An end that was set back by a hand shows for ever by the hash; it must not keep anybody from going on.
    return replace(ends, number=max(ends.number, newest))


async def _current_end(s: AsyncConnection, team_id: str) -> Chain | None:
    return await rows.one_by(s, receipt_chains, "team_id", team_id, Chain, current=True)


async def append(s: AsyncConnection, receipt: Receipt) -> None:
    """The entry is kept, and the chain ends with it."""
    await s.execute(insert(table), rows.values(receipt))
    ends = update(receipt_chains).where(receipt_chains.c.team_id == receipt.team_id)
    await s.execute(ends.values(number=receipt.number, hash=receipt.hash))


async def get(s: AsyncConnection, enrollment_id: str) -> Receipt | None:
    """The receipt of this enrollment."""
    return await rows.one_by(s, table, "enrollment_id", enrollment_id, Receipt)


async def all(s: AsyncConnection, team_id: str) -> list[Receipt]:  # read as receipts.all
    """Every entry of the team that can be read, in the order of their numbers."""
    of_team = rows.selected(table, Receipt).where(table.c.team_id == team_id)
    return await rows.readable(s, of_team.order_by(table.c.number), Receipt)


async def chain(s: AsyncConnection, team_id: str) -> Chain | None:
    """Where the team's chain ends; None before its first entry."""
    return await rows.one_by(s, receipt_chains, "team_id", team_id, Chain)


async def teams(s: AsyncConnection) -> list[str]:
    """Every team that has enrollments, entries or a chain."""
    found = union(select(enrollments.c.team_id), select(table.c.team_id), select(receipt_chains.c.team_id))
    return sorted((await s.execute(found)).scalars())


async def owed(s: AsyncConnection, team_id: str) -> list[str]:
    """The enrollments that must have a receipt: those that ended since the first one, or know their query's hash.

    Any other ended before receipts were kept.
    """
    since: datetime | None = (
        await s.execute(select(func.min(table.c.created_at)).where(table.c.team_id == team_id))
    ).scalar()
    lately = [enrollments.c.ended_at >= since] if since is not None else []
    ended = select(enrollments.c.id).where(
        enrollments.c.team_id == team_id,
        enrollments.c.ended_at.is_not(None),
        or_(enrollments.c.query_hash != "", *lately),
    )
    return list((await s.execute(ended.order_by(enrollments.c.ended_at, enrollments.c.id))).scalars())
