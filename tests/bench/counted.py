"""The bot, with every statement of its counted from outside: `python -m tests.bench.counted FILE run --port 3000`.

A SQLite file cannot be asked how often it was asked. So the number stands in eight bytes of FILE, kept up to date while
the bot runs; nothing else about the process is different.
"""

import mmap
import sys
from pathlib import Path

from sqlalchemy import Engine, event

from bot import __main__


def read(path: Path) -> int:
    """How many statements there were so far."""
    return int.from_bytes(path.read_bytes(), sys.byteorder)


def count(path: Path) -> None:
    """From here on every statement of this process is counted in this file, those that end a transaction included."""
    path.write_bytes(bytes(8))
    with path.open("r+b") as file:
        number = mmap.mmap(file.fileno(), 8)

    def one_more(*_: object) -> None:
        number[:] = (int.from_bytes(number[:], sys.byteorder) + 1).to_bytes(8, sys.byteorder)

    for kind in ("before_cursor_execute", "commit", "rollback"):
        event.listen(Engine, kind, one_more)


if __name__ == "__main__":
    count(Path(sys.argv[1]))
    sys.exit(__main__.dispatch(sys.argv[2:]))
