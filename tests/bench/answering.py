"""How fast the bot acknowledges `/enroll-flow`, and how soon its view opens."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from bot.sandbox.services import open_services
from tests.bench import signed
from tests.bench.bench import Bench
from tests.bench.rounds import interleaved
from tests.bench.rows import Row, Target, beside
from tests.bench.stage import Stage, stage

# What a command sets off has ended by then, and the next one meets a bot at rest.
_REST = 0.03
_SETTLED = 4.0


async def measure(bench: Bench) -> list[Row]:
    """The rows of `/enroll-flow`."""
    async with open_services() as services, stage(bench, services, ["signature", "idle", "opens"]) as on:
        return [*await _acknowledged(bench, on), *await _at_once(bench, on), *await _opened(bench, on)]


async def _acknowledged(bench: Bench, on: Stage) -> list[Row]:
    bodies = (body for _, body in signed.commands(on.users))

    def turn(name: str) -> Callable[[], Awaitable[float]]:
        async def one_by_one() -> float:
            waits: list[float] = []
            for _ in range(bench.share(100, 3)):
                waits.append(await on.senders[name].send(next(bodies)))
                await asyncio.sleep(_REST)
            return statistics.median(waits) * 1000

        return one_by_one

    at = await interleaved({name: turn(name) for name in ("bot", "signature", "idle")}, bench.rounds)
    what = "acknowledge /enroll-flow, 1 at once"
    return [
        beside(what, "ms", at["bot"], "signature check", at["signature"], target=Target("≤", 2), loop="closed"),
        beside(what, "ms", at["bot"], "idle Bolt", at["idle"], better="faster", target=Target("≥", 6), loop="closed"),
    ]


async def _at_once(bench: Bench, on: Stage) -> list[Row]:
    rows: list[Row] = []
    bodies = (body for _, body in signed.commands(on.users))

    def turn(name: str, at_once: int) -> Callable[[], Awaitable[float]]:
        async def flood() -> float:
            total = bench.share(10 * at_once, at_once)
            _, seconds = await signed.closed(on.senders[name], bodies, total, at_once)
            await asyncio.sleep(_SETTLED)
            return total / seconds

        return flood

    for at_once in (16, 64):
        at = await interleaved({name: turn(name, at_once) for name in ("bot", "signature", "idle")}, bench.rounds)
        what = f"acknowledge /enroll-flow, {at_once} at once"
        target = Target("≥", 0.9) if at_once == 64 else None
        rows += [
            beside(what, "a second", at["bot"], "signature check", at["signature"], loop="closed"),
            beside(what, "a second", at["bot"], "idle Bolt", at["idle"], target=target, loop="closed"),
        ]
    return rows


async def _opened(bench: Bench, on: Stage) -> list[Row]:
    commands = signed.commands(on.users)

    def turn(name: str) -> Callable[[], Awaitable[float]]:
        async def one_by_one() -> float:
            waits: list[float] = []
            for _ in range(bench.share(100, 3)):
                trigger, body = next(commands)
                seen = on.slack.expect(trigger)
                began = time.perf_counter()
                await on.senders[name].send(body)
                waits.append(await asyncio.wait_for(seen, 3) - began)
                await asyncio.sleep(_REST)
            return statistics.median(waits) * 1000

        return one_by_one

    at = await interleaved({name: turn(name) for name in ("bot", "opens")}, bench.rounds)
    return [
        beside(
            *("command sent → views.open at Slack", "ms", at["bot"], "Bolt that opens it", at["opens"]),
            target=Target("≤", 1.2),
            loop="closed",
        )
    ]
