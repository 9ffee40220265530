"""Real processes, `kill -9` at random: what was confirmed ends once, in time, with every contact added once.

Longer and otherwise, as `make chaos` does: CHAOS_MINUTES says for how long, CHAOS_SEED which kills are drawn.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.town import open_town
from tests import processes
from tests.conftest import Print
from tests.fault.figures import BATCH_SIZE, Figures
from tests.fault.kills import AT_LAST, Season, Size, Strike
from tests.postgresql import Server
from tests.scenario import doing

MINUTES = float(os.environ.get("CHAOS_MINUTES", "0"))
SEED = int(os.environ.get("CHAOS_SEED", "7"))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 + 120 * MINUTES)]


def one(port: int) -> dict[str, tuple[str, ...]]:
    """One process does everything."""
    return {"run": ("run", "--port", str(port))}


def many(port: int, workers: int = 3) -> dict[str, tuple[str, ...]]:
    """One process answers, the others work."""
    return {"web": ("web", "--port", str(port))} | {f"worker{number}": ("worker",) for number in range(1, workers + 1)}


async def played(
    database: Path | str,
    commands: Mapping[str, tuple[str, ...]],
    folder: Path,
    port: int,
    size: Size,
    *,
    others: Mapping[str, Strike] | None = None,
    **switches: object,
) -> tuple[Season, Figures]:
    """A season over this database, in a world with these switches, and the figures of it."""
    async with open_town(database, switches=willing(**switches)) as town:
        # A call that was out when its process was killed is taken to be under way for three times as long as this.
        town.more |= {"batch_size": BATCH_SIZE, "polytomic_timeout": 2}
        async with processes.running(town, commands, folder, port=port) as bot:
            season = Season(town, bot, size, others)
            return season, await season.play()


def willing(**switches: object) -> Switches:
    """A world of short runs, whose Gong refuses nobody but those whom it is told to."""
    world: Switches = doing.willing(**{"run_seconds": 0.5, **switches})
    return world


def holds(season: Season, figures: Figures) -> None:
    """Nothing was lost, nothing was doubled, and nothing took too long."""
    assert () == figures.wrong
    assert 0 == figures.duplicates, season.killer.told()
    assert figures.doubled_messages <= figures.kills, season.killer.told()
    assert figures.seconds_to_end <= AT_LAST, season.killer.told()


async def test_one_process_over_sqlite(
    database: Path, tmp_path: Path, unused_tcp_port: int, print_at_the_end: Print
) -> None:
    """A hundred enrollments and ten kills of the one process there is."""
    size = Size(enrollments=100, kills=10, seed=SEED, seconds=60 * MINUTES)
    season, figures = await played(database, one(unused_tcp_port), tmp_path, unused_tcp_port, size)
    print_at_the_end(figures.table(f"SQLite, 1 process, seed {SEED}"))
    holds(season, figures)
    assert [] == season.ended_by_themselves


async def test_many_processes_over_postgresql(
    postgresql: Server, tmp_path: Path, unused_tcp_port: int, print_at_the_end: Print
) -> None:
    """Three hundred enrollments and twenty kills among one web process and three workers."""
    size = Size(enrollments=300, kills=20, seed=SEED, seconds=60 * MINUTES)
    season, figures = await played(postgresql.url(), many(unused_tcp_port), tmp_path, unused_tcp_port, size)
    print_at_the_end(figures.table(f"PostgreSQL, 1 web and 3 workers, seed {SEED}"))
    holds(season, figures)
    assert [] == season.ended_by_themselves


@pytest.mark.parametrize("scope", ["key", "ignored"])
async def test_keys_that_protect_less(database: Path, tmp_path: Path, unused_tcp_port: int, scope: str) -> None:
    """Whatever Polytomic's Idempotency-Keys are worth, a kill doubles nothing; the big rounds have keys per path."""
    size = Size(enrollments=25, kills=5, seed=SEED)
    commands = one(unused_tcp_port)
    season, figures = await played(database, commands, tmp_path, unused_tcp_port, size, key_scope=scope)
    holds(season, figures)


@pytest.mark.parametrize("scope", ["key", "ignored"])
async def test_keys_that_protect_less_among_many(
    postgresql: Server, tmp_path: Path, unused_tcp_port: int, scope: str
) -> None:
    """The same where another worker takes over what a killed one left behind."""
    size = Size(enrollments=30, kills=6, seed=SEED)
    commands = many(unused_tcp_port, workers=2)
    season, figures = await played(postgresql.url(), commands, tmp_path, unused_tcp_port, size, key_scope=scope)
    holds(season, figures)


async def test_postgresql_itself_is_restarted(
    postgresql: Server, tmp_path: Path, unused_tcp_port: int, print_at_the_end: Print
) -> None:
    """Every connection is cut in the middle of the work, beside kills of processes: it costs time and nothing else."""

    async def restart() -> None:
        await asyncio.to_thread(postgresql.restart)

    size = Size(enrollments=40, kills=8, seed=SEED)
    commands = many(unused_tcp_port, workers=2)
    season, figures = await played(
        postgresql.url(), commands, tmp_path, unused_tcp_port, size, others={"postgresql": restart}
    )
    print_at_the_end(figures.table(f"PostgreSQL restarted in between, seed {SEED}"))
    assert "postgresql" in {name for _, name in season.killer.log}
    holds(season, figures)
