"""A call goes wrong, and while nobody knows what came of it everything is stopped: held or ended, and never begun."""

import asyncio

import pytest

from bot.sandbox.polytomic.faults import Kind
from bot.sandbox.town import Town
from tests.fault import crossing
from tests.fault.conftest import OpenOn
from tests.fault.crossing import Base, Crossing, Killed, Trouble
from tests.scenario import doing

pytestmark = pytest.mark.slow

MAKES = ("create_model", "create_sync", "start")
LOOKS = ("execution", "log_urls")
KINDS: tuple[Kind, ...] = ("refuse", "act_then_500", "cut_before", "act_then_cut", "busy", "slow", "act_then_slow")
MOMENTS: tuple[Kind, ...] = ("slow", "act_then_slow")
CELLS: list[tuple[Base, Trouble, Killed]] = [
    *(("sqlite", Trouble(operation, kind), "") for operation in MAKES for kind in KINDS),
    *(("sqlite", Trouble(operation, "slow"), "") for operation in LOOKS),
    *(("sqlite", Trouble(operation, kind), "bot") for operation in (*MAKES, *LOOKS) for kind in MOMENTS),
    *(("postgresql", Trouble(operation, "slow"), "") for operation in (*MAKES, *LOOKS)),
    *(("postgresql", Trouble(operation, kind), "workers") for operation in MAKES for kind in MOMENTS),
]


def sent(town: Town) -> int:
    """How many contacts were ever handed to Gong by a run."""
    return sum(len(run.plan.records) for sync in town.polytomic.syncs for run in sync.runs)


async def kill(town: Town, killed: Killed) -> None:
    """Whoever is named was cut off, and others go on."""
    if killed == "bot":
        await town.restart_bot()
    elif killed == "workers":
        await town.restart_workers()


@pytest.mark.parametrize(
    ("base", "trouble", "killed"), CELLS, ids=["-".join(filter(None, (b, str(t), k))) for b, t, k in CELLS]
)
async def test_stopped_while_a_call_is_in_doubt(open_on: OpenOn, base: Base, trouble: Trouble, killed: Killed) -> None:
    """Nothing begins until it is resumed; then whoever was held is enrolled once, like everybody else."""
    async with crossing.opened(open_on(base), trouble, grace=0.0 if killed else None) as town:
        olga = town.person("U0OPERATOR")
        crossed = Crossing(town, town.person("U0REQUESTER"))
        await crossing.go_as_far_as_the_review(crossed, (trouble,))
        await doing.confirm(crossed.rina)
        await olga.until(lambda: town.polytomic.faults.happened, patience=30)
        await olga.command("stop in the middle")
        await olga.until_whispered("Stopped. ")
        await kill(town, killed)
        await crossing.come_to_rest(crossed, (*crossing.ENDS, "On hold ·"))
        before = sent(town)
        await asyncio.sleep(0.5)
        assert before == sent(town)
        if "On hold ·" in crossed.words:
            assert 0 == before % 5
            await olga.command("resume")
            await olga.press_in(await olga.until_whispered("1 on hold goes on"), "Resume 1 enrollment")
            await crossing.come_to_rest(crossed)
            assert "9 of 10 enrolled, 1 refused" in crossed.words
        await crossing.holds(crossed)
