"""When Slack does not let the bot speak: the enrollment goes on, and the requester is told where they look."""

from typing import Any

import pytest

from bot.sandbox.person import Person
from bot.sandbox.slack.things import Fault
from bot.sandbox.town import Town
from tests.scenario import doing

# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow

BOT = "U0BOT"


async def _reviewed(town: Town) -> Person:
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    return rina


async def _to_channel(rina: Person, channel: str) -> None:
    await rina.pick("Post progress in", "Another channel…")
    await rina.until_sees("Channel")
    await rina.pick_channel("Channel", channel)


async def test_a_channel_that_removed_the_bot_is_replaced_by_messages(town: Town) -> None:
    """The same message comes to the requester, with why, and *Post there* moves it once the bot is back."""
    rina = await _reviewed(town)
    town.slack.world.channels["C0REVOPS"].members.discard(BOT)
    await doing.confirm(rina)
    living = await doing.until_ended(rina, rina.id)
    told = await rina.until_reads(rina.id, "I could not post in")
    assert "(I was removed), so you get this here. The enrollment itself went on:" in rina.read(told)
    assert "Type `/invite @Enroll Flow` in" in rina.read(told)
    assert "then press *Post there*." in rina.read(told)
    assert len(doing.in_flow(town)) > 200
    rina.invite_bot("C0REVOPS")
    await rina.press_in(told, "Post there")
    there = await doing.until_ended(rina)
    assert rina.read(living) == rina.read(there)


async def test_a_channel_archived_meanwhile_is_replaced_by_messages(town: Town) -> None:
    """The words say that it is archived, and nothing is offered that cannot help."""
    rina = await _reviewed(town)
    town.slack.world.channels["C0REVOPS"].is_archived = True
    await doing.confirm(rina)
    await doing.until_ended(rina, rina.id)
    told = await rina.until_reads(rina.id, "I could not post in")
    assert "(it is archived), so you get this here." in rina.read(told)
    assert "/invite" not in rina.read(told)


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("C0RANDOM", "I am not in this channel. Type /invite @Enroll Flow there, or choose another."),
        ("G0SECRET", "I am not in this channel. Type /invite @Enroll Flow there, or choose another."),
        ("C0ARCHIVE", "This channel is archived."),
        ("C0SHARED", "This channel is shared with another company. Choose an internal one."),
    ],
)
async def test_a_channel_that_cannot_be_posted_in_is_refused_before_anything_starts(
    town: Town, channel: str, words: str
) -> None:
    """The words stand under the channel; another one is taken."""
    rina = await _reviewed(town)
    await _to_channel(rina, channel)
    assert {"Channel": words} == await rina.submit()
    assert () == town.polytomic.models


async def test_a_channel_that_slack_says_nothing_of_is_not_taken_on_trust(town: Town) -> None:
    """It may be shared with another company: it has to be chosen again once Slack answers."""
    rina = await _reviewed(town)
    town.slack.world.faults.append(Fault("conversations.info", error="internal_error"))
    await _to_channel(rina, "C0SHARED")
    unknown = "Slack has not said yet whether I may post in this channel. Choose it again, or another."
    assert {"Channel": unknown} == await rina.submit()
    await rina.pick_channel("Channel", "C0REVOPS")
    await doing.confirm(rina)
    await doing.until_ended(rina)


async def test_another_channel_has_the_message_and_the_command_a_pointer(town: Town) -> None:
    """Whoever typed in one channel and posts in another is told where, in private."""
    rina = await _reviewed(town)
    rina.invite_bot("C0RANDOM")
    await _to_channel(rina, "C0RANDOM")
    await doing.confirm(rina)
    await doing.until_ended(rina, "C0RANDOM")
    pointer = await rina.until_whispered("Started `E-")
    assert "follow it here" in rina.read(pointer)
    assert [pointer] == rina.messages("C0REVOPS")


async def test_a_deleted_message_is_posted_anew(town: Town) -> None:
    """The end is told all the same, in a new message with its own thread."""
    rina = await _reviewed(town)
    town.polytomic.switches.run_seconds = 2
    await doing.confirm(rina)
    first = await rina.until_reads("C0REVOPS", "312 contacts")
    first.deleted = True
    ended = await doing.until_ended(rina)
    assert first.ts != ended.ts


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
@pytest.mark.parametrize(
    "fault",
    [{"retry_after": 1, "times": 2}, {"cut": True}, {"error": "internal_error"}, {"error": "fatal_error", "times": 2}],
    ids=["rate limited", "cut", "internal error", "fatal error"],
)
async def test_what_slack_did_not_take_is_sent_again(town: Town, method: str, fault: dict[str, Any]) -> None:
    """One message in the channel, with its end, whatever happened to a call."""
    rina = await _reviewed(town)
    town.slack.world.faults.append(Fault(method, **fault))
    await doing.confirm(rina)
    await doing.until_ended(rina, patience=20)
    assert 1 == len([one for one in rina.messages("C0REVOPS") if not one.thread_ts])
    assert len(doing.in_flow(town)) > 200


async def test_a_requester_who_left_does_not_stop_an_enrollment_that_runs(town: Town) -> None:
    """The contacts that were confirmed are in the flow, the channel reads the end, and nothing is tried forever."""
    rina = await _reviewed(town)
    town.polytomic.switches.run_seconds = 1
    await doing.confirm(rina)
    await rina.until_reads("C0REVOPS", "312 contacts → Q4 Renewal")
    await rina.until(lambda: any(sync.runs for sync in town.polytomic.syncs))
    town.slack.world.users[rina.id].deleted = True
    await doing.until_ended(rina)
    assert len(doing.in_flow(town)) > 200


async def test_when_the_answer_address_has_expired_a_message_answers(town: Town) -> None:
    """A response_url lives for thirty minutes and five uses; the answer comes as a direct message then."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    await rina.pick("Post progress in", "A direct message to me")
    for one in town.slack.world.response_urls.values():
        one.uses = 5
    await doing.confirm(rina)
    living = await doing.until_ended(rina, rina.id)
    assert [] == rina.whispers()
    assert living in rina.dms()


async def test_a_form_that_did_not_open_in_time_is_told(town: Town) -> None:
    """Nothing is lost, and what to type is said."""
    rina = town.person("U0REQUESTER")
    town.slack.world.faults.append(Fault("views.open", error="expired_trigger_id"))
    await rina.command(doing.QUERY)
    await rina.until_whispered("The form did not open in the 3 seconds that Slack allows. Nothing is lost: type")


async def test_an_odd_failure_in_background_work_is_told_with_a_reference(town: Town, logged: Any) -> None:
    """Slack fails where nobody expects it: the person has words and a reference, and the log has the cause under it."""
    rina = town.person("U0REQUESTER")
    town.slack.world.faults.append(Fault("views.update", error="internal_error", times=2))
    await rina.command()
    told = await rina.until_whispered("Something broke on my side. Nothing was enrolled. Your draft is kept.")
    reference = rina.read(told).partition("reference ")[2].rstrip(".")
    assert reference.startswith("R-")
    assert reference in logged.getvalue()


async def test_a_form_that_could_not_be_loaded_can_be_tried_again(town: Town) -> None:
    """The opening view itself says so when Slack takes that much."""
    rina = town.person("U0REQUESTER")
    town.slack.world.faults.append(Fault("views.update", error="internal_error"))
    await rina.command()
    await rina.until_sees("The form could not be loaded. Nothing was enrolled; your draft is kept. Reference R-")
    await rina.press("Try again")
    await rina.until_sees("Check contacts")
