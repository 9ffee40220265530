"""Presses by anybody, in any order, with restarts and hours that pass: nobody is enrolled whom the policy did not let.

What happened is judged by what Polytomic's ledger and the rows say in the end, not by what the bot showed. What failed
is printed as a list of moves that can be played again by itself: give it to `played`.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.enrollment.model.approvals import Decision
from bot.enrollment.model.enrollments import Enrollment
from bot.sandbox.clock import MovableClock
from bot.sandbox.crm_ids import with_suffix
from bot.sandbox.town import Town
from bot.store import approvals, contacts, enrollments, tables
from bot.store.session import Database
from tests.conftest import OpenTown
from tests.fault.anybody import Anybody, Move
from tests.fault.conftest import SPEED, OpenOn
from tests.scenario import doing

QUERY = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'tiny'"
TWELVE = tuple(with_suffix(f"003Any{number:09d}") for number in range(12))
LATE = tuple(with_suffix(f"003Late{number:08d}") for number in range(3))
# Two words of three people are needed for more than three contacts; two are the canary; who approves may also ask.
POLICY = """
enroll = ["S0REVOPS", "U0APPROVER"]
operators = ["U0OPERATOR"]
cool_off_days = 0
[[approvals]]
name = "large"
threshold = 3
needed = 2
approvers = ["U0APPROVER", "U0OPERATOR", "U0COLLEAGUE"]
[canary]
size = 2
offered_from = 3
ticked_from = 3
"""
APPROVERS = frozenset({"U0APPROVER", "U0OPERATOR", "U0COLLEAGUE"})
EVERYBODY = ("U0REQUESTER", "U0COLLEAGUE", "U0OPERATOR", "U0APPROVER", "U0BYSTANDER", "U0GUEST")
_REST = 20

Happening = Literal["restart", "an hour", "half a day", "two days", "rows change"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person does, or what happens beside everybody."""

    move: Move | None = None
    happening: Happening | None = None


MOVES = st.one_of(
    st.builds(Move, st.sampled_from(EVERYBODY), st.just("press"), st.integers(0, 40)),
    st.builds(Move, st.sampled_from(EVERYBODY), st.sampled_from(("submit", "close"))),
    st.builds(Move, st.sampled_from(("U0REQUESTER", "U0COLLEAGUE", "U0APPROVER")), st.just("ask")),
    st.builds(
        Move,
        st.sampled_from(EVERYBODY),
        st.just("type"),
        word=st.sampled_from(("stop too many complaints", "resume", "cancel", "status", "")),
    ),
)
TURNS = st.lists(
    st.one_of(
        st.builds(Turn, move=MOVES),
        st.builds(Turn, move=MOVES),
        st.builds(Turn, move=MOVES),
        st.builds(Turn, happening=st.sampled_from(("restart", "an hour", "half a day", "two days", "rows change"))),
    ),
    min_size=8,
    max_size=25,
)
# The way that leads to an enrollment, so that what follows has something to spoil.
USUAL = (
    Turn(Move("U0REQUESTER", "ask")),
    Turn(Move("U0REQUESTER", "submit")),
    Turn(Move("U0APPROVER", "press", label="Approve")),
    Turn(Move("U0OPERATOR", "press", label="Approve")),
)
_PLAYED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
    phases=[Phase.explicit, Phase.generate],
    max_examples=8,
    derandomize=True,
)


@pytest.mark.slow
async def test_the_usual_way_enrolls_them(open_on: OpenOn, tmp_path: Path) -> None:
    """Two words, and the first two are in; the rest is, once it is released."""
    released = (*USUAL, Turn(happening="an hour"), Turn(Move("U0REQUESTER", "press", label="Release")))
    done = await played(open_on("sqlite"), tmp_path, released)
    assert 12 == len(done)


@pytest.mark.slow
@pytest.mark.timeout(400)
@_PLAYED
@given(first=st.sampled_from((0, 2, 3, 4)), turns=TURNS)
async def test_nobody_is_enrolled_without_leave(open_on: OpenOn, tmp_path: Path, first: int, turns: list[Turn]) -> None:
    """Whoever presses what, whenever: enough words of others stand for each list, and nobody outside of it is in."""
    await played(open_on("sqlite"), tmp_path, (*USUAL[:first], *turns))


async def played(opening: OpenTown, folder: Path, turns: tuple[Turn, ...]) -> list[str]:
    """The turns were taken one after the other, and what has to hold holds; returns who is in the flow."""
    policy = folder / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    clock = MovableClock(speed=SPEED)
    async with opening(clock=clock, switches=doing.willing(run_seconds=0.05), policy_file=str(policy)) as town:
        _insert(town, TWELVE)
        people = {one: Anybody(town, one, QUERY) for one in EVERYBODY}
        for turn in turns:
            if turn.move is not None:
                await people[turn.move.who].do(turn.move)
            elif turn.happening is not None:
                await _happens(turn.happening, town, clock)
            await asyncio.sleep(0.05)
        await _rest(town)
        done = doing.in_flow(town)
        await _all_let(town, done)
        return done


def _insert(town: Town, ids: tuple[str, ...]) -> None:
    town.warehouse.insert("SALESFORCE_CONTACTS", [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": "tiny"} for one in ids])


async def _happens(happening: Happening, town: Town, clock: MovableClock) -> None:
    match happening:
        case "restart":
            await town.restart_bot()
        case "an hour":
            clock.on(hours=1)
        case "half a day":
            clock.on(hours=13)
        case "two days":
            clock.on(hours=48)
        case "rows change":
            _insert(town, LATE)


async def _rest(town: Town) -> None:
    """Nothing moves by itself any more: all who may go on have, and who waits waits for a person or an hour."""
    last, still = -1, 0
    for _ in range(_REST * 10):
        await asyncio.sleep(0.1)
        now = len(town.polytomic.ledger.contacts_in(town.polytomic.gong.flow_named(doing.FLOW).id))
        still = still + 1 if now == last else 0
        last = now
        if still >= _REST:
            return


async def _all_let(town: Town, done: list[str]) -> None:
    """Each contact is in once, on the list of an enrollment that had every word the policy asks for."""
    assert len(done) == len(set(done))
    db = Database(town.settings().database_url)
    try:
        async with db.begin() as s:
            let: set[str] = set()
            for enrollment_id in (await s.execute(select(tables.enrollments.c.id))).scalars():
                enrollment = await enrollments.get(s, enrollment_id)
                assert enrollment is not None
                everybody = await contacts.listed(s, enrollment.check_id, (0, enrollment.tally.total))
                listed = [canonical for _, canonical in everybody]
                words = await approvals.words(s, enrollment_id)
                yes = {one.user_id for one in words if one.decision is Decision.APPROVED}
                if enrollment.started_at is not None:
                    _demand_let(enrollment, yes, [one.at <= enrollment.started_at for one in words])
                    let |= set(listed if _all_may(enrollment) else listed[: enrollment.canary])
            assert set(done) <= let
    finally:
        await db.close()


def _demand_let(enrollment: Enrollment, yes: set[str], in_time: list[bool]) -> None:
    """It began, so it had enough words, of people who may give them, of nobody for themselves, and before it began."""
    assert enrollment.tally.total <= 3 or enrollment.terms is not None
    if enrollment.terms is not None:
        assert len(yes & APPROVERS - {enrollment.requester_id}) >= 2
        assert all(in_time)
        assert enrollment.requester_id not in yes


def _all_may(enrollment: Enrollment) -> bool:
    """True when the rest was let go after the canary, or there was none."""
    return not enrollment.canary or enrollment.released_at is not None
