"""Whatever people write and read in whatever order, reading hides what was there and nothing that comes later."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.page import rooms
from tests.unit.page_stage import COLE, REVOPS, RINA, Stage

DIRECT = "D0REQUESTER"
CHANNELS = st.sampled_from([REVOPS, "C0SHARED", DIRECT])
KINDS = st.sampled_from(["bot", "rina", "cole", "read", "read below", "edit", "tick"])
STEPS = st.lists(st.tuples(KINDS, CHANNELS, st.booleans()), max_size=20)
Step = tuple[str, str, bool]
TEXT = {"bot": "<@U0REQUESTER> done", "rina": "mine", "cole": "theirs"}


def played(steps: list[Step], stage: Stage | None = None) -> Stage:
    """The steps have happened; whoever reads, reads to the end of what is shown."""
    stage = stage or Stage()
    stage.world.direct(RINA)
    for step, channel, in_thread in steps:
        tops = [one for one in stage.world.messages if one.channel == channel and not one.thread_ts]
        newest = tops[-1] if tops else None
        if step == "tick":
            stage.on(seconds=1)
        elif step == "read":
            read(stage, channel, "")
        elif step in TEXT and (step, channel) != ("cole", DIRECT):
            getattr(stage, step)(TEXT[step], channel, newest.ts if newest and in_thread else "")
        elif step == "read below" and newest:
            read(stage, channel, newest.ts)
        elif step == "edit" and newest and not newest.by_person:
            stage.world.edit(newest, "<@U0REQUESTER> edited", [])
    return stage


def read(stage: Stage, channel: str, thread: str) -> None:
    """Rina has seen the conversation or the thread as it stands."""
    shown = [one for one in stage.world.messages if one.channel == channel and one.thread_ts == thread]
    if shown:
        stage.marks.seen(RINA, channel, shown[-1].ts, thread=thread)


def is_quiet(stage: Stage, user: str) -> bool:
    """Nothing is bold for this person, and nothing has a number."""
    return not any(one.unread or one.mentions for one in rooms.sidebar(stage.world, stage.marks, user))


@settings(max_examples=60, deadline=None)
@given(STEPS, STEPS)
def test_reading_never_hides_what_comes_later(before: list[Step], after: list[Step]) -> None:
    """Everything read is quiet; what names her next makes its conversation loud, whatever others write then."""
    stage = played(before)
    for one in list(stage.world.messages):
        read(stage, one.channel, one.thread_ts)
    assert is_quiet(stage, RINA)
    stage.bot("<@U0REQUESTER>")
    assert (True, 1) == stage.mark()
    played([one for one in after if one[0] in TEXT], stage)
    assert (True, 1) <= stage.mark()


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_what_others_read_is_of_no_effect(steps: list[Step]) -> None:
    """Cole, who has read everything, has nothing left; for Rina all is as it would be without him."""
    stage, alone = played(steps), played(steps)
    for one in stage.world.messages:
        stage.marks.seen(COLE, one.channel, one.ts, thread=one.thread_ts)
    assert is_quiet(stage, COLE)
    assert rooms.sidebar(alone.world, alone.marks, RINA) == rooms.sidebar(stage.world, stage.marks, RINA)
