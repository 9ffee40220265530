"""The sandbox as a whole: its bot is a real process, killed and started again while a person goes on in Slack."""

import asyncio
import functools
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from bot import web
from bot.sandbox import keeper
from bot.sandbox.launch import Sandbox, open_sandbox
from bot.sandbox.person import Person
from bot.sandbox.slack.interactions import Trouble
from tests.commanded import ROOT, commanded, four_free
from tests.scenario import doing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PATIENCE = 40
"""A machine that is busy with other things is no mistake of the bot."""


@pytest.fixture(params=[False], ids=["http"])
async def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A sandbox whose bot runs."""
    async with open_sandbox(tmp_path, over_socket=request.param) as opened:
        await opened.bot.ready(PATIENCE)
        yield opened


async def connected(sandbox: Sandbox, person: Person) -> None:
    """The form is open with the query typed, and Gong is connected from it."""
    await person.command(doing.QUERY)
    await person.until_sees("Gong is not connected.", patience=PATIENCE)
    await person.press("Connect Gong")
    await person.until_sees("Open Gong", patience=PATIENCE)
    await sandbox.town.answer_gong(await person.press("Open Gong"), "allow")
    await person.until_sees("Gong is connected.", patience=PATIENCE)


async def again(sandbox: Sandbox) -> None:
    """The bot is killed and started again, and can serve."""
    await sandbox.curtain.do("bot-kill", {})
    assert "killed" == sandbox.curtain.scene().bot
    await sandbox.curtain.do("bot-start", {})
    assert "starting" == sandbox.curtain.scene().bot
    await sandbox.bot.ready(PATIENCE)
    assert "running" == sandbox.curtain.scene().bot


def hidden(sandbox: Sandbox) -> list[str]:
    """What no exchange may show: tokens, secrets, links, triggers and queries."""
    world = sandbox.town.slack.world
    tokens = [world.bot_token, world.app_token, world.signing_secret, *world.response_urls, *world.triggers]
    return [*tokens, "SELECT", "consent/", "auth_url", "token=", "signature="]


async def test_a_bot_killed_in_the_middle_goes_on(sandbox: Sandbox) -> None:
    """Before the confirmation and after it. Slack says when it is gone; each contact counts once; no secret told."""
    rina = sandbox.town.person("U0REQUESTER")
    await connected(sandbox, rina)
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    assert {} == await rina.submit()
    await rina.until_sees("will be enrolled", patience=PATIENCE)
    await sandbox.curtain.do("bot-kill", {})
    for attempt in (rina.submit, rina.open_home, rina.command):
        with pytest.raises(Trouble, match="the bot gave no answer"):
            await attempt()
    with pytest.raises(ValueError, match="not offered any more"):
        await sandbox.curtain.do("bot-kill", {})
    pressed = [sandbox.curtain.do("bot-start", {}) for _ in range(2)]
    assert 1 == [type(one) for one in await asyncio.gather(*pressed, return_exceptions=True)].count(ValueError)
    await sandbox.bot.ready(PATIENCE)
    await doing.confirm(rina)
    await rina.until(lambda: [run for sync in sandbox.town.polytomic.syncs for run in sync.runs], patience=PATIENCE)
    await again(sandbox)
    living = await doing.until_ended(rina, patience=PATIENCE)
    assert "Partly enrolled" in rina.read(living)
    (sync,) = sandbox.town.polytomic.syncs
    assert (1, False) == (len(sync.runs), sync.active)
    contacts = [one.contact for one in sandbox.town.polytomic.ledger.entries]
    assert len(contacts) == len(set(contacts)) > 100
    shown = sandbox.curtain.scene().traffic
    assert [] == [one for one in hidden(sandbox) if one in repr(shown)]
    assert {("Slack", "bot"), ("bot", "Slack"), ("bot", "Polytomic")} == {(one.source, one.target) for one in shown}
    assert any(one.key for one in shown)


async def test_the_bots_process_goes_by_the_same_clock(sandbox: Sandbox) -> None:
    """An hour later, at once, nobody has allowed Gong in time; a bot started again still takes what Slack signs."""
    rina = sandbox.town.person("U0REQUESTER")
    await rina.command()
    await rina.until_sees("Gong is not connected.", patience=PATIENCE)
    await rina.press("Connect Gong")
    await rina.until_sees("Open Gong", patience=PATIENCE)
    await sandbox.curtain.do("clock-hour", {})
    await rina.until_sees("nobody allowed it within 30 minutes", patience=PATIENCE)
    await sandbox.curtain.do("bot-kill", {})
    await sandbox.curtain.do("clock-day", {})
    await sandbox.curtain.do("bot-start", {})
    await sandbox.bot.ready(PATIENCE)
    await rina.command("help")
    await rina.until_whispered("puts the contacts of a Snowflake query", patience=PATIENCE)
    await sandbox.bot.stop(PATIENCE)
    assert ("stopped", 0) == (sandbox.bot.state, sandbox.bot.exit_code)


def has_opened(sandbox: Sandbox, count: int) -> bool:
    """Whether the bot has opened so many websockets so far."""
    return sandbox.town.slack.socket.opened >= count


@pytest.mark.parametrize("sandbox", [True], indirect=True, ids=["socket"])
async def test_the_same_over_socket_mode(sandbox: Sandbox) -> None:
    """What is pressed in between meets no answer; the websockets can be cut; the traffic reads as over HTTP."""
    rina = sandbox.town.person("U0REQUESTER")
    await rina.command("help")
    for opened, deed_id in enumerate(("socket-refresh", "socket-cut"), 1):
        await rina.until(functools.partial(has_opened, sandbox, opened), patience=PATIENCE)
        await sandbox.curtain.do(deed_id, {})
    await rina.until(functools.partial(has_opened, sandbox, 3), patience=PATIENCE)
    await rina.command("status")
    await sandbox.curtain.do("bot-kill", {})
    with pytest.raises(Trouble, match="the bot gave no answer"):
        await rina.command("help")
    await sandbox.curtain.do("bot-start", {})
    await sandbox.bot.ready(PATIENCE)
    await rina.command("help")
    commands = [one for one in sandbox.curtain.scene().traffic if "command /enroll-flow" == one.what]
    assert ["200", "no answer", "200", "200"] == [one.answer for one in commands]
    assert all(one.milliseconds for one in commands)


async def test_a_bot_that_ends_by_itself_says_why(tmp_path: Path) -> None:
    """Its state, its exit code and its last words are there, and it is not taken for killed."""
    async with keeper.kept({"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}, tmp_path, port=9) as bot:
        await bot.start()
        await asyncio.wait_for(bot.ended(), PATIENCE)
        assert ("stopped", 2) == (bot.state, bot.exit_code)
        assert "SLACK_BOT_TOKEN is not set." in bot.last_words()


def test_a_kept_bot_listens_where_the_bot_does() -> None:
    """The paths are written twice, so that the sandbox need not load the bot to know them."""
    assert (web.SLACK_PATH, web.READY_PATH) == (keeper.SLACK_PATH, keeper.READY_PATH)


async def running(process: asyncio.subprocess.Process, port: int) -> psutil.Process:
    """The sandbox has said where it is, and the page is there; returns its bot, which runs."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False, follow_redirects=True) as http:
        while b"Ctrl-C" not in await process.stdout.readline():
            assert process.returncode is None
        assert 200 == (await http.get(f"http://127.0.0.1:{port}/")).status_code
        while True:
            try:
                (await http.get(f"http://127.0.0.1:{port + 3}{web.READY_PATH}")).raise_for_status()
                break
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
    (bot,) = psutil.Process(process.pid).children()
    return bot


def left_in(folder: Path) -> list[str]:
    """The names of everything in it, however deep."""
    return [one.name for one in folder.rglob("*")]


async def test_ctrl_c_ends_everything_quietly(tmp_path: Path) -> None:
    """Exit code 0, not a word, no process and no folder left."""
    port = four_free()
    async with commanded(port, tmp_path) as process:
        bot = await running(process, port)
        assert "sandbox.db" in left_in(tmp_path)
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), 10)
    assert (0, b"", b"") == (process.returncode, out, err)
    assert not bot.is_running()
    assert [] == left_in(tmp_path)


async def test_a_killed_sandbox_leaves_no_bot(tmp_path: Path) -> None:
    """However it ended: a second later its bot is gone."""
    port = four_free()
    async with commanded(port, tmp_path) as process:
        bot = await running(process, port)
    ended = time.monotonic()
    while bot.is_running() and psutil.STATUS_ZOMBIE != bot.status():
        assert time.monotonic() - ended < 1
        await asyncio.sleep(0.02)
