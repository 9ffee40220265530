"""The two connections that every enrollment needs, and a person's consent to make or mend one.

A consent is a row that parks between looks at Polytomic: it has no event for connections, so the documented way to
learn the result is to read the connection until it is healthy (polytomic-api.md section 3, OAuth relay).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.enrollment import chores, names
from bot.enrollment.chores import Nudge
from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.connections import Connection, Consent, ConsentState, Service
from bot.enrollment.model.messages import Message, MessageKind
from bot.enrollment.model.people import Operators, Person
from bot.enrollment.rules import demand
from bot.enrollment.wanted import message
from bot.errors import NotAllowed, PolytomicError
from bot.polytomic.client import PolytomicClient
from bot.polytomic.wire import Connection as Wire
from bot.store import consents, held, messages
from bot.store.session import Database

OPEN = frozenset({ConsentState.ASKED, ConsentState.WAITING})
_FRESH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Overview:
    """Polytomic's Snowflake and Gong connections as read at `as_of`; `reachable` is false when they are older news."""

    connections: tuple[Connection, ...]
    reachable: bool
    as_of: datetime

    def of(self, service: Service) -> tuple[Connection, ...]:
        """Those of one service, healthy ones first."""
        mine = [connection for connection in self.connections if connection.service is service]
        return tuple(sorted(mine, key=lambda connection: not connection.healthy))


class Connections:
    """What is connected, from memory where Slack waits and from Polytomic where it does not."""

    def __init__(
        self,
        db: Database,
        polytomic: PolytomicClient,
        *,
        clock: Clock,
        limits: Limits,
        nudge: Nudge,
        operators: Operators,
    ) -> None:
        self._db = db
        self._polytomic = polytomic
        self._clock = clock
        self._limits = limits
        self._nudge = nudge
        self._operators = operators
        self._overview: Overview | None = None
        self._reading = asyncio.Lock()

    def known(self) -> Overview | None:
        """The last overview, however old; None before the first."""
        return self._overview

    async def overview(self, *, fresh: bool = False) -> Overview:
        """An overview no older than 30 seconds, or the last one with `reachable` false."""
        async with self._reading:
            last = self._overview
            if not fresh and last and last.reachable and self._clock() - last.as_of < _FRESH:
                return last
            try:
                listed = await self._polytomic.connections()
            except PolytomicError:
                kept = last.connections if last else ()
                self._overview = Overview(kept, reachable=False, as_of=last.as_of if last else self._clock())
            else:
                ours = [domain for wire in listed if (domain := to_domain(wire)) is not None]
                self._overview = Overview(tuple(ours), reachable=True, as_of=self._clock())
            return self._overview

    async def named(self, connection_ids: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Id and name of those of these connections that are known, from memory if they all are."""
        listed = self._overview.connections if self._overview is not None else ()
        if not set(connection_ids) <= {one.id for one in listed}:
            listed = (await self.overview()).connections
        return tuple((one.id, one.name) for one in listed if one.id in connection_ids)

    # -- a person asks to connect

    async def connect(
        self, person: Person, service: Service, *, draft_id: str | None, view_id: str | None, connection_id: str = ""
    ) -> Consent:
        """The one pending consent of this service, now this person's; its link is asked for anew by the runner.

        Another person's link is never forwarded: whoever opens a link binds their own account, so taking over asks
        Polytomic for a new one. `connection_id` is the connection to be mended, where one is meant and not any. Raises
        NotAllowed: Gong needs a member who may enroll, Snowflake an operator.
        """
        if service is Service.SNOWFLAKE and not person.operator:
            raise NotAllowed("connect", person.standing)
        if not person.operator:
            demand(person)
        now = self._clock()
        async with self._db.begin() as s:
            fresh = replace(self._new(person, service, draft_id, view_id, now), connection_id=connection_id)
            pending = await consents.opened(s, fresh)
            if pending.user_id == person.user_id:
                consent = replace(pending, draft_id=draft_id or pending.draft_id, view_id=view_id, due_at=now)
            else:
                if pending.draft_id:
                    await consents.add_asker(s, pending.id, person.team_id, pending.user_id, pending.draft_id)
                consent = self._take_over(pending, person, draft_id, view_id, now)
            await consents.save(s, consent)
        self._nudge(chores.CONSENT, consent.id)
        return consent

    async def pending(self, team_id: str, service: Service) -> Consent | None:
        """The consent somebody was asked for and has not given yet."""
        async with self._db.begin() as s:
            return await consents.pending(s, team_id, service)

    async def all_pending(self, team_id: str) -> dict[Service, Consent]:
        """What `pending` tells of each service, for those that have one."""
        async with self._db.begin() as s:
            return {one.service: one for one in await consents.all_pending(s, team_id)}

    async def get(self, consent_id: str) -> Consent | None:
        """The consent with this id."""
        async with self._db.begin() as s:
            return await consents.get(s, consent_id)

    async def waiting_for_gong(self, team_id: str) -> int:
        """How many enrollments of the team wait until somebody connects Gong."""
        async with self._db.begin() as s:
            return await held.waiting_for_gong(s, team_id)

    async def wait_with(self, consent: Consent, person: Person, draft_id: str) -> None:
        """This person goes on as well when the consent ends; one that has ended has nobody to wait for."""
        async with self._db.begin() as s:
            current = await consents.current(s, consent.id)
            if current is not None and current.state in OPEN:
                await consents.add_asker(s, consent.id, person.team_id, person.user_id, draft_id)

    def look_now(self, consent_id: str) -> None:
        """The runner looks at this consent at once: somebody came back from Gong, or pressed *Check now*."""
        self._nudge(chores.CONSENT, consent_id)

    async def ask_operator(self, person: Person, service: Service) -> None:
        """Every operator has a message that this person waits for a connection; once per person and day."""
        now = self._clock()
        rows = [self._ask(person, service, operator, now) for operator in await self._operators()]
        async with self._db.begin() as s:
            await messages.want_all(s, rows)
        for row in rows:
            self._nudge(chores.MESSAGE, row.id)

    # -- the rows

    def _new(
        self, person: Person, service: Service, draft_id: str | None, view_id: str | None, now: datetime
    ) -> Consent:
        return Consent(
            id=names.row_id(),
            team_id=person.team_id,
            user_id=person.user_id,
            service=service,
            state=ConsentState.ASKED,
            connection_id="",
            connection_name=f"{service.value.title()} Connection",
            draft_id=draft_id,
            view_id=view_id,
            expires_at=now + timedelta(seconds=self._limits.consent_deadline),
            created_at=now,
            due_at=now,
        )

    def _take_over(
        self, pending: Consent, person: Person, draft_id: str | None, view_id: str | None, now: datetime
    ) -> Consent:
        return replace(
            pending,
            user_id=person.user_id,
            draft_id=draft_id,
            view_id=view_id,
            state=ConsentState.ASKED,
            reconnect=True,
            url="",
            attempt=pending.attempt + 1,
            expires_at=now + timedelta(seconds=self._limits.consent_deadline),
            due_at=now,
        )

    def _ask(self, person: Person, service: Service, operator: str, now: datetime) -> Message:
        return message(
            MessageKind.ASK_OPERATOR,
            team_id=person.team_id,
            subject_id=f"{service.value}:{person.user_id}",
            channel=operator,
            now=now,
            cause=f"ask_operator:{service.value}:{person.user_id}:{operator}:{now:%Y-%m-%d}",
        )


def to_domain(wire: Wire) -> Connection | None:
    """A connection of one of our two services, or None. Healthy is the one documented status (section 3).

    One that was asked for and never consented to (`saved` false) is no connection yet.
    """
    if wire.type not in {service.value for service in Service} or wire.saved is False:
        return None
    return Connection(
        id=wire.id,
        name=wire.name,
        service=Service(wire.type),
        healthy=wire.healthy,
        status=wire.status_error or wire.status,
    )
