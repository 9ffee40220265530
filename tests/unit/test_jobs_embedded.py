"""The runner: every due row is brought on, no row twice at once, and what breaks does not stop the rest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.jobs.chore import Chore
from bot.jobs.embedded import Embedded, NoneDue, nobody_knows
from tests.unit.job_rows import Rows, now, until


@asynccontextmanager
async def running(
    *chores: Chore, none_due: NoneDue = nobody_knows, poll: float = 0.01, at_once: int = 8
) -> AsyncIterator[Embedded]:
    """A runner that is stopped at the end."""
    runner = Embedded(chores, clock=now, none_due=none_due, poll=poll, at_once=at_once)
    await runner.start()
    try:
        yield runner
    finally:
        await runner.stop(grace=0.5)


async def test_due_rows_of_every_chore_are_brought_on() -> None:
    """Without anybody's nudge: so a restart goes on where the last process was killed."""
    enrollments, messages = Rows("E-1", "E-2"), Rows("M-1")
    async with running(enrollments.chore(), messages.chore("message")) as runner:
        await until(lambda: not enrollments.due_at and not messages.due_at)
        await runner.idle()
    assert (["E-1", "E-2"], ["M-1"]) == (sorted(enrollments.ended), messages.ended)


async def test_a_row_waits_for_its_time() -> None:
    """By the clock that was passed in."""
    with freeze_time("2026-11-23 14:05", real_asyncio=True) as clock:
        rows = Rows()
        rows.due_at["E-1"] = now() + timedelta(minutes=5)
        async with running(rows.chore()):
            await asyncio.sleep(0.05)
            assert rows.begun == []
            clock.tick(timedelta(minutes=5))
            await until(lambda: rows.ended == ["E-1"])


async def test_a_nudge_does_not_wait_for_the_next_look() -> None:
    """The person who pressed sees it at once."""
    rows = Rows()
    async with running(rows.chore(), poll=60) as runner:
        await asyncio.sleep(0)
        runner.nudge("enrollment", "E-1")
        await runner.idle()
        assert rows.ended == ["E-1"]


async def test_a_nudge_is_no_reason_to_search() -> None:
    """What is due besides is found by the next search, however many nudges there are."""
    nudged, other = Rows(), Rows()
    async with running(nudged.chore(), other.chore("message"), poll=60) as runner:
        await asyncio.sleep(0.01)
        other.due_at["M-1"] = datetime.min.replace(tzinfo=UTC)
        for number in range(5):
            runner.nudge("enrollment", f"E-{number}")
            await runner.idle()
        assert (5, []) == (len(nudged.ended), other.begun)


async def test_a_row_in_hand_is_looked_at_again_on_its_time() -> None:
    """Long before the next search, and no sooner than it asked for."""
    rows = Rows("E-1")

    async def do(row: str) -> datetime:
        rows.ended.append(row)
        return now() + timedelta(seconds=0.3 if len(rows.ended) == 1 else 3600)

    async with running(Chore("enrollment", Rows().due, do), poll=60) as runner:
        runner.nudge("enrollment", "E-1")
        await runner.idle()
        assert ["E-1"] == rows.ended
        began = asyncio.get_running_loop().time()
        await until(lambda: len(rows.ended) == 2)
        assert 0.2 < asyncio.get_running_loop().time() - began


async def test_only_what_may_be_due_is_searched() -> None:
    """One question goes for all kinds of work, and an idle bot asks nothing else."""
    enrollments, messages, asked = Rows("E-1"), Rows("M-1"), 0

    async def none_due(_: datetime) -> set[str]:
        nonlocal asked
        asked += 1
        return {"enrollment"} if asked < 3 else set()

    async with running(enrollments.chore(), messages.chore("message"), none_due=none_due):
        await until(lambda: messages.ended == ["M-1"])
        assert (1, []) == (asked, enrollments.begun)
        await until(lambda: enrollments.ended == ["E-1"])


async def test_everything_is_searched_when_nobody_knows_what_is_due() -> None:
    """The question failed; each search says for itself what is wrong."""
    rows = Rows("E-1")

    async def away(_: datetime) -> set[str]:
        raise OSError

    async with running(rows.chore(), none_due=away):
        await until(lambda: rows.ended == ["E-1"])


async def test_a_nudge_before_the_start_is_heard() -> None:
    """Nothing is lost on the way up."""
    rows = Rows()
    runner = Embedded([rows.chore()], clock=now, poll=60)
    runner.nudge("enrollment", "E-1")
    await runner.start()
    await runner.idle()
    await runner.stop()
    assert rows.ended == ["E-1"]


async def test_a_nudge_during_a_run_makes_one_more_run() -> None:
    """What changed meanwhile may have been read already; several nudges are one, and never two runs at once."""
    go_on = asyncio.Event()
    rows = Rows(work=lambda _: go_on.wait())
    async with running(rows.chore(), poll=60) as runner:
        runner.nudge("enrollment", "E-1")
        await until(lambda: rows.in_hand == ["E-1"])
        for _ in range(3):
            runner.nudge("enrollment", "E-1")
        await asyncio.sleep(0.02)
        assert rows.begun == ["E-1"]
        go_on.set()
        await runner.idle()
    assert rows.ended == ["E-1", "E-1"]


async def test_only_so_many_are_in_hand_and_the_rest_follow_at_once() -> None:
    """A backlog does not wait for the next look after every few rows."""
    rows = Rows(*(f"E-{number}" for number in range(50)))
    async with running(rows.chore(), poll=60, at_once=3):
        await until(lambda: len(rows.ended) == 50)
    assert (50, 3) == (len(set(rows.ended)), rows.most_at_once)


async def test_a_busy_chore_leaves_room_for_the_others() -> None:
    """Slow checks do not hold up messages."""
    never = asyncio.Event()
    checks, messages = Rows("C-1", "C-2", "C-3", work=lambda _: never.wait()), Rows("M-1")
    async with running(checks.chore("check"), messages.chore("message"), at_once=2):
        await until(lambda: messages.ended == ["M-1"])
        assert ["C-1", "C-2"] == sorted(checks.in_hand)
        never.set()


async def test_what_breaks_is_logged_and_left_for_later() -> None:
    """With a reference and the row's id; the others go on, and it is tried again after its pause."""
    fails = True

    async def work(row: str) -> None:
        if row == "E-1" and fails:
            raise ValueError("SELECT secret FROM people")

    rows = Rows("E-1", "E-2", work=work)
    with capture_logs() as logged:
        async with running(rows.chore()) as runner:
            await until(lambda: rows.ended == ["E-2"] and not rows.in_hand)
            await asyncio.sleep(0.1)
            assert rows.begun.count("E-1") == 1
            fails = False
            runner.nudge("enrollment", "E-1")
            await runner.idle()
            assert ["E-2", "E-1"] == rows.ended
    assert len(logged) == 1
    event = logged[0]
    assert ("job.failed", "enrollment", "E-1", 1.0) == tuple(
        event[name] for name in ("event", "chore", "row", "again_in")
    )
    assert event["reference"].startswith("R-")
    assert isinstance(event["exc_info"], ValueError)


async def test_the_pauses_grow_to_a_minute() -> None:
    """Each failure in a row doubles it; one success begins anew."""
    fails = True

    async def work(_: str) -> None:
        if fails:
            raise ValueError

    rows = Rows(work=work)
    with capture_logs() as logged:
        async with running(rows.chore(), poll=60) as runner:
            for _ in range(8):
                runner.nudge("enrollment", "E-1")
                await runner.idle()
            fails = False
            runner.nudge("enrollment", "E-1")
            await runner.idle()
            fails = True
            runner.nudge("enrollment", "E-1")
            await runner.idle()
    assert [1, 2, 4, 8, 16, 32, 60, 60, 1] == [event["again_in"] for event in logged]


async def test_a_database_that_cannot_be_read_stops_nobody_for_good() -> None:
    """The look itself failed: other chores go on, and this one is looked at again."""
    rows, looks = Rows("M-1"), 0

    async def broken(at: datetime, limit: int) -> list[str]:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise OSError
        return await others.due(at, limit)

    others = Rows("E-1")
    with capture_logs() as logged:
        async with running(Chore("enrollment", broken, others.do), rows.chore("message")):
            await until(lambda: rows.ended == ["M-1"])
            await until(lambda: others.ended == ["E-1"])
    assert [("job.failed", "")] == [(event["event"], event["row"]) for event in logged]


async def test_stopping_finishes_what_is_in_hand_and_takes_nothing_more() -> None:
    """A deploy cuts nobody off in the middle of a step."""
    rows = Rows("E-1", work=lambda _: asyncio.sleep(0.05))
    runner = Embedded([rows.chore()], clock=now, poll=0.01)
    await runner.start()
    await until(lambda: rows.in_hand == ["E-1"])
    rows.due_at["E-2"] = now()
    runner.nudge("enrollment", "E-3")
    await runner.stop(grace=5)
    assert (["E-1"], ["E-1"]) == (rows.begun, rows.ended)


async def test_stopping_cuts_off_what_takes_too_long() -> None:
    """The row stays due: the next process takes it up."""
    rows = Rows("E-1", work=lambda _: asyncio.sleep(60))
    runner = Embedded([rows.chore()], clock=now, poll=0.01)
    await runner.start()
    await until(lambda: rows.in_hand == ["E-1"])
    await runner.stop(grace=0.01)
    assert ([], [], ["E-1"]) == (rows.ended, rows.in_hand, list(rows.due_at))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["E-1", "E-2", "E-3", "pause"]), max_size=30), st.integers(1, 3))
def test_whatever_is_nudged_is_done_afterwards(nudges: list[str], at_once: int) -> None:
    """Whenever the nudges come, each row has a whole run that began after its last one, and none overlap."""

    async def play() -> None:
        rows = Rows(work=lambda _: asyncio.sleep(0.0005))
        begun_by_then: dict[str, int] = {}
        async with running(rows.chore(), poll=60, at_once=at_once) as runner:
            for nudge in nudges:
                if nudge == "pause":
                    await asyncio.sleep(0.0004)
                else:
                    begun_by_then[nudge] = rows.begun.count(nudge)
                    runner.nudge("enrollment", nudge)
            await runner.idle()
        assert rows.begun.count("E-0") == 0
        for row, before in begun_by_then.items():
            assert rows.begun.count(row) > before
        assert sorted(rows.begun) == sorted(rows.ended)

    asyncio.run(play())


async def test_a_runner_is_alive_while_it_looks() -> None:
    """Neither before it was started nor after it was stopped, and also when every look fails."""

    async def away(_: datetime, __: int) -> list[str]:
        raise OSError

    runner = Embedded([Chore("enrollment", away, Rows().do)], clock=now, poll=0.01)
    assert not runner.alive()
    await runner.start()
    await asyncio.sleep(0.05)
    assert runner.alive()
    await runner.stop()
    assert not runner.alive()
