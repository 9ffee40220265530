"""The bot's work as chores, and the runner that DATABASE_URL decides on. Part of `bot.app`."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.assembly import Parts, Surfaces, Verbs
from bot.enrollment import chores
from bot.enrollment.advance import Advancing
from bot.enrollment.checking import Checking
from bot.enrollment.consent import Consenting
from bot.enrollment.mending import Mending
from bot.housekeeping import Housekeeping
from bot.jobs.chore import Chore
from bot.jobs.embedded import Embedded, NoneDue
from bot.jobs.reconcile import Reconciler
from bot.store import address, checks, consents, enrollments, messages, rows, tables
from bot.store.session import Database

# Somebody looks at the view of a check or a consent; an enrollment goes on by itself.
_SOMEBODY_LOOKS = 20
_SOMEBODY_READS = 10
_TABLES = {
    chores.MESSAGE: tables.messages,
    chores.CHECK: tables.checks,
    chores.ENROLLMENT: tables.enrollments,
    chores.CONSENT: tables.consents,
}

_Do = Callable[[str], Awaitable[datetime | None]]


class _Rows(Protocol):
    """A module of the store whose rows say when they want to be looked at."""

    async def due(self, s: AsyncConnection, now: datetime, limit: int) -> list[str]: ...


class _Asked(Protocol):
    """One of them that is asked when a row wants to be looked at next, because its verb does not say."""

    async def due_at(self, s: AsyncConnection, row_id: str, /) -> datetime | None: ...


class Runner(Protocol):
    """Who does the work, and when."""

    async def start(self) -> None: ...

    async def stop(self, grace: float = 8) -> None: ...

    def nudge(self, chore: str, row_id: str) -> None: ...

    def alive(self) -> bool: ...


def runner(parts: Parts, verbs: Verbs, surfaces: Surfaces, *, works: bool, grace: float) -> Runner:
    """The runner over every chore. `works` says whether this process takes turns, where several share the work."""
    todo = _chores(parts, verbs, surfaces)
    if not address.is_postgresql(parts.settings.database_url):
        return Embedded(todo, clock=parts.clock, none_due=_none_due(parts.db))
    # Loaded where it is needed: one process over SQLite does without Procrastinate.
    from bot.jobs.distributed import Distributed  # noqa: PLC0415

    conninfo = address.conninfo(parts.settings.database_url)
    return Distributed(todo, conninfo=conninfo, clock=parts.clock, works=works, grace=grace)


def _chores(parts: Parts, verbs: Verbs, surfaces: Surfaces) -> list[Chore]:
    db, clock, polytomic, limits = parts.db, parts.clock, parts.polytomic, parts.settings.limits()
    advancing = Advancing(
        db,
        polytomic,
        clock=clock,
        limits=limits,
        rights=verbs.rights,
        keeping=verbs.keeping,
        policing=verbs.policing,
        named=verbs.connections.named,
    )
    checking = Checking(
        db,
        polytomic,
        clock=clock,
        limits=limits,
        changed=surfaces.check_screens.show,
        keeping=verbs.keeping,
        policy=parts.policy,
    )
    mending = Mending(db, polytomic, clock=clock, nudge=parts.nudge)
    consenting = Consenting(
        db,
        polytomic,
        clock=clock,
        public_url=parts.settings.public_url,
        changed=surfaces.screens.show_consent,
        mended=mending.look,
    )
    housekeeping = Housekeeping(db, clock=clock, limits=limits, policy=parts.policy)
    reconciler = Reconciler(db, polytomic, clock=clock, team_id=parts.team_id, nudge=parts.nudge, mend=mending.look)
    deliver = surfaces.notifications.deliver
    return [
        _of_rows(db, chores.MESSAGE, messages, deliver, _SOMEBODY_READS),
        _of_rows(db, chores.CHECK, checks, _then_asked(db, checks, checking.advance), _SOMEBODY_LOOKS),
        _of_rows(db, chores.ENROLLMENT, enrollments, advancing.advance),
        _of_rows(db, chores.CONSENT, consents, _then_asked(db, consents, consenting.advance), _SOMEBODY_LOOKS),
        Chore("reconciler", reconciler.due, reconciler.do),
        Chore("housekeeping", housekeeping.due, housekeeping.do),
    ]


def _of_rows(db: Database, name: str, kind: _Rows, do: _Do, priority: int = 0) -> Chore:
    async def due(now: datetime, limit: int) -> list[str]:
        async with db.begin() as s:
            return await kind.due(s, now, limit)

    return Chore(name, due, do, priority)


def _then_asked(db: Database, kind: _Asked, do: Callable[[str], Awaitable[None]]) -> _Do:
    async def done(row_id: str) -> datetime | None:
        await do(row_id)
        async with db.begin() as s:
            return await kind.due_at(s, row_id)

    return done


def _none_due(db: Database) -> NoneDue:
    async def none_due(now: datetime) -> set[str]:
        async with db.begin() as s:
            return await rows.none_due(s, _TABLES, now)

    return none_due
