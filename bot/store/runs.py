"""Runs: one execution of a sync for one batch. A later attempt at a batch stands beside the earlier ones."""

from sqlalchemy import and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.enrollment.model.enrollments import Run
from bot.store import rows
from bot.store.tables import enrollments
from bot.store.tables import runs as table


async def save(s: AsyncSession, run: Run) -> None:
    """The row of this enrollment, batch and attempt is as the run says."""
    values = rows.values(run)
    same = and_(table.c.enrollment_id == run.enrollment_id, table.c.batch == run.batch, table.c.attempt == run.attempt)
    if await rows.changed(s, update(table).where(same).values(values)):
        return
    team = select(enrollments.c.team_id).where(enrollments.c.id == run.enrollment_id).scalar_subquery()
    await s.execute(insert(table).values(**values, team_id=team))


async def get(s: AsyncSession, enrollment_id: str, batch: int) -> Run | None:
    """The latest attempt at this batch."""
    of_batch = rows.selected(table, Run).where(table.c.enrollment_id == enrollment_id, table.c.batch == batch)
    return await rows.one(s, of_batch.order_by(table.c.attempt.desc()), Run)


async def all(s: AsyncSession, enrollment_id: str) -> list[Run]:  # read as runs.all
    """Every run of the enrollment, by batch and attempt."""
    of_enrollment = rows.selected(table, Run).where(table.c.enrollment_id == enrollment_id)
    return await rows.every(s, of_enrollment.order_by(table.c.batch, table.c.attempt), Run)
