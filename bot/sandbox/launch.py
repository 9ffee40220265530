"""`sandbox`: a Slack in a browser, a Polytomic with its Gong, and the bot, on four neighboring ports, until Ctrl-C.

The page comes first; what is behind it takes longer to load, and follows.
"""

import asyncio
import errno
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import logs
from bot.cli import manifest
from bot.cli.serve import another
from bot.errors import Misconfigured
from bot.sandbox import keeper, offered
from bot.sandbox.allowed import POLICY
from bot.sandbox.clock import MovableClock
from bot.sandbox.keeper import Keeper
from bot.sandbox.page import app
from bot.sandbox.page.scene import Curtain, Scene
from bot.sandbox.polytomic.hosts import KEY
from bot.sandbox.serve import HOST, serve
from bot.sandbox.slack.workspace import Slack

if TYPE_CHECKING:
    from bot.sandbox.behind.opened import Behind
    from bot.sandbox.services import Services


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens."""

    page: int
    slack: int
    polytomic: int
    bot: int


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The services as `town`, what is behind the curtain, the bot, and where the page is."""

    town: "Services"
    curtain: Curtain
    bot: Keeper
    url: str


class LateCurtain:
    """The curtain while it is still being made: nothing to see, nothing to do. Then it is `behind`."""

    def __init__(self, clock: MovableClock) -> None:
        self.behind: Curtain | None = None
        self._clock = clock

    @property
    def bot(self) -> str:
        """What the bot is doing now."""
        return self.behind.bot if self.behind else "starting"

    def scene(self) -> Scene:
        """What there is to see now."""
        return self.behind.scene() if self.behind else Scene(self._clock(), "starting", (), ())

    async def do(self, deed_id: str, given: Mapping[str, str]) -> str:
        """The deed is done; ValueError, in words, when it cannot be."""
        if self.behind is None:
            raise ValueError("The sandbox is still starting. Try again in a second.")
        return await self.behind.do(deed_id, given)


@asynccontextmanager
async def open_sandbox(
    folder: Path,
    *,
    port: int = 0,
    over_socket: bool = False,
    clock: MovableClock | None = None,
    policy: Path | None = None,
    answers: Callable[[Ports, Slack], None] = lambda *_: None,
) -> AsyncIterator[Sandbox]:
    """The page answers on the port and the bot is starting; Slack, Polytomic and the bot are on the next three.

    With port 0 all four are free ones; without a `policy` file any number may be enrolled. `answers` is called when the
    page does. Everything kept is in the folder. Raises Misconfigured when a port is taken.
    """
    ports, clock = _ports(port), clock or MovableClock()
    slack, curtain = Slack(clock=clock), LateCurtain(clock)
    page = app.build(slack, curtain, offered.read(manifest.source()))
    async with serve(page, ports.page) as shown, serve(slack.app, ports.slack) as api:
        slack.world.base_url = api.url
        answers(ports, slack)
        open_behind = await asyncio.to_thread(_loaded)
        opened = open_behind(
            slack,
            clock,
            folder,
            polytomic_port=ports.polytomic,
            bot_port=ports.bot,
            over_socket=over_socket,
            policy=policy,
        )
        async with opened as behind:
            curtain.behind = behind.curtain
            slack.world.touch()
            yield Sandbox(behind.town, curtain, behind.bot, shown.url)


def _loaded() -> "Callable[..., AbstractAsyncContextManager[Behind]]":
    from bot.sandbox.behind.opened import open_behind  # noqa: PLC0415  # it takes longer than all the rest

    return open_behind


def launch(port: int) -> int:
    """The sandbox has run and was stopped. Raises Misconfigured when one of its four ports is taken."""
    logs.quiet()
    with tempfile.TemporaryDirectory(prefix="enroll-flow-sandbox-") as folder:
        asyncio.run(_until_stopped(port, Path(folder)))
    return 0


async def _until_stopped(port: int, folder: Path) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(stop, stopped.set)
    async with open_sandbox(folder, port=port, policy=POLICY, answers=_tell):
        await stopped.wait()


def _tell(ports: Ports, slack: Slack) -> None:
    here, world = f"http://{HOST}", slack.world
    print("Sandbox: no real Slack, Polytomic or Gong. Nothing leaves this machine, nothing is kept.")
    print(f"Open       {here}:{ports.page}")
    print(f"Slack      {world.base_url}/api/   {world.bot_token}")
    print(f"Polytomic  {here}:{ports.polytomic}   key {KEY}")
    print(f"Bot        {here}:{ports.bot}{keeper.SLACK_PATH}   signed with {world.signing_secret}")
    print("Ctrl-C ends it.", flush=True)


def _ports(port: int) -> Ports:
    """Four neighbors, or four free ones. Raises Misconfigured, which names the one that is taken."""
    if not port:
        # The rest take what is free when they begin to listen; a bot that was killed comes back to the same port.
        return Ports(0, 0, 0, _free_port())
    for one in range(port, port + 4):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((HOST, one))
            except OSError as error:
                raise Misconfigured("PORT", _words(one, port, error)) from None
    return Ports(port, port + 1, port + 2, port + 3)


def _words(taken: int, port: int, error: OSError) -> str:
    if error.errno == errno.EACCES:
        return f"Port {taken} needs more rights than this process has. Choose one above 1023: --port 8700."
    return f"Port {taken} is taken. Choose another: --port {another(port)}."


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
