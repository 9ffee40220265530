"""What one person sees of the workspace is what Slack would show them, and nothing else."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox.page import rooms
from bot.sandbox.page.rooms import Attached, Line
from bot.sandbox.slack.first_day import SLACKBOT
from bot.sandbox.slack.things import File, Refused
from tests.unit.block_kit_parts import section
from tests.unit.page_stage import COLE, GUS, OTTO, REVOPS, RINA, Stage

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def stage() -> Stage:
    """A workspace on its first day."""
    return Stage()


def names(stage: Stage, user: str) -> list[str]:
    """The sidebar, by names."""
    return [one.name for one in rooms.sidebar(stage.world, stage.marks, user)]


def seen(stage: Stage, user: str = RINA, channel: str = REVOPS) -> list[Line]:
    """The conversation, in Berlin."""
    return rooms.conversation(stage.world, user, channel, BERLIN, marks=stage.marks)


def below(stage: Stage, ts: str, user: str = RINA) -> list[Line]:
    """The thread, in Berlin."""
    return rooms.thread(stage.world, user, REVOPS, ts, BERLIN, marks=stage.marks)


def texts(lines: list[Line]) -> list[str]:
    """What stands in the lines."""
    return [one.message.text for one in lines]


def test_the_sidebar_is_ones_own(stage: Stage) -> None:
    """Channels by name, archived ones last, then the bot; private ones for members, and for outsiders only theirs."""
    expected = ["random", "revops", "secret", "shared", "archive", "Enroll Flow"]
    assert expected == names(stage, RINA)
    stage.world.direct(RINA)
    assert expected == names(stage, RINA)
    assert ["random", "revops", "shared", "archive", "Enroll Flow"] == names(stage, GUS)
    assert ["shared", "Enroll Flow"] == names(stage, OTTO)
    assert [] == names(stage, "U0GONE")


def test_a_room_says_what_it_is(stage: Stage) -> None:
    """Its kind, whether one can write in it, whether it is shared, and whether the bot is there."""
    found = {one.id: one for one in rooms.sidebar(stage.world, stage.marks, RINA)}
    assert ["channel", "private", "dm"] == [found[one].kind for one in (REVOPS, "G0SECRET", "D0REQUESTER")]
    assert [True, False] == [found[one].is_open for one in (REVOPS, "C0ARCHIVE")]
    assert [True, False] == [found[one].is_shared for one in ("C0SHARED", REVOPS)]
    assert [True, False, True] == [found[one].has_bot for one in (REVOPS, "C0RANDOM", "D0REQUESTER")]


def test_looking_changes_nothing(stage: Stage) -> None:
    """Direct messages that nobody has opened yet are shown, empty, and stay unopened."""
    before = set(stage.world.channels)
    names(stage, RINA)
    assert [] == seen(stage, channel="D0REQUESTER")
    assert before == set(stage.world.channels)


@pytest.mark.parametrize(
    ("user", "channel", "may"),
    [
        (RINA, REVOPS, True),
        (GUS, REVOPS, True),
        (OTTO, REVOPS, False),
        (OTTO, "C0SHARED", True),
        (COLE, "G0SECRET", False),
        (RINA, "G0SECRET", True),
        (RINA, "C0ARCHIVE", True),
        (RINA, "D0REQUESTER", True),
        (COLE, "D0REQUESTER", False),
        (RINA, "C0NOWHERE", False),
        ("U0GONE", "D0GONE", False),
        ("U0BOT", REVOPS, False),
        ("U0NOBODY", REVOPS, False),
    ],
)
def test_people_read_only_where_they_are(stage: Stage, user: str, channel: str, may: bool) -> None:
    """Elsewhere there is neither a conversation nor a thread, as if it did not exist."""
    stage.world.direct(RINA)
    assert may == rooms.may_read(stage.world, user, channel)
    if not may:
        with pytest.raises(Refused, match="channel_not_found"):
            seen(stage, user, channel)
        with pytest.raises(Refused, match="channel_not_found"):
            rooms.thread(stage.world, user, channel, "1.1", UTC)


def test_files_are_for_whom_they_were_sent_to(stage: Stage) -> None:
    """And for whoever uploaded them; nobody else, and no file that is none."""
    for made in (File("F1", "a.csv", b"a", "U0BOT", channel="D0REQUESTER"), File("F2", "q.sql", b"q", COLE)):
        stage.world.files[made.id] = made
    may = {
        (user, one) for user in (RINA, COLE, OTTO) for one in ("F1", "F2") if rooms.may_download(stage.world, user, one)
    }
    assert {(RINA, "F1"), (COLE, "F2")} == may
    assert not rooms.may_download(stage.world, RINA, "F3")
    stage.world.users[COLE].deleted = True
    assert not rooms.may_download(stage.world, COLE, "F2")


def test_a_conversation_is_what_stands_outside_threads(stage: Stage) -> None:
    """Oldest first, without replies, deleted messages and what is for somebody else alone; with what is for oneself."""
    top = stage.bot("top")
    stage.cole("reply", thread=top.ts)
    stage.bot("gone").deleted = True
    stage.world.whisper(REVOPS, RINA, "for Rina", [])
    stage.world.whisper(REVOPS, RINA, "for Rina, below", [], thread_ts=top.ts)
    stage.bot("elsewhere", "C0SHARED")
    assert ["top", "for Rina"] == texts(seen(stage))
    assert ["top"] == texts(seen(stage, COLE))
    assert ["top", "reply", "for Rina, below"] == texts(below(stage, top.ts))
    assert ["top", "reply"] == texts(below(stage, top.ts, COLE))
    assert [False, True] == [one.only_for_you for one in seen(stage)]


def test_only_the_newest_are_shown(stage: Stage) -> None:
    """As many as asked for."""
    for number in range(5):
        stage.bot(str(number))
    assert ["3", "4"] == texts(rooms.conversation(stage.world, RINA, REVOPS, UTC, 2))


def test_a_line_says_who_and_when(stage: Stage) -> None:
    """The author as people know them, the moment in UTC, and the day of whoever reads."""
    stage.bot("One")
    stage.on(minutes=2)
    stage.rina("Two")
    stage.world.whisper(REVOPS, RINA, "Three", [], author=SLACKBOT)
    first, second, third = seen(stage)
    assert [("Enroll Flow", True, False), ("Rina", False, True), ("Slackbot", True, False)] == [
        (one.author, one.is_bot, one.is_mine) for one in (first, second, third)
    ]
    assert datetime(2026, 11, 23, 22, 0, tzinfo=UTC) == second.at
    assert [date(2026, 11, 23)] * 3 == [one.day for one in (first, second, third)]
    stage.on(hours=2)
    stage.rina("After midnight in Berlin")
    assert date(2026, 11, 24) == seen(stage)[-1].day
    assert date(2026, 11, 24) == rooms.conversation(stage.world, RINA, REVOPS, UTC)[-1].day
    stage.on(hours=-1, minutes=-30)
    assert date(2026, 11, 23) == rooms.conversation(stage.world, RINA, REVOPS, UTC)[0].day


def test_messages_of_one_author_stand_together(stage: Stage) -> None:
    """Within five minutes of one day, unless one is for the reader alone or a line that nobody wrote."""
    stage.bot("22:58")
    stage.bot("22:58 too")
    stage.rina("22:58, another")
    stage.on(minutes=3)
    stage.rina("23:01")
    stage.on(minutes=5, seconds=1)
    stage.rina("too late")
    stage.world.whisper(REVOPS, RINA, "alone", [])
    stage.world.whisper(REVOPS, RINA, "alone too", [])
    stage.bot("for everybody")
    assert [False, True, False, True, False, False, True, False] == [one.is_continuation for one in seen(stage)]


def test_midnight_parts_messages(stage: Stage) -> None:
    """What follows in a minute but on the next day begins anew, where the reader is."""
    stage.on(minutes=61)
    stage.bot("23:59")
    stage.on(minutes=2)
    stage.bot("00:01")
    assert [False, False] == [one.is_continuation for one in seen(stage)]
    assert [False, True] == [
        one.is_continuation for one in rooms.conversation(stage.world, RINA, REVOPS, ZoneInfo("America/New_York"))
    ]


def test_who_was_added_stands_by_itself(stage: Stage) -> None:
    """Neither it nor what follows is a continuation."""
    stage.world.invite(RINA, "C0RANDOM", "U0BOT")
    stage.bot("Here", "C0RANDOM")
    stage.bot("Again", "C0RANDOM")
    assert [False, False, True] == [one.is_continuation for one in seen(stage, channel="C0RANDOM")]


def test_a_parent_tells_of_its_thread(stage: Stage) -> None:
    """How many replies, when the last came, and how many are new to the reader; whispers are no replies."""
    top = stage.rina("top")
    stage.on(seconds=30)
    first = stage.cole("one", thread=top.ts)
    stage.marks.seen(RINA, REVOPS, first.ts, thread=top.ts)
    stage.on(seconds=30)
    stage.bot("two", thread=top.ts)
    stage.world.whisper(REVOPS, RINA, "psst", [], thread_ts=top.ts)
    stage.bot("three", thread=top.ts).deleted = True
    (line,) = seen(stage)
    assert (2, 1, datetime(2026, 11, 23, 21, 59, tzinfo=UTC)) == (line.replies, line.reply_unread, line.last_reply_at)
    assert [1, 0] == [seen(stage, user)[0].reply_unread for user in (COLE, GUS)]
    assert [False, False, True, False] == [one.is_unread for one in below(stage, top.ts)]


def test_a_deleted_parent_leaves_its_place(stage: Stage) -> None:
    """As long as a reply hangs on it; then it is gone for good."""
    stage.bot("above")
    top = stage.bot("top")
    reply = stage.cole("reply", thread=top.ts)
    stage.bot("below")
    top.deleted = True
    assert [False, True, False] == [one.is_gone for one in seen(stage)]
    assert [False, False, False] == [one.is_continuation for one in seen(stage)]
    assert [True, False] == [one.is_gone for one in below(stage, reply.ts)]
    reply.deleted = True
    assert ["above", "below"] == texts(seen(stage))
    with pytest.raises(Refused, match="message_not_found"):
        below(stage, top.ts)


def test_a_reply_leads_to_its_thread(stage: Stage) -> None:
    """Its ts opens the same thread as its parent's; a ts that is none opens nothing."""
    top = stage.bot("top")
    reply = stage.cole("reply", thread=top.ts)
    assert below(stage, top.ts) == below(stage, reply.ts)
    with pytest.raises(Refused, match="message_not_found"):
        below(stage, "1.1")


def test_new_lines_are_known(stage: Stage) -> None:
    """What came after the mark is new, but not what one wrote oneself; without marks nothing is."""
    first = stage.bot("One")
    stage.marks.seen(RINA, REVOPS, first.ts)
    stage.bot("Two")
    stage.rina("Three")
    assert [False, True, False] == [one.is_unread for one in seen(stage)]
    assert [False] * 3 == [one.is_unread for one in rooms.conversation(stage.world, RINA, REVOPS, UTC)]


def test_edits_are_shown_where_slack_shows_them(stage: Stage) -> None:
    """Of text; an app's edit of blocks goes unsaid."""
    stage.world.edit(stage.bot("One"), "Uno", [])
    stage.world.edit(stage.bot("Two"), "Due", [section("Due")])
    assert [True, False] == [one.is_edited for one in seen(stage)]


def test_files_stand_below_their_message(stage: Stage) -> None:
    """With name and size."""
    stage.world.files["F1"] = File("F1", "refused.csv", b"abc", "U0BOT", channel=REVOPS)
    stage.bot("Yours").files = ["F1"]
    assert (Attached("F1", "refused.csv", 3),) == seen(stage)[0].files


def test_a_permalink_finds_its_message(stage: Stage) -> None:
    """With or without the dot, replies too; not deleted, private or foreign ones."""
    made = stage.bot("Hello")
    reply = stage.cole("reply", thread=made.ts)
    digits = made.ts.replace(".", "")
    assert [made] * 3 == [rooms.find(stage.world, REVOPS, one) for one in (made.ts, digits, f"p{digits}")]
    assert reply is rooms.find(stage.world, REVOPS, f"p{reply.ts.replace('.', '')}")
    whispered = stage.world.whisper(REVOPS, RINA, "psst", [])
    reply.deleted = True
    assert [None] * 4 == [
        rooms.find(stage.world, *one)
        for one in (("C0SHARED", made.ts), (REVOPS, whispered.ts), (REVOPS, reply.ts), (REVOPS, "p"))
    ]
