"""What it takes to sort the rows of a query, beside a plain script over the same rows: `csv` and a `set`.

Both begin with what they are given, as bytes: we with Polytomic's pages of JSON, through our client without a socket,
the script with a CSV file. It keeps the ids of those who have not opted out. We also say why somebody is left out, and
look each of them up twice in what is remembered, in a SQLite file: who was enrolled lately, here and elsewhere.
"""

import csv
import json
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
from pydantic import SecretStr

from bot.enrollment.contacts import checksum
from bot.enrollment.limits import Limits
from bot.enrollment.model.policies import Policy
from bot.enrollment.sorting import Sorting
from bot.polytomic.client import PolytomicClient
from bot.store.session import Database
from tests.bench import rows
from tests.bench.bench import Bench
from tests.bench.rounds import alternately
from tests.bench.rows import Row, Target
from tests.unit import stored

_SIZES = (1_000, 10_000, 100_000)
_AT_LEAST = 10_000
"""So many rows are sorted in a round: a thousand of them ten times."""
_ROUNDS = 3
"""At most: a round takes five seconds, and what only takes a processor varies little."""
_PAGE = 1_000
_NAMES = ("CONTACT_ID", "OPTED_OUT", "ACCOUNT_ID", "EMAIL")
_PEER = "csv and a set"
_MEGABYTE = 1024 * 1024
_MICRO = 1_000_000

Turn = Callable[[], Awaitable[object]]
Figures = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Sorters:
    """The two of them over the same rows."""

    size: int
    turns: Mapping[str, Turn]


class Pages(httpx.AsyncBaseTransport):
    """Polytomic's answers for one query: a thousand rows a page, made beforehand."""

    def __init__(self, size: int) -> None:
        starts = range(0, size, _PAGE)
        self._bodies = [_page(start, min(_PAGE, size - start), size) for start in starts]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=self._bodies[int(request.url.params.get("page", "0"))])


async def measure(bench: Bench) -> list[Row]:
    """Time and memory at each size, and what a row takes where there are many beside where there are few."""
    sizes = [bench.share(size) for size in _SIZES]
    async with stored.opened(bench.folder) as db:
        sorters = [_sorters(db, bench.folder, size) for size in sizes]
        timed = await _timed(sorters, bench)
        held = [await _held(one) for one in sorters]
    return [
        *(_time(size, figures) for size, figures in zip(sizes, timed, strict=True)),
        _linear(sizes, timed),
        *(_memory(size, figures) for size, figures in zip(sizes, held, strict=True)),
    ]


def _sorters(db: Database, folder: Path, size: int) -> Sorters:
    file = folder / f"{size}.csv"
    with file.open("w", newline="") as kept:
        written = csv.DictWriter(kept, _NAMES)
        written.writeheader()
        written.writerows(_rows(0, size))
    return Sorters(size, {"ours": partial(_sorted, db, Pages(size)), _PEER: partial(_script, file)})


async def _sorted(db: Database, pages: Pages) -> object:
    client = PolytomicClient("http://127.0.0.1", SecretStr("unused"), version="2024-02-08", transport=pages)
    sorting = Sorting(db, client, clock=lambda: stored.NOW, limits=Limits(), policy=Policy())
    return await sorting.sort(stored.check(query_id="query"), await client.query_page("query"), None)


async def _script(file: Path) -> object:
    people: set[str] = set()
    with file.open(newline="") as kept:
        for row in csv.DictReader(kept):
            if row["CONTACT_ID"] and row["OPTED_OUT"] != "True":
                people.add(row["CONTACT_ID"])
    return people


# -- figures


async def _timed(sorters: Sequence[Sorters], bench: Bench) -> Sequence[Figures]:
    """By size. Every round has all of them, so that sizes can be compared as well."""
    await alternately(sorters[0].turns, 1)
    rounds = [
        [await alternately(one.turns, max(1, bench.share(_AT_LEAST) // one.size)) for one in sorters]
        for _ in range(min(bench.rounds, _ROUNDS))
    ]
    return [
        {name: [each[name] for each in of_size] for name in ("ours", _PEER)} for of_size in zip(*rounds, strict=True)
    ]


async def _held(one: Sorters) -> Figures:
    """The most bytes that each holds at any moment, its result included and what it is given left out."""
    held: dict[str, Sequence[float]] = {}
    for name, turn in one.turns.items():
        tracemalloc.start()
        try:
            result = await turn()
            held[name] = [tracemalloc.get_traced_memory()[1]]
            del result
        finally:
            tracemalloc.stop()
    return held


def _time(size: int, figures: Figures) -> Row:
    ours, theirs = ([second * 1000 for second in figures[name]] for name in ("ours", _PEER))
    note = "Reading JSON or CSV is part of both; the network, and Snowflake's time, of neither."
    return rows.beside(f"preflight of {size:,} rows", "ms", ours, _PEER, theirs, note=note)


def _linear(sizes: Sequence[int], timed: Sequence[Figures]) -> Row:
    few, many = ([second * _MICRO / sizes[at] for second in timed[at]["ours"]] for at in (0, -1))
    return rows.beside(
        f"preflight, a row of {sizes[-1]:,}",
        "µs",
        many,
        f"ours, a row of {sizes[0]:,}",
        few,
        target=Target("≤", 1.5),
        note="Linear: a row takes as long whether there are few or many.",
    )


def _memory(size: int, figures: Figures) -> Row:
    ours, theirs = ([held / _MEGABYTE for held in figures[name]] for name in ("ours", _PEER))
    note = (
        f"{figures['ours'][0] / size:,.0f} bytes a row. Bounded by ROW_CAP, {Limits().row_cap:,} rows: one page is held"
        " at a time, then people and no rows, and a larger query is refused at its first page."
    )
    return rows.beside(f"preflight of {size:,} rows, peak memory", "MB", ours, _PEER, theirs, note=note)


# -- rows


def _rows(start: int, count: int) -> Iterator[dict[str, object]]:
    """Different people of nine thousand companies; one in twenty has opted out, one in fifty is there again."""
    for number in range(start, start + count):
        person = number // 2 if number % 50 == 0 else number
        body = f"003Hs{person:010d}"
        yield {
            "CONTACT_ID": body + checksum(body),
            "OPTED_OUT": number % 20 == 1,
            "ACCOUNT_ID": f"001Hs{number % 9000:010d}AAA",
            "EMAIL": f"somebody.with.a.name{number}@company{number % 9000}.example",
        }


def _page(start: int, count: int, size: int) -> bytes:
    results = list(_rows(start, count))
    data = {"id": "query", "status": "done", "count": size, "fields": _NAMES, "results": results}
    after = start + count
    links = {"next": f"/api/queries/query?page={after // _PAGE}"} if after < size else {}
    return json.dumps({"data": data, "links": links}).encode()
