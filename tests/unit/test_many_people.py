"""A hundred thousand people: what a check of them takes, in memory and in time."""

import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.enrollment.contacts import checksum
from bot.enrollment.preflight import Reading
from bot.enrollment.preflight_columns import Columns
from bot.enrollment.preflight_sieve import Caps, Known
from bot.enrollment.remembering import Remembering
from bot.store import checks, contacts, memory
from bot.store.session import Database
from tests.conftest import Print
from tests.unit import stored
from tests.unit.stored import NOW

MANY = 100_000
PAGE = 1_000
NAMES = ("CONTACT_ID", "OPTED_OUT", "ACCOUNT_ID", "EMAIL")
_MEGABYTE = 1024 * 1024


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a file."""
    async with stored.opened(tmp_path) as opened:
        yield opened


def canonical(number: int) -> str:
    """One of many ids of contacts."""
    body = f"003Hs{number:010d}"
    return body + checksum(body)


def pages() -> Iterator[list[dict[str, object]]]:
    """The rows as Polytomic gives them, each page made when it is asked for."""
    for start in range(0, MANY, PAGE):
        yield [
            {
                "CONTACT_ID": canonical(number),
                "OPTED_OUT": number % 20 == 0,
                "ACCOUNT_ID": f"001Hs{number % 9000:010d}AAA",
                "EMAIL": f"somebody.with.a.name{number}@company{number % 9000}.example",
            }
            for number in range(start, start + PAGE)
        ]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_hundred_thousand_rows_in_bounded_memory(db: Database, print_at_the_end: Print) -> None:
    """What is held is people and no rows: much less than the rows would take, from the first page to the database."""
    async with db.begin() as s:
        await checks.add(s, stored.check())
    tracemalloc.start()
    try:
        reading = Reading(Columns(NAMES, "CONTACT_ID", ("OPTED_OUT",), "ACCOUNT_ID"))
        for page in pages():
            reading.add(page)
        read = tracemalloc.get_traced_memory()[1]
        lately = await Remembering(db, clock=lambda: NOW, cool_off_days=30).lately(stored.check(), reading.standing())
        found = reading.finish(Known(frozenset(), lately), Caps(company=5, request=90_000, ordered=True))
        async with db.begin() as s:
            await contacts.save(s, "check", found.contacts, found.left_out)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert MANY == found.preflight.funnel.rows
    print_at_the_end(
        f"a check of 100,000 rows: {read / _MEGABYTE:.0f} MB once they are read,"
        f" {peak / _MEGABYTE:.0f} MB at most until both lists are kept"
    )
    assert peak < 80 * _MEGABYTE


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_hundred_thousand_look_ups_take_seconds(db: Database, print_at_the_end: Print) -> None:
    """Everybody of the list was enrolled before, here and elsewhere, in enrollments of 10,000."""
    people = [canonical(number) for number in range(MANY)]
    began = time.process_time()
    for start in range(0, MANY, 10_000):
        async with db.begin() as s:
            sent = stored.enrollment(f"E-{start:06d}")
            await memory.remember(s, sent, people[start : start + 10_000], NOW)
    remembered = time.process_time()
    remembering = Remembering(db, clock=lambda: NOW, cool_off_days=30)
    assert MANY == len(await remembering.lately(stored.check(), people))
    looked = time.process_time()
    await remembering.elsewhere(stored.check(), people)
    done = time.process_time()
    print_at_the_end(
        f"100,000 people: {remembered - began:.1f} s of a processor to remember them,"
        f" {looked - remembered:.1f} s to look them up for the cool-off, {done - looked:.1f} s for other flows"
    )
    assert done - remembered < 20
