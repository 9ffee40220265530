"""What a call to Polytomic costs through our client, beside raw httpx and the official SDK.

One call at a time from one pooled client each, over loopback, to a process that gives back what the sandbox's Polytomic
has answered (`recorded`). A call ends with its answer in hand: for us and for the SDK as objects, for httpx as what
`json()` makes of it. They take turns call by call, and what counts is the median of each.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

import httpx
from polytomic import AsyncPolytomic
from pydantic import SecretStr

from bot.enrollment import names
from bot.polytomic.client import PolytomicClient
from bot.sandbox.polytomic.hosts import KEY
from tests.bench import rows
from tests.bench.bench import Bench
from tests.bench.recorded import Recorded, answering
from tests.bench.rounds import alternately
from tests.bench.rows import Row, Target
from tests.contract.client_stage import Stage, staged

_VERSION = "2024-02-08"
_FLOWS, _IDENTITIES = 2_000, 1_000
_FEW, _SOME, _MANY = 20, 100, 300
_RAW, _SDK = "raw httpx", "the official SDK"
_NOTE = "Both call a process of their own that repeats what the sandbox's Polytomic answered, over one connection."

Call = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Compared:
    """One call as each of them makes it, so many times in a round."""

    what: str
    times: int
    ours: Call
    raw: Call
    sdk: Call
    against_sdk: float


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the calls go: a run, the runs of its sync, and the target objects of a connection."""

    sync: str
    run: str
    gong: str

    @property
    def runs(self) -> str:
        """The runs of the sync."""
        return f"/api/syncs/{self.sync}/executions"

    @property
    def status(self) -> str:
        """One of them."""
        return f"{self.runs}/{self.run}"

    @property
    def targets(self) -> str:
        """Every flow."""
        return f"/api/connections/{self.gong}/modelsync/targetobjects"


async def measure(bench: Bench) -> list[Row]:
    """Rows for a small answer, a large request, and a large answer; beside each peer."""
    paths, answers = await _recorded(bench.share(_FLOWS))
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(answering(answers, bench.folder))
        ours = PolytomicClient(url, SecretStr(KEY), version=_VERSION)
        stack.push_async_callback(ours.aclose)
        raw, beneath = [await stack.enter_async_context(_http(url)) for _ in range(2)]
        sdk = AsyncPolytomic(base_url=url, version=_VERSION, token=KEY, httpx_client=beneath)
        return [row for one in _compared(bench, paths, ours, raw, sdk) for row in await _rows(bench, one)]


def _http(url: str) -> httpx.AsyncClient:
    headers = {"Accept": "application/json", "Authorization": f"Bearer {KEY}", "X-Polytomic-Version": _VERSION}
    # No proxy could reach this machine; everything else is as httpx has it.
    return httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=20)


def _compared(
    bench: Bench, paths: Paths, ours: PolytomicClient, raw: httpx.AsyncClient, sdk: AsyncPolytomic
) -> Sequence[Compared]:
    identities, key = [f"0035g{number:013d}" for number in range(_IDENTITIES)], names.row_id()

    async def get(path: str) -> object:
        return (await raw.get(path)).json()

    async def post() -> object:
        answer = await raw.post(paths.runs, json={"identities": identities}, headers={"Idempotency-Key": key})
        return answer.json()

    return (
        Compared(
            "Polytomic: how a run stands",
            bench.share(_MANY),
            lambda: ours.execution(paths.sync, paths.run),
            partial(get, paths.status),
            lambda: sdk.model_sync.executions.get(paths.sync, paths.run),
            1,
        ),
        Compared(
            f"Polytomic: a run for {_IDENTITIES:,} people",
            bench.share(_SOME),
            lambda: ours.start(paths.sync, identities, key=key),
            post,
            lambda: sdk.model_sync.start(paths.sync, identities=identities, idempotency_key=key),
            1,
        ),
        Compared(
            f"Polytomic: target objects of {bench.share(_FLOWS):,} flows",
            bench.share(_FEW),
            lambda: ours.target_objects(paths.gong),
            partial(get, paths.targets),
            lambda: sdk.model_sync.targets.list(paths.gong),
            2,
        ),
    )


async def _rows(bench: Bench, one: Compared) -> list[Row]:
    calls: Mapping[str, Call] = {"ours": one.ours, _RAW: one.raw, _SDK: one.sdk}
    # The first round opens connections and does not count.
    measured = [await alternately(calls, one.times) for _ in range(bench.rounds + 1)][1:]
    ours, raw, sdk = ([each[name] * 1000 for each in measured] for name in calls)
    loop = f"closed, 1 at once, {one.times:,} calls each"
    # What httpx does not do with a large answer, reading it into objects, we do: there is no target for that.
    target = Target("≤", 1.15) if one.against_sdk == 1 else None
    faster = Target("≥", one.against_sdk)
    return [
        rows.beside(one.what, "ms", ours, _RAW, raw, target=target, loop=loop, note=_NOTE),
        rows.beside(one.what, "ms", ours, _SDK, sdk, better="faster", target=faster, loop=loop),
    ]


# -- what is answered


async def _recorded(flows: int) -> tuple[Paths, Sequence[Recorded]]:
    """The answers of the sandbox's Polytomic to these calls, with so many flows at its Gong."""
    async with staged(_VERSION) as stage, _http(stage.url) as http:
        paths = await _lived(stage)
        while len(stage.world.gong.objects) < flows:
            stage.world.gong.add_flow(f"Renewal {len(stage.world.gong.objects)}, EMEA, second touch")
        answers = [Recorded("GET", path, await _got(http, path)) for path in (paths.status, paths.targets)]
        started = await http.post(paths.runs, json={"identities": ["003"]}, headers={"Idempotency-Key": names.row_id()})
        return paths, [*answers, Recorded("POST", paths.runs, started.raise_for_status().text)]


async def _got(http: httpx.AsyncClient, path: str) -> str:
    return (await http.get(path)).raise_for_status().text


async def _lived(stage: Stage) -> Paths:
    """A run has ended: everything that a run can have is in its answer."""
    sync = await stage.sync()
    gong = next(one.id for one in stage.world.connections if one.type == "gong")
    run = await stage.client.start(sync.id, ["003"], key=names.row_id())
    await stage.ended(sync, run)
    return Paths(sync.id, run.id, gong)
