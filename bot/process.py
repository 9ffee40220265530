"""One process of the bot: it alone has the database, it listens, and it closes everything when it is told to stop."""

import asyncio
import signal

import structlog
import uvicorn

from bot import app, slack_app
from bot.config import Settings
from bot.store.address import sqlite_file
from bot.store.session import lock_file


async def run(settings: Settings) -> None:
    """The bot serves until SIGTERM or Ctrl-C; work in hand has 8 seconds to finish its step.

    Raises Misconfigured for a database in use, a schema newer than this version, and a token Slack refuses;
    KeyboardInterrupt, once everything is closed, when it was Ctrl-C.
    """
    stopped_by: list[signal.Signals] = []
    for stop in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again when it has shut down; with this handler that does not end the process
        # before the rest is closed.
        asyncio.get_running_loop().add_signal_handler(stop, stopped_by.append, stop)
    with lock_file(sqlite_file(settings.database_url)):
        async with app.opened(settings) as bot, slack_app.socket_mode(settings, bot.slack):
            config = uvicorn.Config(
                bot.asgi,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=int(app.GRACE),
            )
            await uvicorn.Server(config).serve()
    structlog.get_logger().info("bot.stopped")
    if signal.SIGINT in stopped_by:
        raise KeyboardInterrupt
