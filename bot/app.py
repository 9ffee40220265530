"""The only composition root: settings in, a running bot out. With `assembly` and `work` it alone knows everyone.

`opened` builds everything once and hands out the ASGI app; who serves it is not known here. Nothing is made at import.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

import aiohttp
import structlog
from starlette.applications import Starlette

import handlers
from bot import assembly, slack_app, web, work
from bot.assembly import Parts
from bot.background import Background
from bot.config import Settings
from bot.enrollment.model.clock import Clock
from bot.health import Health
from bot.policy import loading
from bot.polytomic.client import PolytomicClient
from bot.screens import Screens
from bot.socket_line import PATIENT, Patience, SocketLine
from bot.store import schema
from bot.store.session import Database

GRACE = 8.0
"""Seconds that work in hand has to finish its step when the bot is stopped."""
_LOOK = 1.5


class Role(Enum):
    """What a process of the bot is for; over SQLite there is one process, which is for everything."""

    EVERYTHING = "run"
    WEB = "web"
    WORKER = "worker"


def utc_now() -> datetime:
    """The time now, read when it is asked for."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Bot:
    """The running bot: what HTTP reaches. Over Socket Mode it hears of Slack by itself."""

    asgi: Starlette


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    role: Role = Role.EVERYTHING,
    clock: Clock = utc_now,
    grace: float = GRACE,
    patience: Patience = PATIENT,
) -> AsyncIterator[Bot]:
    """Everything is built, due rows are worked on, Slack is heard; closed in the reverse order when the block ends.

    Work in hand then has `grace` seconds to finish its step; without any it is cut off wherever it is.
    """
    async with AsyncExitStack() as stack:
        parts, starting = await _parts(stack, settings, clock)
        verbs = assembly.verbs(parts)
        surfaces = assembly.surfaces(parts, verbs)
        runner = work.runner(parts, verbs, surfaces, works=role is not Role.WEB, grace=grace)
        starting.runner = runner
        background = Background()
        if role is not Role.WORKER:
            handlers.register(parts.slack, assembly.dependencies(parts, verbs, surfaces, background))
        # A worker takes no part in what Slack sends: it could not answer.
        line = None if role is Role.WORKER else _line(parts, patience)
        asgi = web.build(
            parts.slack,
            signing_secret=settings.slack_signing_secret,
            clock=clock,
            returned=verbs.connections.look_now,
            health=_health(parts, runner, line),
        )
        await _looked_around(background, surfaces.screens)
        await runner.start()
        stack.push_async_callback(_stopped, background, runner, grace)
        if line is not None:
            await stack.enter_async_context(line.kept())
        structlog.get_logger().info(
            "bot.ready", team=parts.team_id, role=role.value, polytomic=settings.polytomic_version
        )
        yield Bot(asgi)


class _Starting:
    """Nudges reach the runner, which is made last, out of parts that already nudge."""

    def __init__(self) -> None:
        self.runner: work.Runner | None = None

    def nudge(self, chore: str, row_id: str) -> None:
        """The runner hears of the row, once there is one."""
        if self.runner is not None:
            self.runner.nudge(chore, row_id)


async def _parts(stack: AsyncExitStack, settings: Settings, clock: Clock) -> tuple[Parts, _Starting]:
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
    team_id = await slack_app.team_of(slack.client)
    policy = await loading.load(settings, slack.client)
    starting = _Starting()
    return Parts(settings, policy, db, polytomic, session, slack, team_id, clock, starting.nudge), starting


def _line(parts: Parts, patience: Patience) -> SocketLine | None:
    settings = parts.settings
    if settings.slack_app_token is None:
        return None
    return SocketLine(parts.slack, settings.slack_app_token, api_url=settings.slack_api_url, patience=patience)


def _health(parts: Parts, runner: work.Runner, line: SocketLine | None) -> Health:
    signs = {"jobs": runner.alive} if line is None else {"slack": line.connected, "jobs": runner.alive}
    return Health(alive=runner.alive, database=parts.db.answers, signs=signs)


async def _stopped(background: Background, runner: work.Runner, grace: float) -> None:
    """What listeners began and what the runner has in hand end at the same time, or are cut off together."""
    await asyncio.gather(background.drain(grace), runner.stop(grace))


async def _looked_around(background: Background, screens: Screens) -> None:
    """What is connected is known before anybody asks, unless Polytomic is too slow to wait for."""
    try:
        await asyncio.wait_for(screens.read_all(), _LOOK)
    except TimeoutError:

        async def unseen(error: BaseException) -> None:
            structlog.get_logger().warning("start.unseen", kind=type(error).__name__)

        background.start(screens.read_all(), on_error=unseen)
