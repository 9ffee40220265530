"""A flow that needs the owner's e-mail: from a column, or one for everyone, and never guessed."""

import pytest

from bot.sandbox.person import Person
from bot.sandbox.town import Town
from tests.scenario import doing

OWNED = "Owner's Personal Touch"
FIELD = "Flow instance owner e-mail (this flow needs it)"
VALUE = "Flow instance owner e-mail for everyone"
QUERY = "SELECT contact_id, owner_email, email FROM salesforce_contacts WHERE subscription_plan = 'gold'"


async def _reviewed(town: Town) -> Person:
    rina = town.person("U0REQUESTER")
    await doing.review(rina, QUERY, OWNED)
    return rina


@pytest.mark.slow
async def test_a_column_gives_each_contact_its_owner(town: Town) -> None:
    """The review says whose name the mail goes out under, and the flow takes the contacts."""
    rina = await _reviewed(town)
    assert "Sender: Polytomic does not show it" in rina.sees()
    await rina.pick(FIELD, "OWNER_EMAIL")
    await rina.until_sees("Sender: each row's OWNER_EMAIL")
    await doing.confirm(rina)
    await doing.until_ended(rina)
    assert len(doing.in_flow(town, OWNED)) > 200


@pytest.mark.slow
async def test_one_address_can_stand_for_everyone(town: Town) -> None:
    """A typed value is refused while it is no e-mail address, and nothing is started by that."""
    rina = await _reviewed(town)
    await rina.pick(FIELD, "Type a value…")
    await rina.until_sees(VALUE)
    wanted = "This flow needs Flow instance owner e-mail. Choose a column or type a value."
    assert {VALUE: wanted} == await rina.submit(anyway=True)
    await rina.type(VALUE, "kim at ourcompany")
    assert {VALUE: "This is not an e-mail address."} == await rina.submit()
    assert () == town.polytomic.models
    await rina.type(VALUE, "kim@ourcompany.example")
    await doing.confirm(rina)
    await doing.until_ended(rina)
    assert len(doing.in_flow(town, OWNED)) > 200


async def test_an_empty_field_is_asked_for(town: Town) -> None:
    """The words name the field."""
    rina = await _reviewed(town)
    wanted = "This flow needs Flow instance owner e-mail. Choose a column or type a value."
    assert {FIELD: wanted} == await rina.submit(anyway=True)


async def test_a_column_with_blanks_is_refused_with_their_number(town: Town) -> None:
    """Whoever has no owner would have no sender."""
    rina = await _reviewed(town)
    await rina.pick(FIELD, "EMAIL")
    said = (await rina.submit())[FIELD]
    assert said.endswith("have no EMAIL. Choose another column, or leave those rows out in the query.")
    assert int(said.split()[0]) > 0
    assert () == town.polytomic.models


@pytest.mark.slow
async def test_what_was_chosen_is_kept_while_the_query_is_edited(town: Town) -> None:
    """Back from the form, the field is filled as it was."""
    rina = await _reviewed(town)
    await rina.pick(FIELD, "OWNER_EMAIL")
    await rina.until_sees("Sender: each row's OWNER_EMAIL")
    await rina.close()
    assert {} == await rina.submit()
    await rina.until_sees("Sender: each row's OWNER_EMAIL")
