"""Bringing a consent on: ask Polytomic for the page, relay it, look until it is given, denied or too old."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.enrollment import names, wanted
from bot.enrollment.connections import OPEN
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.connections import Consent, ConsentState, Service
from bot.errors import PolytomicError, PolytomicRefused
from bot.polytomic import retry
from bot.polytomic.client import PolytomicClient
from bot.polytomic.wire import Connection
from bot.store import consents, messages
from bot.store.session import Database

Askers = Sequence[tuple[str, str]]
"""(user id, draft id) of everybody else who waits for a consent."""

Changed = Callable[[Consent, Askers], Awaitable[frozenset[str]]]
"""Shows the consent in the open views of those who wait for it; says which users see it there."""

Mended = Callable[[], Awaitable[None]]
"""Whoever waited for a connection to be mended is looked after."""

_LOOK_EVERY = timedelta(seconds=2)
_DENIED = ("denied", "not allowed", "declined", "rejected")
_GONG: Mapping[str, Any] = {"auth_method": "oauth"}


class Consenting:
    """The steps of a consent, one call of `advance` per look."""

    def __init__(
        self,
        db: Database,
        polytomic: PolytomicClient,
        *,
        clock: Clock,
        public_url: str | None,
        changed: Changed,
        mended: Mended,
    ) -> None:
        self._db = db
        self._polytomic = polytomic
        self._clock = clock
        self._public_url = public_url
        self._changed = changed
        self._mended = mended

    async def advance(self, consent_id: str) -> None:
        """One look further; whoever waits is told when it ends."""
        async with self._db.begin() as s:
            before = await consents.get(s, consent_id)
        if before is None or before.state not in OPEN:
            return
        after = await self._next(before)
        if after.state in OPEN:
            await self._go_on(before, replace(after, due_at=self._clock() + self._pause(after)))
        else:
            await self._end(before, replace(after, due_at=None, url=""))

    async def _go_on(self, before: Consent, after: Consent) -> None:
        async with self._db.begin() as s:
            current = await consents.current(s, before.id)
            if current is None or current.state not in OPEN or current.user_id != before.user_id:
                return  # Somebody took it over meanwhile; the new link is another look's work.
            after = replace(after, draft_id=current.draft_id, view_id=current.view_id)
            await consents.save(s, after)
        if (before.state, before.url) != (after.state, after.url):
            await self._changed(after, ())

    async def _end(self, before: Consent, after: Consent) -> None:
        async with self._db.begin() as s:
            current = await consents.get(s, before.id)
            askers = await consents.askers(s, before)
        if current is None or current.state not in OPEN or current.user_id != before.user_id:
            return
        after = replace(after, draft_id=current.draft_id, view_id=current.view_id)
        # Shown before it is kept: whoever is killed in between shows it again, and nobody waits for ever.
        seen_by = await self._changed(after, askers)
        now = self._clock()
        async with self._db.begin() as s:
            current = await consents.current(s, before.id)
            if current is None or current.state not in OPEN:
                return
            moved = (current.user_id, current.view_id) != (after.user_id, after.view_id)
            if moved or await consents.askers(s, before) != askers:
                return  # Somebody else waits by now, or waits elsewhere: the next look ends it, and shows them too.
            await consents.save(s, after)
            for user_id, draft_id in [(after.user_id, after.draft_id or ""), *askers]:
                if user_id not in seen_by:
                    await messages.want(s, wanted.consent_told(after, user_id, draft_id, now))
        if after.state is ConsentState.CONNECTED:
            await self._mended()

    async def _next(self, consent: Consent) -> Consent:
        if self._clock() >= consent.expires_at:
            return replace(consent, state=ConsentState.EXPIRED)
        try:
            if consent.state is ConsentState.ASKED:
                return await self._ask(consent)
            return await self._look(consent)
        except PolytomicRefused as error:
            return replace(consent, state=ConsentState.FAILED, status_error=error.message)
        except PolytomicError as error:
            again = retry.decide(error)
            if again is retry.Again.GIVE_UP:
                return replace(consent, state=ConsentState.FAILED, status_error="")
            # Without an answer the call may be under way, and under its own key it is not done twice.
            return replace(consent, attempt=consent.attempt + (again is retry.Again.LOOK_FIRST))

    async def _ask(self, consent: Consent) -> Consent:
        if consent.service is Service.SNOWFLAKE:
            return await self._ask_hosted_form(consent)
        existing = await self._existing(consent)
        if existing is None:
            made = await self._polytomic.create_connection(
                consent.connection_name,
                Service.GONG.value,
                _GONG,
                key=names.key(consent.id, "connection", consent.attempt),
                redirect_url=self._return_url(consent),
            )
        elif existing.healthy and not consent.reconnect:
            return replace(consent, connection_id=existing.id, state=ConsentState.CONNECTED)
        else:
            # The way back is the one that the connection was created with: an update takes no redirect_url.
            made = await self._polytomic.reconnect(existing.id, existing.name, _GONG)
        url = made.auth_url.get_secret_value() if made.auth_url else ""
        state = ConsentState.CONNECTED if made.healthy and not url else ConsentState.WAITING
        return replace(consent, connection_id=made.id, connection_name=made.name, url=url, state=state)

    async def _ask_hosted_form(self, consent: Consent) -> Consent:
        session = await self._polytomic.connect_session(
            consent.connection_name,
            self._return_url(consent) or self._polytomic.home,
            type=consent.service.value,
            key=names.key(consent.id, "session", consent.attempt),
        )
        return replace(consent, url=session.url.get_secret_value(), state=ConsentState.WAITING)

    async def _look(self, consent: Consent) -> Consent:
        found = await self._existing(consent)
        if found is None:
            return consent
        if found.healthy:
            return replace(consent, connection_id=found.id, connection_name=found.name, state=ConsentState.CONNECTED)
        if found.status_error:
            denied = any(word in found.status_error.casefold() for word in _DENIED)
            state = ConsentState.DENIED if denied else ConsentState.FAILED
            return replace(consent, state=state, status_error=found.status_error)
        return consent

    async def _existing(self, consent: Consent) -> Connection | None:
        """The connection this consent is about: by id once known, by name or the only one of its kind before."""
        if consent.connection_id:
            return await self._polytomic.connection(consent.connection_id)
        mine = [wire for wire in await self._polytomic.connections() if wire.type == consent.service.value]
        named = [wire for wire in mine if wire.name == consent.connection_name]
        return next(iter(named or mine), None)

    def _return_url(self, consent: Consent) -> str | None:
        return f"{self._public_url}/gong/return?state={consent.id}" if self._public_url else None

    def _pause(self, consent: Consent) -> timedelta:
        return (
            _LOOK_EVERY if consent.state is ConsentState.WAITING else timedelta(seconds=min(2 * 2**consent.attempt, 30))
        )
