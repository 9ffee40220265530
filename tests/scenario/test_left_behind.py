"""What a person left behind is there when they come back: drafts, choices, results of checks that they closed."""

import pytest

from bot.sandbox.person import Person
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow

SQL, FLOW = "Snowflake query", "Gong Engage flow"


async def test_what_was_typed_comes_back(town: Town) -> None:
    """A form closed half-way is restored with everything in it, after a restart too."""
    rina = town.person("U0REQUESTER")
    await rina.command()
    await rina.until_sees("Check contacts")
    await rina.type(SQL, "SELECT contact_id")
    await rina.pick_found(FLOW, "q4 renewal", doing.FLOW)
    await rina.close()
    await town.restart_bot()
    await rina.command()
    await rina.until_sees("Your draft is back. Nothing has been enrolled.")
    assert "SELECT contact_id" in rina.sees()
    assert doing.FLOW in rina.sees()


async def test_start_over_empties_the_form(town: Town) -> None:
    """The old draft does not come back."""
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    await rina.close()
    await rina.command()
    await rina.until_sees("Start over")
    await rina.press("Start over")
    await rina.until(lambda: doing.QUERY not in rina.sees())
    await rina.close()
    await rina.command()
    await rina.until_sees("Check contacts")
    assert "Your draft is back." not in rina.sees()


async def test_start_over_begins_with_a_query_again(town: Town) -> None:
    """Whatever was chosen before: Slack keeps a choice under the same block id, so the form gives it a new one."""
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    await rina.pick("Contacts from", "A .sql file")
    await rina.until_sees("SQL file")
    await rina.attach("SQL file", "renewals.sql", doing.QUERY.encode())
    await rina.close()
    await rina.command()
    await rina.until_sees("Start over")
    await rina.press("Start over")
    await rina.until_sees("Snowflake query")
    seen = rina.sees().splitlines()
    assert "A query I type" in seen
    assert "A .sql file" not in seen
    assert "SQL file" not in seen
    await rina.type("Snowflake query", doing.QUERY)
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    assert {} == await rina.submit()
    await rina.until_sees("312 people start Q4 Renewal.")


async def test_a_source_that_was_changed_and_changed_back_keeps_the_query(town: Town) -> None:
    """The hidden text stays in the draft."""
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    await rina.pick("Contacts from", "A .sql file")
    await rina.until_sees("SQL file")
    assert doing.QUERY not in rina.sees()
    await rina.pick("Contacts from", "A query I type")
    await rina.until_sees(doing.QUERY)


async def _closed_while_checking(town: Town, query: str = doing.QUERY) -> Person:
    rina = town.person("U0REQUESTER")
    await doing.check(rina, query)
    await rina.until_sees("You may close this; I will write to you when the check is done.")
    await rina.close_all()
    return rina


@pytest.mark.slow
async def test_a_check_that_was_closed_is_told_by_message(open_here: OpenTown) -> None:
    """The review opens from there, goes back to the form in place, and can be confirmed."""
    async with open_here(switches=Switches(query_seconds=1)) as town:
        rina = await _closed_while_checking(town)
        told = await rina.until_reads(rina.id, "Checked: 312 of 365 would be enrolled in Q4 Renewal.")
        assert "Nothing is sent yet." in rina.read(told)
        await rina.press_in(told, "Review 312 contacts")
        await rina.until_sees("312 people start Q4 Renewal.")
        await rina.press("Edit query")
        await rina.until_sees("Check contacts")
        assert doing.QUERY in rina.sees()
        assert {} == await rina.submit()
        await rina.until_sees("312 people start Q4 Renewal.")
        await doing.confirm(rina)
        await doing.until_ended(rina)


async def test_progress_stays_where_the_review_said(town: Town) -> None:
    """Typing the command elsewhere, on another device, moves nothing that was spelled out before."""
    laptop = town.person("U0REQUESTER")
    phone = Person(town.slack, "U0REQUESTER", device="phone")
    await doing.review(laptop)
    assert "(•) #revops, where you typed the command" in laptop.sees()
    await phone.command(channel="C0SHARED")
    await phone.until_sees("Your draft is back.")
    await doing.confirm(laptop)
    await doing.until_ended(laptop)
    assert [] == [one for one in laptop.messages("C0SHARED") if "Q4 Renewal" in laptop.read(one)]


async def test_a_refusal_after_closing_is_told_by_message(open_here: OpenTown) -> None:
    """Snowflake's words are in the view alone; the message leads back to the query."""
    async with open_here(switches=Switches(query_seconds=1)) as town:
        query = "SELECT contact_idd FROM salesforce_contacts"
        rina = await _closed_while_checking(town, query)
        told = await rina.until_reads(rina.id, "Snowflake refused your query. Nothing was enrolled.")
        assert "CONTACT_IDD" not in rina.read(told)
        await rina.press_in(told, "Edit query")
        await rina.until_sees(query)


async def test_going_back_to_the_query_ends_its_check(open_here: OpenTown) -> None:
    """*Edit query* while it runs drops the late answer: no message comes of it."""
    async with open_here(switches=Switches(query_seconds=0.8)) as town:
        rina = town.person("U0REQUESTER")
        await doing.check(rina)
        await rina.until_sees("Checking contacts")
        await rina.close()
        await rina.type(SQL, doing.QUERY.replace("gold", "platinum"))
        assert {} == await rina.submit()
        await rina.until_sees("180 people start Q4 Renewal.")
        assert [] == rina.dms()


async def test_an_old_message_of_a_check_leads_to_the_newest_state(open_here: OpenTown) -> None:
    """Once another check was made, the button of the first opens the form and not stale numbers."""
    async with open_here(switches=Switches(query_seconds=1)) as town:
        rina = await _closed_while_checking(town)
        told = await rina.until_reads(rina.id, "Checked: 312 of 365")
        town.polytomic.switches.query_seconds = 0.02
        await rina.command()
        await rina.until_sees("Your draft is back.")
        await rina.type(SQL, doing.QUERY.replace("gold", "platinum"))
        assert {} == await rina.submit()
        await rina.until_sees("180 people start Q4 Renewal.")
        await rina.close_all()
        await rina.press_in(told, "Review 312 contacts")
        await rina.until_sees("Check contacts")
        assert "platinum" in rina.sees()


@pytest.mark.slow
async def test_a_button_of_an_enrolled_draft_says_what_became_of_it(open_here: OpenTown) -> None:
    """The message of a check outlives its draft; pressing it late does nothing and says so."""
    async with open_here(switches=Switches(query_seconds=1)) as town:
        rina = await _closed_while_checking(town)
        told = await rina.until_reads(rina.id, "Checked: 312 of 365")
        await rina.press_in(told, "Review 312 contacts")
        await rina.until_sees("312 people start Q4 Renewal.")
        await doing.confirm(rina)
        await doing.until_ended(rina)
        await rina.press_in(told, "Review 312 contacts")
        await rina.until(lambda: "it was enrolled as `E-" in rina.reads([*rina.whispers(), *rina.dms()]))


async def test_a_button_of_a_draft_that_was_started_over_says_so(open_here: OpenTown) -> None:
    """Nothing of it is left to open, and the way to begin anew is named."""
    async with open_here(switches=Switches(query_seconds=1)) as town:
        rina = await _closed_while_checking(town)
        told = await rina.until_reads(rina.id, "Checked: 312 of 365")
        await rina.command()
        await rina.until_sees("Start over")
        await rina.press("Start over")
        await rina.until(lambda: doing.QUERY not in rina.sees())
        await rina.close()
        await rina.press_in(told, "Review 312 contacts")
        await rina.until(lambda: "you started over" in rina.reads([*rina.whispers(), *rina.dms()]))


async def test_edit_and_try_again_gives_a_new_draft(open_here: OpenTown) -> None:
    """With another id and everything chosen; the ended enrollment stays as it was, and so do those it has enrolled."""
    async with open_here(switches=Switches(run_ends="failed")) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        living = await doing.until_ended(rina)
        before = rina.read(living)
        town.polytomic.switches.run_ends = "completed"
        await rina.press_in(living, "Edit and try again")
        await rina.until_sees("Your draft is back.")
        assert doing.QUERY in rina.sees()
        assert {} == await rina.submit()
        # Some of them are in the flow already, and stay out of the list.
        assert "The same query went into this flow on" in rina.sees()
        assert {} == await rina.submit()
        left = 312 - len(doing.in_flow(town))
        await rina.until_sees(f"{left} people start Q4 Renewal.")
        await doing.confirm(rina)
        await rina.until_reads("C0REVOPS", f"Partly enrolled · {left} contacts")
        assert before == rina.read(living)
        assert 2 == len(town.polytomic.syncs)
