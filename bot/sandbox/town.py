"""Everything at once in this process: the services of `bot.sandbox.services`, and the bot between them.

The bot is reached by signed HTTP, or by Socket Mode, as in the world outside; it can be stopped and started again over
the same database.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

from bot import app, config, web
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.serve import serve
from bot.sandbox.services import Services, open_services, utc_now
from bot.socket_line import PATIENT


class Town:
    """The services and the bot. `open_town` serves them."""

    def __init__(self, services: Services, database: Path | str, *, clock: Callable[[], datetime]) -> None:
        self.warehouse = services.warehouse
        self.polytomic = services.polytomic
        self.slack = services.slack
        self.person = services.person
        self.answer_gong = services.answer_gong
        self._services = services
        self._database = database
        self._clock = clock
        self._bot: AsyncExitStack | None = None
        self._working: AsyncExitStack | None = None
        self.bot_url = ""
        # Without any, the bot stops as if it were killed: in the middle of whatever it does.
        self.grace = 8.0
        self.patience = PATIENT
        # How many parts of the bot only work, beside the one that answers: for PostgreSQL alone.
        self.workers = 0
        self.more: dict[str, object] = {}

    def settings(self, *, socket: bool = False) -> config.Settings:
        """The bot's settings for this town; `more` overrides them."""
        return self._services.settings(self._database, socket=socket, **self.more)

    async def start_bot(self, *, socket: bool = False) -> None:
        """The bot runs, and Slack sends to it; with `workers` one part of it answers and so many others work."""
        settings = self.settings(socket=socket)
        await self.start_workers()
        async with AsyncExitStack() as stack:
            role = app.Role.WEB if self.workers else app.Role.EVERYTHING
            bot = await stack.enter_async_context(self._opened(settings, role))
            served = await stack.enter_async_context(serve(bot.asgi))
            self.bot_url = served.url
            if socket:
                self.slack.deliveries.to_socket()
            else:
                self.slack.deliveries.to_http(f"{served.url}{web.SLACK_PATH}")
            self._bot = stack.pop_all()

    async def start_workers(self) -> None:
        """The parts of the bot that only work are there."""
        async with AsyncExitStack() as stack:
            for _ in range(self.workers):
                await stack.enter_async_context(self._opened(self.settings(), app.Role.WORKER))
            self._working = stack.pop_all()

    def _opened(self, settings: config.Settings, role: app.Role) -> AbstractAsyncContextManager[app.Bot]:
        return app.opened(settings, role=role, clock=self._clock, grace=self.grace, patience=self.patience)

    async def stop_bot(self) -> None:
        """The bot has ended as after SIGTERM."""
        bot, self._bot = self._bot, None
        if bot is not None:
            await bot.aclose()
        await self.stop_workers()

    async def stop_workers(self) -> None:
        """The parts that only work have ended as after SIGTERM; the one that answers goes on."""
        working, self._working = self._working, None
        if working is not None:
            await working.aclose()

    async def restart_bot(self) -> None:
        """Another bot goes on over the same database."""
        await self.stop_bot()
        await self.start_bot()

    async def restart_workers(self) -> None:
        """Others take the place of the parts that only work."""
        await self.stop_workers()
        await self.start_workers()


@asynccontextmanager
async def open_town(
    database: Path | str,
    *,
    clock: Callable[[], datetime] = utc_now,
    switches: Switches | None = None,
    with_snowflake: bool = True,
    with_gong: bool = True,
) -> AsyncIterator[Town]:
    """A town with its services up. The bot is started by the caller. `database` is a SQLite file or a DATABASE_URL."""
    async with open_services(
        clock=clock,
        switches=switches,
        with_snowflake=with_snowflake,
        with_gong=with_gong,
    ) as services:
        town = Town(services, database, clock=clock)
        try:
            yield town
        finally:
            await town.stop_bot()
