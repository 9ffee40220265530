"""Enrollments that wait for runs: how often Polytomic is asked, what the process weighs, and what a restart takes.

One process of the bot over SQLite, beside a poller of the same runs in the same minutes. Nothing happens meanwhile;
that is what is measured. `make scale` does the same over both databases.
"""

from collections.abc import Sequence

from bot.sandbox.town import open_town
from tests.bench import databases, rows
from tests.bench.bench import Bench
from tests.bench.rows import Row, Target
from tests.bench.waiting import SWITCHES, Clock, Waiting
from tests.bench.watched import Restart, Watched, Watching

FEW, MANY, MOST = 10, 1_000, 10_000
_TICKS = 2
_RESTARTS = 2
_MB = 1_000_000
_POLLER = "one status call per run, every 15 s"
_POLLED = "As often as the bot looks, over one connection, in a process of its own; both in the same minutes."
_FLAT = "A tick reads the events of all runs together, and looks at five of those that were quiet for long."


async def measure(bench: Bench) -> list[Row]:
    """Calls a minute with few, many and most of them waiting; memory, idle processor time and restarts with most."""
    few, many, most = (bench.share(count) for count in (FEW, MANY, MOST))
    # A smaller size does not last until the bot's second tick.
    ticks = min(bench.rounds, _TICKS) if bench.size >= 1 else 1
    clock = Clock()
    async with open_town(bench.folder / "unused.db", clock=clock, switches=SWITCHES) as town:
        with databases.sqlite(bench.folder) as database:
            town.more["database_url"] = database.bot_url
            watching = Watching(bench, town, database, Waiting(town, clock))
            idle = await watching.idle()
            await watching.grow(few)
            # A round of so few is as good as two.
            with_few = await watching.watched(1, beside_poller=True)
            await watching.grow(many)
            with_many = await watching.watched(ticks, beside_poller=True)
            await watching.grow(most)
            restarts = [await watching.restart() for _ in range(min(bench.rounds, _RESTARTS))]
            with_most = await watching.watched(ticks, beside_poller=False)
    return [
        _beside(few, with_few, None),
        _beside(many, with_many, Target("≥", 100)),
        _flat(most, many, with_most, with_many),
        *_weights(most, idle, with_most),
        *_restarts(most, restarts),
    ]


def _beside(count: int, watched: Watched, target: Target | None) -> Row:
    return rows.beside(
        f"{count:,} enrollments run: calls to Polytomic a minute",
        "",
        watched.calls,
        _POLLER,
        watched.polled,
        better="fewer",
        target=target,
        note=_POLLED if target else "",
    )


def _flat(most: int, many: int, with_most: Watched, with_many: Watched) -> Row:
    return rows.beside(
        f"{most:,} enrollments run: calls to Polytomic a minute",
        "",
        with_most.calls,
        f"ours with {many:,}",
        with_many.calls,
        target=Target("≤", 1.1),
        note=_FLAT,
    )


def _weights(most: int, idle: Watched, waiting: Watched) -> list[Row]:
    over = (waiting.own - idle.own) / _MB
    share, nobody = waiting.cpu * 100, idle.cpu * 100
    return [
        rows.alone(f"{most:,} wait: memory over an idle process", "MB", [over], target=Target("≤", 30, of="ours")),
        rows.alone(
            f"{most:,} wait: processor time",
            "% of a core",
            [share],
            target=Target("≤", 1, of="ours"),
            note=f"With nobody waiting it is {nobody:.2f} %.",
        ),
    ]


def _restarts(most: int, restarts: Sequence[Restart]) -> list[Row]:
    what = f"{most:,} wait: restart until all are watched again"
    return [
        rows.alone(
            f"{what}, from ready",
            "s",
            [one.since_ready for one in restarts],
            target=Target("≤", 1, of="ours"),
            note="Watched: Polytomic has said what became of all of them. 0 is before the first answer to /healthz.",
        ),
        rows.alone(f"{what}, from the start of the process", "s", [one.since_start for one in restarts]),
    ]
