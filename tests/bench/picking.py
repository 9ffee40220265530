"""How fast the flow picker answers while many type, over 5,000 flows."""

import asyncio
import itertools
import statistics
from collections.abc import Awaitable, Callable

from bot.sandbox.services import open_services
from bot.views import ids
from tests.bench import signed
from tests.bench.bench import Bench
from tests.bench.rounds import interleaved
from tests.bench.rows import Row, Target, alone, beside
from tests.bench.stage import Stage, stage

_FLOWS = 5_000
_A_SECOND = 300
_SECONDS = 3
# From every flow to one of them, in the order of the name's words and in another.
_TYPED = ("", "r", "renewal", "renewal emea", "emea q3 renewal", "q2 out", "trial free", "gold 41", "upsell 1234 gold")
_KINDS = ("Renewal", "Expansion", "Outbound", "Free Trial", "Gold Upsell", "Winback", "Onboarding", "Webinar")
_PLACES = ("EMEA", "DACH", "Nordics", "UK", "Iberia", "APAC", "LATAM", "US East", "US West")


async def measure(bench: Bench) -> list[Row]:
    """The rows of the flow picker: the answer of the middle, and that of the slowest in a hundred."""
    async with open_services() as services:
        for number in range(bench.share(_FLOWS, 50)):
            services.polytomic.gong.add_flow(_named(number))
        async with stage(bench, services, ["option"]) as on:
            at = await interleaved({name: _turn(bench, on, name) for name in ("bot", "option")}, bench.rounds)
    what, loop = f"flow picker over {_FLOWS:,} flows", f"open, {_A_SECOND} a second"
    middles = [[statistics.median(waits) for waits in at[name]] for name in ("bot", "option")]
    slowest = [_slowest(waits) for waits in at["bot"]]
    return [
        beside(f"{what}, p50", "ms", middles[0], "one fixed option", middles[1], target=Target("≤", 2), loop=loop),
        alone(f"{what}, p99", "ms", slowest, target=Target("≤", 20, of="ours"), loop=loop),
    ]


def _turn(bench: Bench, on: Stage, name: str) -> Callable[[], Awaitable[list[float]]]:
    bodies = itertools.cycle([signed.search(on.users[0], ids.SEARCH_FLOW, ids.FLOW, typed) for typed in _TYPED])

    async def typing() -> list[float]:
        total = bench.share(_A_SECOND * _SECONDS, 20)
        waits = await signed.opened(on.senders[name], bodies, total, _A_SECOND)
        await asyncio.sleep(0.2)
        return [wait * 1000 for wait in waits]

    return typing


def _slowest(waits: list[float]) -> float:
    """All but one in a hundred were answered by then."""
    return statistics.quantiles(waits, n=100)[-1]


def _named(number: int) -> str:
    return f"Q{number % 4 + 1} {_KINDS[number % len(_KINDS)]} {_PLACES[number % len(_PLACES)]} {number}"
