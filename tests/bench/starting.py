"""How long the bot takes from its start to its first answer, beside the import of the libraries that it needs.

Each is a fresh interpreter with the same environment, and ends between its turns. The bot starts over a SQLite file
that has the newest tables, beside a sandbox that answers it. Which libraries it needs is read from a bot that has
started: every module that it had loaded and that is not ours, in the order in which it loaded them.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bot.config import Settings
from bot.sandbox.keeper import environment
from bot.sandbox.town import open_town
from bot.store import migrate
from tests.bench import loaded, processes, rows
from tests.bench.bench import Bench
from tests.bench.rounds import interleaved
from tests.bench.rows import Row, Target

_ROLES = ("run",)
_IMPORTS = """
import importlib
for name in open({file!r}):
    importlib.import_module(name.strip())
print(flush=True)
"""


async def measure(bench: Bench) -> list[Row]:
    """One row: `python -m bot run` to ready."""
    file = bench.folder / "libraries"
    async with open_town(bench.folder / "enroll-flow.db") as town:
        settings = town.settings()
        await asyncio.to_thread(migrate.upgrade, settings.database_url)
        async with processes.running(_ROLES, settings, bench.folder, command=("-m", "tests.bench.loaded", str(file))):
            pass
        turns = {
            "ours": partial(_started, settings, bench.folder),
            "alone": partial(_imported, settings, bench.folder, file),
        }
        measured = await interleaved(turns, bench.rounds)
    libraries = loaded.read(file)
    return [
        rows.beside(
            "start of `python -m bot run` to its first answer",
            "s",
            measured["ours"],
            "its libraries, imported alone",
            measured["alone"],
            target=Target("≤", 1.3),
            note=f"Over a SQLite file with the newest tables. The libraries are {len(libraries):,} modules"
            f" ({_packages(libraries)} packages and the standard library's).",
        )
    ]


def _packages(libraries: Sequence[str]) -> int:
    return len({name.partition(".")[0] for name in libraries} - sys.stdlib_module_names)


async def _started(settings: Settings, folder: Path) -> float:
    async with processes.running(_ROLES, settings, folder) as (process,):
        return process.ready_after


async def _imported(settings: Settings, folder: Path, file: Path) -> float:
    """Seconds from the start of the interpreter until the last import is done; its end does not count."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _IMPORTS.format(file=str(file))),
        cwd=folder,
        env=environment(settings),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said = await process.stdout.readline()
    took = time.monotonic() - began
    if await process.wait() != 0 or not said:
        raise RuntimeError("the libraries could not be imported alone")
    return took
