"""Keeps the sandbox's bot in a process of its own, which is started, killed and started again over one database.

Nothing else is ever killed: only the process that was started here, by the id that starting it gave.
"""

import asyncio
import os
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Literal

import httpx
from pydantic import SecretStr

import bot
from bot.config import Settings
from bot.sandbox.serve import HOST

State = Literal["stopped", "starting", "running", "killed"]
# As in `bot.web`, which would load all of the bot.
SLACK_PATH = "/slack/events"
READY_PATH = "/readyz"
_LOOK = 0.02
_FOLLOWS = 5.0
_LOG = "bot.log"
_USUAL_LINE = 2_000


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a host gives them; nothing of this machine's own environment but where its programs are."""
    root = Path(bot.__file__).parents[1]
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "HOST": HOST}
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if value != field.default:
            told[name.upper()] = _written(value)
    return told


def _written(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, tuple) else str(value)


def end_of(log: Path, lines: int) -> str:
    """The last lines of a log, as far as they are not longer than usual; empty when there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - lines * _USUAL_LINE))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


class Keeper:
    """One bot at a time. `changed` is called whenever its state is another."""

    def __init__(self, told: Mapping[str, str], folder: Path, *, port: int, changed: Callable[[], None]) -> None:
        self.url = f"http://{HOST}:{port}"
        self.state: State = "stopped"
        self.exit_code: int | None = None
        self._told = {**told, "PORT": str(port)}
        self._folder = folder
        self._changed = changed
        self._ahead = timedelta()
        self._process: asyncio.subprocess.Process | None = None
        self._beside: asyncio.Task[None] | None = None
        self._followed = asyncio.Event()
        self._answered = asyncio.Event()
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """The process has begun; it is "running" once it can serve. Nothing happens while there is one."""
        async with self._turn:
            if self._process is not None:
                return
            self._become("starting")
            self._process = await self._begun()
            self._beside = asyncio.create_task(self._accompany(self._process))
            await self._tell_time()

    async def kill(self) -> None:
        """SIGKILL: it is gone in the middle of whatever it did."""
        async with self._turn:
            await self._kill()

    async def stop(self, patience: float = 10) -> None:
        """It has ended as after SIGTERM, or was killed after so many seconds."""
        async with self._turn:
            if self._process is None:
                return
            with suppress(ProcessLookupError):
                self._process.terminate()
            try:
                async with asyncio.timeout(patience):
                    await self.ended()
            except TimeoutError:
                await self._kill()

    async def set_ahead(self, ahead: timedelta) -> None:
        """The bot's clock is ahead by so much, now and whenever it is started again."""
        self._ahead = ahead
        await self._tell_time()
        if self._process is not None:
            # One that does not listen any more is stuck or ending; the next one starts with this time.
            with suppress(TimeoutError):
                async with asyncio.timeout(_FOLLOWS):
                    await self._followed.wait()

    async def ready(self, patience: float = 30) -> None:
        """It can serve. Raises TimeoutError, with its last words, when it never could."""
        try:
            async with asyncio.timeout(patience):
                await self._answered.wait()
        except TimeoutError:
            raise TimeoutError(f"the bot is {self.state}:\n{self.last_words()}") from None

    async def ended(self) -> None:
        """The process that was started last is gone."""
        if self._beside is not None:
            await asyncio.shield(self._beside)

    @property
    def pid(self) -> int | None:
        """The id of the process, while there is one."""
        return self._process.pid if self._process else None

    def last_words(self, lines: int = 30) -> str:
        """The end of what it logged, from every time that it ran."""
        return end_of(self._folder / _LOG, lines)

    # -- how it begins and ends

    async def _begun(self) -> asyncio.subprocess.Process:
        with (self._folder / _LOG).open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot.sandbox.bot_process"),
                cwd=self._folder,
                env=self._told,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                # Ctrl-C in a terminal is for whoever started the sandbox, who then ends this.
                start_new_session=True,
            )

    async def _kill(self) -> None:
        if self._process is not None:
            self._become("killed")
            with suppress(ProcessLookupError):
                self._process.kill()
            await self.ended()

    # -- what goes on beside it

    async def _accompany(self, process: asyncio.subprocess.Process) -> None:
        """From its beginning to its end."""
        beside = [asyncio.create_task(self._listen(process.stdout)), asyncio.create_task(self._ask())]
        self.exit_code = await process.wait()
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        self._process = None
        self._answered.clear()
        self._followed.set()
        if self.state != "killed":
            self._become("stopped")

    async def _listen(self, lines: asyncio.StreamReader | None) -> None:
        while lines is not None and (line := await lines.readline()):
            if float(line) == self._ahead.total_seconds():
                self._followed.set()

    async def _ask(self) -> None:
        await _can_serve(f"{self.url}{READY_PATH}")
        if self.state == "starting":
            self._answered.set()
            self._become("running")

    async def _tell_time(self) -> None:
        orders = self._process.stdin if self._process else None
        if orders is not None:
            self._followed.clear()
            orders.write(f"{self._ahead.total_seconds()!r}\n".encode("ascii"))
            with suppress(ConnectionError):
                await orders.drain()

    def _become(self, state: State) -> None:
        self.state = state
        self._changed()


async def _can_serve(url: str) -> None:
    # A context of its own would read every authority's certificate, for plain HTTP.
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with httpx.AsyncClient(trust_env=False, verify=tls) as client:
        while True:
            with suppress(httpx.HTTPError):
                if (await client.get(url)).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(_LOOK)


@asynccontextmanager
async def kept(
    told: Mapping[str, str], folder: Path, *, port: int, changed: Callable[[], None] = lambda: None
) -> AsyncIterator[Keeper]:
    """A keeper whose bot, if it runs then, is stopped when the block ends; there is one second for that."""
    keeper = Keeper(told, folder, port=port, changed=changed)
    try:
        yield keeper
    finally:
        await keeper.stop(patience=1)
