"""The bot as a process of its own: started as README says, stopped as a host stops it, and started again."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot import web
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.town import Town, open_town
from tests.processes import environment
from tests.scenario import doing


@asynccontextmanager
async def running(town: Town, database: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m bot run` says that it is ready; ended by pid if the block leaves it running."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", "--port", str(port)),
        cwd=database.parent,
        env=environment(town),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30), httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    (await client.get(f"http://127.0.0.1:{port}{web.READY_PATH}")).raise_for_status()
                    break
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
        town.slack.deliveries.to_http(f"http://127.0.0.1:{port}{web.SLACK_PATH}")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def stopped(process: asyncio.subprocess.Process, stop: signal.Signals) -> int:
    """The exit code after this signal."""
    process.send_signal(stop)
    async with asyncio.timeout(12):
        return await process.wait()


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_a_process_that_is_stopped_loses_nothing(
    tmp_path: Path, unused_tcp_port_factory: Callable[[], int]
) -> None:
    """A first start makes its own database; SIGTERM in the middle of a run ends with 0; the next process goes on."""
    database = tmp_path / "data" / "enroll-flow.db"
    database.parent.mkdir()
    async with open_town(database, switches=Switches(run_seconds=3)) as town:
        rina = town.person("U0REQUESTER")
        async with running(town, database, unused_tcp_port_factory()) as first:
            await doing.review(rina)
            await doing.confirm(rina)
            await rina.until_reads("C0REVOPS", "Launching")
            assert 0 == await stopped(first, signal.SIGTERM)
        async with running(town, database, unused_tcp_port_factory()) as second:
            living = await doing.until_ended(rina, patience=30)
            assert "Partly enrolled" in rina.read(living)
            assert 130 == await stopped(second, signal.SIGINT)
        assert (1, 1) == (len(town.polytomic.models), len(town.polytomic.syncs))
        assert 1 == len(town.polytomic.syncs[0].runs)
        enrolled = doing.in_flow(town)
        assert len(enrolled) == len(set(enrolled))
