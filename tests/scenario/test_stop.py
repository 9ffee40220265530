"""The kill switch: an operator stops everything for everybody, sees what that did, and lets it go on."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.crm_ids import with_suffix
from bot.sandbox.person import Person
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

FEW = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'tiny'"
OTHERS = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'tiny too'"
THEIRS = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'theirs'"
PLANS = ("tiny", "tiny too", "theirs")
THIRTY = [with_suffix(f"003Few{number:09d}") for number in range(30)]
BANNER = "*Enrolling is stopped* since"
NOTHING_MOVED = "Nothing was about to start or running. What waits for somebody's word is held once it has it."
BLOCKED = "New enrollments are blocked. Lift it with `/enroll-flow resume`."


@pytest.fixture
async def slow(open_here: OpenTown) -> AsyncIterator[Town]:
    """A town with three lists of ten whose runs take six seconds."""
    async with open_here(switches=doing.willing(run_seconds=6)) as town:
        rows = [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": PLANS[place // 10]} for place, one in enumerate(THIRTY)]
        town.warehouse.insert("SALESFORCE_CONTACTS", rows)
        yield town


async def begin_while_stopping(town: Town, person: Person, query: str = doing.QUERY) -> str:
    """This person confirms, and before a run can start everything is stopped; what Olga reads of it."""
    await doing.review(person, query)
    town.polytomic.faults.next("create_model", "slow", 1, seconds=0.5)
    await doing.confirm(person)
    await person.until(lambda: "create_model" in [one.operation for one in town.polytomic.faults.happened])
    return await doing.stop(town)


async def test_a_stop_holds_what_has_not_started_until_it_is_resumed(open_here: OpenTown) -> None:
    """Nobody is enrolled in between, everybody who follows it reads why, and afterwards it ends as it would have."""
    async with open_here(switches=doing.willing(run_seconds=0.1)) as town:
        rina, olga = town.person("U0REQUESTER"), town.person("U0OPERATOR")
        assert f"Stopped. 1 not yet started is on hold. {BLOCKED}" == await begin_while_stopping(town, rina)
        held = await doing.says(rina, "On hold · 312 contacts", "Stopped by <@U0OPERATOR>")
        assert ": “wrong sender”. Nobody has been enrolled. It goes on after `/enroll-flow resume`." in held
        assert BANNER not in held
        await rina.until_reads("C0REVOPS", "Stopped by <@U0OPERATOR>: “wrong sender”.")
        status = rina.read(await doing.answer(rina, "status"))
        assert "*On hold* · 312" in status
        assert "1 waiting, 0 running" in status
        assert 0 == doing.runs(town)
        asked = await doing.resume(town)
        assert asked.startswith("1 on hold goes on, in order, rights and rules checked again first: `E-")
        await olga.until_whispered("Resumed. 1 goes on, in order: `E-")
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))
        await rina.until_reads("C0REVOPS", "Resumed by <@U0OPERATOR>. Checking rights and rules, then going on.")
        assert 312 == len(set(doing.in_flow(town))) == len(doing.in_flow(town))


@pytest.mark.slow
async def test_a_stop_ends_what_runs_and_counts_who_is_in(slow: Town) -> None:
    """Who is in stays and is counted for the operator and in the end; the message says meanwhile what goes on."""
    rina = slow.person("U0REQUESTER")
    await doing.review(rina, FEW)
    await doing.confirm(rina)
    await doing.says(rina, "Running · 10 contacts")
    await rina.until(lambda: 3 <= len(doing.in_flow(slow)))
    said = await doing.stop(slow)
    assert said.startswith("Stopped. 1 running was told to end: ")
    assert said.endswith(BLOCKED)
    ended = rina.read(await doing.until_ended(rina))
    enrolled = len(doing.in_flow(slow))
    assert 3 <= enrolled < 10
    assert "Canceled by <@U0OPERATOR>" in ended
    assert f"{enrolled} were already enrolled and stay; {10 - enrolled} w" in ended
    assert BANNER not in ended
    await rina.until_reads("C0REVOPS", f"<@U0REQUESTER> Canceled by <@U0OPERATOR>. {enrolled} enrolled.")
    assert 1 == doing.runs(slow)


@pytest.mark.slow
async def test_while_stopped_every_screen_says_so_and_nothing_is_confirmed(town: Town) -> None:
    """The form, the review and Home; the draft is kept, and the same review can be confirmed afterwards."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    assert f"Stopped. {NOTHING_MOVED} {BLOCKED}" == await doing.stop(town)
    assert {} == await rina.submit()
    assert "Enrolling was stopped at 20" in rina.sees()
    assert "Nothing was started; your draft is kept." in rina.sees()
    await rina.open_home()
    await rina.until(lambda: BANNER in rina.home())
    cole = town.person("U0COLLEAGUE")
    await doing.open_form(cole)
    said = "Enrolling is stopped: wrong sender. You can prepare and check; it starts once an operator resumes."
    assert said in cole.sees()
    assert 0 == len(town.polytomic.models)
    olga = town.person("U0OPERATOR")
    asked = await doing.answer(olga, "resume")
    assert "Nothing is on hold. New enrollments are allowed again once you resume." in olga.read(asked)
    await olga.press_in(asked, "Resume")
    await olga.until_whispered("Resumed. New enrollments are allowed again.")
    await doing.confirm(rina)
    await rina.until(lambda: BANNER not in rina.home())
    await doing.says(rina, "312 contacts → Q4 Renewal")


@pytest.mark.slow
async def test_two_on_hold_over_a_restart_go_on_in_their_order(slow: Town) -> None:
    """A bot that starts while everything is stopped starts nothing; what one person canceled does not go on."""
    slow.polytomic.switches.run_seconds = 0.1
    rina, cole = slow.person("U0REQUESTER"), slow.person("U0COLLEAGUE")
    await begin_while_stopping(slow, rina, FEW)
    await doing.says(rina, "On hold · 10 contacts")
    await doing.resume(slow)
    await doing.until_ended(rina)
    slow.polytomic.faults.next("create_model", "slow", 2, seconds=1)
    for person, query in ((rina, OTHERS), (cole, THEIRS)):
        await doing.review(person, query)
        await doing.confirm(person)
    said = await doing.stop(slow, "")
    assert f"Stopped. 2 not yet started are on hold. {BLOCKED} Say why: `/enroll-flow stop <reason>`." == said
    for person in (rina, cole):
        await doing.says(person, "On hold · 10 contacts")
    await slow.restart_bot()
    assert 1 == doing.runs(slow)
    olga = slow.person("U0OPERATOR")
    again = olga.read(await doing.answer(olga, "stop the sender left"))
    assert again.startswith("Already stopped by <@U0OPERATOR> ")
    assert again.endswith(f". 2 not yet started are on hold. {BLOCKED}")
    for person in (rina, cole):
        await doing.says(person, "On hold · 10 contacts", ": “the sender left”. Nobody has been enrolled.")
    asked = await doing.resume(slow, "Resume 2 enrollments")
    assert asked.startswith("2 on hold go on, in order, rights and rules checked again first: `")
    assert 2 == asked.count("E-")
    await rina.until(lambda: 3 == doing.runs(slow))
    await rina.until(lambda: set(THIRTY) == set(doing.in_flow(slow)))


@pytest.mark.slow
async def test_on_hold_can_be_canceled_and_nobody_was_enrolled(open_here: OpenTown) -> None:
    """It ends at once; what resumes later has nothing left to let go."""
    async with open_here(switches=doing.willing()) as town:
        rina = town.person("U0REQUESTER")
        await begin_while_stopping(town, rina)
        await doing.says(rina, "On hold · 312 contacts")
        living = next(one for one in rina.messages("C0REVOPS") if "On hold ·" in rina.read(one))
        await rina.press_in(living, "Cancel")
        ended = rina.read(await doing.until_ended(rina))
        assert "Canceled by <@U0REQUESTER>" in ended
        assert "Nobody was enrolled." in ended
        assert "Nothing is on hold." in await doing.resume(town, "Resume")
        assert 0 == doing.runs(town)


@pytest.mark.slow
async def test_who_loses_the_right_while_stopped_does_not_go_on(open_here: OpenTown) -> None:
    """Rights are asked again before anything starts."""
    async with open_here(switches=doing.willing()) as town:
        rina = town.person("U0REQUESTER")
        await begin_while_stopping(town, rina)
        await doing.says(rina, "On hold · 312 contacts")
        town.slack.world.groups["S0REVOPS"].remove("U0REQUESTER")
        await town.restart_bot()
        await doing.resume(town)
        ended = rina.read(await doing.until_ended(rina))
        assert "Your rights changed after you confirmed (rule `people`). Nobody was enrolled." in ended
        assert 0 == doing.runs(town)


@pytest.mark.slow
async def test_stopped_while_it_waits_for_gong_it_is_held_once_gong_is_back(open_here: OpenTown) -> None:
    """Its message has the banner while it waits, and what it waits for next afterwards."""
    async with open_here(switches=doing.willing(run_seconds=0.1)) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        town.polytomic.revoke_gong()
        await doing.confirm(rina)
        await doing.says(rina, "Waiting for Gong · 312 contacts")
        await doing.stop(town)
        await doing.says(rina, "Waiting for Gong · 312 contacts", BANNER)
        living = next(one for one in rina.messages("C0REVOPS") if "Waiting for Gong ·" in rina.read(one))
        await rina.press_in(living, "Reconnect Gong")
        await rina.until_sees("Waiting for you in Gong.")
        await town.answer_gong(await rina.press("Open Gong"), "allow")
        await doing.says(rina, "On hold · 312 contacts", "Stopped by <@U0OPERATOR>")
        assert 0 == doing.runs(town)
        await doing.resume(town)
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))


@pytest.mark.slow
async def test_only_operators_stop_and_resume_and_every_press_is_safe(town: Town) -> None:
    """Anybody else changes nothing and reads whom to ask; a second or late press says how it stands."""
    rina, olga = town.person("U0REQUESTER"), town.person("U0OPERATOR")
    refused = rina.read(await doing.answer(rina, "stop everything"))
    assert "Only operators may stop: <@U0OPERATOR>. Nothing was stopped." == refused
    refused = rina.read(await doing.answer(rina, "RESUME"))
    assert "Only operators may resume: <@U0OPERATOR>. Nothing was resumed." == refused
    assert "Nothing is stopped." == olga.read(await doing.answer(olga, "resume"))
    assert "hold everything, for everyone" in olga.read(await doing.answer(olga, "help"))
    assert "hold everything, for everyone" not in rina.read(await doing.answer(rina, "help"))
    await doing.stop(town, "one\nof two lines")
    first, second = await doing.answer(olga, "resume"), await doing.answer(olga, "resume")
    await olga.press_in(first, "Leave stopped")
    await olga.until_whispered("Still stopped. Lift it with `/enroll-flow resume`.")
    await olga.press_in(second, "Resume")
    await olga.until_whispered("Resumed. New enrollments are allowed again.")
    third = await doing.answer(olga, "stop again")
    assert "Stopped." in olga.read(third)
    late = await doing.answer(olga, "resume")
    await olga.press_in(await doing.answer(olga, "resume"), "Resume")
    await olga.until(lambda: 2 == sum("Resumed." in olga.read(one) for one in olga.whispers()))
    await olga.press_in(late, "Resume")
    await olga.until_whispered("Nothing is stopped.")
