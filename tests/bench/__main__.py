"""How fast the bot is, beside its peers, in one run: `make bench`, or `python -m tests.bench --help`.

Everything listens on loopback, every load is bounded, and nothing is judged by a test: a target that is missed stands
in the table.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from tests.bench import (
    answering,
    calling,
    checking,
    enrolling,
    machine,
    picking,
    starting,
    tabled,
    throughput,
    watching,
)
from tests.bench.bench import ROUNDS, Bench
from tests.bench.rows import Row

Measure = Callable[[Bench], Awaitable[list[Row]]]

MEASURES: Mapping[str, Measure] = {
    "answering": answering.measure,
    "picking": picking.measure,
    "calling": calling.measure,
    "checking": checking.measure,
    "starting": starting.measure,
    "watching": watching.measure,
    "enrolling": enrolling.measure,
    "throughput": throughput.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The table is printed, and the figures are written where they were asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=MEASURES, nargs="+", default=[*MEASURES], help="which of them")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each has its turn")
    parser.add_argument("--size", type=float, default=1.0, help="share of the usual load, to see that it runs")
    parser.add_argument("--json", type=Path, help="where to write the figures for programs")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    rows = asyncio.run(measured(given.only, given.rounds, given.size))
    where, seconds = machine.described(), time.monotonic() - began
    print(*(f"{name} {value}" for name, value in where.items()), sep=" · ")
    print(tabled.table(rows), f"{seconds:.0f} s in all.", sep="\n")
    if given.json is not None:
        given.json.write_text(json.dumps(tabled.as_json(rows, where, seconds), indent=2) + "\n")
    return 0


async def measured(names: Sequence[str], rounds: int, size: float) -> list[Row]:
    """The rows of each of these, one after the other; each has a directory of its own, which is gone afterwards."""
    rows: list[Row] = []
    for name in names:
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="enroll-flow-bench-") as folder:
            rows += await MEASURES[name](Bench(Path(folder), rounds, size))
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
