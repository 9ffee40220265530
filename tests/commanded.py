"""The sandbox as README starts it: a process of its own on four neighboring ports, gone when a test is over."""

import asyncio
import os
import random
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from bot.sandbox.serve import HOST

ROOT = Path(__file__).parents[1]


def four_free() -> int:
    """A port that is free, as are the next three; none that this machine gives to whoever asks for any."""
    while True:
        port = random.randrange(20_000, 30_000, 4)
        with ExitStack() as stack:
            try:
                for one in range(port, port + 4):
                    stack.enter_context(socket.socket()).bind((HOST, one))
            except OSError:
                continue
        return port


@asynccontextmanager
async def commanded(port: int, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m bot sandbox` runs in the folder, what it says in pipes; it is gone when the block ends, however."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "sandbox", "--port", str(port)),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
