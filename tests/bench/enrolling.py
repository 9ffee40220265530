"""One enrollment, from the press that confirms it until its requester is told that it is done: calls, and our own time.

Our own time is the time between the two in which neither Polytomic nor Slack was at work on a call, by their own logs,
and nobody waited for the next look at the run. What the way to them and back takes is ours. The bot has a process of
its own, and so has the peer; both speak to one sandbox, which shares this process with whoever presses.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot import web
from bot.enrollment import pacing
from bot.sandbox.keeper import environment
from bot.sandbox.polytomic.gate import Requested
from bot.sandbox.slack.things import Call
from bot.sandbox.town import Town, open_town
from bot.store import migrate
from tests.bench import howto, processes, rounds, rows
from tests.bench.bench import Bench
from tests.bench.crowd import Crowd, People
from tests.bench.howto import Asked
from tests.bench.processes import Process
from tests.bench.rows import Row, Target
from tests.bench.spans import Span, lasting, without
from tests.scenario import doing

PEOPLE = 100
PEER = "the how-to's calls by httpx"
_RUN_SECONDS = 0.3
_PATIENCE = 30
_NOTE = (
    "Both: model, target fields, sync, start, one look after 0.5 s, sync made inactive. Ours, beside that, keeps each"
    " step in SQLite, looks at the flow once more, and tells its requester and a receipt in Slack."
)
_CPU = "Ours until the last edit of the message that follows it, 3 s after the press, its idle second included."


@dataclass(frozen=True, slots=True)
class Cost:
    """What one enrollment took: seconds of our own, calls to Polytomic, how many of them POSTs, seconds of a core."""

    own: float
    calls: int
    posts: int
    cpu: float


async def measure(bench: Bench) -> list[Row]:
    """Our own time, calls and POSTs of one enrollment, beside the same by the how-to."""
    database = bench.folder / "enroll-flow.db"
    migrate.upgrade(f"sqlite+aiosqlite:///{database}")
    async with (
        open_town(database, switches=doing.willing(run_seconds=_RUN_SECONDS)) as town,
        processes.running(("run",), town.settings(), bench.folder) as (bot,),
        _peer(town) as peer,
    ):
        town.slack.deliveries.to_http(f"{bot.url}{web.SLACK_PATH}")
        crowd = Crowd(town, bench.share(PEOPLE, least=2))
        turns = {"ours": lambda: _ours(town, bot, crowd.next()), "theirs": lambda: _theirs(town, peer, crowd.next())}
        costs = await rounds.interleaved(turns, bench.rounds)
    return _rows(crowd.size, costs["ours"], costs["theirs"])


# -- ours


async def _ours(town: Town, bot: Process, people: People) -> Cost:
    """A person presses Enroll on the review; from there until everything is done and said."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina, people.query)
    requests, calls = town.polytomic.requests, town.slack.world.calls
    asked, said, cpu = len(requests), len(calls), processes.seconds_of_all(bot.pid)
    await doing.confirm(rina)
    began = town.slack.deliveries.log[-1].at

    def done() -> bool:
        retired = any(one.operation == "activate" for one in requests[asked:])
        return retired and any(one.method == "chat.update" for one in calls[said:])

    await rina.until(done, patience=_PATIENCE)
    cpu = processes.seconds_of_all(bot.pid) - cpu
    told = next(one for one in calls[said:] if _is_ping(one))
    services = [*_at_work(requests[asked:]), *(lasting(one.at, one.milliseconds) for one in calls[said:])]
    return _cost(Span(began, told.at), services, requests[asked:], cpu)


def _is_ping(call: Call) -> bool:
    return call.method == "chat.postMessage" and "Done:" in str(call.arguments.get("text"))


# -- theirs


@asynccontextmanager
async def _peer(town: Town) -> AsyncIterator[asyncio.subprocess.Process]:
    settings = town.settings()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.howto"),
        *(settings.polytomic_url, settings.polytomic_api_key.get_secret_value()),
        env=environment(settings),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


async def _theirs(town: Town, peer: asyncio.subprocess.Process, people: People) -> Cost:
    assert peer.stdin is not None
    assert peer.stdout is not None
    asked = len(town.polytomic.requests)
    peer.stdin.write(howto.written(_asked(town, people)))
    began, ended, cpu = howto.read(await peer.stdout.readline())
    requests = town.polytomic.requests[asked:]
    return _cost(Span(began, ended), _at_work(requests), requests, cpu)


def _asked(town: Town, people: People) -> Asked:
    snowflake, gong = (
        next(one.id for one in town.polytomic.connections if one.type == kind) for kind in ("snowflake", "gong")
    )
    flow = town.polytomic.gong.flow_named(doing.FLOW)
    pause = pacing.FIRST_LOOK.total_seconds()
    return Asked(f"How-to {people.ids[0]}", people.query, people.ids, snowflake, gong, flow.id, pause)


# -- both


def _at_work(requests: Iterable[Requested]) -> list[Span]:
    return [lasting(one.at, one.milliseconds) for one in requests]


def _cost(whole: Span, services: Iterable[Span], requests: Sequence[Requested], cpu: float) -> Cost:
    started = next(one for one in requests if one.operation == "start")
    wait = lasting(lasting(started.at, started.milliseconds).ended, pacing.FIRST_LOOK / timedelta(milliseconds=1))
    posts = sum(one.method == "POST" for one in requests)
    return Cost(without(whole, [*services, wait]), len(requests), posts, cpu)


def _rows(people: int, ours: Sequence[Cost], theirs: Sequence[Cost]) -> list[Row]:
    def both(what: str, unit: str, pick: Callable[[Cost], float], target: Target | None = None, note: str = "") -> Row:
        named = f"enrollment of {people} contacts, confirm → finished: {what}"
        mine, other = [pick(one) for one in ours], [pick(one) for one in theirs]
        return rows.beside(named, unit, mine, PEER, other, target=target, note=note)

    return [
        both("our own time", "ms", lambda one: one.own * 1000, Target("≤", 50, of="ours"), _NOTE),
        both("POSTs to Polytomic", "", lambda one: one.posts, Target("≤", 1), "Model, sync, start, inactive."),
        both("calls to Polytomic", "", lambda one: one.calls),
        both("processor time", "ms", lambda one: one.cpu * 1000, note=_CPU),
    ]
