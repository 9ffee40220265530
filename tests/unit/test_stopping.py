"""The kill switch over rows: what a stop and a start do to each other, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.enrollment import marking
from bot.enrollment.keeping import Keeping
from bot.enrollment.model.enrollments import Enrollment, Hold, Pause, PauseKind, State, Step, Tally, Trouble
from bot.enrollment.model.messages import MessageKind
from bot.enrollment.model.people import Person, Standing
from bot.enrollment.model.stops import Resumed, Stop, Stopped
from bot.enrollment.stopping import Stopping, demand_not_stopped
from bot.errors import EnrollingStopped, NotAllowed
from bot.store import checks, enrollments, messages, stops
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import NOW, TEAM

OLGA = Person(TEAM, "U0OPERATOR", Standing.NOT_LISTED, operator=True)
READY: dict[str, Any] = {"step": Step.START_RUN, "model_id": "model", "model_field": "ID", "sync_id": "sync"}
RUNS: dict[str, Any] = {**READY, "state": State.RUNNING, "step": Step.WATCH_RUN, "started_at": NOW}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def db(request: pytest.FixtureRequest, database: Path) -> AsyncIterator[Database]:
    """An empty database of each kind."""
    on_sqlite = request.param == "sqlite"
    opened = Database(f"sqlite+aiosqlite:///{database}" if on_sqlite else request.getfixturevalue("postgresql").url())
    yield opened
    await opened.close()


async def kept(db: Database, *wanted: Enrollment) -> None:
    """These enrollments are there, with their checks."""
    async with db.begin() as s:
        for one in wanted:
            await checks.add(s, stored.check(one.check_id, draft_id=one.id))
            assert await enrollments.add(s, one)


async def now(db: Database, enrollment_id: str = "E-7K2M9Q") -> Enrollment:
    """The enrollment as it stands."""
    async with db.begin() as s:
        found = await enrollments.get(s, enrollment_id)
    assert found is not None
    return found


def stopping(db: Database, nudged: list[tuple[str, str]] | None = None, *, after: float = 1) -> Stopping:
    """The switch, a moment later."""
    heard = [] if nudged is None else nudged
    return Stopping(
        db, clock=lambda: NOW + timedelta(seconds=after), nudge=lambda chore, row: heard.append((chore, row))
    )


async def nobody() -> tuple[str, ...]:
    """No operators to be told."""
    return ()


@pytest.mark.parametrize(
    ("changes", "does"),
    [
        ({}, "held"),
        ({**READY}, "held"),
        ({**RUNS, "step": Step.START_RUN, "batch": 1}, "held"),
        ({**READY, "asked": True, "held_for": Hold.KEY, "held_since": NOW}, "held"),
        ({"state": State.ON_HOLD, "pause": Pause(PauseKind.DAY_CAP, NOW)}, "held"),
        ({**RUNS}, "ends"),
        ({**READY, "asked": True, "asked_at": NOW}, "ends"),
        ({**READY, "asked": True, "asked_at": NOW, "trouble": Trouble("rights_unknown")}, "ends"),
        ({"state": State.AWAITING_APPROVAL}, "stays"),
        ({"state": State.AWAITING_GONG}, "stays"),
        ({**READY, "state": State.CANARY}, "stays"),
        ({**RUNS, "state": State.NEEDS_ATTENTION}, "stays"),
        ({**RUNS, "cancel_asked_at": NOW, "canceled_by": "U0REQUESTER"}, "stays"),
        ({**RUNS, "state": State.ENROLLED, "ended_at": NOW}, "stays"),
    ],
)
async def test_a_stop_holds_what_has_not_begun_and_ends_what_has(
    db: Database, changes: dict[str, Any], does: str
) -> None:
    """Whoever waits for somebody else stays as it is: its next step meets the stop."""
    before = stored.enrollment(**{"due_at": None, "tally": Tally(200, 41), **changes})
    await kept(db, before)
    did = await stopping(db).stop(OLGA, "wrong sender")
    after = await now(db)
    moment = NOW + timedelta(seconds=1)
    told = ((41, 200),) if does == "ends" else ()
    assert Stopped(did.stop, held=does == "held", told_to_end=told) == did
    assert (
        after
        == {
            "held": replace(before, due_at=moment),
            "ends": replace(before, due_at=moment, cancel_asked_at=moment, canceled_by="U0OPERATOR"),
            "stays": before,
        }[does]
    )


async def test_a_second_stop_repeats_the_first_and_gives_it_its_reason(db: Database) -> None:
    """It stands since the first, by whom it was; a reason that was given stays."""
    await kept(db, stored.enrollment(**RUNS))
    first = await stopping(db).stop(OLGA, "")
    other = replace(OLGA, user_id="U0OTHER")
    second = await stopping(db, after=2).stop(other, "wrong sender")
    third = await stopping(db, after=3).stop(other, "another reason")
    stop = replace(first.stop, reason="wrong sender")
    assert ("U0OPERATOR", "") == (first.stop.by, first.stop.reason)
    assert [(stop, True), (stop, True)] == [(one.stop, one.again) for one in (second, third)]
    assert first.told_to_end == second.told_to_end == third.told_to_end
    assert NOW + timedelta(seconds=1) == (await now(db)).cancel_asked_at


async def test_two_who_stop_at_once_have_one_stop(db: Database) -> None:
    """Whichever was first stands for both."""
    did = await asyncio.gather(*(stopping(db).stop(OLGA, "") for _ in range(4)))
    assert 1 == len({one.stop.id for one in did})
    assert [False, True, True, True] == sorted(one.again for one in did)


async def test_everybody_who_follows_it_is_told_once(db: Database) -> None:
    """The living message is wanted again, and the thread has one note for the stop and one for its end."""
    await kept(db, stored.enrollment(state=State.AWAITING_APPROVAL))
    async with db.begin() as s:
        await messages.want(s, stored.message(due_at=None))
        card = stored.message(MessageKind.APPROVAL_CARD, due_at=None, channel="U0APPROVER")
        await messages.want(s, card)
    nudged: list[tuple[str, str]] = []
    did = [await stopping(db, nudged).stop(OLGA, "why") for _ in range(2)]
    await stopping(db, nudged).resume(OLGA)
    async with db.begin() as s:
        living = await messages.by_cause(s, "living:E-7K2M9Q")
        notes = [
            await messages.by_cause(s, f"{kind}:E-7K2M9Q:{did[0].stop.id}")
            for kind in (MessageKind.STOPPED, MessageKind.RESUMED)
        ]
        again = await messages.get(s, card.id)
    assert living is not None
    assert again is not None
    assert (4, 4) == (living.wanted_revision, again.wanted_revision)
    assert [1, 1] == [note.wanted_revision for note in notes if note is not None]
    assert {("message", row.id) for row in (again, *notes) if row is not None} <= set(nudged)


async def test_resuming_lets_those_held_go_on_in_their_order(db: Database) -> None:
    """The oldest first, a little apart; whoever waits for something else waits on. It happens once."""
    pause = Pause(PauseKind.STOP, NOW, by="U0OPERATOR")
    quiet = Pause(PauseKind.QUIET_HOURS, NOW, until=NOW + timedelta(hours=9))
    held = [
        stored.enrollment(f"E-{name}", state=State.ON_HOLD, pause=pause, due_at=None, created_at=NOW - age)
        for name, age in (("YOUNG", timedelta()), ("OLD", timedelta(hours=1)))
    ]
    later = stored.enrollment("E-QUIET", state=State.ON_HOLD, pause=quiet, due_at=quiet.until)
    await kept(db, *held, later)
    did = await stopping(db).stop(OLGA, "")
    assert ("E-OLD", "E-YOUNG") == await stopping(db).waiting(TEAM)
    assert await stopping(db).resume(OLGA, "another stop") is None
    resumed = await stopping(db, after=5).resume(OLGA, did.stop.id)
    assert Resumed(did.stop, ("E-OLD", "E-YOUNG")) == resumed
    dues = [(await now(db, one)).due_at for one in ("E-OLD", "E-YOUNG")]
    assert [NOW + timedelta(seconds=5), NOW + timedelta(seconds=5.2)] == dues
    assert await stopping(db).resume(OLGA, did.stop.id) is None
    assert await stopping(db).standing(TEAM) is None


async def test_only_operators_may(db: Database) -> None:
    """Whoever may enroll may not stop others from it."""
    rina = Person(TEAM, "U0REQUESTER", Standing.ALLOWED)
    with pytest.raises(NotAllowed):
        await stopping(db).stop(rina, "")
    with pytest.raises(NotAllowed):
        await stopping(db).resume(rina)
    assert await stopping(db).standing(TEAM) is None


async def test_a_stop_is_of_one_team(db: Database) -> None:
    """Elsewhere people go on."""
    did = await stopping(db).stop(OLGA, "")
    async with db.begin() as s:
        await demand_not_stopped(s, "T0ELSEWHERE")
        with pytest.raises(EnrollingStopped) as refused:
            await demand_not_stopped(s, TEAM)
    assert did.stop.at == refused.value.at


async def test_no_run_is_marked_while_stopped_and_the_row_stays_as_it_was(db: Database) -> None:
    """A model may still be made: it brings nobody."""
    ready, young = stored.enrollment("E-READY", **READY), stored.enrollment("E-YOUNG")
    await kept(db, ready, young)
    async with db.begin() as s:
        await stops.add(s, Stop("stop", TEAM, "U0OPERATOR", "", NOW))
    assert await marking.mark(db, ready, NOW) is None
    assert ready == await now(db, "E-READY")
    assert replace(young, asked=True, asked_at=NOW, version=1) == await marking.mark(db, young, NOW)


async def test_a_start_and_a_stop_at_once_leave_it_held_or_told_to_end(db: Database) -> None:
    """Whichever is first, never neither: thirty teams, each with a stop of its own."""
    for number in range(30):
        ready = stored.enrollment(f"E-{number}", team_id=f"T{number}", **READY)
        await kept(db, ready)

        async def start(ready: Enrollment = ready, pause: float = number % 6 / 1000) -> Enrollment | None:
            await asyncio.sleep(pause)
            return await marking.mark(db, ready, NOW)

        marked, did = await asyncio.gather(start(), stopping(db).stop(replace(OLGA, team_id=ready.team_id), ""))
        after = await now(db, ready.id)
        assert (marked is not None) == after.asked == (after.cancel_asked_at is not None) == bool(did.told_to_end)
        assert did.held == (not after.asked)


@pytest.mark.slow
async def test_a_stop_waits_for_a_mark_that_is_being_written(postgresql: Any) -> None:
    """The mark holds its row; the stop finds it marked once it has it, and tells its run to end."""
    db = Database(postgresql.url())
    ready = stored.enrollment(**READY)
    await kept(db, ready)
    async with db.begin() as s:
        assert await enrollments.keep(s, ready, asked=True, asked_at=NOW)
        assert await stops.standing(s, TEAM) is None
        stop = asyncio.create_task(stopping(db).stop(OLGA, ""))
        done, _ = await asyncio.wait([stop], timeout=0.3)
        assert not done
        assert await stops.standing(s, TEAM) is not None
    assert ((0, 1225),) == (await stop).told_to_end
    assert (await now(db)).cancel_asked_at is not None
    await db.close()


async def test_nobody_is_held_by_a_stop_that_was_lifted_meanwhile(db: Database) -> None:
    """The hold was decided before and is not written: the row stays due, and is looked at again."""
    before = stored.enrollment()
    await kept(db, before)
    did = await stopping(db).stop(OLGA, "")
    held = replace(before, state=State.ON_HOLD, pause=Pause(PauseKind.STOP, did.stop.at), due_at=None)
    keeping = Keeping(db, clock=lambda: NOW, operators=nobody, nudge=lambda *_: None)
    assert await stopping(db).resume(OLGA)
    assert not await keeping.keep(before, held)
    assert State.LAUNCHING == (await now(db)).state
    await stopping(db).stop(OLGA, "")
    assert await keeping.keep(before, held)
    assert State.ON_HOLD == (await now(db)).state
