"""What is wrong in the form is said under the field it is in, and nothing is started."""

import pytest

from bot.sandbox.person import Person
from bot.sandbox.town import Town
from tests.scenario import doing

SQL, FLOW = "Snowflake query", "Gong Engage flow"

# The query as typed, and the words under its field.
BAD_QUERIES = {
    "": "Write a SELECT here, or choose “A .sql file” above.",
    "   \n ": "Write a SELECT here, or choose “A .sql file” above.",
    "-- only this": "There is only a comment here. Write one SELECT.",
    "SELECT 1\nAS contact_id\n;\nSELECT 2": (
        "Line 4, column 1: a second statement starts here. Send one SELECT; nothing was run."
    ),
    "DELETE FROM salesforce_contacts": (
        "Line 1, column 1: DELETE is not a SELECT. I only run queries that read; nothing was run."
    ),
    "\n  insert into t values (1)": (
        "Line 2, column 3: INSERT is not a SELECT. I only run queries that read; nothing was run."
    ),
    "CALL empty_everything()": "Line 1, column 1: CALL is not a SELECT. I only run queries that read; nothing was run.",
    "DROP TABLE contacts": "Line 1, column 1: DROP is not a SELECT. I only run queries that read; nothing was run.",
    "USE ROLE accountadmin": "Line 1, column 1: USE is not a SELECT. I only run queries that read; nothing was run.",
    "SET who = 'me'": "Line 1, column 1: SET is not a SELECT. I only run queries that read; nothing was run.",
    "GRANT ALL ON t TO r": "Line 1, column 1: GRANT is not a SELECT. I only run queries that read; nothing was run.",
    "COPY INTO t FROM @s": "Line 1, column 1: COPY is not a SELECT. I only run queries that read; nothing was run.",
    "SELECT contact_id\nFROM t\nWHERE plan = = 'gold'": (
        "Line 3, column 14: I cannot read this from “=” on. Try it in Snowflake, then paste it again."
    ),
    "SELECT contact_id FROM t\nWHERE plan = :plan": "Line 2, column 14: “:plan” is a variable. Put its value in.",
    "SELECT contact_id FROM t WHERE plan = $plan": "Line 1, column 39: “$plan” is a variable. Put its value in.",
    "SELECT $1 AS contact_id\nFROM @stage": ("Line 2, column 6: “@stage” is not a table. Select from tables or views."),
    "SELECT contact_id FROM t WHERE name = '" + "é" * 1500 + "'": (
        "This query is 9,124 bytes once encoded; the limit is 8,000."
        " Make it a view in Snowflake and select from that. Nothing was run."
    ),
}


async def _with_flow(town: Town) -> Person:
    rina = town.person("U0REQUESTER")
    await rina.command()
    await rina.until_sees("Check contacts")
    await rina.pick_found(FLOW, "q4 renewal", doing.FLOW)
    return rina


def _work(town: Town) -> list[str]:
    """The calls that reached Polytomic and are more than looking at what is connected."""
    looks = ("connections", "target_objects")
    return [one.operation for one in town.polytomic.requests if one.operation not in looks]


async def test_a_query_that_cannot_be_run_is_refused_under_its_field(town: Town) -> None:
    """Each kind of bad query has its words, with line and column, and no call reaches Polytomic for any."""
    rina = await _with_flow(town)
    said = {}
    for query in BAD_QUERIES:
        await rina.type(SQL, query)
        said[query] = (await rina.submit(anyway=True)).get(SQL, "")
    assert said == BAD_QUERIES
    assert [] == _work(town)


async def test_after_its_errors_are_mended_the_form_goes_on(town: Town) -> None:
    """The first submission without errors is the first that asks Polytomic for anything, and it asks once."""
    rina = await _with_flow(town)
    await rina.type(SQL, "SELEC contact_id")
    assert SQL in await rina.submit()
    await rina.type(SQL, doing.QUERY)
    assert {} == await rina.submit()
    await rina.until_sees("will be enrolled")
    assert 1 == _work(town).count("query")


async def test_every_field_in_the_wrong_says_so_at_once(town: Town) -> None:
    """An empty form has a message under the query and one under the flow."""
    rina = town.person("U0REQUESTER")
    await rina.command()
    await rina.until_sees("Check contacts")
    assert {SQL: BAD_QUERIES[""], FLOW: "Choose a flow."} == await rina.submit(anyway=True)


async def test_the_flow_picker_finds_words_in_any_order(town: Town) -> None:
    """What is typed may stand anywhere in a name, in any case; nothing found is nothing offered."""
    rina = await _with_flow(town)
    assert ["Q4 Renewal EMEA"] == await rina.search(FLOW, "emea REN")
    assert [] == await rina.search(FLOW, "no such flow")
    everything = await rina.search(FLOW)
    assert len(town.polytomic.gong.flows) == len(everything)
    assert {"Accounts", "People"}.isdisjoint(everything)


async def test_flows_of_one_name_are_told_apart(town: Town) -> None:
    """Twins carry the end of their ids, which differ."""
    rina = await _with_flow(town)
    twins = await rina.search(FLOW, "onboarding")
    ids = [flow.id for flow in town.polytomic.gong.flows if flow.name == "Onboarding"]
    assert sorted(f"Onboarding · id …{one[-6:]}" for one in ids) == sorted(twins)


@pytest.mark.slow
async def test_the_chosen_twin_is_the_one_that_is_enrolled_into(town: Town) -> None:
    """The review names the flow as Gong does, and the contacts go into the very one that was picked."""
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    second = [flow.id for flow in town.polytomic.gong.flows if flow.name == "Onboarding"][1]
    await rina.pick_found(FLOW, "onboarding", f"Onboarding · id …{second[-6:]}")
    assert {} == await rina.submit()
    await rina.until_sees("312 people start Onboarding.")
    await doing.confirm(rina)
    await doing.until_ended(rina)
    assert len(town.polytomic.ledger.contacts_in(second)) > 200


async def test_a_list_of_flows_longer_than_slack_takes_asks_for_more_words(town: Town) -> None:
    """The best hundred are offered, those that begin with the word first."""
    for number in range(150):
        town.polytomic.gong.add_flow(f"Prerenewal {number:03}")
    await town.restart_bot()
    rina = await _with_flow(town)
    offered = await rina.search(FLOW, "renewal")
    assert 100 == len(offered)
    assert "Q4 Renewal" in offered[:7]


async def test_without_a_list_of_flows_nothing_can_be_chosen(town: Town) -> None:
    """The one option offered says so, and a form submitted with it is refused under its field."""
    await town.stop_bot()
    town.polytomic.faults.next("target_objects", "refuse", times=50)
    await town.start_bot()
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    assert ["Flows cannot be loaded now. Type to try again."] == await rina.search(FLOW)
    await rina.pick_found(FLOW, "", "Flows cannot be loaded now. Type to try again.")
    refused = "The flow list could not be loaded, so nothing is chosen. Type a word to try again."
    assert {FLOW: refused} == await rina.submit()
    town.polytomic.faults.clear()
    await rina.search(FLOW, "q4")
    await rina.until(lambda: _listed(town))
    await rina.pick_found(FLOW, "q4 renewal", doing.FLOW)
    assert {} == await rina.submit()


def _listed(town: Town) -> bool:
    """Whether Polytomic has told the flows to this bot."""
    return any(one.operation == "target_objects" and one.status == 200 for one in town.polytomic.requests)


@pytest.mark.slow
async def test_a_typed_number_guards_large_lists(town: Town) -> None:
    """From 1,000 contacts the number has to be typed; a wrong one starts nothing, commas are fine."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina, "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'bronze'")
    label = "Type 1400 to confirm"
    await rina.tick("How it begins")
    await rina.until_sees(label)
    await rina.type(label, "1399")
    assert {label: "That is not 1400. Nothing was started."} == await rina.submit()
    assert () == town.polytomic.models
    await rina.type(label, "1,400")
    await doing.confirm(rina)
    await doing.until_ended(rina)
