"""The bench measures what it says: the bot's own processes, over rows that the bot takes for its own."""

import asyncio
import json
import re

import pytest

from tests.bench import figures, rows, scale, tabled
from tests.bench.__main__ import MEASURES, measured
from tests.bench.rows import Spread, Target


def test_a_ratio_is_taken_within_its_round() -> None:
    """A round in which everything was slow changes neither the ratio nor whether the target is met."""
    row = rows.beside("open", "ms", [2.0, 20.0, 3.0], "peer", [1.0, 10.0, 1.0], target=Target("≤", 2))
    assert (Spread(3.0, 2.0, 20.0), Spread(2.0, 2.0, 3.0), True) == (row.ours, row.ratio, row.met)


def test_faster_is_theirs_over_ours() -> None:
    """What took the peer six times as long is six times faster here."""
    row = rows.beside("open", "ms", [2.0], "peer", [11.0], better="faster", target=Target("≥", 6))
    assert (Spread(5.5, 5.5, 5.5), False) == (row.ratio, row.met)


def test_a_target_that_is_missed_stands_in_the_table() -> None:
    """With its figure, and beside those that are met; a row without target says nothing of it."""
    missed = rows.alone("memory", "MB", [41.0, 42.0, 43.0], target=Target("≤", 30, of="ours"), note="why")
    lines = tabled.table([missed, rows.alone("restart", "s", [0.5])]).splitlines()
    assert ["memory", "42 (41–43) MB", "≤ 30 MB", "MISSED", "3 rounds"] == re.split(r"\s{2,}", lines[1])
    assert "    why" == lines[2]
    assert "MISSED" not in lines[3]


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", MEASURES)
def test_every_measurement_runs(name: str) -> None:
    """With next to no load: it ends, each row has figures above nothing, and programs can read them."""
    found = asyncio.run(measured([name], rounds=1, size=0.02))
    assert [] == [row for row in found if row.ours.median <= 0]
    assert [] == [row for row in found if row.theirs is not None and row.theirs.median <= 0]
    assert len(found) == len(json.loads(json.dumps(tabled.as_json(found, {}, 1.0)))["rows"])


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_three_that_wait_are_measured() -> None:
    """On SQLite, for a moment: the process has a weight, asks its database, and leaves the three alone."""
    idle, waiting = asyncio.run(scale.measure(["sqlite"], [0, 3], seconds=1))
    assert [0, 3] == [idle.waiting, waiting.waiting]
    assert ["run"] == [process.role for process in waiting.processes]
    assert waiting.processes[0].resident > waiting.processes[0].own > 10_000_000
    assert waiting.statements > 1
    assert 0 < waiting.ready
    assert 3 == len(figures.table([idle, waiting]).splitlines())
