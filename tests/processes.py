"""The bot as processes of their own over a town: started as README says, killed as a host kills, started again."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot import web
from bot.sandbox import keeper
from bot.sandbox.town import Town


def environment(town: Town) -> dict[str, str]:
    """The settings of this town as environment variables."""
    return keeper.environment(town.settings())


class Processes:
    """`python -m bot …` under a name each; what they log is kept in one file per name.

    Only what was started here is ever killed, by the id that starting it gave.
    """

    def __init__(
        self, commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], folder: Path, *, port: int
    ) -> None:
        self.commands = commands
        self._environment = environment
        self._folder = folder
        self._url = f"http://127.0.0.1:{port}"
        self._running: dict[str, asyncio.subprocess.Process] = {}

    @property
    def slack_url(self) -> str:
        """Where Slack delivers to."""
        return f"{self._url}{web.SLACK_PATH}"

    async def start(self, name: str) -> None:
        """The process with this name has begun; it may take a moment until it does anything."""
        with self.log(name).open("ab") as log:
            self._running[name] = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", *self.commands[name]),
                cwd=self._folder,
                env=dict(self._environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def kill(self, name: str) -> None:
        """SIGKILL: it is gone in the middle of whatever it did."""
        process = self._running.pop(name)
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def restart_ended(self) -> list[str]:
        """Those that ended without being killed run again, as on a host that keeps them up."""
        ended = [name for name, process in self._running.items() if process.returncode is not None]
        for name in ended:
            await self.start(name)
        return ended

    async def until_well(self, patience: float = 30) -> None:
        """The bot answers that it is ready."""
        deadline = time.monotonic() + patience
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    (await client.get(f"{self._url}{web.READY_PATH}")).raise_for_status()
                except httpx.HTTPError:
                    assert time.monotonic() < deadline, f"it is never ready:\n{self.last_words()}"
                    await asyncio.sleep(0.1)
                else:
                    return

    def log(self, name: str) -> Path:
        """What this process wrote, from every time that it ran."""
        return self._folder / f"{name}.log"

    def last_words(self, lines: int = 30) -> str:
        """The ends of all logs."""
        logs = [self.log(name) for name in self.commands if self.log(name).exists()]
        return "\n".join(f"== {log.name}\n{keeper.end_of(log, lines)}" for log in logs)

    async def close(self) -> None:
        """None of them runs."""
        for name in list(self._running):
            await self.kill(name)


@asynccontextmanager
async def running(
    town: Town, commands: Mapping[str, Sequence[str]], folder: Path, *, port: int
) -> AsyncIterator[Processes]:
    """All of them run, the bot is ready, and Slack delivers there; all are gone when the block ends."""
    processes = Processes(commands, environment(town), folder, port=port)
    try:
        for name in commands:
            await processes.start(name)
        await processes.until_well()
        town.slack.deliveries.to_http(processes.slack_url)
        yield processes
    finally:
        await processes.close()
