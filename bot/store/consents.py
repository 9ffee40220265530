"""Consents: a person's connecting of Gong or Snowflake, and who else waits for it to end."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.enrollment.model.connections import Consent, ConsentState, Service
from bot.store import rows
from bot.store.tables import consent_askers
from bot.store.tables import consents as table


async def add(s: AsyncSession, consent: Consent) -> None:
    """The consent is kept. The database refuses a second pending one of the same team and service."""
    await s.execute(insert(table).values(rows.values(consent)))


async def get(s: AsyncSession, consent_id: str) -> Consent | None:
    """The consent with this id."""
    return await rows.one(s, rows.selected(table, Consent).where(table.c.id == consent_id), Consent)


async def pending(s: AsyncSession, team_id: str, service: Service) -> Consent | None:
    """The one consent of this service that was asked for and has not ended."""
    statement = rows.selected(table, Consent).where(
        table.c.team_id == team_id,
        table.c.service == service,
        table.c.state.in_([ConsentState.ASKED, ConsentState.WAITING]),
    )
    return await rows.one(s, statement, Consent)


async def given(s: AsyncSession, team_id: str, connection_id: str) -> Consent | None:
    """The latest consent that connected this connection, if it was given through this bot."""
    statement = rows.selected(table, Consent).where(
        table.c.team_id == team_id,
        table.c.connection_id == connection_id,
        table.c.state == ConsentState.CONNECTED,
    )
    return await rows.one(s, statement.order_by(table.c.created_at.desc(), table.c.id), Consent)


async def save(s: AsyncSession, consent: Consent) -> bool:
    """The row is as this consent says; False when there is none."""
    return await rows.changed(s, update(table).where(table.c.id == consent.id).values(rows.values(consent))) == 1


async def due(s: AsyncSession, now: datetime, limit: int) -> list[str]:
    """The ids of consents that want to be looked at by now."""
    return await rows.due(s, table, now, limit)


async def due_at(s: AsyncSession, consent_id: str) -> datetime | None:
    """When this consent wants to be looked at next, if ever."""
    return await rows.due_at(s, table, consent_id)


async def add_asker(s: AsyncSession, consent_id: str, team_id: str, user_id: str, draft_id: str) -> None:
    """This person is told as well when the consent ends, about their latest draft."""
    same = (consent_askers.c.consent_id == consent_id, consent_askers.c.user_id == user_id)
    if await rows.changed(s, update(consent_askers).where(*same).values(draft_id=draft_id)):
        return
    await s.execute(
        insert(consent_askers).values(consent_id=consent_id, team_id=team_id, user_id=user_id, draft_id=draft_id)
    )


async def askers(s: AsyncSession, consent_id: str) -> list[tuple[str, str]]:
    """(user id, draft id) of everybody who waits for this consent beside the person who gives it."""
    statement = select(consent_askers.c.user_id, consent_askers.c.draft_id)
    found = await s.execute(statement.where(consent_askers.c.consent_id == consent_id).order_by("user_id"))
    return [(user_id, draft_id) for user_id, draft_id in found]
