"""The only composition root: settings in, a running bot out. The only module that knows everyone.

`opened` builds everything once and hands out the ASGI app; who serves it is not known here. Nothing is made at import.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette

import handlers
from bot import slack_app, web
from bot.background import Background
from bot.check_screens import CheckScreens
from bot.config import Settings
from bot.enrollment import chores
from bot.enrollment.advance import Advancing
from bot.enrollment.checking import Checking
from bot.enrollment.connections import Connections
from bot.enrollment.consent import Consenting
from bot.enrollment.flows import Flows
from bot.enrollment.keeping import Keeping
from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.messages import Message
from bot.enrollment.service import Service
from bot.errors import Misconfigured
from bot.home_screen import HomeScreen
from bot.housekeeping import Housekeeping
from bot.jobs.embedded import Chore, Embedded
from bot.notifications import Notifications
from bot.polytomic.client import PolytomicClient
from bot.renderings import Renderings
from bot.rights import SlackRights
from bot.screens import Screens
from bot.slack_files import SlackFiles
from bot.slack_messages import SlackMessages
from bot.slack_views import SlackViews
from bot.store import checks, consents, enrollments, messages, schema
from bot.store.session import Database

GRACE = 8.0
"""Seconds that work in hand has to finish its step when the bot is stopped."""
_LOOK = 1.5


def utc_now() -> datetime:
    """The time now, read when it is asked for."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Bot:
    """The running bot: what HTTP reaches, and the Bolt app that Socket Mode feeds."""

    asgi: Starlette
    slack: AsyncApp


@asynccontextmanager
async def opened(settings: Settings, *, clock: Clock = utc_now, grace: float = GRACE) -> AsyncIterator[Bot]:
    """Everything is built and due rows are worked on; closed in the reverse order when the block ends.

    Work in hand then has `grace` seconds to finish its step; without any it is cut off wherever it is.
    """
    async with AsyncExitStack() as stack:
        db = Database(settings.database_url)
        stack.push_async_callback(db.close)
        await _migrated(db, settings.database_url)
        polytomic = PolytomicClient(
            settings.polytomic_url,
            settings.polytomic_api_key,
            version=settings.polytomic_version,
            timeout=settings.polytomic_timeout,
        )
        stack.push_async_callback(polytomic.aclose)
        # One session for every call: a new one each time would shake hands inside Slack's three seconds.
        session = await stack.enter_async_context(aiohttp.ClientSession())
        slack = slack_app.build(settings, session)
        parts = _Parts(settings, db, polytomic, session, slack, await slack_app.team_of(slack.client), clock)
        background, runner, bot = await _assembled(parts)
        stack.push_async_callback(background.drain, grace)
        await runner.start()
        stack.push_async_callback(runner.stop, grace)
        structlog.get_logger().info("bot.ready", team=parts.team_id, polytomic=settings.polytomic_version)
        yield bot


@dataclass(frozen=True, slots=True)
class _Parts:
    """What everything else is made of."""

    settings: Settings
    db: Database
    polytomic: PolytomicClient
    session: aiohttp.ClientSession
    slack: AsyncApp
    team_id: str
    clock: Clock


async def _assembled(parts: _Parts) -> tuple[Background, Embedded, Bot]:
    settings, db, clock, client = parts.settings, parts.db, parts.clock, parts.slack.client
    limits = _limits(settings)
    background, views = Background(), SlackViews(client)
    rights = SlackRights(
        client, team_id=parts.team_id, enroll_users=settings.enroll_users, operators=settings.operators, clock=clock
    )
    told = SlackMessages(client, session=parts.session)
    files = SlackFiles(
        client,
        session=parts.session,
        token=settings.slack_bot_token,
        api_url=settings.slack_api_url,
        query_bytes=settings.query_bytes,
    )
    operator_ids = await rights.operator_ids()

    def nudge(chore: str, row_id: str) -> None:
        runner.nudge(chore, row_id)

    async def want(message: Message) -> None:
        async with db.begin() as s:
            await messages.want(s, message)
        nudge(chores.MESSAGE, message.id)

    flows = Flows(parts.polytomic, clock=clock, ttl=settings.flows_ttl)
    service = Service(db, clock=clock, limits=limits, nudge=nudge, flow_gone=flows.gone)
    connections = Connections(db, parts.polytomic, clock=clock, limits=limits, nudge=nudge, operators=operator_ids)
    screens = Screens(
        views,
        service=service,
        connections=connections,
        flows=flows,
        rights=rights,
        operators=settings.operators,
        query_bytes=settings.query_bytes,
    )
    check_screens = CheckScreens(views, client, service=service, clock=clock, operators=settings.operators, want=want)
    renderings = Renderings(
        db,
        files,
        clock=clock,
        operators=settings.operators,
        names=rights.operator_names,
        syncs=f"{settings.polytomic_url}/syncs",
    )

    async def home_changed(team_id: str, user_id: str) -> None:
        await home.refresh(team_id, user_id)

    notifications = Notifications(db, told, renderings, clock=clock, nudge=nudge, told=home_changed)
    home = HomeScreen(
        views, service=service, connections=connections, rights=rights, link=notifications.link, clock=clock
    )
    keeping = Keeping(db, clock=clock, operators=operator_ids, nudge=nudge)
    runner = _runner(parts, rights, keeping, (screens, check_screens, notifications))
    handlers.register(
        parts.slack,
        handlers.Dependencies(
            service=service,
            connections=connections,
            flows=flows,
            rights=rights,
            views=views,
            messages=told,
            screens=screens,
            check_screens=check_screens,
            home=home,
            notifications=notifications,
            files=files,
            saves=handlers.DraftSaves(service.edit),
            background=background,
            operators=settings.operators,
            enroll_users=settings.enroll_users,
            query_bytes=settings.query_bytes,
            clock=clock,
        ),
    )
    asgi = web.build(
        parts.slack,
        signing_secret=settings.slack_signing_secret,
        clock=clock,
        returned=connections.look_now,
        well=db.answers,
    )
    await _looked_around(background, screens)
    return background, runner, Bot(asgi, parts.slack)


def _runner(
    parts: _Parts, rights: SlackRights, keeping: Keeping, surfaces: tuple[Screens, CheckScreens, Notifications]
) -> Embedded:
    db, clock, polytomic, limits = parts.db, parts.clock, parts.polytomic, _limits(parts.settings)
    screens, check_screens, notifications = surfaces
    advancing = Advancing(db, polytomic, clock=clock, limits=limits, rights=rights, keeping=keeping)
    checking = Checking(
        db,
        polytomic,
        clock=clock,
        limits=limits,
        changed=check_screens.show,
        keeping=keeping,
    )
    consenting = Consenting(
        db, polytomic, clock=clock, public_url=parts.settings.public_url, changed=screens.show_consent
    )
    housekeeping = Housekeeping(db, clock=clock, limits=limits)
    return Embedded(
        [
            Chore(chores.MESSAGE, _due(db, messages.due), notifications.deliver),
            Chore(chores.CHECK, _due(db, checks.due), checking.advance),
            Chore(chores.ENROLLMENT, _due(db, enrollments.due), advancing.advance),
            Chore(chores.CONSENT, _due(db, consents.due), consenting.advance),
            Chore("housekeeping", housekeeping.due, housekeeping.do),
        ],
        clock=clock,
    )


def _due(
    db: Database, of: Callable[[AsyncSession, datetime, int], Awaitable[list[str]]]
) -> Callable[[datetime, int], Awaitable[list[str]]]:
    async def due(now: datetime, limit: int) -> list[str]:
        async with db.begin() as s:
            return await of(s, now, limit)

    return due


def _limits(settings: Settings) -> Limits:
    return Limits(
        batch_size=settings.batch_size,
        row_cap=settings.row_cap,
        query_bytes=settings.query_bytes,
        query_timeout=settings.query_timeout,
        check_valid=settings.check_valid,
        check_patience=settings.polytomic_timeout,
        consent_deadline=settings.consent_deadline,
        retry_deadline=settings.retry_deadline,
        retention_days=settings.retention_days,
        draft_days=settings.draft_days,
        sample_columns=settings.sample_columns,
    )


async def _migrated(db: Database, url: str) -> None:
    """The schema is this version's. Alembic stays out of this process: it would weigh on it for as long as it lives."""
    if await schema.is_current(db):
        return
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import sys; from bot.store import migrate; migrate.upgrade(sys.argv[1])", url
    )
    if await child.wait() != 0:
        raise Misconfigured("DATABASE_URL", "The database could not be migrated. Nothing was started.")


async def _looked_around(background: Background, screens: Screens) -> None:
    """What is connected is known before anybody asks, unless Polytomic is too slow to wait for."""
    try:
        await asyncio.wait_for(screens.read_all(), _LOOK)
    except TimeoutError:
        background.start(screens.read_all(), on_error=_unseen)


async def _unseen(error: BaseException) -> None:
    structlog.get_logger().warning("start.unseen", kind=type(error).__name__)
