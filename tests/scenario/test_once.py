"""Whatever is pressed twice, asked twice or cut off: one model, one sync, one run per batch, each contact once."""

import asyncio
from typing import Literal

import pytest

from bot.sandbox.crm_ids import with_suffix
from bot.sandbox.person import Person
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow

FEW = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'tiny'"
Scope = Literal["path", "key", "ignored"]
# Keys that are worth nothing are the hardest case; the others belong to the long suite.
SCOPES = ("ignored", *(pytest.param(scope, marks=pytest.mark.slow) for scope in ("path", "key")))
POSTS = ("create_model", "create_sync", "start", "activate")


def ten_people(town: Town) -> list[str]:
    """Ten contacts of a plan of their own, so that a scenario is short."""
    ten = [with_suffix(f"003Few{number:09d}") for number in range(10)]
    town.warehouse.insert("SALESFORCE_CONTACTS", [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": "tiny"} for one in ten])
    return ten


async def until_once(town: Town, person: Person, ten: list[str]) -> None:
    """The enrollment ends well, and nothing that was done at Polytomic was done twice."""
    living = person.read(await doing.until_ended(person, patience=25))
    assert "10 of 10 enrolled" in living
    await person.until(lambda: [False] == [sync.active for sync in town.polytomic.syncs])
    assert 1 == len(town.polytomic.models)
    assert [[5, 5]] == [[len(run.plan.records) for run in sync.runs] for sync in town.polytomic.syncs]
    assert ten == sorted(doing.in_flow(town))


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_model_that_takes_its_time(open_here: OpenTown, scope: Scope) -> None:
    """Polytomic makes the model by a job: it is waited for, over a restart too, and no second one is asked for."""
    switches = doing.willing(key_scope=scope, run_seconds=0.2, models_as_jobs=True, job_seconds=2.5)
    async with open_here(switches=switches, batch_size=5) as town:
        ten, rina = ten_people(town), town.person("U0REQUESTER")
        await doing.review(rina, FEW)
        await doing.confirm(rina)
        await rina.until(lambda: "create_model" in [one.operation for one in town.polytomic.requests])
        await town.restart_bot()
        await until_once(town, rina, ten)


@pytest.mark.parametrize("operation", [*POSTS, "execution"])
async def test_restarted_after_a_step(open_here: OpenTown, operation: str) -> None:
    """A restart in good order between two steps goes on with the next one."""
    async with open_here(switches=doing.willing(run_seconds=0.2), batch_size=5) as town:
        ten, rina = ten_people(town), town.person("U0REQUESTER")
        await doing.review(rina, FEW)
        await doing.confirm(rina)
        await rina.until(lambda: operation in [one.operation for one in town.polytomic.requests])
        await town.restart_bot()
        await until_once(town, rina, ten)
        assert 1 == len([one for one in rina.messages("C0REVOPS") if not one.thread_ts])


async def test_restarted_at_any_moment(open_here: OpenTown) -> None:
    """Killed again and again, the bot still does everything once."""
    # What a killed bot had asked for may be under way for three times as long as an answer may take.
    more = {"batch_size": 5, "grace": 0, "polytomic_timeout": 0.7}
    async with open_here(switches=doing.willing(run_seconds=0.4), **more) as town:
        ten, rina = ten_people(town), town.person("U0REQUESTER")
        await doing.review(rina, FEW)
        await doing.confirm(rina)
        for moment in (0.0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.13, 0.21):
            await asyncio.sleep(moment)
            await town.restart_bot()
        await until_once(town, rina, ten)


async def test_the_review_submitted_twice(town: Town) -> None:
    """Two submissions of one review, both answered as if they were the only one, are one enrollment."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    assert [{}, {}] == list(await asyncio.gather(rina.submit(), rina.submit()))
    await doing.until_ended(rina)
    assert 1 == len(town.polytomic.syncs)
    assert 1 == len([one for one in rina.messages("C0REVOPS") if not one.thread_ts])


async def test_two_devices_over_one_draft(town: Town) -> None:
    """The device that was left behind is told so, and cannot start a second enrollment."""
    laptop = town.person("U0REQUESTER")
    phone = Person(town.slack, "U0REQUESTER", device="phone")
    await doing.review(laptop)
    await phone.command()
    await phone.until_sees("Your draft is back.")
    assert {} == await phone.submit()
    await phone.until_sees("will be enrolled")
    await laptop.submit()
    assert "Nothing was started." in laptop.sees()
    assert [] == list(town.polytomic.syncs)
    await doing.confirm(phone)
    await doing.until_ended(laptop)
    assert 1 == len(town.polytomic.syncs)


async def test_two_devices_over_one_review(town: Town) -> None:
    """The review stands on two screens; the second submission gives what the first one gave."""
    laptop = town.person("U0REQUESTER")
    phone = Person(town.slack, "U0REQUESTER", device="phone")
    town.polytomic.switches.query_seconds = 0.5
    await doing.check(laptop)
    await laptop.close_all()
    told = await phone.until_reads(phone.id, "Nothing is sent yet.")
    await laptop.press_in(told, "Review 312 contacts")
    await laptop.until_sees("will be enrolled")
    await phone.press_in(told, "Review 312 contacts")
    await phone.until_sees("will be enrolled")
    assert [{}, {}] == list(await asyncio.gather(laptop.submit(), phone.submit()))
    await doing.until_ended(laptop)
    assert 1 == len(town.polytomic.syncs)


async def test_two_people_with_the_same_query_at_once(town: Town) -> None:
    """Each has an enrollment of their own; Gong takes each contact from one of them."""
    rina, cole = town.person("U0REQUESTER"), town.person("U0COLLEAGUE")
    await asyncio.gather(doing.review(rina), doing.review(cole))
    await asyncio.gather(doing.confirm(rina), doing.confirm(cole))

    def ended() -> bool:
        words = [rina.read(one) for one in rina.messages("C0REVOPS") if not one.thread_ts]
        return 2 == sum("nrolled ·" in one or "Failed ·" in one for one in words)

    await rina.until(ended)
    taken = doing.in_flow(town)
    assert len(taken) == len(set(taken))
    assert 2 == len(town.polytomic.syncs)
    await rina.until(lambda: [False, False] == [sync.active for sync in town.polytomic.syncs])


async def test_the_same_again_while_it_is_open(open_here: OpenTown) -> None:
    """One person's same query into the same flow is not started a second time while the first one goes on."""
    async with open_here(switches=doing.willing(models_as_jobs=True, job_seconds=4)) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        # Nobody of the first one has been sent yet: later all of them would be left out.
        await doing.review(rina)
        await rina.submit()
        assert "You already have this open" in rina.sees()
        assert "Nothing was started." in rina.sees()
        await doing.until_ended(rina)
        assert 1 == len(town.polytomic.syncs)
