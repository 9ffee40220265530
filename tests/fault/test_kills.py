"""Real processes, `kill -9` at random: what was confirmed ends, once, with every contact added once."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.sandbox.town import open_town
from tests import processes
from tests.fault import figures
from tests.fault.kills import Season, Size
from tests.scenario import doing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_one_process_with_sqlite(database: Path, tmp_path: Path, unused_tcp_port: int) -> None:
    """One process, killed again and again."""
    commands = {"run": ("run", "--port", str(unused_tcp_port))}
    size = Size(enrollments=100, kills=10, seed=7, pause=(2, 6))
    async with open_town(database, switches=doing.willing(run_seconds=0.5)) as town:
        town.more["batch_size"] = figures.BATCH_SIZE
        url = f"sqlite+aiosqlite:///{database}"
        async with processes.running(town, commands, url, tmp_path, port=unused_tcp_port) as bot:
            season = Season(town, bot, size)
            found = await season.play()
            print(found.table("SQLite, one process"))
            print(season.killer.told())
            print(bot.last_words())
    assert () == found.wrong
    assert 0 == found.duplicates
    assert found.doubled_messages <= found.kills
