"""How the bot bears 10, 1,000 and 10,000 enrollments that wait: `make scale`, or `python -m tests.bench.scale --help`.

Real processes of the bot over each database, beside a sandbox whose runs never end. Nothing happens while it is
measured; that is what is measured. It listens on loopback only and takes less than eight minutes.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.polytomic.gate import Requested
from bot.sandbox.town import Town, open_town
from bot.store.session import Database
from tests.bench import figures, machine, processes
from tests.bench.databases import KINDS, Under
from tests.bench.figures import Figures, ProcessFigures
from tests.bench.processes import Process
from tests.bench.waiting import SWITCHES, Clock, Waiting

COUNTS = (0, 10, 1_000, 10_000)
# Two ticks of the reconciler, at any moment of which one may begin to look.
SECONDS = 30.0
_SETTLED = 5.0
_FIRST_TICK = 8.0
_LOOK = 0.02


def main(arguments: Sequence[str] | None = None) -> int:
    """The table is printed, and the figures are written where they were asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS, help="how many wait, one after the other")
    parser.add_argument("--databases", choices=KINDS, nargs="+", default=[*KINDS])
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each is watched while idle")
    parser.add_argument("--json", type=Path, help="where to write the figures for programs")
    given = parser.parse_args(arguments)
    measured = asyncio.run(measure(given.databases, sorted({0, *given.counts}), given.seconds))
    where = machine.described()
    print(*(f"{name} {value}" for name, value in where.items()), sep=" · ")
    print(f"Each watched for {given.seconds:g} s while nothing happened.", figures.table(measured), sep="\n")
    if given.json is not None:
        given.json.write_text(json.dumps(figures.as_json(where, given.seconds, measured), indent=2) + "\n")
    return 0


async def measure(databases: Sequence[str], counts: Sequence[int], seconds: float) -> list[Figures]:
    """Each database with each number of enrollments waiting, in this order."""
    clock = Clock()
    measured: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="enroll-flow-bench-") as name:
        folder = Path(name)
        async with open_town(folder / "unused.db", clock=clock, switches=SWITCHES) as town:
            waiting = Waiting(town, clock)
            for kind in databases:
                with KINDS[kind](folder) as database:
                    kept = 0
                    for count in counts:
                        await waiting.grow(count)
                        await _keep(database, waiting, kept, count)
                        kept = count
                        print(f"{database.name}, {count} waiting …", file=sys.stderr)
                        measured.append(await _measured(database, town, folder, count, seconds))
    return measured


async def _keep(database: Under, waiting: Waiting, first: int, count: int) -> None:
    db = Database(database.url)
    try:
        await waiting.keep(db, first, count)
    finally:
        await db.close()


async def _measured(database: Under, town: Town, folder: Path, count: int, seconds: float) -> Figures:
    town.more["database_url"] = database.bot_url
    settings, requests = town.settings(), town.polytomic.requests
    # The first start reads what was never read; what is measured is a restart.
    async with processes.running(database.roles, settings, folder, command=database.command):
        await _until_asked(requests, len(requests), count)
    began, asked = datetime.now(UTC), len(requests)
    async with processes.running(database.roles, settings, folder, command=database.command) as running:
        await _until_asked(requests, asked, count)
        watched = next((one.at for one in requests[asked:] if one.operation == "events"), None)
        await asyncio.sleep(_SETTLED)
        idle = await _idle(database, running, requests, seconds)
    return replace(
        idle,
        waiting=count,
        ready=max(process.ready_after for process in running),
        watched=None if watched is None else (watched - began).total_seconds(),
    )


async def _until_asked(requests: Sequence[Requested], first: int, count: int) -> None:
    """The reconciler has asked what happened, if there is anybody to ask for."""
    for _ in range(int(_FIRST_TICK / _LOOK) if count else 0):
        if any(one.operation == "events" for one in requests[first:]):
            return
        await asyncio.sleep(_LOOK)


async def _idle(database: Under, running: Sequence[Process], requests: Sequence[Requested], seconds: float) -> Figures:
    before = [processes.weight(process.pid) for process in running]
    began, asked = time.monotonic(), len(requests)
    statements, server = database.statements(), database.server_seconds()
    await asyncio.sleep(seconds)
    after = [processes.weight(process.pid) for process in running]
    lasted = time.monotonic() - began
    served = database.server_seconds()
    return Figures(
        database=database.name,
        processes=tuple(
            ProcessFigures(process.role, then.resident, then.own, (then.seconds - first.seconds) / lasted)
            for process, first, then in zip(running, before, after, strict=True)
        ),
        server_cpu=None if server is None or served is None else (served - server) / lasted,
        statements=(database.statements() - statements) / lasted,
        calls={name: many * 60 / lasted for name, many in Counter(one.operation for one in requests[asked:]).items()},
    )


if __name__ == "__main__":
    raise SystemExit(main())
