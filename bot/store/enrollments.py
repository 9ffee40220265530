"""Enrollments. Every change is one guarded UPDATE, and only a row count of 1 acts.

Whoever brings an enrollment on writes with `keep`, under the version it has read; a person's wish is written with
`move`, which leaves the version alone. So of two processes that both believe to be at work only one can write.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.enrollments import Enrollment, State, Step
from bot.store import rows
from bot.store.tables import enrollments as table


class Superseded(Exception):
    """Another process has brought this enrollment on meanwhile: what was found out here is of no use any more."""


async def add(s: AsyncConnection, enrollment: Enrollment) -> bool:
    """The enrollment is kept; False when its draft was confirmed before, and nothing is changed."""
    return await rows.added(s, table, rows.values(enrollment))


async def get(s: AsyncConnection, enrollment_id: str) -> Enrollment | None:
    """The enrollment with this id. Raises ImpossibleRow when its row cannot be read."""
    return await rows.one_by(s, table, "id", enrollment_id, Enrollment)


async def team_of(s: AsyncConnection, enrollment_id: str) -> str:
    """The team of this enrollment, even when the rest of its row cannot be read; empty when there is no such row."""
    return (await s.execute(select(table.c.team_id).where(table.c.id == enrollment_id))).scalar() or ""


async def of_requester(s: AsyncConnection, team_id: str, user_id: str, limit: int) -> list[Enrollment]:
    """The person's enrollments, those that have not ended first, newest first."""
    return await rows.readable(s, _of_requester(), Enrollment, team_id=team_id, user_id=user_id, limit=limit)


@cache
def _of_requester() -> Select[Any]:
    return (
        rows.selected(table, Enrollment)
        .where(table.c.team_id == bindparam("team_id"), table.c.requester_id == bindparam("user_id"))
        .order_by(table.c.ended_at.is_not(None), table.c.created_at.desc(), table.c.id)
        .limit(bindparam("limit", type_=Integer))
    )


async def still_open(s: AsyncConnection, team_id: str) -> list[Enrollment]:
    """The team's enrollments that have not ended, the oldest first: nobody else writes them in this transaction.

    One that cannot be read is left out, so that it keeps nobody from stopping the others.
    """
    statement = rows.selected(table, Enrollment).where(table.c.team_id == team_id, table.c.ended_at.is_(None))
    in_order = statement.order_by(table.c.created_at, table.c.id)
    return await rows.readable(s, in_order.with_for_update(), Enrollment)


async def open_with(s: AsyncConnection, team_id: str, user_id: str, flow_id: str, sql: str) -> Enrollment | None:
    """This person's enrollment of the same query into the same flow that has not ended."""
    statement = rows.selected(table, Enrollment).where(
        table.c.team_id == team_id,
        table.c.requester_id == user_id,
        table.c.ended_at.is_(None),
        table.c.sql == sql,
    )
    same_query = await rows.readable(s, statement, Enrollment)
    return next((enrollment for enrollment in same_query if enrollment.flow.id == flow_id), None)


async def started_with(s: AsyncConnection, team_id: str, query_hash: str, since: datetime) -> list[Enrollment]:
    """The team's enrollments by this query that began to enroll after then, newest first, whoever asked for them."""
    statement = (
        rows.selected(table, Enrollment)
        .where(table.c.team_id == team_id, table.c.query_hash == query_hash, table.c.started_at >= since)
        .order_by(table.c.started_at.desc(), table.c.id)
    )
    return await rows.readable(s, statement, Enrollment)


async def move(s: AsyncConnection, enrollment_id: str, from_states: Collection[State], **changes: Any) -> bool:
    """The fields are changed if the enrollment still was in one of these states; False when somebody was faster."""
    guarded = update(table).where(table.c.id == enrollment_id, table.c.state.in_(list(from_states)))
    return await rows.changed(s, guarded.values(changes)) == 1


async def current(s: AsyncConnection, enrollment_id: str) -> Enrollment | None:
    """The enrollment as it is until this transaction ends: nobody else writes it before."""
    return await rows.one_by(s, table, "id", enrollment_id, Enrollment, current=True)


async def hold(s: AsyncConnection, enrollment: Enrollment) -> None:
    """Nobody else writes this enrollment before this transaction ends. Raises Superseded when somebody already has."""
    if (await s.execute(_version(), {"key": enrollment.id})).scalar() != enrollment.version:
        raise Superseded


@cache
def _version() -> Select[Any]:
    return select(table.c.version).where(table.c.id == bindparam("key")).with_for_update()


async def keep(s: AsyncConnection, before: Enrollment, **changes: Any) -> Enrollment | None:
    """The enrollment with these fields changed, one version on; None when somebody has written since `before`."""
    changes["version"] = before.version + 1
    read = {"of_id": before.id, "of_state": before.state, "of_version": before.version}
    changed = await rows.changed(s, rows.as_read(table, "id", "state", "version"), **read, **changes) == 1
    return replace(before, **changes) if changed else None


async def due(s: AsyncConnection, now: datetime, limit: int) -> list[str]:
    """The ids of enrollments that want to be looked at by now."""
    return await rows.due(s, table, now, limit)


async def wake(s: AsyncConnection, enrollment_ids: Sequence[str], now: datetime) -> list[str]:
    """Those of these enrollments that watch a run and were to be looked at later are due now; their ids.

    One that is tried again after an error, or held until somebody mends, keeps its time.
    """
    woken: list[str] = []
    for ids in rows.chunks(enrollment_ids):
        asleep = update(table).where(table.c.id.in_(ids), watching_a_run(), due_later(now))
        woken += (await s.execute(asleep.values(due_at=now).returning(table.c.id))).scalars()
    return woken


def watching_a_run() -> ColumnElement[bool]:
    """The enrollment has a run that goes, as far as we know, and Polytomic may be asked about it at any time."""
    return and_(
        table.c.step == Step.WATCH_RUN,
        table.c.state.in_([State.RUNNING, State.NEEDS_ATTENTION]),
        table.c.failing_since.is_(None),
        table.c.held_for.is_(None),
    )


def due_later(now: datetime) -> ColumnElement[bool]:
    """The enrollment is not looked at now without being woken."""
    return or_(table.c.due_at.is_(None), table.c.due_at > now)
