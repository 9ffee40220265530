"""`sandbox`: a Slack, a Polytomic with its Gong, and the bot on three neighboring ports, until Ctrl-C."""

import asyncio
import signal
import tempfile
from pathlib import Path

from bot import logs, web
from bot.errors import Misconfigured
from bot.sandbox.serve import HOST
from bot.sandbox.town import KEY, open_town


def launch(port: int) -> int:
    """The sandbox has run and was stopped. Raises Misconfigured when one of its three ports is taken."""
    logs.configure()
    with tempfile.TemporaryDirectory(prefix="enroll-flow-sandbox-") as folder:
        try:
            asyncio.run(_until_stopped(port, Path(folder) / "sandbox.db"))
        except OSError as error:
            raise Misconfigured("PORT", _taken(port)) from error
    return 0


async def _until_stopped(port: int, database: Path) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(stop, stopped.set)
    async with open_town(database, with_gong=False, port=port) as town:
        await town.start_bot(port=port + 2)
        world = town.slack.world
        print("Sandbox: no real Slack, Polytomic or Gong. Nothing leaves this machine, nothing is kept.")
        print(f"Slack      {world.base_url}/api/   {world.bot_token}")
        print(f"Polytomic  http://{HOST}:{port + 1}   key {KEY}")
        print(f"Bot        {town.bot_url}{web.SLACK_PATH}   signed with {world.signing_secret}")
        print("Ctrl-C ends it.", flush=True)
        await stopped.wait()


def _taken(port: int) -> str:
    return f"One of the ports {port}, {port + 1}, {port + 2} is taken. Choose others: --port {port + 100}."
