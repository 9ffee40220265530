"""An enrollment that ends after its first batch: who is in stays and is counted, and nobody else is asked for."""

from collections.abc import AsyncIterator, Callable

import pytest

from bot.sandbox.crm_ids import with_suffix
from bot.sandbox.person import Person
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow

FEW = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'tiny'"
TEN = [with_suffix(f"003Few{number:09d}") for number in range(10)]


@pytest.fixture
async def in_two(open_here: OpenTown) -> AsyncIterator[Town]:
    """A town where ten contacts go in two batches, and the bot can be killed."""
    async with open_here(switches=doing.willing(run_seconds=1), batch_size=5) as town:
        rows = [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": "tiny"} for one in TEN]
        town.warehouse.insert("SALESFORCE_CONTACTS", rows)
        yield town


async def between(town: Town, person: Person, change: Callable[[Town], None]) -> None:
    """The bot is stopped after the first batch; this changes; another bot goes on."""
    await doing.review(person, FEW)
    await doing.confirm(person)
    await person.until(lambda: [1] == [len(sync.runs) for sync in town.polytomic.syncs])
    await town.stop_bot()
    assert [1] == [len(sync.runs) for sync in town.polytomic.syncs]
    change(town)
    await town.start_bot()


def rights_go(town: Town) -> None:
    """The requester leaves the group of those who may enroll."""
    town.slack.world.groups["S0REVOPS"].remove("U0REQUESTER")


def runs_fail(town: Town) -> None:
    """Polytomic's next run ends in the middle."""
    town.polytomic.switches.run_ends = "failed"


def identities_are_ignored(town: Town) -> None:
    """Polytomic's next run takes everybody."""
    town.polytomic.switches.ignore_identities = True
    town.polytomic.switches.run_seconds = 5
    newcomers = [with_suffix(f"003Nobody{number:06d}") for number in range(20)]
    rows = [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": "tiny"} for one in newcomers]
    town.warehouse.insert("SALESFORCE_CONTACTS", rows)


def second_batch_leaves(town: Town) -> None:
    """Everybody of the second batch is in no row any more."""
    town.warehouse.delete("SALESFORCE_CONTACTS", "CONTACT_ID", TEN[5:])


@pytest.mark.parametrize(
    ("change", "enrolled", "said"),
    [
        (rights_go, 5, "Your rights changed after you confirmed (rule `people`). 5 were enrolled."),
        (runs_fail, 7, "Polytomic ended the run. 7 of 10 were enrolled before that."),
    ],
    ids=["rights lost", "run failed"],
)
async def test_failed_after_the_first_batch(
    in_two: Town, change: Callable[[Town], None], enrolled: int, said: str
) -> None:
    """The words count those who are in."""
    rina = in_two.person("U0REQUESTER")
    await between(in_two, rina, change)
    living = await doing.until_ended(rina)
    assert "Failed · 10 contacts" in rina.read(living)
    assert said in rina.read(living)
    assert TEN[:enrolled] == sorted(doing.in_flow(in_two))
    await rina.until_reads("C0REVOPS", f"{enrolled} were enrolled. Your query is kept.")
    await rina.until(lambda: [False] == [sync.active for sync in in_two.polytomic.syncs])


async def test_canceled_in_the_first_batch(in_two: Town) -> None:
    """The second batch is never asked for."""
    rina = in_two.person("U0REQUESTER")
    in_two.polytomic.switches.run_seconds = 2
    await doing.review(rina, FEW)
    await doing.confirm(rina)
    living = await rina.until_reads("C0REVOPS", "10 contacts → Q4 Renewal")
    await rina.until(lambda: 2 <= len(doing.in_flow(in_two)))
    await rina.press_in(living, "Cancel")
    words = rina.read(await doing.until_ended(rina))
    enrolled = sorted(doing.in_flow(in_two))
    assert TEN[: len(enrolled)] == enrolled
    assert f"{len(enrolled)} were already enrolled and stay; {10 - len(enrolled)} were not." in words
    await rina.until(lambda: [False] == [sync.active for sync in in_two.polytomic.syncs])
    assert 1 == len(in_two.polytomic.syncs[0].runs)


async def test_too_many_in_the_second_batch(in_two: Town) -> None:
    """Those of the first batch are counted in the question to the operator."""
    rina = in_two.person("U0REQUESTER")
    await between(in_two, rina, identities_are_ignored)
    attention = await rina.until_reads("C0REVOPS", "Needs attention ·")
    assert "where 5 were named. I canceled it; 5 were enrolled." in rina.read(attention)
    assert [False] == [sync.active for sync in in_two.polytomic.syncs]
    assert TEN[:5] == sorted(doing.in_flow(in_two))


async def test_the_whole_second_batch_is_gone(in_two: Town) -> None:
    """A finished run over nobody is a question; looked at again it stays one; canceled, it says who is in."""
    rina = in_two.person("U0REQUESTER")
    await between(in_two, rina, second_batch_leaves)
    attention = await rina.until_reads("C0REVOPS", "Needs attention ·")
    assert "Polytomic reports a finished run with 0 contacts; 5 were sent." in rina.read(attention)
    await rina.press_in(attention, "Check again")
    await rina.press_in(attention, "Cancel")
    living = await doing.until_ended(rina)
    assert "5 were already enrolled and stay; 5 were not." in rina.read(living)
    await rina.until(lambda: [False] == [sync.active for sync in in_two.polytomic.syncs])
