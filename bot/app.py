"""The only composition root: settings in, a running bot out. The only module that knows everyone.

`opened` builds everything once and hands out the ASGI app; who serves it is not known here. Nothing is made at import.
"""

import asyncio
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
from bot.enrollment.chores import Nudge
from bot.enrollment.connections import Connections
from bot.enrollment.consent import Consenting
from bot.enrollment.flows import Flows
from bot.enrollment.keeping import Keeping
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.messages import Message
from bot.enrollment.service import Service
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
        await schema.bring_up_to_date(db, settings.database_url)
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


@dataclass(frozen=True, slots=True)
class _Verbs:
    """What the bot can do, apart from how it is shown."""

    rights: SlackRights
    service: Service
    connections: Connections
    flows: Flows
    keeping: Keeping


@dataclass(frozen=True, slots=True)
class _Surfaces:
    """Where people see it."""

    views: SlackViews
    messages: SlackMessages
    files: SlackFiles
    screens: Screens
    check_screens: CheckScreens
    notifications: Notifications
    home: HomeScreen


async def _assembled(parts: _Parts) -> tuple[Background, Embedded, Bot]:
    def nudge(chore: str, row_id: str) -> None:
        runner.nudge(chore, row_id)

    background = Background()
    verbs = _verbs(parts, nudge)
    surfaces = _surfaces(parts, verbs, nudge)
    runner = _runner(parts, verbs, surfaces)
    handlers.register(parts.slack, _dependencies(parts, verbs, surfaces, background))
    asgi = web.build(
        parts.slack,
        signing_secret=parts.settings.slack_signing_secret,
        clock=parts.clock,
        returned=verbs.connections.look_now,
        well=parts.db.answers,
    )
    await _looked_around(background, surfaces.screens)
    return background, runner, Bot(asgi, parts.slack)


def _verbs(parts: _Parts, nudge: Nudge) -> _Verbs:
    settings, db, clock, limits = parts.settings, parts.db, parts.clock, parts.settings.limits()
    rights = SlackRights(
        parts.slack.client,
        team_id=parts.team_id,
        enroll_users=settings.enroll_users,
        operators=settings.operators,
        clock=clock,
    )
    flows = Flows(parts.polytomic, clock=clock, ttl=settings.flows_ttl)
    return _Verbs(
        rights=rights,
        service=Service(db, clock=clock, limits=limits, nudge=nudge, flow_gone=flows.gone),
        connections=Connections(
            db, parts.polytomic, clock=clock, limits=limits, nudge=nudge, operators=rights.operator_ids
        ),
        flows=flows,
        keeping=Keeping(db, clock=clock, operators=rights.operator_ids, nudge=nudge),
    )


def _surfaces(parts: _Parts, verbs: _Verbs, nudge: Nudge) -> _Surfaces:
    settings, db, clock, client = parts.settings, parts.db, parts.clock, parts.slack.client
    views, messages_, files = SlackViews(client), SlackMessages(client, session=parts.session), _files(parts)

    async def want(message: Message) -> None:
        async with db.begin() as s:
            await messages.want(s, message)
        nudge(chores.MESSAGE, message.id)

    async def home_changed(team_id: str, user_id: str) -> None:
        await home.refresh(team_id, user_id)

    renderings = Renderings(
        db,
        files,
        clock=clock,
        operators=settings.operators,
        names=verbs.rights.operator_names,
        syncs=f"{settings.polytomic_url}/syncs",
    )
    notifications = Notifications(db, messages_, renderings, clock=clock, nudge=nudge, told=home_changed)
    home = HomeScreen(
        views,
        service=verbs.service,
        connections=verbs.connections,
        rights=verbs.rights,
        link=notifications.link,
        clock=clock,
    )
    return _Surfaces(
        views=views,
        messages=messages_,
        files=files,
        screens=_screens(parts, verbs, views),
        check_screens=CheckScreens(
            views, client, service=verbs.service, clock=clock, operators=settings.operators, want=want
        ),
        notifications=notifications,
        home=home,
    )


def _files(parts: _Parts) -> SlackFiles:
    return SlackFiles(
        parts.slack.client,
        session=parts.session,
        token=parts.settings.slack_bot_token,
        api_url=parts.settings.slack_api_url,
        query_bytes=parts.settings.query_bytes,
    )


def _screens(parts: _Parts, verbs: _Verbs, views: SlackViews) -> Screens:
    return Screens(
        views,
        service=verbs.service,
        connections=verbs.connections,
        flows=verbs.flows,
        rights=verbs.rights,
        operators=parts.settings.operators,
        query_bytes=parts.settings.query_bytes,
    )


def _dependencies(parts: _Parts, verbs: _Verbs, surfaces: _Surfaces, background: Background) -> handlers.Dependencies:
    return handlers.Dependencies(
        service=verbs.service,
        connections=verbs.connections,
        flows=verbs.flows,
        rights=verbs.rights,
        views=surfaces.views,
        messages=surfaces.messages,
        screens=surfaces.screens,
        check_screens=surfaces.check_screens,
        home=surfaces.home,
        notifications=surfaces.notifications,
        files=surfaces.files,
        saves=handlers.DraftSaves(verbs.service.edit),
        background=background,
        operators=parts.settings.operators,
        enroll_users=parts.settings.enroll_users,
        query_bytes=parts.settings.query_bytes,
        clock=parts.clock,
    )


def _runner(parts: _Parts, verbs: _Verbs, surfaces: _Surfaces) -> Embedded:
    db, clock, polytomic, limits = parts.db, parts.clock, parts.polytomic, parts.settings.limits()
    advancing = Advancing(db, polytomic, clock=clock, limits=limits, rights=verbs.rights, keeping=verbs.keeping)
    checking = Checking(
        db, polytomic, clock=clock, limits=limits, changed=surfaces.check_screens.show, keeping=verbs.keeping
    )
    consenting = Consenting(
        db, polytomic, clock=clock, public_url=parts.settings.public_url, changed=surfaces.screens.show_consent
    )
    housekeeping = Housekeeping(db, clock=clock, limits=limits)
    return Embedded(
        [
            Chore(chores.MESSAGE, _due(db, messages.due), surfaces.notifications.deliver),
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


async def _looked_around(background: Background, screens: Screens) -> None:
    """What is connected is known before anybody asks, unless Polytomic is too slow to wait for."""
    try:
        await asyncio.wait_for(screens.read_all(), _LOOK)
    except TimeoutError:

        async def unseen(error: BaseException) -> None:
            structlog.get_logger().warning("start.unseen", kind=type(error).__name__)

        background.start(screens.read_all(), on_error=unseen)
