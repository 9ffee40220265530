"""What nothing starts for: the kill switch as it stands on every surface, and the body of an enrollment on hold."""

from bot.enrollment.model.enrollments import Enrollment, Pause, PauseKind
from bot.enrollment.model.stops import Stop
from bot.views import retries, words
from bot.views.blocks import Block, Level, Message, section
from bot.views.modal import Notice

_IN_AN_ALERT = 60


def body(enrollment: Enrollment) -> str:
    """Mrkdwn of an enrollment on hold: why, who is enrolled, and when it goes on."""
    pause = enrollment.pause
    if pause is None:
        return retries.so_far(enrollment)
    if pause.kind is PauseKind.STOP:
        return (
            f"Stopped by {words.mention(pause.by)} {words.date(pause.since)}{_because(pause.reason)}."
            f" {retries.so_far(enrollment)} It goes on after `/enroll-flow resume`."
        )
    return f"{_clock(pause)}. {_onward(enrollment, pause)}"


def banner(stop: Stop) -> Block:
    """The first block of whatever is open while everything is stopped."""
    return section(
        f":double_vertical_bar: *Enrolling is stopped* since {words.date(stop.at)} by"
        f" {words.mention(stop.by)}{_because(stop.reason)}. Nothing starts until it is resumed."
    )


def alert(stop: Stop, level: Level = "warning") -> Notice:
    """The same on top of the form, where one can go on preparing; `level` "error" on top of the review."""
    reason = words.data(stop.reason, _IN_AN_ALERT)
    said = f"Enrolling is stopped: {reason.rstrip('.')}" if reason else "Enrolling is stopped"
    return Notice(level, f"{said}. You can prepare and check; it starts once an operator resumes.")


def stopped(stop: Stop) -> Message:
    """The word in the thread of every open enrollment."""
    return _note(f"Stopped by {words.mention(stop.by)}{_because(stop.reason)}.")


def resumed(stop: Stop) -> Message:
    """The same once the stop is lifted."""
    return _note(f"Resumed by {words.mention(stop.lifted_by)}. Checking rights and rules, then going on.")


def _note(said: str) -> Message:
    return {"text": said, "blocks": [section(said)]}


def _because(reason: str) -> str:
    """Mrkdwn; nothing when nobody has said why."""
    return f": “{words.escape(reason, words.REASON_MAX)}”" if reason.strip() else ""


def _clock(pause: Pause) -> str:
    if pause.kind is PauseKind.QUIET_HOURS:
        return f"Quiet hours ({words.escape(pause.zone, words.FLOW_MAX)})" if pause.zone else "Quiet hours"
    return f"{words.number(pause.limit)} a day is used up"


def _onward(enrollment: Enrollment, pause: Pause) -> str:
    at = words.date(pause.until) if pause.until else "later"
    return f"{retries.so_far(enrollment)} Goes on {at}." if enrollment.started_at else f"Starts {at}."
