"""What waits for somebody's mending, in words: the living message, its end, and what those read who can mend it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.enrollment.model.enrollments import Enrollment, Hold, State, Step, Tally, Trouble
from bot.enrollment.model.outages import Outage, OutageKind, Waiting
from bot.views import home, living, outages, ping, words
from tests.unit import view_builders as some
from tests.unit.view_builders import DATE, ID, NOW, REFERENCE, TIME, buttons

GONG = Outage("outage-1", "T1", OutageKind.GONG, "gong-1", "Gong Connection", REFERENCE, NOW)
KEY = replace(GONG, kind=OutageKind.KEY, connection_id="", connection_name="")
NEW_KEY = f"Set a new `POLYTOMIC_API_KEY` and restart; `python -m bot doctor` checks it. `{REFERENCE}`"
FACTS = living.Facts(NOW, operators=("olga",))


def body(enrollment: Enrollment) -> str:
    """The body of this enrollment's message."""
    text: str = living.message(enrollment, FACTS)["blocks"][2]["text"]["text"]
    return text


def awaiting(**changes: Any) -> Enrollment:
    """An enrollment that waits for Gong."""
    trouble = Trouble("gong_lost", limit=86_400, until=NOW)
    return some.enrollment(State.AWAITING_GONG, **{"held_for": Hold.GONG, "trouble": trouble, **changes})


def held(step: Step, *, lost: bool = False, **changes: Any) -> Enrollment:
    """An enrollment that waits for a key."""
    trouble = Trouble("PolytomicLockedOut", REFERENCE, since=NOW, unanswered=NOW if lost else None)
    return some.enrollment(**{"step": step, "held_for": Hold.KEY, "failures": 1, "trouble": trouble, **changes})


def test_waiting_for_gong_says_what_is_known_and_until_when() -> None:
    """Whoever may connect it presses there; the link itself is in no message."""
    message = living.message(awaiting(), FACTS)
    assert (
        "Gong needs consent again. Nobody has been enrolled; this goes on by itself once Gong is connected."
        f" Expires {DATE}."
    ) == message["blocks"][2]["text"]["text"]
    assert "Waiting for Gong: 1,225 contacts into Q4 Renewal. Gong needs consent again." == message["text"]
    assert [("Reconnect Gong", "connect_gong"), ("Cancel", "cancel")] == buttons(message)
    confirm = message["blocks"][3]["elements"][1]["confirm"]
    assert "Nobody has been enrolled yet. Your query is kept as a draft." == confirm["text"]["text"]
    begun = awaiting(started_at=NOW, tally=Tally(1225, 538))
    assert "538 have been enrolled so far; this goes on by itself" in body(begun)
    assert "1 has been enrolled so far; this goes on" in body(awaiting(started_at=NOW, tally=Tally(1225, 1)))
    assert "No further run is started. The 538 already enrolled stay in the flow" in living.consequence(begun)
    shown = home.view(home.Facts(NOW, (awaiting(),)))
    assert ("Reconnect Gong", "connect_gong") in buttons(shown)


@pytest.mark.parametrize(
    ("expected", "enrollment"),
    [
        ("Nobody has been enrolled.", held(Step.CREATE_MODEL)),
        ("Nobody has been enrolled.", held(Step.START_RUN, asked=True)),
        (
            "Who has been enrolled cannot be seen now; nobody will be enrolled twice.",
            held(Step.START_RUN, asked=True, lost=True),
        ),
        (
            "Who has been enrolled cannot be seen now; nobody will be enrolled twice.",
            held(Step.WATCH_RUN, state=State.RUNNING),
        ),
        (
            "538 were enrolled when I last looked; nobody will be enrolled twice.",
            held(Step.WATCH_RUN, state=State.RUNNING, tally=Tally(1225, 538)),
        ),
        ("1 has been enrolled so far.", held(Step.START_RUN, state=State.RUNNING, tally=Tally(1225, 1))),
    ],
)
def test_held_for_the_key_says_what_is_certain_of_people(expected: str, enrollment: Enrollment) -> None:
    """Whose key it is, that it goes on by itself, and who was told."""
    message = living.message(enrollment, FACTS)
    assert (
        f"Polytomic refuses the bot's key. {expected} It goes on by itself once the key works again."
        f" @olga was told. Reference `{REFERENCE}`."
    ) == message["blocks"][2]["text"]["text"]
    assert "Retrying: Polytomic refuses the bot's key. 1,225 contacts into Q4 Renewal." == message["text"]


def test_canceled_while_it_is_held_is_done_when_the_key_works() -> None:
    """The wish is kept, and not offered again."""
    wished = held(Step.WATCH_RUN, state=State.RUNNING, cancel_asked_at=NOW)
    assert "It is canceled as soon as the key works again." in body(wished)
    assert [] == buttons(living.message(wished, FACTS))


def test_expired_says_how_long_was_waited_and_who_stays() -> None:
    """The setting as it is, and nobody only where nobody is in."""
    ended = some.ended(State.EXPIRED, trouble=Trouble("gong_lost", limit=86_400))
    said = "Gong was not connected within 24 hours. Nobody was enrolled. Your query is kept."
    assert said == body(ended)
    assert f"<@U0REQUESTER> Expired: {said}" == ping.message(ended)["text"]
    assert "Expired: nobody was enrolled into Q4 Renewal." == living.message(ended, FACTS)["text"]
    some_in = replace(ended, tally=Tally(1225, 1224))
    assert (
        "Gong was not connected within 24 hours. 1,224 were already enrolled and stay; 1 was not. Your query is kept."
    ) == body(some_in)


@pytest.mark.parametrize(
    ("expected", "seconds"), [("24 hours", 86_400), ("1 hour", 3600), ("90 minutes", 5400), ("61 seconds", 61)]
)
def test_a_setting_is_said_in_its_largest_whole_unit(expected: str, seconds: int) -> None:
    """Nobody reads 86,400 seconds."""
    assert expected == words.span(seconds)


def test_slack_that_does_not_say_who_may_enroll() -> None:
    """Nobody was asked for yet; after the deadline it has failed in words."""
    asking = some.enrollment(failures=1, trouble=Trouble("rights_unknown", since=NOW, until=NOW))
    assert (
        "Slack does not tell me whether you may still enroll. Nobody has been enrolled."
        f" I ask again at {TIME}. You need do nothing."
    ) == body(asking)
    failed = some.troubled(State.FAILED, "rights_unknown", since=NOW, reference=REFERENCE)
    assert (
        f"Slack has not told me since {DATE} whether you may still enroll. Nobody was enrolled."
        f" Your query is kept. Reference `{REFERENCE}`."
    ) == body(failed)
    assert f"This failed: Slack has not told me since {DATE} whether you may still" in ping.message(failed)["text"]


@pytest.mark.parametrize(
    ("expected", "waiting"),
    [
        ("", Waiting()),
        (f" 1 enrollment waits: `{ID}`. It goes on by itself.", Waiting(1, ids=(ID,))),
        (f" 2 enrollments wait: `{ID}`, `E-2`. They go on by themselves.", Waiting(2, ids=(ID, "E-2"))),
        (f" 14 enrollments wait: `{ID}`, `E-2` and 12 more. They go on by themselves.", Waiting(14, ids=(ID, "E-2"))),
    ],
)
def test_who_waits_for_gong_is_told_by_id(expected: str, waiting: Waiting) -> None:
    """With a button that mends this very connection; long lists are cut."""
    message = outages.message(GONG, waiting)
    assert f"Gong needs consent again.{expected}" == message["text"]
    assert [("Reconnect Gong", "connect_gong")] == buttons(message)
    assert "connection:gong-1" == message["blocks"][1]["elements"][0]["value"]


@pytest.mark.parametrize(
    ("expected", "waiting"),
    [
        ("No enrollment waits; checks end without numbers, and nobody is enrolled.", Waiting()),
        ("1 enrollment waits; nobody was enrolled.", Waiting(1)),
        ("5 enrollments wait; nobody was enrolled.", Waiting(5)),
        ("1 enrollment waits; it had begun, so some of its contacts may be enrolled.", Waiting(1, 1)),
        ("5 enrollments wait; 1 of them had begun, so some of its contacts may be enrolled.", Waiting(5, 1)),
        ("2 enrollments wait; they had begun, so some of their contacts may be enrolled.", Waiting(2, 2)),
        ("The sync of 1 ended enrollment is still to be switched off.", Waiting(ended=1)),
        (
            ("1 enrollment waits; nobody was enrolled. The syncs of 2 ended enrollments are still to be switched off."),
            Waiting(1, ended=2),
        ),
    ],
)
def test_a_refused_key_says_who_waits_and_never_a_wrong_nobody(expected: str, waiting: Waiting) -> None:
    """What to do stands behind it."""
    message = outages.message(KEY, waiting)
    assert f"Polytomic refuses my key since {DATE} (401 or 403). {expected} {NEW_KEY}" == message["text"]
    assert [] == buttons(message)


@pytest.mark.parametrize(
    ("expected", "outage"),
    [
        ("Gong is connected again. 3 enrollments went on.", replace(GONG, resumed=3)),
        ("Gong is connected again. 1 enrollment went on.", replace(GONG, resumed=1)),
        ("Gong is connected again.", GONG),
        ("Polytomic takes my key again. 3 enrollments went on.", replace(KEY, resumed=3)),
    ],
)
def test_healed_says_how_many_went_on(expected: str, outage: Outage) -> None:
    """None is not counted."""
    assert expected == outages.healed(outage)["text"]


def test_a_healed_outage_is_past_and_has_no_button() -> None:
    """Whoever reads it later presses nothing in vain."""
    over = NOW
    gong = outages.message(replace(GONG, healed_at=over), Waiting())
    assert (f"Gong needed consent again from {DATE} to {DATE}.", []) == (gong["text"], buttons(gong))
    key = outages.message(replace(KEY, healed_at=over), Waiting())
    assert f"Polytomic refused my key from {DATE} to {DATE}." == key["text"]
