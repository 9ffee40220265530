"""Who may do what, and which numbers still hold: pure rules that the verbs ask before they act."""

from datetime import datetime, timedelta

from bot.enrollment.model.checks import Check, CheckState, Preflight
from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.people import Person
from bot.errors import NotAllowed


class CheckTooOld(Exception):
    """The numbers on screen are older than they may be, or a later check of the same draft exists."""


def demand(person: Person) -> None:
    """Raises NotAllowed unless this person may enroll."""
    if not person.may_enroll:
        raise NotAllowed("people", person.standing)


def demand_mine(enrollment: Enrollment, person: Person) -> None:
    """Raises NotAllowed unless the person asked for this enrollment or is an operator."""
    if person.user_id != enrollment.requester_id and not person.operator:
        raise NotAllowed("requester", person.standing)


def demand_operator(person: Person) -> None:
    """Raises NotAllowed unless the person is an operator."""
    if not person.operator:
        raise NotAllowed("operators", person.standing)


def demand_own(draft: Draft, person: Person) -> None:
    """Raises NotAllowed unless this is the person's own draft."""
    if (draft.team_id, draft.user_id) != (person.team_id, person.user_id):
        raise NotAllowed("requester", person.standing)


def current(draft: Draft, check: Check | None, now: datetime, *, valid: float) -> tuple[Check, Preflight]:
    """The draft's latest check with its numbers; raises CheckTooOld after `valid` seconds, or for any other check."""
    if check is None or check.preflight is None or check.state is not CheckState.DONE or check.id != draft.check_id:
        raise CheckTooOld
    if not check.preflight.funnel.will_enroll:
        raise CheckTooOld  # A list of nobody was never offered.
    if now - check.created_at > timedelta(seconds=valid):
        raise CheckTooOld
    return check, check.preflight
