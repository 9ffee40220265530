"""The bench measures what it says: the bot's own processes, over rows that the bot takes for its own."""

import asyncio

import pytest

from tests.bench import figures, scale


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
