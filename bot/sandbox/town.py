"""Everything at once on this machine: a Slack, a Polytomic with its Gong and warehouse, and the bot between them.

Real sockets on loopback. The bot is reached by signed HTTP, or by Socket Mode, as in the world outside; it can be
stopped and started again over the same database.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bot import app, config, web
from bot.sandbox.person import Person
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.polytomic.world import PolytomicWorld
from bot.sandbox.serve import serve
from bot.sandbox.slack.workspace import Slack
from bot.sandbox.warehouse import Warehouse
from bot.socket_line import PATIENT

KEY = "sandbox"


def utc_now() -> datetime:
    """The time now, read when it is asked for."""
    return datetime.now(UTC)


class Town:
    """The three services and the bot. `open_town` serves them."""

    def __init__(
        self,
        database: Path | str,
        *,
        clock: Callable[[], datetime],
        switches: Switches,
        with_snowflake: bool,
        with_gong: bool,
    ) -> None:
        self.warehouse = Warehouse()
        self.polytomic = PolytomicWorld(
            self.warehouse,
            clock=clock,
            api_key=KEY,
            switches=switches,
            with_snowflake=with_snowflake,
            with_gong=with_gong,
        )
        self.slack = Slack(clock=clock)
        self._database_url = database if isinstance(database, str) else f"sqlite+aiosqlite:///{database}"
        self._clock = clock
        self._polytomic_url = ""
        self._bot: AsyncExitStack | None = None
        self._working: AsyncExitStack | None = None
        self.bot_url = ""
        # Without any, the bot stops as if it were killed: in the middle of whatever it does.
        self.grace = 8.0
        self.patience = PATIENT
        # How many parts of the bot only work, beside the one that answers: for PostgreSQL alone.
        self.workers = 0
        self.more: dict[str, object] = {"enroll_users": ("S0REVOPS",), "operators": ("U0OPERATOR",)}

    def person(self, user_id: str) -> Person:
        """Somebody of the workspace."""
        return Person(self.slack, user_id)

    def settings(self, *, socket: bool = False) -> config.Settings:
        """The bot's settings for this town; `more` overrides them."""
        given: dict[str, object] = {
            "slack_bot_token": self.slack.world.bot_token,
            "slack_signing_secret": self.slack.world.signing_secret,
            "slack_api_url": f"{self.slack.world.base_url}/api/",
            "polytomic_api_key": KEY,
            "polytomic_url": self._polytomic_url,
            "database_url": self._database_url,
        }
        if socket:
            given["slack_app_token"] = self.slack.world.app_token
        return config.given(**(given | self.more))

    async def start_bot(self, *, socket: bool = False, port: int = 0) -> None:
        """The bot runs, and Slack sends to it; with `workers` one part of it answers and so many others work."""
        settings = self.settings(socket=socket)
        await self.start_workers()
        async with AsyncExitStack() as stack:
            role = app.Role.WEB if self.workers else app.Role.EVERYTHING
            bot = await stack.enter_async_context(self._opened(settings, role))
            served = await stack.enter_async_context(serve(bot.asgi, port))
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

    async def answer_gong(self, url: str, answer: str) -> None:
        """A person opens Gong's page and presses allow or deny."""
        async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
            page = await browser.get(url)
            page.raise_for_status()
            (await browser.post(f"{url}/{answer}")).raise_for_status()

    def serve_polytomic(self, url: str) -> None:
        """Says where Polytomic is served."""
        self._polytomic_url = url


@asynccontextmanager
async def open_town(
    database: Path | str,
    *,
    clock: Callable[[], datetime] = utc_now,
    switches: Switches | None = None,
    with_snowflake: bool = True,
    with_gong: bool = True,
    port: int = 0,
) -> AsyncIterator[Town]:
    """A town with its services up; Slack on `port`, Polytomic on the next. The bot is started by the caller.

    `database` is a SQLite file or a DATABASE_URL. Raises OSError when a port is taken.
    """
    town = Town(
        database, clock=clock, switches=switches or Switches(), with_snowflake=with_snowflake, with_gong=with_gong
    )
    try:
        async with (
            serve(town.slack.app, port) as slack,
            town.polytomic.serve(port + 1 if port else 0) as polytomic,
        ):
            town.slack.world.base_url = slack.url
            town.serve_polytomic(polytomic.url)
            try:
                yield town
            finally:
                await town.stop_bot()
    finally:
        town.warehouse.close()
