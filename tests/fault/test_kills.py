"""Real processes, `kill -9` at random: what was confirmed ends, once, with every contact added once."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.sandbox.town import open_town
from tests import postgresql as postgresql_server
from tests import processes
from tests.fault import figures
from tests.fault.kills import Season, Size
from tests.scenario import doing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def one_process(port: int) -> dict[str, tuple[str, ...]]:
    return {"run": ("run", "--port", str(port))}


def many_processes(port: int, workers: int = 3) -> dict[str, tuple[str, ...]]:
    return {"web": ("web", "--port", str(port)), **{f"worker{number}": ("worker",) for number in range(workers)}}


async def test_one_process_with_sqlite(database: Path, tmp_path: Path, unused_tcp_port: int) -> None:
    """One process, killed again and again."""
    size = Size(enrollments=100, kills=10, seed=7, pause=(3, 8))
    async with open_town(database, switches=doing.willing(run_seconds=0.5)) as town:
        town.more["batch_size"] = figures.BATCH_SIZE
        async with processes.running(town, one_process(unused_tcp_port), tmp_path, port=unused_tcp_port) as bot:
            season = Season(town, bot, size)
            found = await season.play()
            print(found.table("SQLite, one process"))
            print(season.killer.told())
    assert () == found.wrong
    assert 0 == found.duplicates
    assert found.doubled_messages <= found.kills

async def test_many(postgresql: postgresql_server.Server, tmp_path: Path, unused_tcp_port: int) -> None:
    """One process, killed again and again."""
    size = Size(enrollments=300, kills=20, seed=7, pause=(1, 5))
    async with open_town(postgresql.url(), switches=doing.willing(run_seconds=0.5)) as town:
        town.more["batch_size"] = figures.BATCH_SIZE
        async with processes.running(town, many_processes(unused_tcp_port), tmp_path, port=unused_tcp_port) as bot:
            season = Season(town, bot, size)
            found = await season.play()
            print(found.table("PostgreSQL, 1 web and 3 workers"))
            print(season.killer.told())
    assert () == found.wrong
    assert 0 == found.duplicates
    assert found.doubled_messages <= found.kills
