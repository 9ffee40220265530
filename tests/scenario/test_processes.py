"""The bot as many processes over PostgreSQL, started as README says and stopped as a host stops them at a deploy."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot import web
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.town import Town, open_town
from tests.postgresql import Server
from tests.processes import environment
from tests.scenario import doing

Process = asyncio.subprocess.Process


@asynccontextmanager
async def started(town: Town, folder: Path, *command: str) -> AsyncIterator[Process]:
    """`python -m bot …` runs; ended by pid if the block leaves it running."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *command),
        cwd=folder,
        env=environment(town),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
        await process.communicate()


async def ready(process: Process) -> None:
    """The process says that it is ready."""
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while b"bot.ready" not in (line := await process.stderr.readline()):
            assert line, "the process ended before it was ready"


async def answers(town: Town, port: int) -> None:
    """The web process answers, and Slack sends to it from now on."""
    async with asyncio.timeout(30), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                (await client.get(f"http://127.0.0.1:{port}{web.HEALTH_PATH}")).raise_for_status()
                break
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
    town.slack.deliveries.to_http(f"http://127.0.0.1:{port}{web.SLACK_PATH}")


async def stopped(process: Process) -> tuple[int, float]:
    """The exit code after SIGTERM, and how many seconds it took."""
    began = time.monotonic()
    process.terminate()
    async with asyncio.timeout(15):
        return await process.wait(), time.monotonic() - began


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_a_deploy_in_the_middle_of_an_enrollment(
    postgresql: Server, tmp_path: Path, unused_tcp_port_factory: Callable[[], int]
) -> None:
    """Migrate, web and worker by their commands; each is stopped with SIGTERM in turn and followed by a new one."""
    url = postgresql.url(migrated=False)
    async with open_town(url, switches=Switches(run_seconds=4)) as town, AsyncExitStack() as stack:
        rina = town.person("U0REQUESTER")
        migrated = await stack.enter_async_context(started(town, tmp_path, "migrate"))
        assert 0 == await migrated.wait()
        worker = await stack.enter_async_context(started(town, tmp_path, "worker"))
        port = unused_tcp_port_factory()
        first = await stack.enter_async_context(started(town, tmp_path, "web", "--port", str(port)))
        await ready(worker)
        await answers(town, port)
        await doing.review(rina)
        await doing.confirm(rina)
        await rina.until_reads("C0REVOPS", "Launching")
        code, took = await stopped(worker)
        assert 0 == code
        assert took < 10
        assert 0 == (await stopped(first))[0]
        await stack.enter_async_context(started(town, tmp_path, "worker"))
        living = await doing.until_ended(rina, patience=40)
        assert "Partly enrolled" in rina.read(living)
        assert (1, 1) == (len(town.polytomic.models), len(town.polytomic.syncs))
        assert 1 == len(town.polytomic.syncs[0].runs)
        enrolled = doing.in_flow(town)
        assert len(enrolled) == len(set(enrolled))


@pytest.mark.slow
@pytest.mark.timeout(60)
async def test_a_step_that_takes_too_long_is_cut_off_at_a_stop(postgresql: Server, tmp_path: Path) -> None:
    """A host waits ten seconds; the step is looked for by the next worker and counts once."""
    url = postgresql.url()
    async with open_town(url, switches=doing.willing()) as town, AsyncExitStack() as stack:
        town.workers = 0
        await town.start_bot()  # Answers and works in this process, until the worker is there.
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        town.polytomic.faults.next("create_sync", "act_then_slow", seconds=30)
        await doing.confirm(rina)
        await rina.until(lambda: town.polytomic.faults.happened)
        began = time.monotonic()
        await town.stop_bot()
        assert time.monotonic() - began < 10
        worker = await stack.enter_async_context(started(town, tmp_path, "worker"))
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina, patience=30))
        assert 1 == len(town.polytomic.syncs)
        assert (0, True) == ((found := await stopped(worker))[0], found[1] < 10)
