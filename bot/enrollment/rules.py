"""Who may do what, and which numbers still hold: pure rules that the verbs ask before they act."""

from datetime import datetime, timedelta

from bot.enrollment.model.checks import Check, CheckState, Preflight
from bot.enrollment.model.drafts import Draft, DraftStatus
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.people import Person, Standing
from bot.enrollment.model.policies import Judgement
from bot.errors import DraftExpired, NotAllowed


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


def demand_allowed(judgement: Judgement, person: Person) -> None:
    """Raises NotAllowed for the first rule of the policy that says no, or while nobody knows what it says."""
    if judgement.unknown:
        raise NotAllowed("people", Standing.UNKNOWN)
    for refused in judgement.refused:
        raise NotAllowed(refused.rule, person.standing, refused)


def still_open(draft_id: str, draft: Draft | None) -> Draft:
    """The draft while it is open; raises DraftExpired afterwards."""
    if draft is None or draft.status is not DraftStatus.OPEN:
        ended = draft.updated_at if draft else None
        enrolled = draft is not None and draft.status is DraftStatus.CONFIRMED
        raise DraftExpired(draft_id, ended_at=ended, enrolled=enrolled)
    return draft


def current(draft: Draft, check: Check | None, now: datetime, *, valid: float) -> tuple[Check, Preflight]:
    """The draft's latest check with its numbers; raises CheckTooOld after `valid` seconds, or for any other check."""
    if check is None or check.preflight is None or check.state is not CheckState.DONE or check.id != draft.check_id:
        raise CheckTooOld
    if not check.preflight.funnel.will_enroll:
        raise CheckTooOld  # A list of nobody was never offered.
    if not check.query_hash or not check.preflight.digest:
        raise CheckTooOld  # Of a version that took no fingerprints.
    if now - check.created_at > timedelta(seconds=valid):
        raise CheckTooOld
    return check, check.preflight
