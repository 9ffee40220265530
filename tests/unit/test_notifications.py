"""Message rows and Slack: what is wanted is posted or edited, what cannot be is said elsewhere or tried again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.enrollment import wanted
from bot.enrollment.model.enrollments import Enrollment, Outcome, State, Tally
from bot.enrollment.model.messages import Message, MessageKind
from bot.notifications import Notifications
from bot.renderings import Renderings
from bot.slack_files import SlackFiles
from bot.slack_messages import SlackMessages
from bot.store import checks, contacts, enrollments, messages
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import NOW, REQUESTER, TEAM
from tests.unit.web_api import WebApi, web_api

EVERYWHERE: dict[str, Any] = {"ok": True, "channel": "C0REVOPS", "ts": "1.000100"}


@dataclass
class Office:
    """One enrollment's messages, a Slack that answers as told, and a clock that the test turns."""

    db: Database
    api: WebApi
    now: datetime = NOW
    told: list[tuple[str, str]] = field(default_factory=list)
    nudged: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        slack = SlackMessages(self.api.client, session=self.api.session)
        files = SlackFiles(
            self.api.client,
            session=self.api.session,
            token=SecretStr("xoxb-sandbox"),
            api_url=f"{self.api.url}api/",
            query_bytes=8000,
        )
        renderings = Renderings(
            self.db, files, clock=self.clock, operators=("U0OPERATOR",), names=self.names, syncs="https://poly/syncs"
        )
        self.notifications = Notifications(
            self.db, slack, renderings, clock=self.clock, nudge=self.nudge, told=self.tell
        )

    def clock(self) -> datetime:
        return self.now

    async def names(self) -> tuple[str, ...]:
        return ("olga",)

    async def tell(self, team_id: str, user_id: str) -> None:
        self.told.append((team_id, user_id))

    def nudge(self, chore: str, row_id: str) -> None:
        self.nudged.append((chore, row_id))

    async def has(self, enrollment: Enrollment) -> None:
        """The enrollment is in the database, with the check it came from."""
        async with self.db.begin() as s:
            await checks.add(s, stored.check(enrollment.check_id, draft_id=enrollment.id))
            await enrollments.add(s, enrollment)

    async def want(self, row: Message) -> str:
        """The message is wanted; returns its row's id."""
        async with self.db.begin() as s:
            await messages.want(s, row)
            kept = await messages.by_cause(s, row.cause)
        assert kept is not None
        return kept.id

    async def row(self, message_id: str) -> Message:
        """The message as it is kept."""
        async with self.db.begin() as s:
            found = await messages.get(s, message_id)
        assert found is not None
        return found

    async def becomes(self, state: State, **changes: Any) -> None:
        """The enrollment has moved."""
        async with self.db.begin() as s:
            await enrollments.move(s, "E-7K2M9Q", set(State), state=state, **changes)

    async def send(self, row: Message) -> Message:
        """The message is wanted and delivered; returns the row as it is afterwards."""
        message_id = await self.want(row)
        await self.notifications.deliver(message_id)
        return await self.row(message_id)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Office]:
    """An office with one launching enrollment and a Slack where everything works."""
    async with stored.opened(folder) as db, web_api() as api:
        api.answers["chat.postMessage"] = EVERYWHERE
        api.answers["chat.update"] = {"ok": True}
        api.answers["chat.getPermalink"] = {"ok": True, "permalink": "https://slack/p1"}
        yield Office(db, api)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """An office with one launching enrollment."""
    async with opened(tmp_path) as made:
        await made.has(stored.enrollment())
        yield made


def living() -> Message:
    """The living message of the enrollment, wanted now."""
    return wanted.living(stored.enrollment(), NOW)


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


@pytest.mark.parametrize("error", ["not_in_channel", "is_archived", "channel_not_found"])
async def test_a_channel_that_is_closed_moves_the_message_to_the_requester(office: Office, error: str) -> None:
    """With one message that says why."""
    office.api.answers["chat.postMessage"] = _closed("C0REVOPS", error)
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
    office.api.answers["chat.postMessage"] = _closed("C0REVOPS", "not_in_channel")
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


def _closed(channel: str, error: str) -> Any:
    """A Slack where this one channel is closed to the bot."""

    def answer(arguments: dict[str, str]) -> dict[str, Any]:
        if arguments["channel"] == channel:
            return {"ok": False, "error": error}
        return {"ok": True, "channel": "D0REQUESTER", "ts": "2.000100"}

    return answer
