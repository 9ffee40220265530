"""The sandbox's bot as a process of its own: what `python -m bot run` is, with the sandbox's clock, and as short-lived.

`python -m bot.sandbox.bot_process`, started by `bot.sandbox.keeper`. Every line on its input is by how many seconds
its clock is ahead from now on, and is said back once it is. When the input ends, so does the process: whoever started
it is gone, however that came about, and with them the world that this bot is for.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TextIO

from bot import config, logs
from bot.errors import Misconfigured
from bot.sandbox.clock import MovableClock


def main() -> int:
    """The bot has run and was stopped; returns the exit code. Nothing is opened before the clock was set."""
    clock = MovableClock()
    with _orders() as (heard, said):
        if not _follow_one(clock, heard, said):
            return 0
        threading.Thread(target=_follow, args=(clock, heard, said), daemon=True).start()
        try:
            return _serve(clock)
        except Misconfigured as error:
            sys.stderr.write(f"{error.words}\n")
            return 2
        except KeyboardInterrupt:
            return 130


def _serve(clock: MovableClock) -> int:
    settings = config.load(env_file=None)
    logs.configure()
    # The application takes seconds to load: the input is listened to, and a wrong setting told, before that.
    from bot import process  # noqa: PLC0415

    asyncio.run(process.run(settings, clock=clock))
    return 0


@contextmanager
def _orders() -> Iterator[tuple[TextIO, TextIO]]:
    """The input and the output, for this process alone: what it starts, or prints, has nothing to do with them."""
    heard, said = os.fdopen(os.dup(0), encoding="ascii"), os.fdopen(os.dup(1), "w", encoding="ascii")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    yield heard, said


def _follow_one(clock: MovableClock, heard: TextIO, said: TextIO) -> bool:
    line = heard.readline()
    if not line:
        return False
    clock.ahead = timedelta(seconds=float(line))
    try:
        said.write(line)
        said.flush()
    except BrokenPipeError:
        return False
    return True


def _follow(clock: MovableClock, heard: TextIO, said: TextIO) -> None:
    while _follow_one(clock, heard, said):
        pass
    # At once: there is nobody left whose work could be lost, and a step in hand could wait for seconds.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
