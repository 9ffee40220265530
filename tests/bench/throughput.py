"""How many enrollments a minute go from confirmed to finished: one process over SQLite, workers over PostgreSQL.

Confirmed enrollments are put into the database all at once, and their runs end as soon as they are looked at. The
sandbox's services share this process, which does nothing else meanwhile; what it takes of the cores is said.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.sandbox.town import Town, open_town
from bot.store.session import Database
from tests.bench import confirmed, databases, processes, rows
from tests.bench.bench import Bench
from tests.bench.crowd import Crowd
from tests.bench.databases import Under
from tests.bench.processes import Process
from tests.bench.rows import Row
from tests.scenario import doing

ENROLLMENTS = 36
_CONTACTS = 10
_ROUNDS = 1
_WARM_UP = 0.15
_WORKERS = (1, 2, 4)
_PATIENCE = 90.0
_LOOK = 0.02
_UNIT = "a minute"


@dataclass(frozen=True, slots=True)
class Pace:
    """Enrollments a minute, and the cores that the bot, its database server and the services took meanwhile."""

    a_minute: float
    bot: float
    server: float
    services: float


async def measure(bench: Bench) -> list[Row]:
    """One process over SQLite, then one, two and four workers over PostgreSQL."""
    async with open_town(bench.folder / "unused.db", switches=doing.willing(run_seconds=0)) as town:
        crowd = Crowd(town, _CONTACTS)
        with databases.sqlite(bench.folder) as database:
            alone = await _paces(bench, town, crowd, database, ("run",))
        with databases.on_postgresql(bench.folder) as database:
            many = {count: await _paces(bench, town, crowd, database, ("worker",) * count) for count in _WORKERS}
    sqlite = rows.alone(
        "1 process, SQLite: enrollments from confirmed to finished", _UNIT, _figures(alone), note=_shares(alone)
    )
    return [sqlite, *_compared(many)]


async def _paces(bench: Bench, town: Town, crowd: Crowd, database: Under, roles: Sequence[str]) -> list[Pace]:
    """One for each round, after some that do not count."""
    town.more["database_url"] = database.url
    db = Database(database.url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(db.close)
        running = await stack.enter_async_context(processes.running(roles, town.settings(), bench.folder))
        count = bench.share(ENROLLMENTS, least=2)
        await _pace(town, crowd, db, database, running, max(round(count * _WARM_UP), 1))
        return [await _pace(town, crowd, db, database, running, count) for _ in range(min(bench.rounds, _ROUNDS))]


async def _pace(
    town: Town, crowd: Crowd, db: Database, database: Under, running: Sequence[Process], count: int
) -> Pace:
    """So many are confirmed, and have been finished."""
    requests, calls = town.polytomic.requests, town.slack.world.calls
    asked, said = len(requests), len(calls)
    await confirmed.add(town, db, [crowd.next() for _ in range(count)])
    await _until(lambda: len(requests) > asked)
    began, before = time.monotonic(), _cores(running, database)
    await _until(lambda: _finished(town, asked, said) >= count)
    lasted, after = time.monotonic() - began, _cores(running, database)
    bot, server, services = ((then - first) / lasted for first, then in zip(before, after, strict=True))
    return Pace(count * 60 / lasted, bot, server, services)


def _finished(town: Town, asked: int, said: int) -> int:
    """How many have been retired at Polytomic and told to their requester."""
    retired = sum(one.operation == "activate" for one in town.polytomic.requests[asked:])
    told = sum("Done:" in str(one.arguments.get("text")) for one in town.slack.world.calls[said:])
    return min(retired, told)


def _cores(running: Sequence[Process], database: Under) -> tuple[float, float, float]:
    """Seconds of a core so far: the bot's processes, the database server, this process."""
    bot = sum(processes.seconds_of_all(one.pid) for one in running)
    return bot, database.server_seconds() or 0.0, time.process_time()


async def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if true():
            return
        await asyncio.sleep(_LOOK)
    raise TimeoutError("they are never all finished")


def _compared(many: Mapping[int, Sequence[Pace]]) -> list[Row]:
    """The first as it is, the others beside it."""
    fewest, *more = many
    first = rows.alone(_workers(fewest), _UNIT, _figures(many[fewest]), note=_shares(many[fewest]))
    beside = [
        rows.beside(
            *(_workers(count), _UNIT, _figures(many[count])),
            *(f"{fewest} worker", _figures(many[fewest])),
            note=_shares(many[count]),
        )
        for count in more
    ]
    return [first, *beside]


def _workers(count: int) -> str:
    return f"{count} worker{'s' if count > 1 else ''}, PostgreSQL: enrollments from confirmed to finished"


def _figures(paces: Sequence[Pace]) -> list[float]:
    return [one.a_minute for one in paces]


def _shares(paces: Sequence[Pace]) -> str:
    """What took how much of a core, of all that the machine has."""
    bot, server, services = (
        statistics.median(getattr(one, who) for one in paces) * 100 for who in ("bot", "server", "services")
    )
    database = f", the database server {server:.0f} %" if server else ""
    return f"Of one core the bot took {bot:.0f} %{database}, the sandbox's services {services:.0f} %."
