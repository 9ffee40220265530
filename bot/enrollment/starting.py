"""How a request begins once it is confirmed: with how many, and whose word it waits for. Pure."""

from datetime import datetime, timedelta

from bot.enrollment.model.approvals import Terms
from bot.enrollment.model.policies import Canary, Judgement

_NUMBER_TYPED_FROM = 1000
_REMINDED_AFTER = 0.5
_ESCALATED_AFTER = 0.75


def canary_offered(canary: Canary, people: int, judgement: Judgement) -> bool:
    """True when a person may choose to begin with a few, or has to."""
    return people > canary.size and (people >= canary.offered_from or judgement.canary_demanded)


def first(canary: Canary, people: int, judgement: Judgement, ticked: bool | None) -> int:
    """How many are enrolled before anybody else; 0 for all at once. `ticked` is null where nobody has chosen."""
    if not canary_offered(canary, people, judgement):
        return 0
    wanted = people >= canary.ticked_from if ticked is None else ticked
    return canary.size if wanted or judgement.canary_demanded else 0


def number_typed(people: int, judgement: Judgement, canary: int) -> bool:
    """True when the number has to be typed, because nobody else looks at a large list before all of it starts."""
    return people >= _NUMBER_TYPED_FROM and judgement.tier is None and not canary


def terms(
    judgement: Judgement, now: datetime, *, owner: tuple[str, ...], escalate_to: tuple[str, ...], note: str
) -> Terms | None:
    """Whose word is waited for, until when; None when nobody's is needed."""
    tier = judgement.tier
    if tier is None:
        return None
    whole = timedelta(hours=tier.hours)
    return Terms(
        rule=tier.rule,
        above=tier.above,
        needed=tier.needed,
        approvers=judgement.approvers,
        expires_at=now + whole,
        remind_at=now + whole * _REMINDED_AFTER,
        escalate_at=now + whole * _ESCALATED_AFTER,
        owner=owner,
        escalate_to=escalate_to,
        channel=tier.channel,
        note=note,
    )
