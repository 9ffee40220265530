"""Cards and what stands in their threads, between a database and a Slack that answers as a test says."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.enrollment import wanted_approval
from bot.enrollment.model.approvals import Decision, Question, Word
from bot.enrollment.model.enrollments import Enrollment, State, Tally
from bot.enrollment.model.messages import Message, MessageKind
from bot.store import approvals, messages
from tests.unit import office as offices
from tests.unit import stored
from tests.unit import view_builders as some
from tests.unit.office import Office, closed, living
from tests.unit.stored import NOW, TEAM

ID = "E-7K2M9Q"


def asked(**terms: Any) -> Enrollment:
    """A request that waits for a word."""
    return stored.enrollment(
        state=State.AWAITING_APPROVAL,
        terms=some.awaiting(**terms).terms,
        fingerprint=some.FINGERPRINT,
        tally=Tally(1225),
    )


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """An office without any enrollment."""
    async with offices.opened(tmp_path) as made:
        yield made


async def cards(office: Office) -> list[Message]:
    """The rows of all cards."""
    async with office.db.begin() as s:
        return await messages.about(s, ID, MessageKind.APPROVAL_CARD)


async def test_a_card_is_posted_to_each_approver_and_edited_when_it_is_decided(office: Office) -> None:
    """The link to the living message stands in it once it was approved."""
    await office.has(asked())
    first, second = wanted_approval.approval_cards(asked(), NOW)
    assert ("U0APPROVER", "U0OTHER") == (first.channel, second.channel)
    await office.send(living())
    row = await office.send(first)
    assert "Approval needed: <@U0REQUESTER> wants" in office.api.called("chat.postMessage")[-1]["text"]
    assert (TEAM, "U0APPROVER") == office.told[-1]
    async with office.db.begin() as s:
        await approvals.say(s, Word(ID, TEAM, "U0OTHER", Decision.APPROVED, some.FINGERPRINT, NOW))
    await office.becomes(State.RUNNING, started_at=NOW)
    office.now += timedelta(seconds=3)
    await office.send(first)
    edit = office.api.called("chat.update")[-1]
    assert row.ts == edit["ts"]
    assert "Approved by <@U0OTHER>" in edit["text"]
    assert "<https://slack/p1|see it>" in edit["text"]


async def test_a_channel_that_does_not_take_the_card_leaves_nobody_unasked(office: Office) -> None:
    """Each approver has it in their direct messages, once."""
    enrollment = asked(channel="C0APPROVERS")
    await office.has(enrollment)
    office.api.answers["chat.postMessage"] = closed("C0APPROVERS", "not_in_channel")
    (card,) = wanted_approval.approval_cards(enrollment, NOW)
    assert "C0APPROVERS" == card.channel
    await office.send(card)
    rows = await cards(office)
    assert ["C0APPROVERS", "U0APPROVER", "U0OTHER"] == [one.channel for one in rows]
    for row in rows[1:]:
        await office.notifications.deliver(row.id)
    assert ["", "2.000100", "2.000100"] == [one.ts for one in await cards(office)]


async def test_a_reminder_is_not_sent_to_whoever_has_decided(office: Office) -> None:
    """Nor once it was decided by others."""
    await office.has(asked(needed=2))
    async with office.db.begin() as s:
        await approvals.say(s, Word(ID, TEAM, "U0APPROVER", Decision.APPROVED, some.FINGERPRINT, NOW))
    before = len(office.api.called("chat.postMessage"))
    moved = wanted_approval.moved(asked(needed=2), asked(needed=2, reminded_at=NOW), NOW)
    reminders = [one for one in moved if one.kind is MessageKind.REMINDER]
    for one in reminders:
        await office.send(one)
    sent = office.api.called("chat.postMessage")[before:]
    assert ["U0OTHER"] == [one["channel"] for one in sent]
    assert "1,225 contacts for Q4 Renewal wait for your decision, until" in sent[0]["text"]


async def test_a_question_waits_for_the_message_whose_thread_it_belongs_to(office: Office) -> None:
    """It stands in both threads then, and loses its button once it was answered."""
    enrollment = asked()
    await office.has(enrollment)
    question = Question("q-1", ID, TEAM, "U0APPROVER", "Why now?", NOW)
    async with office.db.begin() as s:
        await approvals.ask(s, question)
    card = wanted_approval.approval_cards(enrollment, NOW)[0]
    rows = wanted_approval.question(enrollment, question, [card], NOW)
    assert [f"question:q-1:living:{ID}", f"question:q-1:approval_card:{ID}:U0APPROVER"] == [one.cause for one in rows]
    waiting = await office.send(rows[0])
    assert "" == waiting.ts
    await office.send(living())
    await office.send(card)
    office.now += timedelta(seconds=3)
    for one in rows:
        await office.send(one)
    beside_living, beside_card = office.api.called("chat.postMessage")[-2:]
    assert ["1.000100", "1.000100"] == [beside_living["thread_ts"], beside_card["thread_ts"]]
    assert "Answer" in beside_living["blocks"]
    assert '"answer"' not in beside_card["blocks"]
    async with office.db.begin() as s:
        assert await approvals.answer(s, "q-1", "They renew.", "U0REQUESTER", NOW)
    office.now += timedelta(seconds=3)
    await office.send(rows[0])
    edit = office.api.called("chat.update")[-1]
    assert '"answer"' not in edit["blocks"]
