"""Message rows and a Slack that does not take them: said elsewhere, tried again, or given up with a reason."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.enrollment import wanted
from bot.enrollment.model.enrollments import State, Tally
from bot.store import messages
from tests.unit import stored
from tests.unit.office import EVERYWHERE, Office, closed, living, opened
from tests.unit.stored import NOW, REQUESTER


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """An office with one launching enrollment."""
    async with opened(tmp_path) as made:
        await made.has(stored.enrollment())
        yield made


@pytest.mark.parametrize("error", ["not_in_channel", "is_archived", "channel_not_found"])
async def test_a_channel_that_is_closed_moves_the_message_to_the_requester(office: Office, error: str) -> None:
    """With one message that says why."""
    office.api.answers["chat.postMessage"] = closed("C0REVOPS", error)
    row = await office.send(living())
    assert (REQUESTER, "", NOW) == (row.channel, row.ts, row.due_at)
    await office.notifications.deliver(row.id)
    row = await office.row(row.id)
    assert ("D0REQUESTER", "2.000100") == (row.posted_channel, row.ts)
    told = office.nudged[1][1]
    await office.notifications.deliver(told)
    assert "I could not post in <#C0REVOPS>" in office.api.called("chat.postMessage")[-1]["text"]


async def test_the_requester_can_have_it_posted_there_after_all(office: Office) -> None:
    """Once the bot was invited."""
    office.api.answers["chat.postMessage"] = closed("C0REVOPS", "not_in_channel")
    row = await office.send(living())
    await office.notifications.deliver(row.id)
    office.api.answers["chat.postMessage"] = EVERYWHERE
    await office.notifications.post_there(stored.enrollment())
    office.now += timedelta(seconds=3)
    await office.notifications.deliver(row.id)
    assert ("C0REVOPS", "1.000100") == ((await office.row(row.id)).posted_channel, (await office.row(row.id)).ts)


async def test_a_deleted_message_is_posted_anew(office: Office) -> None:
    """In the same place."""
    row = await office.send(living())
    office.api.answers["chat.update"] = {"ok": False, "error": "message_not_found"}
    await office.becomes(State.RUNNING, started_at=NOW, revision=2)
    office.now += timedelta(seconds=3)
    async with office.db.begin() as s:
        await messages.want(s, replace(living(), due_at=office.now))
    await office.notifications.deliver(row.id)
    office.now += timedelta(seconds=3)
    await office.notifications.deliver(row.id)
    assert ["C0REVOPS", "C0REVOPS"] == [post["channel"] for post in office.api.called("chat.postMessage")]


async def test_slack_says_how_long_to_wait(office: Office) -> None:
    """A 429 is not a failure; nothing is posted before."""
    office.api.answers["chat.postMessage"] = 429
    row = await office.send(living())
    assert (NOW + timedelta(seconds=7), "ratelimited", "") == (row.due_at, row.undelivered, row.ts)
    office.api.answers["chat.postMessage"] = EVERYWHERE
    await office.notifications.deliver(row.id)
    assert 1 == len(office.api.called("chat.postMessage"))
    office.now += timedelta(seconds=7)
    await office.notifications.deliver(row.id)
    assert ("1.000100", "") == ((await office.row(row.id)).ts, (await office.row(row.id)).undelivered)


async def test_no_answer_is_tried_again_later_and_later(office: Office) -> None:
    """Never in a tight loop."""
    office.api.answers["chat.postMessage"] = 500
    row = await office.send(living())
    pauses = []
    for _ in range(4):
        assert row.due_at is not None
        pauses.append((row.due_at - office.now).total_seconds())
        office.now = row.due_at
        await office.notifications.deliver(row.id)
        row = await office.row(row.id)
    assert [1, 2, 4, 8] == pauses


@pytest.mark.slow
async def test_a_refused_token_is_logged_once_and_outlived(office: Office, logged: Any) -> None:
    """Days later the message is there, as if nothing had been."""
    office.api.answers["chat.postMessage"] = {"ok": False, "error": "account_inactive"}
    row = await office.send(living())
    for _ in range(40):
        assert (office.now + timedelta(minutes=5), 0) == (row.due_at, row.attempt)
        office.now += timedelta(minutes=5)
        await office.notifications.deliver(row.id)
        row = await office.row(row.id)
    assert 1 == logged.getvalue().count("slack.locked_out")
    office.api.answers["chat.postMessage"] = EVERYWHERE
    office.now += timedelta(minutes=5)
    await office.notifications.deliver(row.id)
    assert ("1.000100", "") == ((await office.row(row.id)).ts, (await office.row(row.id)).undelivered)


@pytest.mark.parametrize("error", ["message_not_found", "not_in_channel", "is_archived"])
async def test_a_ping_that_its_thread_does_not_take_goes_to_the_requester(office: Office, error: str) -> None:
    """On its own: there is no thread of its own there."""
    await office.becomes(State.ENROLLED, tally=Tally(total=1225, enrolled=1225), ended_at=NOW)
    await office.send(living())
    office.api.answers["chat.postMessage"] = closed("C0REVOPS", error)
    row = await office.send(wanted.ping(stored.enrollment(state=State.ENROLLED), NOW))
    assert (REQUESTER, "") == (row.channel, row.ts)
    await office.notifications.deliver(row.id)
    posts = office.api.called("chat.postMessage")
    assert [("C0REVOPS", True), (REQUESTER, False)] == [(post["channel"], "thread_ts" in post) for post in posts[1:]]
    assert None is (await office.row(row.id)).due_at


async def test_a_ping_waits_as_long_as_slack_makes_its_thread_wait(office: Office) -> None:
    """It is not looked at every second meanwhile."""
    office.api.answers["chat.postMessage"] = 429
    await office.send(living())
    ping = await office.send(wanted.ping(stored.enrollment(state=State.ENROLLED), NOW))
    assert NOW + timedelta(seconds=8) == ping.due_at


async def test_what_another_process_edited_is_edited_back(office: Office) -> None:
    """What stands there is known by the row, not by who sent what last."""
    row = await office.send(living())
    async with office.db.begin() as s:
        await messages.want(s, living())
        other = await messages.get(s, row.id)
        assert other is not None
        await messages.sent(s, other, (row.posted_channel, row.ts), NOW, NOW, standing="something else")
        await messages.want(s, replace(living(), due_at=NOW))
    office.now += timedelta(seconds=3)
    await office.notifications.deliver(row.id)
    assert 1 == len(office.api.called("chat.update"))


async def test_two_who_write_at_once_leave_it_to_be_written_once_more(office: Office) -> None:
    """Nobody knows which of two edits stands there, so neither is trusted; a new message keeps the place it has."""
    row = await office.send(living())
    before = await office.row(row.id)
    async with office.db.begin() as s:
        await messages.want(s, replace(living(), due_at=NOW))
        wanted_now = await messages.get(s, row.id)
        assert wanted_now is not None
        assert await messages.sent(s, wanted_now, ("C0REVOPS", "1.000100"), NOW, NOW, standing="newer")
        assert not await messages.sent(s, before, ("C0REVOPS", "9.9"), NOW, NOW, standing="older")
        assert await messages.unsure(s, row.id, NOW + timedelta(seconds=3))
    office.now += timedelta(seconds=3)
    await office.notifications.deliver(row.id)
    assert (1, "1.000100") == (len(office.api.called("chat.update")), (await office.row(row.id)).ts)


async def test_nobody_is_written_to_who_left(office: Office) -> None:
    """The row says why and is due no more."""
    office.api.answers["chat.postMessage"] = {"ok": False, "error": "user_disabled"}
    row = await office.send(living())
    assert (None, "user_disabled") == (row.due_at, row.undelivered)


@pytest.mark.parametrize("error", ["channel_not_found", "is_archived"])
async def test_a_requester_who_cannot_be_written_to_is_tried_later_and_later(office: Office, error: str) -> None:
    """There is nowhere else to go, so it is a failure like any other and not asked in a tight loop."""
    office.api.answers["chat.postMessage"] = {"ok": False, "error": error}
    row = await office.send(living())
    assert REQUESTER == row.channel
    for pause in (1, 2, 4):
        await office.notifications.deliver(row.id)
        row = await office.row(row.id)
        assert office.now + timedelta(seconds=pause) == row.due_at
        office.now += timedelta(seconds=pause)


async def test_nothing_waits_for_a_message_that_was_given_up(office: Office) -> None:
    """The ping is posted without a thread, and nobody is told to follow what is not there."""
    office.api.answers["chat.postMessage"] = {"ok": False, "error": "user_disabled"}
    await office.send(living())
    office.api.answers["chat.postMessage"] = EVERYWHERE
    await office.becomes(State.ENROLLED, tally=Tally(total=1225, enrolled=1225), ended_at=NOW)
    ping = await office.send(wanted.ping(stored.enrollment(state=State.ENROLLED), NOW))
    started = await office.send(wanted.started(stored.enrollment(), NOW))
    assert (None, None) == (ping.due_at, started.due_at)
    assert ["C0REVOPS"] * 2 == [post["channel"] for post in office.api.called("chat.postMessage")]
