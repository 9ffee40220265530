"""Drafts: what a form holds. Only an open draft can be changed, and a person has one of them per workspace."""

from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate, Update

from bot.enrollment.model.drafts import Draft, DraftEdit, DraftStatus
from bot.errors import DraftExpired
from bot.store import rows
from bot.store.tables import drafts as table

_EMPTY = dict.fromkeys(("sql", "file_name", "file_sql", "note", "response_url"), "")


async def add(s: AsyncConnection, draft: Draft) -> bool:
    """The draft is kept; False when its person has an open one already, and nothing is changed."""
    return await rows.added(s, table, rows.values(draft))


async def get(s: AsyncConnection, draft_id: str) -> Draft | None:
    """The draft with this id, whatever became of it."""
    return await rows.one_by(s, table, "id", draft_id, Draft)


async def current(s: AsyncConnection, draft_id: str) -> Draft | None:
    """The draft as it is until this transaction ends: nobody else changes it before."""
    return await rows.one_by(s, table, "id", draft_id, Draft, current=True)


async def open_draft(s: AsyncConnection, team_id: str, user_id: str) -> Draft | None:
    """The one draft that this person has open."""
    return await rows.one(s, _open_of(), Draft, team_id=team_id, user_id=user_id)


async def current_open(s: AsyncConnection, team_id: str, user_id: str) -> Draft | None:
    """The one draft that this person has open, which nobody else changes before this transaction ends."""
    return await rows.one(s, _current_open_of(), Draft, team_id=team_id, user_id=user_id)


async def opened(s: AsyncConnection, fresh: Draft) -> Draft:
    """The one draft that this person has open until the transaction ends: the fresh one, unless there was another."""
    while True:
        present = await current_open(s, fresh.team_id, fresh.user_id)
        if present is not None:
            return present
        if await add(s, fresh):
            return fresh


async def edit(s: AsyncConnection, draft_id: str, edit: DraftEdit, now: datetime) -> Draft:
    """The draft with what the edit names, one revision on. Raises DraftExpired when it is no longer open."""
    named = {field.name: getattr(edit, field.name) for field in fields(edit) if getattr(edit, field.name) is not None}
    kept = await rows.one(s, _edited(), Draft, of_id=draft_id, **named, updated_at=now)
    if kept is not None:
        return kept
    ended = await get(s, draft_id)
    enrolled = ended is not None and ended.status is DraftStatus.CONFIRMED
    raise DraftExpired(draft_id, ended_at=ended.updated_at if ended else None, enrolled=enrolled)


async def set_check(s: AsyncConnection, draft_id: str, check_id: str, number: int) -> bool:
    """The open draft names its newest check; False when it is no longer open."""
    return await rows.changed(s, _if_open(), of_id=draft_id, check_id=check_id, tries=number) == 1


async def close(s: AsyncConnection, draft_id: str, status: DraftStatus, now: datetime) -> bool:
    """The draft is open no more, and empty: what goes on has it; False when it was not open, and nothing is changed."""
    return await rows.changed(s, _if_open(), of_id=draft_id, status=status, updated_at=now, **_EMPTY) == 1


async def expire(s: AsyncConnection, before: datetime, now: datetime) -> int:
    """Open drafts that nobody touched since `before` are removed, with everything that was typed. Says how many."""
    old = update(table).where(table.c.status == DraftStatus.OPEN, table.c.updated_at < before)
    return await rows.changed(
        s,
        old.values(status=DraftStatus.REMOVED, updated_at=now, **_EMPTY),
    )


@cache
def _open_of() -> Select[Any]:
    mine = (table.c.team_id == bindparam("team_id"), table.c.user_id == bindparam("user_id"))
    return rows.selected(table, Draft).where(*mine, table.c.status == DraftStatus.OPEN)


@cache
def _current_open_of() -> Select[Any]:
    return _open_of().with_for_update()


@cache
def _if_open() -> Update:
    return rows.as_read(table, "id").where(table.c.status == DraftStatus.OPEN)


@cache
def _edited() -> ReturningUpdate[Any]:
    return _if_open().values(revision=table.c.revision + 1).returning(*rows.columns(table, Draft))
