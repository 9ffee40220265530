"""What keeps an enrollment from starting, from what is known: the rules that say no for good, and the clock."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.enrollment import pausing
from bot.enrollment.model.approvals import Terms
from bot.enrollment.model.enrollments import Enrollment, Hold, Pause, PauseKind, State, Step, Trouble
from bot.enrollment.model.policies import Judgement, Policy, Refused, Tier
from tests.unit import stored
from tests.unit.stored import NOW

LATER = NOW + timedelta(hours=9)
LARGE = Tier("large", 500, ("U0APPROVER",))
FULL = Judgement(refused=(Refused("day_cap", asked=1225, limit=2000, left=775, until=LATER),), day_full_until=LATER)
NEVER = Judgement(refused=(Refused("day_cap", asked=1225, limit=500, left=500, until=LATER),), day_full_until=LATER)
APPROVED = Terms("approval.large", 500, 1, ("U0APPROVER",), expires_at=NOW, remind_at=NOW, escalate_at=NOW)


@pytest.mark.parametrize(
    ("rule", "judgement", "changes"),
    [
        ("", Judgement(), {}),
        ("request_cap", Judgement(refused=(Refused("request_cap"), Refused("flows"))), {}),
        ("", FULL, {}),
        ("day_cap", NEVER, {}),
        ("", NEVER, {"started_at": NOW}),
        ("approval.large", Judgement(tier=LARGE), {}),
        ("approval.large", Judgement(tier=LARGE), {"started_at": NOW}),
        ("", Judgement(tier=LARGE), {"terms": APPROVED}),
        ("", Judgement(refused=(Refused("approval.large"),), tier=LARGE), {"terms": APPROVED}),
        ("canary", Judgement(canary_demanded=True), {}),
        ("", Judgement(canary_demanded=True), {"canary": 5}),
        ("", Judgement(canary_demanded=True), {"started_at": NOW}),
    ],
)
def test_a_rule_that_says_no_for_good(rule: str, judgement: Judgement, changes: dict[str, Any]) -> None:
    """A full day is no such rule, unless no day has room; a word once given stands."""
    assert rule == pausing.broken_rule(stored.enrollment(**changes), judgement)


@pytest.mark.parametrize(
    ("expected", "judgement", "changes"),
    [
        (None, Judgement(), {}),
        (Pause(PauseKind.DAY_CAP, NOW, LATER, limit=2000, zone="Europe/Berlin"), FULL, {}),
        (None, FULL, {"started_at": NOW}),
        (Pause(PauseKind.QUIET_HOURS, NOW, LATER, zone="Europe/Berlin"), replace(FULL, quiet_until=LATER), {}),
        (
            Pause(PauseKind.QUIET_HOURS, NOW, LATER, zone="Europe/Berlin"),
            Judgement(quiet_until=LATER),
            {"started_at": NOW},
        ),
    ],
)
def test_what_the_clock_does_not_allow_yet(
    expected: Pause | None, judgement: Judgement, changes: dict[str, Any]
) -> None:
    """Quiet hours keep every batch, a day's cap only the first: whoever has begun is counted already."""
    policy = Policy(day_cap=2000, zone="Europe/Berlin")
    assert expected == pausing.by_clock(stored.enrollment(**changes), judgement, policy, NOW)


def held(**changes: Any) -> Enrollment:
    """One whose start was refused for the key, put on hold."""
    ready: dict[str, Any] = {
        "step": Step.START_RUN,
        "model_id": "model",
        "sync_id": "sync",
        "asked": True,
        "failures": 2,
    }
    trouble = Trouble("PolytomicLockedOut")
    waits = stored.enrollment(**ready, held_for=Hold.KEY, held_since=NOW, trouble=trouble, **changes)
    return pausing.on_hold(waits, Pause(PauseKind.STOP, NOW))


@pytest.mark.parametrize("started", [None, NOW])
def test_it_goes_on_where_it_stood(started: Any) -> None:
    """As one that has asked for nobody, so that everything is asked once more before it does."""
    before = held(started_at=started)
    assert (State.ON_HOLD, None, False, None) == (before.state, before.due_at, before.asked, before.held_for)
    after = pausing.goes_on(before, LATER)
    assert (State.RUNNING if started else State.LAUNCHING) == after.state
    assert (None, LATER, None, 0) == (after.pause, after.due_at, after.trouble, after.failures)


def test_the_same_reason_is_not_told_twice() -> None:
    """Since when it waits is kept; another reason, or another end, is news."""
    first = pausing.on_hold(stored.enrollment(), Pause(PauseKind.QUIET_HOURS, NOW, LATER))
    assert first == pausing.on_hold(first, Pause(PauseKind.QUIET_HOURS, LATER, LATER))
    other = Pause(PauseKind.QUIET_HOURS, LATER, LATER + timedelta(days=1))
    assert replace(first, pause=other, due_at=other.until) == pausing.on_hold(first, other)
