"""A query that Snowflake refuses, or that leaves nobody to enroll: said to the requester alone, in words that help."""

import pytest

from bot.sandbox.person import Person
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

SQL = "Snowflake query"


def _nobody_else_reads(town: Town) -> bool:
    return not any(one for one in town.slack.world.messages)


async def _edits(rina: Person, query: str) -> None:
    """Back in the form, everything stands as it was left."""
    await rina.close()
    assert query in rina.sees()
    assert doing.FLOW in rina.sees()


@pytest.mark.parametrize("at_once", [False, True], ids=["later", "at once"])
async def test_a_query_that_snowflake_refuses_is_shown_in_its_words(open_here: OpenTown, at_once: bool) -> None:
    """Only the requester reads them, nothing is enrolled, and the form is kept for editing."""
    async with open_here(switches=Switches(query_refused_at_once=at_once)) as town:
        rina = town.person("U0REQUESTER")
        query = "SELECT contact_idd FROM salesforce_contacts"
        await doing.check(rina, query)
        await rina.until_sees("Query refused")
        assert "*Snowflake refused the query.* Nothing was enrolled." in rina.sees()
        assert "invalid identifier 'CONTACT_IDD'" in rina.sees()
        assert "Snowflake names line and position in its own count. Reference `R-" in rina.sees()
        assert _nobody_else_reads(town)
        await _edits(rina, query)


@pytest.mark.slow
async def test_a_query_that_takes_too_long_is_given_up(open_here: OpenTown) -> None:
    """After the time that is set the person reads so, and may narrow the query."""
    async with open_here(switches=Switches(query_seconds=60), query_timeout=1) as town:
        rina = town.person("U0REQUESTER")
        await doing.check(rina)
        await rina.until_sees("Query refused")
        assert "*Snowflake did not finish within 1 second*, so I stopped waiting." in rina.sees()
        assert "Narrow the query, or try when the warehouse is less busy." in rina.sees()
        await _edits(rina, doing.QUERY)


async def test_a_query_without_rows_names_its_table(town: Town) -> None:
    """Nobody to enroll, and what to look at."""
    rina = town.person("U0REQUESTER")
    await doing.check(rina, "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'diamond'")
    await rina.until_sees("Nobody to enroll")
    assert "*The query returned no rows.* Nothing was enrolled." in rina.sees()
    assert "check the table: salesforce_contacts." in rina.sees()


@pytest.mark.slow
async def test_another_column_may_hold_the_contact_ids(town: Town) -> None:
    """Numbers could be anything: without a contact_id column one is chosen, and its contacts are enrolled."""
    rina = town.person("U0REQUESTER")
    query = "SELECT email, hs_object_id AS person FROM hubspot_contacts WHERE lifecycle_stage = 'evangelist'"
    await doing.check(rina, query)
    await rina.until_sees("*No contact id column.* The query returns `EMAIL`, `PERSON`.")
    await rina.pick("id_column", "PERSON")
    await rina.until_sees("people start Q4 Renewal.")
    await doing.confirm(rina)
    await doing.until_ended(rina)
    assert len(doing.in_flow(town)) > 100


@pytest.mark.slow
async def test_ids_are_known_by_their_shape(town: Town) -> None:
    """A column of Salesforce contacts is found whatever its name, and shown as the one that was chosen."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina, "SELECT email, account_id, contact_id AS person FROM salesforce_contacts LIMIT 90")
    assert "Contact ids come from this column:" in rina.sees()
    assert "003" in rina.sees()


async def test_a_column_of_other_things_says_what_they_look_like(town: Town) -> None:
    """Accounts are not contacts: nobody is offered, and the way back is another column."""
    rina = town.person("U0REQUESTER")
    await doing.check(rina, "SELECT account_id AS contact_id FROM salesforce_contacts")
    await rina.until_sees("Nobody to enroll")
    assert "*None of the 5,000 values in `CONTACT_ID` is a CRM contact id.*" in rina.sees()
    assert "Most values here look like: a Salesforce account (001)." in rina.sees()
    await rina.press("Send me the list")
    await rina.until_sees("Sent to your messages.")


async def test_rows_that_cannot_be_enrolled_are_counted_one_by_one(town: Town) -> None:
    """Blanks, repeats and ids of other kinds are left out, and what is left is the number on the button."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    seen = rina.sees()
    for line in ("Rows from the query", "- no contact id", "- same contact again", "= will be enrolled"):
        assert line in seen
    assert "53 of 365 rows are left out." in seen
    assert "9 ids in the 15-character form were matched to the same people." in seen
    assert "[Enroll 312 contacts]" in seen


async def test_when_every_row_is_left_out_nothing_can_be_confirmed(town: Town) -> None:
    """The funnel is shown, and there is no button that enrolls."""
    rina = town.person("U0REQUESTER")
    await doing.check(rina, "SELECT contact_id FROM salesforce_contacts WHERE trim(coalesce(contact_id, '')) = ''")
    await rina.until_sees("Nobody to enroll")
    assert "*All 79 rows are left out.*" in rina.sees()
    assert "- no contact id" in rina.sees()
    assert "[Enroll" not in rina.sees()


@pytest.mark.slow
async def test_a_query_with_more_rows_than_allowed_is_refused(open_here: OpenTown) -> None:
    """The cap is a setting, and the words name it."""
    async with open_here(row_cap=300) as town:
        rina = town.person("U0REQUESTER")
        await doing.check(rina)
        await rina.until_sees("This query returns 365 rows; the limit is 300.")


async def test_the_form_is_as_it_was_left_after_a_review(town: Town) -> None:
    """*Edit query* shows the form; a changed query is checked again and its own numbers are confirmed."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    await _edits(rina, doing.QUERY)
    await rina.type(SQL, doing.QUERY.replace("gold", "platinum"))
    assert {} == await rina.submit()
    await rina.until_sees("180 people start Q4 Renewal.")


async def test_the_query_can_be_looked_at_from_the_review(town: Town) -> None:
    """*Show query* lies on top of the review, and *Back* leads there again."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    await rina.press("Show query")
    await rina.until_sees("Reads salesforce_contacts · query sha256")
    assert doing.QUERY in rina.sees()
    await rina.close()
    assert "[Enroll 312 contacts]" in rina.sees()
