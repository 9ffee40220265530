"""After a canary: who may go on by itself, when a word still counts, and what is said of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.enrollment import canaries
from bot.enrollment.model.enrollments import Enrollment, Outcome, State, Step, Tally, Trouble
from bot.enrollment.model.policies import Canary, Release
from bot.views import canary, living, ping
from tests.unit import view_builders as some
from tests.unit.view_builders import DATE, NOW

GOOD = Tally(1225, enrolled=5)
BAD = Tally(1225, enrolled=3, refused=2, reasons=((Outcome.NOT_IN_CRM, 2),))


def after(tally: Tally = GOOD, **changes: Any) -> Enrollment:
    """An enrollment whose canary of five has run with these counts."""
    there = some.enrollment(State.RUNNING, tally=tally, step=Step.START_RUN, batch=1, canary=5, started_at=NOW)
    return replace(there, **changes)


@pytest.mark.parametrize("release", Release)
@pytest.mark.parametrize(
    "tally",
    [BAD, Tally(1225, enrolled=4, gone=1), Tally(1225, enrolled=4), Tally(1225, refused=5)],
    ids=["refused", "gone", "not reached", "nobody in"],
)
def test_a_bad_canary_never_goes_on_by_itself(release: Release, tally: Tally) -> None:
    """Whatever the policy says: somebody looks first."""
    waits = canaries.has_run(after(tally), Canary(release=release, hours=2), NOW)
    until = NOW + timedelta(hours=2)
    assert (State.CANARY, until, until) == (waits.state, waits.canary_until, waits.due_at)


def test_a_good_canary_goes_on_where_the_policy_says_so() -> None:
    """Nobody released it, and when it went on is known."""
    onward = canaries.has_run(after(), Canary(release=Release.BY_ITSELF), NOW)
    assert (State.RUNNING, "", NOW) == (onward.state, onward.released_by, onward.released_at)
    assert State.CANARY is canaries.has_run(after(), Canary(), NOW).state


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"canary_until": NOW}, False),
        ({"released_at": NOW}, False),
        ({"cancel_asked_at": NOW}, False),
        ({"state": State.RUNNING}, False),
    ],
    ids=["waiting", "too late", "released", "stopped", "running"],
)
def test_the_first_word_counts(changes: dict[str, Any], counts: bool) -> None:
    """Only while it waits, only in time, and only once."""
    waits = canaries.has_run(after(), Canary(), NOW)
    assert counts is canaries.may_be_decided(replace(waits, **changes), NOW)


def test_looked_at_it_goes_on_waits_or_expires() -> None:
    """A word in time lets it go on even if it is heard late; without one the deadline ends it."""
    waits = canaries.has_run(after(), Canary(hours=1), NOW)
    soon, late = NOW + timedelta(minutes=59), NOW + timedelta(hours=1)
    assert waits == canaries.looked_at(waits, soon)
    released = canaries.looked_at(replace(waits, released_by="U0REQUESTER", released_at=soon), late)
    assert (State.RUNNING, None, late) == (released.state, released.trouble, released.due_at)
    expired = canaries.looked_at(waits, late)
    assert (State.EXPIRED, 3600) == (expired.state, expired.trouble.limit if expired.trouble else 0)


def shown(tally: Tally, **changes: Any) -> Enrollment:
    """The same, waiting for a word."""
    return after(tally, state=State.CANARY, canary_until=NOW, **changes)


@pytest.mark.parametrize(
    ("enrollment", "said"),
    [
        (
            shown(GOOD),
            (
                ":white_check_mark: 5 of 5 enrolled. Look at them in Gong, then release the rest."
                f" Expires {DATE}; the 5 stay."
            ),
        ),
        (
            shown(Tally(2, enrolled=1), canary=1),
            (
                ":white_check_mark: 1 of 1 enrolled. Look at it in Gong, then release the rest."
                f" Expires {DATE}; the 1 stays."
            ),
        ),
        (
            shown(BAD),
            ":warning: 3 of 5 enrolled, 2 refused: not in the CRM linked to Gong. The other 1,220 were not touched.",
        ),
        (
            shown(Tally(6, refused=3, gone=1, reasons=((Outcome.NOT_IN_CRM, 1), (Outcome.ALREADY_IN_FLOW, 1)))),
            (
                ":warning: 0 of 5 enrolled, 3 refused, 1 gone, 1 not reached: 1 not in the CRM linked to Gong,"
                " 1 already in this flow, 1 other reason. The other 1 was not touched."
            ),
        ),
    ],
    ids=["good", "one", "bad", "worse"],
)
def test_what_came_of_it(enrollment: Enrollment, said: str) -> None:
    """Who is in, why others are not, and how many were never touched."""
    assert said == canary.body(enrollment)


def test_what_a_notification_says() -> None:
    """The text alone says who waits for what."""
    facts = living.Facts(now=NOW)
    assert "Canary done: 5 of 5 enrolled. 1,220 wait for your word." == living.message(shown(GOOD), facts)["text"]
    runs = after(Tally(1225), step=Step.WATCH_RUN, batch=0)
    assert "Enrolling the first 5. The other 1,220 wait." == living.message(runs, facts)["text"]
    told = ping.message(shown(BAD), link="https://polytomic/s")["text"]
    assert "<@U0REQUESTER> 3 of 5 enrolled, 2 refused. 1,220 wait for your word." == told
    trouble = Trouble("unreleased", limit=86_400)
    nobody = replace(shown(Tally(1225, refused=5)), state=State.EXPIRED, trouble=trouble)
    words = "The canary was not released within 24 hours. Nobody was enrolled. Your query is kept."
    assert words == canary.expired(nobody)
    assert "Expired: the canary was not released. Nobody was enrolled." == canary.expired_ping(nobody)


def test_what_stands_above_the_buttons() -> None:
    """Each dialog says what happens to whom; once a word was given there is no button."""
    release, stop = canary.buttons(shown(GOOD))
    assert ("Release 1,220 contacts", "primary") == (release["text"]["text"], release["style"])
    assert "They start “Q4 Renewal” now. It cannot be recalled." == release["confirm"]["text"]["text"]
    assert "Stop after 5?" == stop["confirm"]["title"]["text"]
    assert "The 5 stay in the flow. The other 1,220 are not enrolled." == stop["confirm"]["text"]["text"]
    assert "style" not in canary.buttons(shown(BAD))[0]
    assert [] == canary.buttons(shown(GOOD, released_at=NOW))
