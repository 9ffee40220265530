"""Message rows and Slack: what is wanted is posted or edited, once and where it belongs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.enrollment import wanted
from bot.enrollment.model.enrollments import Outcome, State, Tally
from bot.enrollment.model.messages import MessageKind
from bot.store import contacts, messages
from tests.unit import stored
from tests.unit.office import Office, living, opened
from tests.unit.stored import NOW, REQUESTER, TEAM


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """An office with one launching enrollment."""
    async with opened(tmp_path) as made:
        await made.has(stored.enrollment())
        yield made


async def test_the_living_message_is_posted_once_and_known_by_its_ts(office: Office) -> None:
    """Where it stands is kept right after posting; delivering again posts nothing."""
    row = await office.send(living())
    assert ("C0REVOPS", "1.000100", 1, None) == (row.posted_channel, row.ts, row.sent_revision, row.due_at)
    await office.notifications.deliver(row.id)
    assert 1 == len(office.api.called("chat.postMessage"))
    assert [(TEAM, REQUESTER)] == office.told


async def test_a_change_is_an_edit_of_the_same_message(office: Office) -> None:
    """At most every three seconds, with its new words."""
    row = await office.send(living())
    await office.becomes(State.RUNNING, started_at=NOW, revision=2)
    row = await office.send(living())
    assert ([], NOW + timedelta(seconds=3)) == (office.api.called("chat.update"), row.due_at)
    office.now += timedelta(seconds=3)
    await office.notifications.deliver(row.id)
    edits = office.api.called("chat.update")
    assert ["1.000100"] == [edit["ts"] for edit in edits]
    assert "Running" in edits[0]["text"]
    assert None is (await office.row(row.id)).due_at


async def test_an_edit_that_nobody_would_see_is_not_made(office: Office) -> None:
    """Only when a word or the percentage changes."""
    row = await office.send(living())
    office.now += timedelta(seconds=3)
    async with office.db.begin() as s:
        await messages.want(s, replace(living(), due_at=office.now))
    await office.notifications.deliver(row.id)
    row = await office.row(row.id)
    assert ([], 2, None) == (office.api.called("chat.update"), row.sent_revision, row.due_at)


async def test_the_ping_waits_for_the_message_it_belongs_to(office: Office) -> None:
    """And stands in its thread."""
    await office.becomes(State.ENROLLED, tally=Tally(total=1225, enrolled=1225), ended_at=NOW)
    ping = await office.send(wanted.ping(stored.enrollment(state=State.ENROLLED), NOW))
    assert ([], NOW + timedelta(seconds=1)) == (office.api.calls, ping.due_at)
    await office.send(living())
    office.now += timedelta(seconds=1)
    await office.notifications.deliver(ping.id)
    posts = office.api.called("chat.postMessage")
    assert "1.000100" == posts[1]["thread_ts"]
    assert posts[1]["text"].startswith("<@U0REQUESTER> Done: 1,225 contacts are in Q4 Renewal.")


async def test_whoever_typed_the_command_elsewhere_is_told_where_to_follow(tmp_path: Path) -> None:
    """Beside the command while its address answers, else in a direct message."""
    async with opened(tmp_path) as office:
        url = f"{office.api.url}api/respond"
        made = stored.enrollment(origin_channel_id="C0OTHER", response_url=url)
        await office.has(made)
        await office.send(living())
        office.api.answers["respond"] = {"ok": True}
        row = await office.send(wanted.started(made, NOW))
        said = "Started `E-7K2M9Q`: <https://slack/p1|follow it here>."
        assert [said] == [call["text"] for call in office.api.called("respond")]
        assert (1, None) == (len(office.api.called("chat.postMessage")), row.due_at)


async def test_a_command_that_no_longer_answers_is_replaced_by_a_direct_message(tmp_path: Path) -> None:
    """After half an hour the response_url is dead."""
    async with opened(tmp_path) as office:
        made = stored.enrollment(origin_channel_id="C0OTHER", response_url=f"{office.api.url}api/respond")
        await office.has(made)
        await office.send(living())
        office.api.answers["respond"] = 404
        await office.send(wanted.started(made, NOW))
        assert ["C0REVOPS", REQUESTER] == [post["channel"] for post in office.api.called("chat.postMessage")]


async def test_who_sees_the_message_anyway_is_not_told_where_it_is(office: Office) -> None:
    """The command was typed in the channel where progress is posted."""
    await office.send(living())
    row = await office.send(wanted.started(stored.enrollment(), NOW))
    assert (1, None) == (len(office.api.called("chat.postMessage")), row.due_at)


async def test_the_refused_come_as_a_file_to_one_person(office: Office) -> None:
    """In their direct messages, with a sentence that asks for care."""
    made = stored.enrollment()
    async with office.db.begin() as s:
        await contacts.save(s, made.check_id, stored.contacts(3), [])
        await contacts.mark(s, made.check_id, {"003000000000001": (Outcome.NOT_IN_CRM, "No match")})
    office.api.answers["conversations.open"] = {"ok": True, "channel": {"id": "D0REQUESTER"}}
    office.api.answers["files.getUploadURLExternal"] = {
        "ok": True,
        "file_id": "F2",
        "upload_url": f"{office.api.url}api/upload",
    }
    office.api.answers["upload"] = {"ok": True}
    office.api.answers["files.completeUploadExternal"] = {"ok": True, "files": [{"id": "F2"}]}
    row = await office.send(wanted.refused_file(made, REQUESTER, NOW))
    sent = office.api.called("files.completeUploadExternal")[0]
    said = "1 refused contact of E-7K2M9Q. Keep this out of channels."
    assert ("D0REQUESTER", said, None) == (sent["channel_id"], sent["initial_comment"], row.due_at)
    assert "E-7K2M9Q-refused.csv" == office.api.called("files.getUploadURLExternal")[0]["filename"]


async def test_an_upload_that_fails_is_tried_again(office: Office) -> None:
    """A file is a message like any other."""
    made = stored.enrollment()
    async with office.db.begin() as s:
        await contacts.save(s, made.check_id, stored.contacts(1), [])
        await contacts.mark(s, made.check_id, {"003000000000000": (Outcome.OTHER, "")})
    office.api.answers["conversations.open"] = 500
    row = await office.send(wanted.refused_file(made, REQUESTER, NOW))
    assert NOW + timedelta(seconds=1) == row.due_at


async def test_the_permalink_is_asked_for_once(office: Office) -> None:
    """And is empty while nothing is posted."""
    assert "" == await office.notifications.link("E-7K2M9Q")
    await office.send(living())
    links = [await office.notifications.link("E-7K2M9Q") for _ in range(2)]
    assert (["https://slack/p1"] * 2, 1) == (links, len(office.api.called("chat.getPermalink")))


async def test_an_operator_is_asked_by_name(office: Office) -> None:
    """Who waits, and for what."""
    row = wanted.message(
        MessageKind.ASK_OPERATOR, team_id=TEAM, subject_id="gong:U0REQUESTER", channel="U0OPERATOR", now=NOW
    )
    await office.send(row)
    said = "<@U0REQUESTER> asks you to connect Gong. I will write to them when it is connected."
    assert [("U0OPERATOR", said)] == [(post["channel"], post["text"]) for post in office.api.called("chat.postMessage")]
