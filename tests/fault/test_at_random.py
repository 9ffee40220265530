"""Faults, deliveries and clicks that come twice, clock jumps, restarts and kills in any order: still once, and an end.

What failed is printed as a plan that can be played again by itself: give it to `played`.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal, get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.sandbox.clock import MovableClock
from bot.sandbox.person import Person
from bot.sandbox.polytomic.faults import Kind
from bot.sandbox.slack.things import Message
from tests.conftest import OpenTown
from tests.fault import crossing
from tests.fault.conftest import SPEED, OpenOn
from tests.fault.crossing import CALLS, Base, Crossing, Trouble

Scope = Literal["path", "key", "ignored"]
Happening = Literal["restart", "restart_workers", "minutes", "hours", "cancel", "cancel_twice", "a_moment"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes wrong on the way of one enrollment, and what happens meanwhile, in this order."""

    scope: Scope
    troubles: tuple[Trouble, ...]
    twice: Literal["", "delivered", "clicked"]
    """How the confirmation comes twice, if it does."""
    killed: bool
    """Whether who is restarted was cut off in the middle of everything, or could end what was in hand."""
    meanwhile: tuple[Happening, ...]


PLANS = st.builds(
    Plan,
    scope=st.sampled_from(get_args(Scope)),
    troubles=st.lists(
        st.builds(Trouble, st.sampled_from(CALLS), st.sampled_from(get_args(Kind)), st.integers(1, 2)), max_size=4
    ).map(tuple),
    twice=st.sampled_from(("", "delivered", "clicked")),
    killed=st.booleans(),
    meanwhile=st.lists(st.sampled_from(get_args(Happening)), max_size=5).map(tuple),
)
_BOTH = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    "database": None,
    # An example takes seconds and is short: it is read as it is rather than made smaller for minutes.
    "phases": [Phase.explicit, Phase.generate],
}
FIXED = settings(max_examples=9, derandomize=True, **_BOTH)  # type: ignore[arg-type]
FRESH = settings(max_examples=6, print_blob=True, **_BOTH)  # type: ignore[arg-type]
BASES = pytest.mark.parametrize("base", get_args(Base))


@pytest.mark.slow
async def test_one_plan_with_some_of_everything(open_on: OpenOn) -> None:
    """A lost answer, keys that mean nothing, a delivery that comes twice, a kill and hours that pass at once."""
    plan = Plan("ignored", (Trouble("start", "act_then_cut"),), "delivered", True, ("restart", "hours"))
    await played(open_on("sqlite"), plan, "sqlite")


@pytest.mark.slow
@pytest.mark.timeout(300)
@BASES
@FIXED
@given(plan=PLANS)
async def test_anything_in_any_order(open_on: OpenOn, base: Base, plan: Plan) -> None:
    """The enrollment comes to an end or waits for a named person, and everything that was done was done once."""
    await played(open_on(base), plan, base)


@pytest.mark.slow
@pytest.mark.timeout(300)
@BASES
@FRESH
@given(plan=PLANS)
async def test_anything_never_seen_before(open_on: OpenOn, base: Base, plan: Plan) -> None:
    """The same with plans that no earlier run of this test has drawn."""
    await played(open_on(base), plan, base)


async def played(opening: OpenTown, plan: Plan, base: Base) -> None:
    """The plan was carried out in a town of its own, and what has to hold holds."""
    clock = MovableClock(speed=SPEED if base == "sqlite" else 1)
    grace = 0.0 if plan.killed else 8.0
    async with crossing.opened(opening, *plan.troubles, key_scope=plan.scope, clock=clock, grace=grace) as town:
        crossed = Crossing(town, town.person("U0REQUESTER"))
        await crossing.go_as_far_as_the_review(crossed, plan.troubles)
        await confirmed(crossed, plan)
        for one in plan.meanwhile:
            await happens(one, crossed, clock)
        await crossing.come_to_rest(crossed)
        await crossing.holds(crossed)


async def confirmed(crossed: Crossing, plan: Plan) -> None:
    """The review was submitted, once or twice."""
    town, rina = crossed.town, crossed.rina
    match plan.twice:
        case "":
            assert {} == await rina.submit()
        case "delivered":
            town.slack.deliveries.twice = True
            assert {} == await rina.submit()
            town.slack.deliveries.twice = False
        case "clicked":
            assert [{}, {}] == list(await asyncio.gather(rina.submit(), rina.submit()))


async def happens(happening: Happening, crossed: Crossing, clock: MovableClock) -> None:
    """The next thing in the plan has happened."""
    town = crossed.town
    match happening:
        case "restart":
            await town.restart_bot()
        case "restart_workers":
            await town.restart_workers()
        case "minutes":
            clock.on(minutes=10)
        case "hours":
            clock.on(hours=3)
        case "cancel":
            await canceled(crossed, 1)
        case "cancel_twice":
            await canceled(crossed, 2)
        case "a_moment":
            await asyncio.sleep(0.3)


async def canceled(crossed: Crossing, times: int) -> None:
    """Cancel was pressed, `times` at once from as many devices, unless there is nothing to cancel any more."""
    living = await crossed.rina.until(lambda: living_message(crossed.rina))
    devices = [Person(crossed.town.slack, crossed.rina.id, device=f"device {at}") for at in range(times)]
    if "[Cancel]" in crossed.rina.read(living):
        await asyncio.gather(*(device.press_in(living, "Cancel") for device in devices))


def living_message(person: Person) -> Message | None:
    """The enrollment's message in the channel, once it is there."""
    return next((one for one in person.messages("C0REVOPS") if not one.thread_ts), None)
