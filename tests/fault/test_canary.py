"""Calls that go wrong before and after the word that a canary waits for: five go, and the rest only when released."""

from pathlib import Path

import pytest

from bot.sandbox.polytomic.faults import Kind
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.fault import crossing
from tests.fault.crossing import TEN, Crossing, Trouble
from tests.scenario import doing

# Minutes of waiting for what was lost: played by `make test-slow`.
pytestmark = pytest.mark.slow

WAITS = "[Release 5 contacts]"
KINDS: tuple[Kind, ...] = ("refuse", "act_then_500", "act_then_cut", "cut_before", "busy", "odd")
TROUBLES = [
    *(Trouble(operation, kind) for operation in ("start", "execution") for kind in KINDS),
    Trouble("log_urls", "refuse"),
    *(Trouble(operation, "act_then_slow", killed="bot") for operation in ("start", "execution")),
]


@pytest.fixture
def five_first(tmp_path: Path) -> str:
    """A policy file by which even a list of ten begins with five."""
    return doing.policy(tmp_path, "[canary]\nsize = 5\noffered_from = 6\nticked_from = 6\n")


def sent(town: Town) -> list[str]:
    """Everybody who was ever named in a run."""
    return sorted(record.identity for sync in town.polytomic.syncs for run in sync.runs for record in run.plan.records)


async def waiting(town: Town, *troubles: Trouble) -> Crossing:
    """The canary has run, whatever went wrong, and only its five were asked for."""
    crossed = await crossing.cross(town, *troubles, rested=(WAITS, "Failed ·", "Needs attention ·"))
    assert set(sent(town)) <= set(TEN[:5])
    return crossed


async def released(crossed: Crossing) -> None:
    """A word lets the rest go, and the enrollment comes to rest."""
    assert crossed.rest is not None
    assert "4 of 5 enrolled, 1 refused: not in the CRM linked to Gong." in crossed.words
    await crossed.rina.press_in(crossed.rest, "Release 5 contacts")
    await crossing.come_to_rest(crossed)
    await crossing.holds(crossed)


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
async def test_trouble_while_the_canary_runs(open_here: OpenTown, five_first: str, trouble: Trouble) -> None:
    """It costs time: the five are in once, the rest waits, and goes once when it is released."""
    async with crossing.opened(open_here, trouble, policy_file=five_first) as town:
        crossed = await waiting(town, trouble)
        if WAITS in crossed.words:
            await released(crossed)
        else:
            await crossing.holds(crossed)


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
async def test_trouble_once_it_is_released(open_here: OpenTown, five_first: str, trouble: Trouble) -> None:
    """The first five are not asked for again, and each of the others once."""
    async with crossing.opened(open_here, trouble, policy_file=five_first) as town:
        crossed = await waiting(town)
        trouble.waits_in(town)
        if trouble.killed:
            assert crossed.rest is not None
            await crossed.rina.press_in(crossed.rest, "Release 5 contacts")
            await trouble.kills(town)
            await crossing.come_to_rest(crossed)
            await crossing.holds(crossed)
        else:
            await released(crossed)


async def test_killed_while_it_waits(open_here: OpenTown, five_first: str) -> None:
    """Another bot over the same rows starts nothing by itself, and hears the word."""
    async with crossing.opened(open_here, grace=0.0, policy_file=five_first) as town:
        crossed = await waiting(town)
        for _ in range(3):
            await town.restart_bot()
        assert sorted(TEN[:5]) == sent(town)
        await released(crossed)
