"""Everything behind the page of the sandbox: Polytomic with its Gong and warehouse, the bot's process, the curtain.

Loading this takes most of a second: the page is there before.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox import keeper
from bot.sandbox.behind.curtain import TownCurtain
from bot.sandbox.clock import MovableClock
from bot.sandbox.keeper import Keeper
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.serve import HOST
from bot.sandbox.services import Services, open_beside
from bot.sandbox.slack.workspace import Slack
from bot.sandbox.warehouse import Warehouse

# Long enough to be watched.
_RUN_SECONDS = 8.0
DATABASE = "sandbox.db"


@dataclass(frozen=True, slots=True)
class Behind:
    """The services, the bot between them, and what is shown of both."""

    town: Services
    bot: Keeper
    curtain: TownCurtain


@asynccontextmanager
async def open_behind(
    slack: Slack,
    clock: MovableClock,
    folder: Path,
    *,
    polytomic_port: int,
    bot_port: int,
    over_socket: bool,
    policy: Path | None,
) -> AsyncIterator[Behind]:
    """Polytomic is up and the bot is starting, over a database in the folder; Gong is not connected yet."""
    warehouse, switches = Warehouse(sample=False), Switches(run_seconds=_RUN_SECONDS)
    async with open_beside(
        slack, warehouse, clock=clock, switches=switches, with_gong=False, port=polytomic_port
    ) as town:
        public_url = f"http://{HOST}:{bot_port}"
        more = {"policy_file": str(policy)} if policy else {}
        settings = town.settings(folder / DATABASE, socket=over_socket, public_url=public_url, **more)
        told = keeper.environment(settings)
        async with keeper.kept(told, folder, port=bot_port, changed=slack.world.touch) as bot:
            if over_socket:
                slack.deliveries.to_socket()
            else:
                slack.deliveries.to_http(f"{bot.url}{keeper.SLACK_PATH}")
            filling = asyncio.create_task(asyncio.to_thread(warehouse.fill))
            try:
                await bot.set_ahead(clock.ahead)
                await bot.start()
                yield Behind(town, bot, TownCurtain(town, bot, clock))
            finally:
                await filling
