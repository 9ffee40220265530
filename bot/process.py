"""One process of the bot: it listens, or works, or both, and closes everything when it is told to stop."""

import asyncio
import contextlib
import signal

import structlog
import uvicorn

from bot import app
from bot.app import Bot, Role
from bot.config import Settings
from bot.enrollment.model.clock import Clock
from bot.errors import Misconfigured
from bot.store import address
from bot.store.session import lock_file

# Slack waits three seconds for an answer: whatever takes longer is of no use to anybody.
_ANSWERS = 3
NOT_FOR_SQLITE = (
    "A worker of its own needs PostgreSQL: a SQLite file is for one process, and `python -m bot run` does everything"
    " in it. Set DATABASE_URL to postgresql+psycopg://… or start that."
)


async def run(settings: Settings, role: Role = Role.EVERYTHING, *, clock: Clock = app.utc_now) -> None:
    """The bot serves until SIGTERM or Ctrl-C; work in hand has 8 seconds to finish its step.

    Raises Misconfigured for a database in use or of another version, for a worker over SQLite, and for a token that
    Slack refuses; KeyboardInterrupt, once everything is closed, when it was Ctrl-C.
    """
    stop = asyncio.Event()
    stopped_by: list[signal.Signals] = []
    for one in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again when it has shut down; with this handler that does not end the process
        # before the rest is closed.
        asyncio.get_running_loop().add_signal_handler(one, _stopping, one, stopped_by, stop)
    with _alone(settings, role):
        async with app.opened(settings, role=role, clock=clock) as bot:
            if role is Role.WORKER:
                await stop.wait()
            else:
                await _listening(settings, bot)
    structlog.get_logger().info("bot.stopped")
    if signal.SIGINT in stopped_by:
        raise KeyboardInterrupt


def _stopping(one: signal.Signals, stopped_by: list[signal.Signals], stop: asyncio.Event) -> None:
    stopped_by.append(one)
    stop.set()


def _alone(settings: Settings, role: Role) -> contextlib.AbstractContextManager[None]:
    """A SQLite file has one process, which does everything; a PostgreSQL server has as many as one likes."""
    if address.is_postgresql(settings.database_url):
        return contextlib.nullcontext()
    if role is Role.WORKER:
        raise Misconfigured(address.SETTING, NOT_FOR_SQLITE)
    return lock_file(address.sqlite_file(settings.database_url))


async def _listening(settings: Settings, bot: Bot) -> None:
    config = uvicorn.Config(
        bot.asgi,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_ANSWERS,
    )
    await uvicorn.Server(config).serve()
