"""Drafts: what a form holds. Only an open draft can be changed, and a person has one of them per workspace."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import Update

from bot.enrollment.model.drafts import Draft, DraftEdit, DraftStatus
from bot.errors import DraftExpired
from bot.store import rows
from bot.store.tables import drafts as table


async def add(s: AsyncSession, draft: Draft) -> None:
    """The draft is kept. The database refuses a second open one of the same person."""
    await s.execute(insert(table).values(rows.values(draft)))


async def get(s: AsyncSession, draft_id: str) -> Draft | None:
    """The draft with this id, whatever became of it."""
    return await rows.one(s, rows.selected(table, Draft).where(table.c.id == draft_id), Draft)


async def open_draft(s: AsyncSession, team_id: str, user_id: str) -> Draft | None:
    """The one draft that this person has open."""
    mine = (table.c.team_id == team_id, table.c.user_id == user_id, table.c.status == DraftStatus.OPEN)
    return await rows.one(s, rows.selected(table, Draft).where(*mine), Draft)


async def edit(s: AsyncSession, draft_id: str, edit: DraftEdit, now: datetime) -> Draft:
    """The draft with what the edit names, one revision on. Raises DraftExpired when it is no longer open."""
    named = {field.name: getattr(edit, field.name) for field in fields(edit) if getattr(edit, field.name) is not None}
    change = _if_open(draft_id).values(**named, revision=table.c.revision + 1, updated_at=now)
    kept = await rows.changed(s, change) == 1
    draft = await get(s, draft_id)
    if draft is None or not kept:
        ended_at = draft.updated_at if draft else None
        enrolled = draft is not None and draft.status is DraftStatus.CONFIRMED
        raise DraftExpired(draft_id, ended_at=ended_at, enrolled=enrolled)
    return draft


async def set_check(s: AsyncSession, draft_id: str, check_id: str, number: int) -> bool:
    """The open draft names its newest check; False when it is no longer open."""
    return await rows.changed(s, _if_open(draft_id).values(check_id=check_id, tries=number)) == 1


async def close(s: AsyncSession, draft_id: str, status: DraftStatus, now: datetime) -> bool:
    """The draft is open no more; False when it was not open, and then nothing is changed."""
    return await rows.changed(s, _if_open(draft_id).values(status=status, updated_at=now)) == 1


async def expire(s: AsyncSession, before: datetime, now: datetime) -> int:
    """Open drafts that nobody touched since `before` are removed, with everything that was typed. Says how many."""
    old = update(table).where(table.c.status == DraftStatus.OPEN, table.c.updated_at < before)
    return await rows.changed(
        s, old.values(status=DraftStatus.REMOVED, updated_at=now, sql="", file_name="", file_sql="", response_url="")
    )


def _if_open(draft_id: str) -> Update:
    return update(table).where(table.c.id == draft_id, table.c.status == DraftStatus.OPEN)
