"""What keeps an enrollment from starting although its requester may enroll: a stop, the rules, or the clock.

Pure: an enrollment goes in with what is known, a reason or the enrollment as it should be kept comes out.
"""

from dataclasses import replace
from datetime import datetime

from bot.enrollment.model.enrollments import Enrollment, Pause, PauseKind, State, Step
from bot.enrollment.model.policies import APPROVAL, Judgement, Policy, Refused, Rule
from bot.enrollment.model.stops import Stop


def of_stop(stop: Stop) -> Pause:
    """What an enrollment on hold knows of the stop."""
    return Pause(PauseKind.STOP, since=stop.at, by=stop.by, reason=stop.reason)


def broken_rule(enrollment: Enrollment, judgement: Judgement) -> str:
    """The rule that says no by now, or asks for what nobody has given; empty while the policy still allows it."""
    for refused in judgement.refused:
        if not _settled(enrollment, refused):
            return refused.rule
    if judgement.tier is not None and enrollment.terms is None:
        return judgement.tier.rule
    # The first batch is what a canary would have been: afterwards it is too late to ask for one.
    if judgement.canary_demanded and not enrollment.canary and not enrollment.started_at:
        return Rule.CANARY.value
    return ""


def by_clock(enrollment: Enrollment, judgement: Judgement, policy: Policy, now: datetime) -> Pause | None:
    """What the clock does not allow yet, and until when; None when it may start now.

    A list that has begun is counted in whole on the day it began, so a day's cap keeps no later batch of it.
    """
    if judgement.quiet_until is not None:
        zone = policy.quiet.zone if policy.quiet is not None else policy.zone
        return Pause(PauseKind.QUIET_HOURS, since=now, until=judgement.quiet_until, zone=zone)
    full_until = judgement.day_full_until or _room_from(judgement)
    if full_until is None or enrollment.started_at is not None:
        return None
    return Pause(PauseKind.DAY_CAP, since=now, until=full_until, limit=policy.day_cap or 0, zone=policy.zone)


def on_hold(enrollment: Enrollment, pause: Pause) -> Enrollment:
    """It waits where it is: for an operator's word, or until the clock allows it. Nobody was asked for."""
    known = enrollment.pause
    if known is not None and replace(pause, since=known.since) == known:
        pause = known  # Still the same: there is nothing new to tell.
    return replace(
        enrollment,
        state=State.ON_HOLD,
        pause=pause,
        due_at=pause.until,
        # A start that was asked for was refused, or this would be followed: it is one that has not been asked for.
        asked=enrollment.asked and enrollment.step is not Step.START_RUN,
        failures=0,
        failing_since=None,
        trouble=None,
        held_for=None,
        held_since=None,
    )


def goes_on(enrollment: Enrollment, now: datetime) -> Enrollment:
    """It goes on where it stood, due now: what is asked before a start is asked once more then."""
    return replace(
        enrollment,
        state=State.RUNNING if enrollment.started_at else State.LAUNCHING,
        pause=None,
        failures=0,
        failing_since=None,
        trouble=None,
        due_at=now,
    )


def _settled(enrollment: Enrollment, refused: Refused) -> bool:
    """True for a rule that does not say no to this enrollment any more, or not for good."""
    if refused.rule == Rule.DAY_CAP:
        # It only has to wait, unless no day has room for it.
        return enrollment.started_at is not None or refused.asked <= refused.limit
    # Whoever gave their word was entitled to then, and it stands, whoever is listed by now.
    asks = refused.rule.startswith(APPROVAL)
    return asks and enrollment.terms is not None


def _room_from(judgement: Judgement) -> datetime | None:
    """When a day begins that has room again, as the refusal of today's says it."""
    caps = [refused.until for refused in judgement.refused if refused.rule == Rule.DAY_CAP]
    return caps[0] if caps else None
