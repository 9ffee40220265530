"""How fast the bot acknowledges `/enroll-flow`, and how soon its view opens."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator

from bot.sandbox.services import open_services
from tests.bench import signed
from tests.bench.bench import Bench
from tests.bench.rounds import interleaved
from tests.bench.rows import Row, Target, alone, beside
from tests.bench.slack_end import SlackEnd
from tests.bench.stage import Stage, stage

# What a command sets off has ended by then, and the next one meets a bot at rest.
_REST = 0.05
_ONE_BY_ONE = 24
_TRIGGER_LIVES = 3
_ACKNOWLEDGE, _SIGNATURE, _IDLE = "acknowledge /enroll-flow", "signature check", "idle Bolt"
_MEANWHILE = "The bot opens a form for each and begins to fill it, in one process; its peers only answer."
_QUIET = 0.3
_SETTLES = 20.0
_FOR_EACH = 3


async def measure(bench: Bench) -> list[Row]:
    """The rows of `/enroll-flow`."""
    async with open_services() as services, stage(bench, services, ["signature", "idle", "opens"]) as on:
        one_by_one = await _acknowledged(bench, on)
        many = [*await _at_once(bench, on, 16), *await _at_once(bench, on, 64)]
        return [*one_by_one, *many, *await _opened(bench, on)]


async def _acknowledged(bench: Bench, on: Stage) -> list[Row]:
    bodies = (body for _, body in signed.commands(on.users))

    def turn(name: str) -> Callable[[], Awaitable[float]]:
        async def one_by_one() -> float:
            waits: list[float] = []
            for _ in range(bench.share(_ONE_BY_ONE, 3)):
                waits.append(await on.senders[name].send(next(bodies)))
                await asyncio.sleep(_REST)
            return statistics.median(waits) * 1000

        return one_by_one

    at = await interleaved({name: turn(name) for name in ("bot", "signature", "idle")}, bench.rounds)
    what = f"{_ACKNOWLEDGE}, 1 at once"
    return [
        beside(what, "ms", at["bot"], _SIGNATURE, at["signature"], target=Target("≤", 2), loop="closed"),
        beside(what, "ms", at["bot"], _IDLE, at["idle"], better="faster", target=Target("≥", 6), loop="closed"),
    ]


async def _at_once(bench: Bench, on: Stage, at_once: int) -> list[Row]:
    """The bot opens and fills a form for each command meanwhile; its peers only answer."""
    commands = signed.commands(on.users)

    def turn(name: str) -> Callable[[], Awaitable[tuple[float, float]]]:
        async def flood() -> tuple[float, float]:
            total, opened = bench.share(_FOR_EACH * at_once, at_once), list[float]()
            watched = _watched(on.slack, commands, opened)
            _, seconds = await signed.closed(on.senders[name], watched, total, at_once)
            await on.slack.quiet(_QUIET, at_most=_SETTLES)
            return total / seconds, max(opened, default=0)

        return flood

    at = await interleaved({name: turn(name) for name in ("bot", "signature", "idle")}, bench.rounds)
    rate = {name: [a_second for a_second, _ in came_to] for name, came_to in at.items()}
    what, target = f"{_ACKNOWLEDGE}, {at_once} at once", Target("≥", 0.9) if at_once == 64 else None
    return [
        beside(what, "a second", rate["bot"], _SIGNATURE, rate["signature"], loop="closed"),
        beside(what, "a second", rate["bot"], _IDLE, rate["idle"], target=target, loop="closed", note=_MEANWHILE),
        alone(f"their forms open, {at_once} at once, the last", "s", [last for _, last in at["bot"]], loop="closed"),
    ]


def _watched(slack: SlackEnd, commands: Iterator[tuple[str, bytes]], opened: list[float]) -> Iterator[bytes]:
    """The commands; the seconds from each to its view at Slack are added to `opened` when it is there."""
    for trigger, body in commands:
        _add(slack.expect(trigger), time.perf_counter(), opened)
        yield body


def _add(seen: "asyncio.Future[float]", began: float, opened: list[float]) -> None:
    seen.add_done_callback(lambda at: opened.append(at.result() - began))


async def _opened(bench: Bench, on: Stage) -> list[Row]:
    commands = signed.commands(on.users)

    def turn(name: str) -> Callable[[], Awaitable[float]]:
        async def one_by_one() -> float:
            waits: list[float] = []
            for _ in range(bench.share(_ONE_BY_ONE, 3)):
                trigger, body = next(commands)
                seen = on.slack.expect(trigger)
                began = time.perf_counter()
                await on.senders[name].send(body)
                waits.append(await asyncio.wait_for(seen, _TRIGGER_LIVES) - began)
                await asyncio.sleep(_REST)
            return statistics.median(waits) * 1000

        return one_by_one

    at = await interleaved({name: turn(name) for name in ("bot", "opens")}, bench.rounds)
    return [
        beside(
            *("command → views.open at Slack, 1 at once", "ms", at["bot"], "Bolt that opens it", at["opens"]),
            target=Target("≤", 1.2),
            loop="closed",
        )
    ]
