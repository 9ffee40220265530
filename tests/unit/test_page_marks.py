"""The sidebar is bold and has numbers as in Slack: for what is new, and for what is meant for the person."""

from collections.abc import Callable

import pytest

from tests.unit.page_stage import COLE, GUS, OTTO, REVOPS, RINA, Stage

QUIET, BOLD, LOUD = (False, 0), (True, 0), (True, 1)


@pytest.fixture
def stage() -> Stage:
    """A workspace on its first day."""
    return Stage()


def _edited(stage: Stage) -> None:
    made = stage.bot("Launching")
    stage.marks.seen(RINA, REVOPS, made.ts)
    stage.world.edit(made, "Enrolled <@U0REQUESTER>", [])


def _named_by_an_edit(stage: Stage) -> None:
    stage.world.edit(stage.bot("Launching"), "Enrolled <@U0REQUESTER>", [])


def _deleted(stage: Stage) -> None:
    stage.bot("<@U0REQUESTER>").deleted = True


def _in_a_thread_of_others(stage: Stage) -> None:
    made = stage.cole("top")
    stage.marks.seen(RINA, REVOPS, made.ts)
    stage.bot("<!channel> below", thread=made.ts)


def _named_in_a_thread_of_others(stage: Stage) -> None:
    made = stage.cole("top")
    stage.marks.seen(RINA, REVOPS, made.ts)
    stage.bot("<@U0REQUESTER>", thread=made.ts)


def _below_what_she_wrote(stage: Stage) -> None:
    stage.cole("below", thread=stage.rina("top").ts)


def _called_below_what_she_wrote(stage: Stage) -> None:
    stage.cole("@here", thread=stage.rina("top").ts)


def _below_what_named_her(stage: Stage) -> None:
    made = stage.bot("<@U0REQUESTER> started")
    stage.marks.seen(RINA, REVOPS, made.ts)
    stage.cole("below", thread=made.ts)


def _below_before_she_was_named(stage: Stage) -> None:
    made = stage.cole("top")
    stage.cole("between others", thread=made.ts)
    stage.marks.seen(RINA, REVOPS, made.ts)
    named = stage.cole("@rina", thread=made.ts)
    stage.marks.seen(RINA, REVOPS, named.ts, thread=made.ts)
    assert stage.mark() == QUIET
    stage.cole("after", thread=made.ts)


def _below_and_only_the_channel_was_seen(stage: Stage) -> None:
    made = stage.rina("top")
    below = stage.cole("below", thread=made.ts)
    stage.marks.seen(RINA, REVOPS, below.ts)


def _below_and_seen_there(stage: Stage) -> None:
    made = stage.rina("top")
    below = stage.cole("below", thread=made.ts)
    stage.marks.seen(RINA, REVOPS, below.ts, thread=made.ts)


def _joined(stage: Stage) -> None:
    stage.world.channels[REVOPS].members.remove("U0BOT")
    stage.world.invite(COLE, REVOPS, "U0BOT")


@pytest.mark.parametrize(
    ("happens", "mark"),
    [
        (lambda stage: None, QUIET),
        (lambda stage: stage.bot("Hello"), BOLD),
        (lambda stage: stage.cole("Hello"), BOLD),
        (lambda stage: stage.rina("Hello @rina"), QUIET),
        (lambda stage: stage.cole("Hello @rina"), LOUD),
        (lambda stage: stage.cole("Hello @ben"), BOLD),
        (lambda stage: stage.cole("@here"), LOUD),
        (lambda stage: stage.bot("<!channel>"), LOUD),
        (lambda stage: stage.bot("<!subteam^S0REVOPS>"), LOUD),
        (lambda stage: stage.world.whisper(REVOPS, RINA, "psst <@U0REQUESTER>", []), QUIET),
        (_edited, QUIET),
        (_named_by_an_edit, BOLD),
        (_deleted, QUIET),
        (_in_a_thread_of_others, QUIET),
        (_named_in_a_thread_of_others, LOUD),
        (_below_what_she_wrote, BOLD),
        (_called_below_what_she_wrote, LOUD),
        (_below_what_named_her, BOLD),
        (_below_before_she_was_named, BOLD),
        (_below_and_only_the_channel_was_seen, BOLD),
        (_below_and_seen_there, QUIET),
        (_joined, QUIET),
    ],
)
def test_what_is_new_is_bold_and_what_is_meant_for_her_has_a_number(
    stage: Stage, happens: Callable[[Stage], object], mark: tuple[bool, int]
) -> None:
    """Each line of the table is one rule of Slack's notifications."""
    happens(stage)
    assert mark == stage.mark()


def test_a_call_to_a_group_is_for_its_members_alone(stage: Stage) -> None:
    """Gus, who is not in RevOps, only sees that something is new."""
    stage.bot("<!subteam^S0REVOPS>")
    assert (LOUD, BOLD) == (stage.mark(COLE), stage.mark(GUS))


def test_every_direct_message_counts(stage: Stage) -> None:
    """Replies there too, whoever began; what the person writes does not."""
    direct = "D0REQUESTER"
    assert stage.mark(channel=direct) == QUIET
    first = stage.bot("One", RINA)
    stage.bot("Two", RINA, first.ts)
    stage.rina("Thanks", direct)
    assert (True, 2) == stage.mark(channel=direct)
    stage.marks.seen(RINA, direct, first.ts)
    assert (True, 1) == stage.mark(channel=direct)


def test_numbers_add_up(stage: Stage) -> None:
    """Two that name her and one that does not make a two."""
    stage.cole("@rina")
    stage.cole("Hello")
    stage.bot("<@U0REQUESTER>")
    assert (True, 2) == stage.mark()


def test_reading_is_ones_own(stage: Stage) -> None:
    """What Rina saw is still new to others, and what she saw in one channel to herself in another."""
    made = stage.bot("Hello")
    stage.bot("Hello", "C0SHARED")
    stage.marks.seen(RINA, REVOPS, made.ts)
    assert (QUIET, BOLD, BOLD) == (stage.mark(), stage.mark(GUS), stage.mark(channel="C0SHARED"))
    assert BOLD == stage.mark(OTTO, "C0SHARED")


def test_a_mark_never_goes_back(stage: Stage) -> None:
    """A window that shows older messages makes nothing new again."""
    older, newer = stage.bot("One"), stage.bot("Two")
    stage.marks.seen(RINA, REVOPS, newer.ts)
    stage.marks.seen(RINA, REVOPS, older.ts)
    assert stage.mark() == QUIET


def test_ts_are_compared_as_numbers(stage: Stage) -> None:
    """The millionth id of a second comes after the one before it."""
    stage.marks.seen(RINA, REVOPS, "1795471080.999999")
    made = stage.bot("Hello")
    made.ts = "1795471080.1000000"
    assert stage.mark() == BOLD
