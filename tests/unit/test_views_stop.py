"""The kill switch and what is on hold, in words (ux.md 2, 4.1, 4.6)."""

from typing import Any

import pytest

from bot.enrollment.model.enrollments import Enrollment, Pause, PauseKind, State, Tally
from bot.enrollment.model.stops import Resumed, Stop, Stopped
from bot.enrollment.states import OPEN
from bot.views import compose, holds, home, living, ping, stop_answers
from tests.unit import view_builders as some
from tests.unit.view_builders import DATE, ID, NOW, buttons

STOP = Stop("stop-1", "T1", "U0OPERATOR", "wrong sender", NOW)
FACTS = living.Facts(NOW, stop=STOP)
BANNER = (
    f":double_vertical_bar: *Enrolling is stopped* since {DATE} by <@U0OPERATOR>: “wrong sender”."
    " Nothing starts until it is resumed."
)
NOTHING_MOVED = "Nothing was about to start or running. What waits for somebody's word is held once it has it."
LIFT = "New enrollments are blocked. Lift it with `/enroll-flow resume`."
AFTER = "It goes on after `/enroll-flow resume`."
STOPPED = Pause(PauseKind.STOP, NOW, by="U0OPERATOR", reason="wrong sender")
QUIET = Pause(PauseKind.QUIET_HOURS, NOW, until=NOW, zone="Europe/Berlin")
FULL = Pause(PauseKind.DAY_CAP, NOW, until=NOW, limit=500, zone="Europe/Berlin")


def on_hold(pause: Pause, **changes: Any) -> Enrollment:
    """An enrollment on hold for this."""
    return some.enrollment(State.ON_HOLD, pause=pause, **changes)


@pytest.mark.parametrize(
    ("expected", "pause", "changes"),
    [
        (
            f"Stopped by <@U0OPERATOR> {DATE}: “wrong sender”. Nobody has been enrolled. {AFTER}",
            STOPPED,
            {},
        ),
        (
            f"Stopped by <@U0OPERATOR> {DATE}. 538 have been enrolled so far. It goes on after `/enroll-flow resume`.",
            Pause(PauseKind.STOP, NOW, by="U0OPERATOR"),
            {"tally": Tally(1225, 538), "started_at": NOW},
        ),
        (f"Quiet hours (Europe/Berlin). Starts {DATE}.", QUIET, {}),
        (
            f"Quiet hours (Europe/Berlin). 538 have been enrolled so far. Goes on {DATE}.",
            QUIET,
            {"tally": Tally(1225, 538), "started_at": NOW},
        ),
        (f"500 a day is used up. Starts {DATE}.", FULL, {}),
    ],
    ids=["stopped", "stopped between batches", "quiet", "quiet between batches", "day cap"],
)
def test_on_hold_says_why_and_when_it_goes_on(expected: str, pause: Pause, changes: dict[str, Any]) -> None:
    """It can be canceled, and says what that means."""
    message = living.message(on_hold(pause, **changes), FACTS)
    assert expected == message["blocks"][2]["text"]["text"]
    assert "On hold: 1,225 contacts into Q4 Renewal." == message["text"]
    assert [("Cancel", "cancel")] == buttons(message)
    consequence = living.consequence(on_hold(pause, **changes))
    begun = "No further run is started. The 538 already enrolled stay in the flow; taking them out is done in Gong."
    assert (begun if changes else "Nobody has been enrolled yet. Your query is kept as a draft.") == consequence


@pytest.mark.parametrize("state", list(State))
def test_every_open_message_has_the_banner_on_top_while_stopped(state: State) -> None:
    """On hold its body says it; what has ended is no concern of a stop."""
    pause = STOPPED if state is State.ON_HOLD else None
    first = living.message(some.enrollment(state, pause=pause), FACTS)["blocks"][0]
    banner = state in OPEN and state is not State.ON_HOLD
    assert banner == (first.get("text", {}).get("text") == BANNER)
    assert "rich_text" == living.message(some.enrollment(state, pause=pause), living.Facts(NOW))["blocks"][0]["type"]


def test_home_and_the_form_say_that_it_is_stopped() -> None:
    """Home first of all; in the form one can go on preparing."""
    assert BANNER == home.view(home.Facts(NOW, stop=STOP))["blocks"][0]["text"]["text"]
    form = compose.view(compose.Facts(some.draft(), restored=True, stop=STOP))
    alert = form["blocks"][2]
    assert ("alert", "warning") == (alert["type"], alert["level"])
    assert (
        "Enrolling is stopped: wrong sender. You can prepare and check; it starts once an operator resumes."
    ) == alert["text"]["text"]
    silent = Stop("stop-1", "T1", "U0OPERATOR", "", NOW)
    said = "Enrolling is stopped. You can prepare and check; it starts once an operator resumes."
    assert ("error", said) == (holds.alert(silent, "error").level, holds.alert(silent, "error").words)


def test_threads_are_told() -> None:
    """Nobody but who did it is named."""
    assert "Stopped by <@U0OPERATOR>: “wrong sender”." == holds.stopped(STOP)["text"]
    lifted = Stop("stop-1", "T1", "U0OPERATOR", "", NOW, lifted_by="U0OTHER", lifted_at=NOW)
    assert "Stopped by <@U0OPERATOR>." == holds.stopped(lifted)["text"]
    assert "Resumed by <@U0OTHER>. Checking rights and rules, then going on." == holds.resumed(lifted)["text"]


@pytest.mark.parametrize(
    ("expected", "held", "told"),
    [
        (
            (
                "Stopped. 4 not yet started are on hold. 1 running was told to end: 41 of its 200 were already enrolled"
                f" and stay. {LIFT}"
            ),
            4,
            ((41, 200),),
        ),
        (f"Stopped. 1 not yet started is on hold. {LIFT}", 1, ()),
        (
            f"Stopped. 2 running were told to end: 1 of their 300 was already enrolled and stays. {LIFT}",
            0,
            ((0, 100), (1, 200)),
        ),
        (
            f"Stopped. 1 running was told to end: none of its 200 were enrolled when I last looked. {LIFT}",
            0,
            ((0, 200),),
        ),
        (
            f"Stopped. {NOTHING_MOVED} {LIFT}",
            0,
            (),
        ),
    ],
)
def test_a_stop_says_what_it_did(expected: str, held: int, told: tuple[tuple[int, int], ...]) -> None:
    """How many wait, who is in, and how it is lifted."""
    assert expected == stop_answers.stopped(Stopped(STOP, held, told))["text"]


def test_a_stop_without_a_reason_asks_for_one_and_a_second_says_that_it_stood() -> None:
    """The reason never delays it."""
    silent = Stop("stop-1", "T1", "U0OPERATOR", "", NOW)
    said = stop_answers.stopped(Stopped(silent, 1))["text"]
    assert said.endswith(f"{LIFT} Say why: `/enroll-flow stop &lt;reason&gt;`.")
    again = stop_answers.stopped(Stopped(STOP, 1, again=True))["text"]
    assert f"Already stopped by <@U0OPERATOR> {DATE}. 1 not yet started is on hold. {LIFT}" == again


def test_resuming_asks_first_and_names_who_goes_on() -> None:
    """Ten at most by name; the button has the number, and is about this stop."""
    four = stop_answers.ask(STOP, (ID, "E-2", "E-3", "E-4"))
    assert ("4 on hold go on, in order, rights and rules checked again first: `E-7K2M9Q`, `E-2`, `E-3`, `E-4`") == four[
        "text"
    ]
    assert [("Resume 4 enrollments", "resume"), ("Leave stopped", "leave_stopped")] == buttons(four)
    assert ["stop-1", "stop-1"] == [one["value"] for one in four["blocks"][1]["elements"]]
    assert [("Resume 1 enrollment", "resume"), ("Leave stopped", "leave_stopped")] == buttons(
        stop_answers.ask(STOP, (ID,))
    )
    many = stop_answers.ask(STOP, (ID,) * 12)
    assert many["text"].endswith("`E-7K2M9Q` and 2 more")
    nobody = stop_answers.ask(STOP, ())
    assert "Nothing is on hold. New enrollments are allowed again once you resume." == nobody["text"]
    assert [("Resume", "resume"), ("Leave stopped", "leave_stopped")] == buttons(nobody)
    assert "Resumed. 1 goes on, in order: `E-7K2M9Q`" == stop_answers.resumed(Resumed(STOP, (ID,)))["text"]


def test_others_read_whom_to_ask() -> None:
    """And that nothing was done."""
    operators = ("U0OPERATOR",)
    assert (
        "Only operators may stop: <@U0OPERATOR>. Nothing was stopped."
        == (stop_answers.only_operators("stop", operators)["text"])
    )
    assert (
        "Only operators may resume: <@U0OPERATOR>. Nothing was resumed."
        == (stop_answers.only_operators("resume", operators)["text"])
    )


def test_a_changed_policy_is_named_by_its_rule() -> None:
    """In the message and in the ping, with who is in by then."""
    facts = {"what": "request_cap", "reference": "R-4H8D2K"}
    nobody = some.troubled(State.FAILED, "rules_changed", **facts)
    assert (
        "The policy changed after you confirmed (rule `request_cap`). Nobody was enrolled. Reference `R-4H8D2K`."
    ) == living.message(nobody, living.Facts(NOW))["blocks"][2]["text"]["text"]
    some_in = some.troubled(State.FAILED, "rules_changed", tally=Tally(1225, 1000), **facts)
    assert (
        "(rule `request_cap`). 1,000 were enrolled."
        in (living.message(some_in, living.Facts(NOW))["blocks"][2]["text"]["text"])
    )
    assert (
        "<@U0REQUESTER> This failed: the policy changed after you confirmed (rule `request_cap`). Nobody was enrolled."
        " Your query is kept."
    ) == ping.message(nobody)["text"]
