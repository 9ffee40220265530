"""Socket Mode stands again by itself, whatever becomes of a connection, and `GET /readyz` says when it does not."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import web
from bot.errors import Misconfigured
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.slack.things import Fault
from bot.sandbox.town import Town, open_town
from bot.socket_line import Patience
from tests.scenario import doing

pytestmark = pytest.mark.usefixtures("logged")
QUICK = Patience(silence=0.6, hello=2, start=0.5, goodbye=0.5, settled=0.1)
CONNECT = "apps.connections.open"


@asynccontextmanager
async def listening(database: Path, switches: Switches | None = None) -> AsyncIterator[Town]:
    """A town whose bot listens over Socket Mode and loses patience soon."""
    async with open_town(database, switches=switches) as town:
        town.patience = QUICK
        await town.start_bot(socket=True)
        yield town


async def readiness(town: Town) -> tuple[int, dict[str, bool]]:
    """What `GET /readyz` answers now."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{town.bot_url}{web.READY_PATH}")
    return answer.status_code, answer.json()


async def until_slack_is(town: Town, connected: bool) -> None:
    """`GET /readyz` says this of Slack, and nothing is wrong with the rest."""
    expected = {"ready": connected, "database": True, "slack": connected, "jobs": True}
    async with asyncio.timeout(8):
        while True:
            if (200 if connected else 503, expected) == await readiness(town):
                return
            await asyncio.sleep(0.02)


def of_the_bot() -> list[Any]:
    """The tasks that run the bot's own code; the sandbox runs in this process, too."""
    coroutines = [task.get_coro() for task in asyncio.all_tasks()]
    places = [(one, getattr(getattr(one, "cr_code", None), "co_filename", "")) for one in coroutines]
    return [one for one, place in places if "/bot/" in place and "/sandbox/" not in place]


async def refresh(town: Town) -> None:
    """Slack wants a new connection."""
    await town.slack.socket.disconnect("refresh_requested")


async def warn(town: Town) -> None:
    """Slack says that it will want one soon."""
    await town.slack.socket.disconnect("warning")


async def cut(town: Town) -> None:
    """The connection is gone without a word."""
    town.slack.socket.cut()


async def fall_silent(town: Town) -> None:
    """The connection stands, and nothing comes of it any more."""
    town.slack.socket.fall_silent()


async def cut_for_longer(town: Town) -> None:
    """The connection is gone, and Slack has refused a new one three times."""
    town.slack.socket.cut()
    async with asyncio.timeout(8):
        while True:
            if 3 <= sum(call.method == CONNECT and bool(call.error) for call in town.slack.world.calls):
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def without_a_new_one(town: Town) -> AsyncIterator[None]:
    """Slack opens no connection while the block lasts: long enough to be seen, however slow the machine is."""
    refusing = Fault(CONNECT, error="internal_error", times=1000)
    town.slack.world.faults.append(refusing)
    yield
    town.slack.world.faults.remove(refusing)


Trouble = Callable[[Town], Any]


async def test_a_cut_line_is_made_anew(database: Path) -> None:
    """Not ready while Slack is slow to connect, ready afterwards, and the next command is answered."""
    async with listening(database) as town:
        assert of_the_bot()
        async with without_a_new_one(town):
            town.slack.socket.cut()
            await until_slack_is(town, False)
        await until_slack_is(town, True)
        await town.person("U0REQUESTER").command("help")
        assert (2, 1) == (town.slack.socket.opened, town.slack.socket.most_at_once)


@pytest.mark.slow
@pytest.mark.parametrize("trouble", [refresh, warn, cut, fall_silent, cut_for_longer])
async def test_an_enrollment_goes_on_and_ends_once(database: Path, trouble: Trouble) -> None:
    """Whatever becomes of the line in its middle: one run, nobody twice, and the next command is answered."""
    async with listening(database, Switches(run_seconds=1.5)) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        await rina.until_reads("C0REVOPS", "Launching")
        async with without_a_new_one(town):
            await trouble(town)
            await until_slack_is(town, False)
        await until_slack_is(town, True)
        await doing.open_form(rina)
        await rina.close_all()
        await doing.until_ended(rina)
        assert (1, 1) == (len(town.polytomic.syncs), len(town.polytomic.syncs[0].runs))
        enrolled = doing.in_flow(town)
        assert len(enrolled) == len(set(enrolled)) > 0
        assert 1 == town.slack.socket.most_at_once
        await town.stop_bot()
        gc.collect()
        assert [] == of_the_bot()


@pytest.mark.slow
@pytest.mark.parametrize("trouble", [cut, fall_silent])
@pytest.mark.parametrize("answer", [{"slow": 5}, {"error": "internal_error", "times": 1000}], ids=["asking", "waiting"])
async def test_a_bot_that_reconnects_can_be_stopped(database: Path, trouble: Trouble, answer: dict[str, Any]) -> None:
    """Two seconds are enough in whatever state the line is, and nothing of it is left."""
    async with listening(database) as town:
        town.slack.world.faults.append(Fault(CONNECT, **answer))
        await trouble(town)
        await until_slack_is(town, False)
        began = time.monotonic()
        await town.stop_bot()
        assert 2 > time.monotonic() - began
        gc.collect()
        assert [] == of_the_bot()


@pytest.mark.slow
async def test_a_silent_line_can_be_left(database: Path) -> None:
    """A stop does not wait for a good-bye that never comes."""
    async with listening(database) as town:
        town.slack.socket.fall_silent()
        began = time.monotonic()
        await town.stop_bot()
        assert 2 > time.monotonic() - began
        assert [] == of_the_bot()


@pytest.mark.slow
async def test_the_bot_starts_without_slack_and_finds_it_later(database: Path) -> None:
    """The start waits a moment, then the bot works and says that it is not ready; the line comes up by itself."""
    async with open_town(database) as town:
        town.patience = QUICK
        town.slack.world.faults.append(Fault(CONNECT, error="internal_error", times=3))
        await town.start_bot(socket=True)
        assert (503, False) == ((await readiness(town))[0], (await readiness(town))[1]["slack"])
        await until_slack_is(town, True)
        await town.person("U0REQUESTER").command("help")


async def test_a_token_that_is_refused_at_the_start_is_told(database: Path) -> None:
    """The setting is named, with what to do, and nothing runs."""
    async with open_town(database) as town:
        town.more["slack_app_token"] = "xapp-of-another-app"
        with pytest.raises(Misconfigured) as refused:
            await town.start_bot(socket=True)
        words = (
            "SLACK_APP_TOKEN is refused by Slack (invalid_auth). Make one with the scope connections:write at "
            "api.slack.com/apps > your app > Basic Information > App-Level Tokens. Nothing was started."
        )
        assert ("SLACK_APP_TOKEN", words) == (refused.value.setting, refused.value.words)
        assert [] == of_the_bot()


@pytest.mark.slow
async def test_a_token_that_is_refused_later_stops_nothing(database: Path) -> None:
    """The bot is not ready as long as it lasts, and listens again once the token is good."""
    async with listening(database) as town:
        good, town.slack.world.app_token = town.slack.world.app_token, "xapp-renewed"
        town.slack.socket.cut()
        await until_slack_is(town, False)
        await asyncio.sleep(1)
        assert 503 == (await readiness(town))[0]
        town.slack.world.app_token = good
        await until_slack_is(town, True)
