"""Consents: a person's connecting of Gong or Snowflake, and who else waits for it to end."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.connections import Consent, ConsentState, Service
from bot.store import rows
from bot.store.tables import consent_askers
from bot.store.tables import consents as table


async def add(s: AsyncConnection, consent: Consent) -> bool:
    """The consent is kept; False when one of the same team and service is pending already."""
    return await rows.added(s, table, rows.values(consent))


async def get(s: AsyncConnection, consent_id: str) -> Consent | None:
    """The consent with this id."""
    return await rows.one_by(s, table, "id", consent_id, Consent)


async def current(s: AsyncConnection, consent_id: str) -> Consent | None:
    """The consent as it is until this transaction ends: nobody else changes it before."""
    return await rows.one_by(s, table, "id", consent_id, Consent, current=True)


async def pending(s: AsyncConnection, team_id: str, service: Service) -> Consent | None:
    """The one consent of this service that was asked for and has not ended."""
    return next((one for one in await all_pending(s, team_id) if one.service is service), None)


async def all_pending(s: AsyncConnection, team_id: str) -> list[Consent]:
    """The consents of this team that were asked for and have not ended: one of each service at most."""
    return await rows.readable(s, _pending_of(), Consent, team_id=team_id)


async def current_pending(s: AsyncConnection, team_id: str, service: Service) -> Consent | None:
    """The one pending consent of this service, which nobody else changes before this transaction ends."""
    of_service = _pending_of().where(table.c.service == service)
    return await rows.one(s, of_service.with_for_update(), Consent, team_id=team_id)


async def opened(s: AsyncConnection, fresh: Consent) -> Consent:
    """The one pending consent of this service until the transaction ends: the fresh one, unless there was another."""
    while True:
        present = await current_pending(s, fresh.team_id, fresh.service)
        if present is not None:
            return present
        if await add(s, fresh):
            return fresh


async def given(s: AsyncConnection, team_id: str, connection_id: str) -> Consent | None:
    """The latest consent that connected this connection, if it was given through this bot."""
    statement = rows.selected(table, Consent).where(
        table.c.team_id == team_id,
        table.c.connection_id == connection_id,
        table.c.state == ConsentState.CONNECTED,
    )
    return await rows.one(s, statement.order_by(table.c.created_at.desc(), table.c.id).limit(1), Consent)


async def save(s: AsyncConnection, consent: Consent) -> bool:
    """The row is as this consent says; False when there is none."""
    return await rows.changed(s, update(table).where(table.c.id == consent.id).values(rows.values(consent))) == 1


async def due(s: AsyncConnection, now: datetime, limit: int) -> list[str]:
    """The ids of consents that want to be looked at by now."""
    return await rows.due(s, table, now, limit)


async def due_at(s: AsyncConnection, consent_id: str) -> datetime | None:
    """When this consent wants to be looked at next, if ever."""
    return await rows.due_at(s, table, consent_id)


async def add_asker(s: AsyncConnection, consent_id: str, team_id: str, user_id: str, draft_id: str) -> None:
    """This person is told as well when the consent ends, about their latest draft."""
    new = {"consent_id": consent_id, "team_id": team_id, "user_id": user_id, "draft_id": draft_id}
    if not await rows.added(s, consent_askers, new):
        same = (consent_askers.c.consent_id == consent_id, consent_askers.c.user_id == user_id)
        await s.execute(update(consent_askers).where(*same).values(draft_id=draft_id))


async def askers(s: AsyncConnection, consent: Consent) -> list[tuple[str, str]]:
    """(user id, draft id) of everybody who waits for this consent beside the person who gives it."""
    statement = select(consent_askers.c.user_id, consent_askers.c.draft_id)
    others = (consent_askers.c.consent_id == consent.id, consent_askers.c.user_id != consent.user_id)
    found = await s.execute(statement.where(*others).order_by("user_id"))
    return [(user_id, draft_id) for user_id, draft_id in found]


@cache
def _pending_of() -> Select[Any]:
    pending = table.c.state.in_([ConsentState.ASKED, ConsentState.WAITING])
    return rows.selected(table, Consent).where(table.c.team_id == bindparam("team_id"), pending)
