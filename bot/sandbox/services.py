"""The world without its bot: a Slack, and a Polytomic with its Gong and warehouse, on real sockets on loopback.

Whoever opens it starts a bot over it: in this process (`town`), or in one of its own (`keeper`).
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bot import config
from bot.sandbox.person import Person
from bot.sandbox.polytomic.hosts import KEY
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.polytomic.world import PolytomicWorld
from bot.sandbox.serve import serve
from bot.sandbox.slack.workspace import Slack
from bot.sandbox.warehouse import Warehouse


def utc_now() -> datetime:
    """The time now, read when it is asked for."""
    return datetime.now(UTC)


class Services:
    """The services, their people, and the settings of a bot between them. `open_services` serves them."""

    def __init__(
        self,
        slack: Slack,
        warehouse: Warehouse,
        *,
        clock: Callable[[], datetime],
        switches: Switches,
        with_snowflake: bool,
        with_gong: bool,
    ) -> None:
        self.slack = slack
        self.warehouse = warehouse
        self.polytomic = PolytomicWorld(
            warehouse,
            clock=clock,
            switches=switches,
            with_snowflake=with_snowflake,
            with_gong=with_gong,
            heard=slack.world.touch,
        )
        self.polytomic_url = ""

    def person(self, user_id: str) -> Person:
        """Somebody of the workspace."""
        return Person(self.slack, user_id)

    def settings(self, database: Path | str, *, socket: bool = False, **more: object) -> config.Settings:
        """A bot's settings for these services and a SQLite file or DATABASE_URL; `more` wins."""
        given: dict[str, object] = {
            "slack_bot_token": self.slack.world.bot_token,
            "slack_signing_secret": self.slack.world.signing_secret,
            "slack_api_url": f"{self.slack.world.base_url}/api/",
            "polytomic_api_key": KEY,
            "polytomic_url": self.polytomic_url,
            "database_url": database if isinstance(database, str) else f"sqlite+aiosqlite:///{database}",
            "enroll_users": ("S0REVOPS",),
            "operators": ("U0OPERATOR",),
            "policy_file": "",  # Not the one of whoever starts the sandbox.
        }
        if socket:
            given["slack_app_token"] = self.slack.world.app_token
        return config.given(**(given | more))

    async def answer_gong(self, url: str, answer: str) -> None:
        """A person opens Gong's page and presses allow or deny."""
        async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
            page = await browser.get(url)
            page.raise_for_status()
            (await browser.post(f"{url}/{answer}")).raise_for_status()


@asynccontextmanager
async def open_services(
    *,
    clock: Callable[[], datetime] = utc_now,
    switches: Switches | None = None,
    with_snowflake: bool = True,
    with_gong: bool = True,
) -> AsyncIterator[Services]:
    """All of them are up, the sample data in the warehouse, which is closed at the end."""
    slack, warehouse = Slack(clock=clock), Warehouse()
    async with (
        served(slack),
        open_beside(
            slack, warehouse, clock=clock, switches=switches, with_snowflake=with_snowflake, with_gong=with_gong
        ) as services,
    ):
        yield services


@asynccontextmanager
async def served(slack: Slack, port: int = 0) -> AsyncIterator[None]:
    """The bot reaches this Slack on the port."""
    async with serve(slack.app, port) as api:
        slack.world.base_url = api.url
        yield


@asynccontextmanager
async def open_beside(
    slack: Slack,
    warehouse: Warehouse,
    *,
    clock: Callable[[], datetime],
    switches: Switches | None = None,
    with_snowflake: bool = True,
    with_gong: bool = True,
    port: int = 0,
) -> AsyncIterator[Services]:
    """Polytomic is up on the port, beside a Slack that is served; the warehouse is closed at the end."""
    made = Services(
        slack,
        warehouse,
        clock=clock,
        switches=switches or Switches(),
        with_snowflake=with_snowflake,
        with_gong=with_gong,
    )
    try:
        async with made.polytomic.serve(port) as polytomic:
            made.polytomic_url = polytomic.url
            yield made
    finally:
        warehouse.close()
