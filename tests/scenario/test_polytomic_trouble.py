"""When Polytomic is away, busy, locked or odd: the person has words and a reference, and nobody is enrolled twice."""

import io
from typing import Any

import pytest

from bot.sandbox.person import Person
from bot.sandbox.polytomic.gong import FlowField
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow

KEPT = "Nothing was enrolled; your draft is kept."

# What goes wrong with the first call of a check, and what the requester then reads.
AT_CHECK: dict[str, tuple[dict[str, Any], str]] = {
    "wrong key": (
        {"operation": "query", "kind": "refuse", "status": 401},
        "The bot's access to Polytomic was refused. Nobody was enrolled; your draft is kept. <@U0OPERATOR> was told.",
    ),
    "odd answer": (
        {"operation": "query", "kind": "odd"},
        (
            "Polytomic gave an answer I do not understand, so I stopped before doing anything else."
            " Nobody was enrolled. <@U0OPERATOR> was told."
        ),
    ),
    "no answer": (
        {"operation": "query", "kind": "cut_before", "times": 99},
        f"Polytomic did not answer for 1 second. {KEPT}",
    ),
    "server error": ({"operation": "query_page", "kind": "refuse", "times": 99}, f"Polytomic did not answer. {KEPT}"),
}


def _reference(seen: str) -> str:
    return seen.partition("Reference `")[2].partition("`")[0]


@pytest.mark.parametrize("case", AT_CHECK)
async def test_a_check_that_polytomic_spoils_ends_in_words(open_here: OpenTown, logged: io.StringIO, case: str) -> None:
    """With a reference that the log knows; the form beneath is as it was, and trying again works."""
    fault, words = AT_CHECK[case]
    async with open_here(polytomic_timeout=1) as town:
        rina = town.person("U0REQUESTER")
        await doing.open_form(rina)
        await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
        given = dict(fault)
        town.polytomic.faults.next(given.pop("operation"), given.pop("kind"), **given)
        assert {} == await rina.submit()
        await rina.until_sees(words)
        reference = _reference(rina.sees())
        assert reference in logged.getvalue()
        if "was told." in words:
            await town.person("U0OPERATOR").until_reads("U0OPERATOR", reference)
        assert 1 >= sum(one.operation == "query" and one.status == 200 for one in town.polytomic.requests)
        town.polytomic.faults.clear()
        await rina.close()
        assert doing.QUERY in rina.sees()
        assert {} == await rina.submit()
        await rina.until_sees("312 people start Q4 Renewal.")


async def test_a_polytomic_that_is_busy_for_long_is_not_waited_for_in_a_view(town: Town) -> None:
    """The person reads until when, and may check again then."""
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    town.polytomic.faults.next("query", "busy", retry_after=3600)
    assert {} == await rina.submit()
    await rina.until_sees("Polytomic asks me to wait until")
    await rina.press("Check again")
    await rina.until_sees("will be enrolled")


async def test_a_busy_polytomic_is_waited_for(town: Town) -> None:
    """A check goes on by itself after a 429, and the wish of Polytomic is heeded."""
    rina = town.person("U0REQUESTER")
    town.polytomic.faults.next("query", "busy", retry_after=1)
    await doing.review(rina)
    first, second = [one.at for one in town.polytomic.requests if one.operation == "query"]
    assert (second - first).total_seconds() >= 1


async def test_a_check_can_be_tried_again_from_its_view(open_here: OpenTown) -> None:
    """*Check again* where Polytomic did not answer leads to the review."""
    async with open_here(polytomic_timeout=0.5) as town:
        rina = town.person("U0REQUESTER")
        town.polytomic.faults.next("query", "cut_before", times=99)
        await doing.check(rina)
        await rina.until_sees("[Check again]")
        town.polytomic.faults.clear()
        await rina.press("Check again")
        await rina.until_sees("312 people start Q4 Renewal.")


async def _confirmed(rina: Person) -> None:
    await doing.review(rina)
    await doing.confirm(rina)


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("create_model", "busy"),
        ("create_model", "act_then_500"),
        ("create_sync", "act_then_cut"),
        ("create_sync", "refuse"),
        ("start", "act_then_cut"),
        ("start", "act_then_500"),
        ("start", "locked"),
    ],
)
async def test_one_failed_call_after_confirming_costs_only_time(town: Town, operation: str, kind: Any) -> None:
    """Whatever happens to one call, each contact is in the flow once, through one model and one sync."""
    rina = town.person("U0REQUESTER")
    town.polytomic.faults.next(operation, kind, retry_after=1)
    await _confirmed(rina)
    living = await doing.until_ended(rina)
    enrolled = doing.in_flow(town)
    assert f"{len(enrolled)} of 312 enrolled" in rina.read(living)
    assert len(set(enrolled)) == len(enrolled) > 200
    assert (1, 1) == (len(town.polytomic.models), len(town.polytomic.syncs))
    assert 1 == sum(len(sync.runs) for sync in town.polytomic.syncs)


async def test_while_polytomic_is_silent_the_message_says_so(open_here: OpenTown) -> None:
    """Retrying is a word of its own, promises nothing that is not known, and ends when Polytomic is back."""
    async with open_here(polytomic_timeout=0.7) as town:
        rina = town.person("U0REQUESTER")
        town.polytomic.faults.next("create_model", "cut_before", times=2)
        await _confirmed(rina)
        said = rina.read(await rina.until_reads("C0REVOPS", "Retrying · 312 contacts"))
        assert "Polytomic does not answer. Nobody has been enrolled. I look first, then try again at" in said
        assert "You need do nothing." in said
        await doing.until_ended(rina, patience=20)


async def test_after_a_start_without_an_answer_nobody_is_promised_nothing_happened(open_here: OpenTown) -> None:
    """The start may have happened: the message says what is certain, and that is that nobody is enrolled twice."""
    async with open_here(polytomic_timeout=0.7) as town:
        rina = town.person("U0REQUESTER")
        town.polytomic.faults.next("start", "cut_before", times=2)
        await _confirmed(rina)
        said = rina.read(await rina.until_reads("C0REVOPS", "Retrying · 312 contacts"))
        assert "Nobody has been enrolled twice, and nobody will be: I look first" in said
        await doing.until_ended(rina, patience=20)


async def test_what_only_an_operator_can_mend_is_told_to_operators(town: Town, logged: io.StringIO) -> None:
    """The message has the words and a reference, and an operator has a note with the same one."""
    rina, olga = town.person("U0REQUESTER"), town.person("U0OPERATOR")
    await doing.review(rina)
    town.polytomic.faults.next("models", "odd", times=99)
    town.polytomic.faults.next("create_model", "odd", times=99)
    await doing.confirm(rina)
    living = await doing.until_ended(rina, patience=25)
    said = rina.read(living)
    assert "Polytomic gave an answer I do not understand, so I stopped before doing anything else." in said
    assert "Nobody was enrolled" in said
    assert "@Olga was told." in said
    reference = _reference(said)
    note = await olga.until_reads(olga.id, reference)
    assert "E-" in olga.read(note)
    assert reference in logged.getvalue()
    assert [] == doing.in_flow(town)


async def test_what_polytomic_refuses_is_quoted_to_the_requester_alone(town: Town) -> None:
    """In a channel the vendor's words are left out; in direct messages they help."""
    for place, quoted in (("C0REVOPS", False), ("U0REQUESTER", True)):
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        if place == rina.id:
            await rina.pick("Post progress in", "A direct message to me")
        town.polytomic.faults.next("create_sync", "refuse", status=422, message="mode is not offered")
        await doing.confirm(rina)
        living = await doing.until_ended(rina, place)
        assert "Polytomic refused the sync" in rina.read(living)
        assert quoted == ("“mode is not offered”" in rina.read(living))
        assert "Reference `R-" in rina.read(living)


async def test_a_run_that_polytomic_ends_says_how_far_it_came(open_here: OpenTown) -> None:
    """Those enrolled before stay and are counted, and the sync is retired."""
    async with open_here(switches=Switches(run_ends="failed")) as town:
        rina = town.person("U0REQUESTER")
        await _confirmed(rina)
        living = await doing.until_ended(rina)
        enrolled = len(doing.in_flow(town))
        assert "Failed · 312 contacts" in rina.read(living)
        assert f"Polytomic ended the run. {enrolled} of 312 were enrolled before that." in rina.read(living)
        await rina.until(lambda: [False] == [sync.active for sync in town.polytomic.syncs])


async def test_a_flow_that_vanished_is_said_where_the_person_looks(town: Town) -> None:
    """Gone before the check: the review is not reached. The draft stays, and another flow can be chosen."""
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    town.polytomic.gong.remove_flow(town.polytomic.gong.flow_named(doing.FLOW).id)
    assert {} == await rina.submit()
    await rina.until_sees("“Q4 Renewal” is no longer in Gong. Nobody was enrolled. Choose another flow")
    await rina.close()
    assert doing.QUERY in rina.sees()


async def test_a_flow_that_vanished_after_the_review_enrolls_nobody(town: Town) -> None:
    """The message says so, and *Edit and try again* brings the query back for another flow."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    town.polytomic.gong.remove_flow(town.polytomic.gong.flow_named(doing.FLOW).id)
    await doing.confirm(rina)
    living = await doing.until_ended(rina)
    assert "“Q4 Renewal” is no longer in Gong. Nobody was enrolled. Choose another flow; your query is kept." in (
        rina.read(living)
    )
    assert () == town.polytomic.syncs
    await rina.press_in(living, "Edit and try again")
    await rina.until_sees("Your draft is back.")
    assert doing.QUERY in rina.sees()


async def test_a_flow_that_needs_one_more_field_by_now_enrolls_nobody(town: Town) -> None:
    """The field is named, and asked for when it is tried again."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    town.polytomic.gong.require(town.polytomic.gong.flow_named(doing.FLOW).id, FlowField("topic", "Topic"))
    await doing.confirm(rina)
    living = await doing.until_ended(rina)
    assert "Q4 Renewal now also needs Topic. Nobody was enrolled. Fill it in and confirm again." in rina.read(living)
    await rina.press_in(living, "Edit and try again")
    await rina.until_sees("Your draft is back.")
    assert {} == await rina.submit()
    await rina.until_sees("Topic (this flow needs it)")
