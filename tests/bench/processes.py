"""Processes of the bot, started and stopped as a host does it, and what the machine says of each."""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bot import config, web
from bot.sandbox.keeper import environment
from bot.sandbox.serve import HOST

_PATIENCE = 60
_LOOK = 0.002


@dataclass(frozen=True, slots=True)
class Process:
    """One process: `role` is its command, `ready_after` the seconds from its start to its first answer at `url`."""

    role: str
    pid: int
    ready_after: float
    url: str


@dataclass(frozen=True, slots=True)
class Weight:
    """What a process has taken: bytes in memory, bytes that are its alone, and seconds of a core since its start."""

    resident: int
    own: int
    seconds: float


def weight(pid: int) -> Weight:
    """What this process has taken by now."""
    process = psutil.Process(pid)
    memory, cpu = process.memory_full_info(), process.cpu_times()
    return Weight(memory.rss, memory.uss, cpu.user + cpu.system)


def seconds_of_all(pid: int) -> float:
    """The seconds of a core that this process and its children have taken by now, those that have ended left out."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in processes)


@asynccontextmanager
async def running(
    roles: Sequence[str], settings: config.Settings, folder: Path, *, command: Sequence[str] = ("-m", "bot")
) -> AsyncIterator[Sequence[Process]]:
    """A process for each role, all started at once and all ready; stopped by SIGTERM, by their pids."""
    async with AsyncExitStack() as stack:
        starting = [
            await stack.enter_async_context(_started(role, settings, folder, command=command)) for role in roles
        ]
        yield await asyncio.gather(*starting)


@asynccontextmanager
async def _started(
    role: str, settings: config.Settings, folder: Path, *, command: Sequence[str]
) -> AsyncIterator["asyncio.Task[Process]"]:
    port = _free_port()
    log = folder / f"{role}-{port}.log"
    listens = () if role == "worker" else ("--port", str(port))
    began = time.monotonic()
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *command, role, *listens), cwd=folder, env=environment(settings), stderr=errors
        )
    try:
        yield asyncio.create_task(_ready(role, process, port, log, began))
    finally:
        await _stopped(process)


async def _ready(role: str, process: asyncio.subprocess.Process, port: int, log: Path, began: float) -> Process:
    async with asyncio.timeout(_PATIENCE):
        while not (_says_ready(log) if role == "worker" else _listens(port) and await _answers(port)):
            if process.returncode is not None:
                raise RuntimeError(f"{role} has ended with {process.returncode}: {_last(log)}")
            await asyncio.sleep(_LOOK)
    return Process(role, process.pid, time.monotonic() - began, f"http://{HOST}:{port}")


def _says_ready(log: Path) -> bool:
    # A worker listens nowhere.
    return "bot.ready" in log.read_text()


def _last(log: Path) -> str:
    return log.read_text()[-2000:]


def _listens(port: int) -> bool:
    """Looked at without the event loop, hundreds of times: it should not take from the process that starts."""
    with socket.socket() as line:
        return line.connect_ex((HOST, port)) == 0


async def _answers(port: int) -> bool:
    """Asked by hand: to make a client takes as long as some of what is measured."""
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    try:
        writer.write(f"GET {web.HEALTH_PATH} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        return b" 200 " in await reader.readline()
    except OSError:
        return False
    finally:
        writer.close()


async def _stopped(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(15):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
