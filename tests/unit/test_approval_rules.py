"""What words come to: who may give one, which of them count, and when something happens without any."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.enrollment import approval_rules
from bot.enrollment.approval_rules import Answer, Settled
from bot.enrollment.model.approvals import Decision, Word
from bot.enrollment.model.enrollments import Enrollment, State, Trouble
from bot.enrollment.model.people import Person, Standing
from tests.unit import view_builders as some
from tests.unit.view_builders import ID, NOW

HOUR = timedelta(hours=1)
BOTH = frozenset({"U0APPROVER", "U0OTHER"})


def waits(**changes: Any) -> Enrollment:
    """A request that waits for a word since NOW."""
    return some.awaiting(**changes)


def word(user_id: str = "U0APPROVER", decision: Decision = Decision.APPROVED, **changes: Any) -> Word:
    """What an approver said an hour after it was asked."""
    made = Word(ID, "T1", user_id, decision, some.FINGERPRINT, NOW + HOUR)
    return replace(made, **changes)


def never(_now: datetime) -> None:
    """No hour is quiet."""


def looked(enrollment: Enrollment, *words: Word, now: datetime = NOW + HOUR) -> Enrollment:
    """The enrollment after one look then."""
    return approval_rules.looked(enrollment, words, now, never)


def test_one_word_is_enough_where_one_is_needed() -> None:
    """It goes on at once."""
    after = looked(waits(), word())
    assert (State.LAUNCHING, NOW + HOUR) == (after.state, after.due_at)


def test_a_no_ends_it_whoever_else_said_yes() -> None:
    """Who, when and why are kept."""
    no = word("U0OTHER", Decision.DENIED, reason="not these", at=NOW + 2 * HOUR)
    after = looked(waits(needed=2), word(), no)
    assert State.DENIED is after.state
    assert Trouble("denied", by="U0OTHER", fragment="not these", since=NOW + 2 * HOUR) == after.trouble
    assert not approval_rules.enough(waits(), [word(), no])


@pytest.mark.parametrize(
    "other",
    [
        word(fingerprint="another"),
        word("U0REQUESTER"),
        word(at=NOW + 24 * HOUR),
        word(enrollment_id="E-OTHER0"),
        word(decision=Decision.DENIED),
    ],
    ids=["about another request", "the requester's own", "too late", "of another enrollment", "a no"],
)
def test_words_that_do_not_count(other: Word) -> None:
    """Nobody is enrolled by them."""
    assert () == approval_rules.approvals(waits(), [other])
    assert not approval_rules.enough(waits(), [other])


def test_two_words_of_one_person_are_one() -> None:
    """Two people have to say yes where two are needed."""
    twice = [word(), word(at=NOW + 2 * HOUR)]
    assert not approval_rules.enough(waits(needed=2), twice)
    assert approval_rules.enough(waits(needed=2), [*twice, word("U0OTHER")])


def test_without_a_word_it_is_reminded_then_escalated_then_over() -> None:
    """Each look parks it until the next of the three."""
    first = looked(waits(), now=NOW)
    assert (State.AWAITING_APPROVAL, NOW + 12 * HOUR) == (first.state, first.due_at)
    second = looked(first, now=NOW + 12 * HOUR)
    assert second.terms is not None
    assert (NOW + 12 * HOUR, None, NOW + 18 * HOUR) == (
        second.terms.reminded_at,
        second.terms.escalated_at,
        second.due_at,
    )
    third = looked(second, now=NOW + 18 * HOUR)
    assert third.terms is not None
    assert (NOW + 18 * HOUR, NOW + 24 * HOUR) == (third.terms.escalated_at, third.due_at)
    assert ("U0APPROVER", "U0OTHER", "U0BOSS") == approval_rules.asked(third)
    last = looked(third, now=NOW + 24 * HOUR)
    assert (State.EXPIRED, Trouble("unapproved", limit=86_400)) == (last.state, last.trouble)


def test_whom_nobody_named_nobody_asks() -> None:
    """Without anybody to escalate to it waits for its end."""
    after = looked(waits(escalate_to=()), now=NOW + 20 * HOUR)
    assert after.terms is not None
    assert (None, NOW + 24 * HOUR) == (after.terms.escalated_at, after.due_at)


def test_a_reminder_waits_for_the_end_of_quiet_hours() -> None:
    """It is looked at again when they end; what expires meanwhile expires."""
    ends = NOW + 15 * HOUR

    def quiet(now: datetime) -> datetime | None:
        return ends if now < ends else None

    waiting = approval_rules.looked(waits(), (), NOW + 12 * HOUR, quiet)
    assert waiting.terms is not None
    assert (None, ends) == (waiting.terms.reminded_at, waiting.due_at)
    told = approval_rules.looked(waiting, (), ends, quiet)
    assert told.terms is not None
    assert ends == told.terms.reminded_at


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        (Person("T1", "U0APPROVER", Standing.NOT_LISTED), None),
        (Person("T1", "U0REQUESTER", Standing.ALLOWED, operator=True), Answer.OWN),
        (Person("T1", "U0BYSTANDER", Standing.ALLOWED), Answer.NOT_APPROVER),
        (Person("T1", "U0APPROVER", Standing.GUEST), Answer.NOT_APPROVER),
        (Person("T1", "U0APPROVER", Standing.OUTSIDER), Answer.NOT_APPROVER),
        (Person("T1", "U0APPROVER", Standing.UNKNOWN), Answer.UNKNOWN_PERSON),
    ],
)
def test_who_may_decide(who: Person, answer: Answer | None) -> None:
    """Those who are listed now and did not ask for it themselves, not even when they are listed."""
    now = NOW + HOUR
    allowed = BOTH | {"U0REQUESTER"}
    assert answer is approval_rules.refused(waits(), [], who, allowed, now, some.FINGERPRINT)


def test_a_press_on_an_edited_request_is_void() -> None:
    """A word is about a fingerprint."""
    ada = Person("T1", "U0APPROVER", Standing.NOT_LISTED)
    assert Answer.VOID is approval_rules.refused(waits(), [], ada, BOTH, NOW, "another")


@pytest.mark.parametrize(
    ("enrollment", "said", "settled"),
    [
        (waits(), [], Settled.WAITING),
        (waits(), [word()], Settled.APPROVED),
        (waits(needed=2), [word()], Settled.WAITING),
        (waits(), [word(decision=Decision.DENIED)], Settled.DENIED),
        (replace(waits(), cancel_asked_at=NOW), [], Settled.WITHDRAWN),
        (replace(waits(), state=State.RUNNING, cancel_asked_at=NOW), [word()], Settled.APPROVED),
        (replace(waits(), state=State.EXPIRED), [], Settled.EXPIRED),
        (replace(waits(), state=State.FAILED, trouble=Trouble("voided")), [word()], Settled.VOID),
        (replace(waits(), state=State.FAILED), [], Settled.ENDED),
    ],
)
def test_how_a_request_stands(enrollment: Enrollment, said: list[Word], settled: Settled) -> None:
    """By its words first, then by its state."""
    assert settled is approval_rules.settled(enrollment, said, NOW + HOUR)


def test_when_its_time_is_over_nobody_can_decide_it() -> None:
    """Even before it was looked at."""
    ada = Person("T1", "U0APPROVER", Standing.NOT_LISTED)
    late = NOW + 24 * HOUR
    assert Settled.EXPIRED is approval_rules.settled(waits(), [], late)
    assert Answer.DECIDED is approval_rules.refused(waits(), [], ada, BOTH, late, some.FINGERPRINT)


def test_who_may_read_the_query() -> None:
    """The requester, those who are asked, and operators; nobody of another workspace."""
    for user_id, sees in (("U0REQUESTER", True), ("U0APPROVER", True), ("U0BOSS", False), ("U0BYSTANDER", False)):
        assert sees is approval_rules.may_see_query(waits(), Person("T1", user_id, Standing.NOT_LISTED))
    assert approval_rules.may_see_query(waits(), Person("T1", "U0OPERATOR", Standing.NOT_LISTED, operator=True))
    assert not approval_rules.may_see_query(waits(), Person("T2", "U0APPROVER", Standing.NOT_LISTED))
