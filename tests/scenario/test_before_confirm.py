"""What a person sees before they confirm, where a policy has its say: the button says what will happen, and it does."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

SILVER = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'silver'"
OPT_OUTS = "SELECT contact_id, opted_out FROM salesforce_contacts WHERE subscription_plan = 'gold'"
LARGE = '[[approvals]]\nname = "large"\nthreshold = 100\napprovers = ["{approver}"]\n'
TICK = "Start with the first 5 and wait for my word"
NOTE = "Note to the approvers"


async def test_over_the_limit_somebody_is_asked(open_here: OpenTown, tmp_path: Path) -> None:
    """Whom is said before, a note goes along, nothing typed is lost on the way, and nobody is enrolled meanwhile."""
    async with open_here(policy_file=doing.policy(tmp_path, LARGE.format(approver="U0APPROVER"))) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        assert "More than 100 contacts: an approver has to allow this first." in rina.sees()
        assert "You cannot approve your own." in rina.sees()
        assert "Ask to enroll 312" == doing.button(rina)
        await rina.type(NOTE, "They asked for it")
        await rina.pick("Post progress in", "A direct message to me")
        await rina.until(lambda: "They asked for it" in rina.sees())
        await doing.confirm(rina)
        await rina.until_reads("U0REQUESTER", "Waiting for approval")
        assert () == town.polytomic.models


@pytest.mark.slow
async def test_nobody_may_approve_their_own(open_here: OpenTown, tmp_path: Path) -> None:
    """Where nobody else may, there is nothing to ask for."""
    async with open_here(policy_file=doing.policy(tmp_path, LARGE.format(approver="U0REQUESTER"))) as town:
        rina = town.person("U0REQUESTER")
        await doing.check(rina)
        await rina.until_sees("Nobody may approve this: the only approver is you. Nothing was sent.")
        assert "up to 100 contacts need no approval" in rina.sees()


@pytest.mark.slow
async def test_the_button_is_never_taken_for_another_one(open_here: OpenTown, tmp_path: Path) -> None:
    """A rule that came since the review was shown is shown before it counts, and what was typed is kept."""
    async with open_here() as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        assert "Enroll 312 contacts" == doing.button(rina)
        town.more["policy_file"] = doing.policy(tmp_path, LARGE.format(approver="U0APPROVER"))
        await town.restart_bot()
        await rina.pick("Post progress in", "A direct message to me")
        await rina.submit()
        assert "Ask to enroll 312" == doing.button(rina)
        assert "A direct message to me" in rina.sees()
        assert () == town.polytomic.models
        await doing.confirm(rina)
        await rina.until_reads("U0REQUESTER", "Waiting for approval")


@pytest.mark.slow
async def test_a_canary_is_ticked_and_unticked(town: Town) -> None:
    """The button follows the tick, and the number is typed where nobody else looks."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina, SILVER)
    assert "Start with 5 of 910" == doing.button(rina)
    await rina.tick("How it begins")
    await rina.until(lambda: doing.button(rina) == "Enroll 910 contacts")
    await rina.close()
    await rina.submit()
    await rina.until(lambda: "will be enrolled" in rina.sees())
    assert "Enroll 910 contacts" == doing.button(rina)
    await rina.tick("How it begins", TICK)
    await rina.until(lambda: doing.button(rina) == "Start with 5 of 910")
    await doing.confirm(rina)
    await rina.until(lambda: 5 <= len(doing.in_flow(town)) or town.polytomic.syncs)


@pytest.mark.slow
async def test_the_same_query_is_asked_about_before_it_is_read(town: Town) -> None:
    """By anybody, into the same flow; going back keeps the form, and checking all the same is one press."""
    rina, cole = town.person("U0REQUESTER"), town.person("U0COLLEAGUE")
    await doing.review(rina)
    await doing.confirm(rina)
    await doing.until_ended(rina)
    asked = len([one for one in town.polytomic.requests if one.operation == "query"])
    await doing.check(cole, f"{doing.QUERY}  -- once more")
    assert "The same query went into this flow on" in cole.sees()
    assert "People enrolled then are left out until" in cole.sees()
    assert "cool-off 30 days" in cole.sees()
    await cole.close()
    await cole.until_sees("Check contacts")
    assert asked == len([one for one in town.polytomic.requests if one.operation == "query"])
    await cole.submit()
    assert "Check anyway" == doing.button(cole)
    await cole.submit()
    await cole.until(lambda: "Asked before" not in cole.sees() and "Checking contacts" not in cole.sees())
    await cole.close()
    await cole.pick_found("Gong Engage flow", "q3 renewal", "Q3 Renewal")
    await cole.submit()
    assert "Asked before" not in cole.sees()


@pytest.mark.slow
async def test_a_file_is_asked_about_too(town: Town) -> None:
    """Its query is read after the answer, in the view that waits for it."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    await doing.confirm(rina)
    await doing.until_ended(rina)
    await rina.command()
    await rina.until_sees("Check contacts")
    await rina.pick("Contacts from", "A .sql file")
    await rina.until_sees("SQL file")
    await rina.attach("SQL file", "gold.sql", doing.QUERY.encode())
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    await rina.submit()
    await rina.until_sees("The same query went into this flow on")
    await rina.submit()
    await rina.until(lambda: "Asked before" not in rina.sees() and "Checking contacts" not in rina.sees())


@pytest.mark.slow
async def test_another_opt_out_column_is_another_check(town: Town) -> None:
    """The funnel follows, and so does the warning that nobody says who has opted out."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina, OPT_OUTS)
    assert "- opted out" in rina.sees()
    await rina.pick("Opted out when this is true:", "No opt-out column")
    await rina.until_sees("This query names no opt-out column")
    assert "- opted out" not in rina.sees()
    await rina.pick("Opted out when this is true:", "OPTED_OUT")
    await rina.until_sees("- opted out")
    assert "This query names no opt-out column" not in rina.sees()


@pytest.fixture
def hand(database: Path) -> Iterator[sqlite3.Connection]:
    """Somebody's hand in the database."""
    with closing(sqlite3.connect(database)) as connection:
        yield connection


@pytest.mark.slow
async def test_a_hand_in_the_database_voids_the_request(town: Town, hand: sqlite3.Connection) -> None:
    """What was confirmed is what is enrolled, or nobody is."""
    town.polytomic.faults.next("create_model", "cut_before", times=3)
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    await doing.confirm(rina)
    await rina.until_reads("C0REVOPS", "Polytomic does not answer")
    await town.stop_bot()
    hand.execute(
        "UPDATE contacts SET source_value = '003Hs00001hand0', canonical_id = '003Hs00001hand0AAA' WHERE position = 7"
    )
    hand.commit()
    await town.start_bot()
    living = rina.read(await doing.until_ended(rina, patience=40))
    assert "This is not the request that was confirmed any more. Nobody was enrolled." in living
    assert [] == doing.in_flow(town)


@pytest.mark.slow
async def test_a_hand_in_the_database_voids_what_was_approved(
    open_here: OpenTown, tmp_path: Path, hand: sqlite3.Connection
) -> None:
    """The word was about the people who were seen, and about no others."""
    async with open_here(policy_file=doing.policy(tmp_path, LARGE.format(approver="U0APPROVER"))) as town:
        rina, ada = town.person("U0REQUESTER"), town.person("U0APPROVER")
        await doing.review(rina)
        await doing.confirm(rina)
        card = await ada.until_reads("U0APPROVER", "Approval needed")
        await town.stop_bot()
        hand.execute('UPDATE enrollments SET mappings = \'[{"field_id": "x", "field_name": "X", "value": "y"}]\'')
        hand.commit()
        await town.start_bot()
        await ada.press_in(card, "Approve 312 contacts")
        living = rina.read(await doing.until_ended(rina))
        assert "This is not the request that was confirmed any more. Nobody was enrolled." in living
        assert () == town.polytomic.models
