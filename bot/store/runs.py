"""Runs: one execution of a sync for one batch. A later attempt at a batch stands beside the earlier ones."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Insert

from bot.enrollment.model.enrollments import Run, RunStatus, State
from bot.store import rows
from bot.store.enrollments import due_later, watching_a_run
from bot.store.tables import enrollments
from bot.store.tables import runs as table


async def save(s: AsyncConnection, run: Run) -> None:
    """The row of this enrollment, batch and attempt is as the run says."""
    values = rows.values(run)
    same = {"of_enrollment_id": run.enrollment_id, "of_batch": run.batch, "of_attempt": run.attempt}
    if await rows.changed(s, rows.as_read(table, "enrollment_id", "batch", "attempt"), **same, **values):
        return
    await s.execute(_new(), {"of_enrollment": run.enrollment_id, **values})


async def get(s: AsyncConnection, enrollment_id: str, batch: int) -> Run | None:
    """The latest attempt at this batch."""
    return await rows.one(s, _latest(), Run, enrollment_id=enrollment_id, batch=batch)


@cache
def _new() -> Insert:
    team = select(enrollments.c.team_id).where(enrollments.c.id == bindparam("of_enrollment"))
    return insert(table).values(team_id=team.scalar_subquery())


@cache
def _latest() -> Select[Any]:
    same = table.c.enrollment_id == bindparam("enrollment_id"), table.c.batch == bindparam("batch")
    return rows.selected(table, Run).where(*same).order_by(table.c.attempt.desc()).limit(1)


async def all(s: AsyncConnection, enrollment_id: str) -> list[Run]:  # read as runs.all
    """Every run of the enrollment, by batch and attempt."""
    return await rows.every(s, _all(), Run, enrollment_id=enrollment_id)


@cache
def _all() -> Select[Any]:
    of_enrollment = rows.selected(table, Run).where(table.c.enrollment_id == bindparam("enrollment_id"))
    return of_enrollment.order_by(table.c.batch, table.c.attempt)


class Watched(NamedTuple):
    """A run that goes, as far as it takes to decide whether to look at it."""

    enrollment_id: str
    execution_id: str
    state: State
    looked_at: datetime | None


async def watched(s: AsyncConnection, team_id: str, before: datetime) -> bool:
    """True when a run still goes that was started before then. Cheap: the first one found is enough."""
    old = _going(select(table.c.enrollment_id), team_id).where(table.c.started_at <= before)
    return (await s.execute(old.limit(1))).first() is not None


async def watched_since(s: AsyncConnection, team_id: str) -> datetime | None:
    """When the oldest of the runs that still go was started; None when none goes."""
    since: datetime | None = (await s.execute(_going(select(func.min(table.c.started_at)), team_id))).scalar()
    return since


async def named(s: AsyncConnection, team_id: str, execution_ids: Sequence[str]) -> list[Watched]:
    """Which of these executions are runs of ours that still go."""
    found: list[Watched] = []
    for ids in rows.chunks(execution_ids):
        # By their ids first: SQLite would rather go through every run that goes.
        these = select(table.c.enrollment_id).where(table.c.execution_id.in_(ids)).distinct()
        owners = list((await s.execute(these)).scalars())
        statement = select(table.c.enrollment_id, table.c.execution_id, enrollments.c.state, table.c.looked_at)
        of_these = _going(statement, team_id).where(table.c.enrollment_id.in_(owners), table.c.execution_id.in_(ids))
        found += [Watched(*row) for row in await s.execute(of_these)] if owners else []
    return found


async def quiet(s: AsyncConnection, team_id: str, now: datetime, since: datetime, limit: int) -> list[str]:
    """The enrollments whose run nobody has looked at since then, the longest quiet first.

    Those that wait for a person are left to the person and to what Polytomic tells of them by itself.
    """
    quiet_now = _going(select(table.c.enrollment_id), team_id).where(
        # In the order of an index, so that the first few are found without going through the rest. One that is being
        # canceled is looked at by itself.
        table.c.status == RunStatus.GOING,
        table.c.looked_at <= since,
        enrollments.c.state == State.RUNNING,
        due_later(now),
    )
    return list((await s.execute(quiet_now.order_by(table.c.looked_at).limit(limit))).scalars())


def _going(statement: Select[Any], team_id: str) -> Select[Any]:
    # Of several attempts at a batch only the last one counts: the others were said never to have run.
    later = table.alias()
    overtaken = exists().where(
        later.c.enrollment_id == table.c.enrollment_id,
        later.c.batch == table.c.batch,
        later.c.attempt > table.c.attempt,
    )
    return statement.join_from(table, enrollments, enrollments.c.id == table.c.enrollment_id).where(
        table.c.status.in_([RunStatus.GOING, RunStatus.INTERRUPTED, RunStatus.CANCELING]),
        table.c.team_id == team_id,
        table.c.batch == enrollments.c.batch,
        ~overtaken,
        watching_a_run(),
    )
