"""The review and what comes before it, as a policy has its say, with one text from outside in every slot."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from bot.enrollment.model.checks import Check, Collision
from bot.enrollment.model.policies import Canary, Company, Judgement, Policy, Quiet, Refused, Release, Rule, Tier
from bot.enrollment.model.queries import QueryWarning
from bot.enrollment.model.stops import Stop
from bot.views import refused, repeat, review
from bot.views.review_facts import Facts
from tests.unit import view_builders as some
from tests.unit.view_builders import NOW

Shown = dict[str, Any]
LINK = "https://app.polytomic.example/s/1"


def judged(check: Check, text: str, people: int) -> Iterator[Shown]:
    """Every way in which a policy lets a checked list begin, or does not; and what was asked before."""
    assert check.preflight is not None
    collisions = tuple(Collision("E-5T8N2C", people, f"U0{name}", text, NOW) for name in ("OTHER", "REQUESTER") * 3)
    read = replace(check.preflight, collisions=collisions, suppressed=False)
    check = replace(check, preflight=read, warnings=tuple(QueryWarning))
    for judgement, canary in zip(_judgements(text, people), (None, True, False, None, True), strict=True):
        facts = Facts(
            check,
            some.draft(canary=canary, note=text[:500]),
            policy=_policy(text, canary=canary),
            judgement=judgement,
            stop=Stop("stop-1", "T1", "U0OPERATOR", text, NOW) if canary else None,
            links={"E-5T8N2C": LINK},
        )
        yield review.view(facts)
    yield refused.by_policy(Refused("approval.large", ("U0OPERATOR",), limit=people, count=2, refused="U0OTHER"), check)
    yield repeat.view(some.draft(), some.enrollment(), NOW, people, link=LINK, root=True)


def _policy(text: str, *, canary: bool | None) -> Policy:
    release = Release.BY_PRESS if canary else Release.BY_ITSELF
    quiet = Quiet("Europe/Berlin", time(20), time(9))
    more: dict[str, Any] = {"sends_per_day": 50, "source": text, "company": Company(1, text or "account_id")}
    return Policy(owner=("U0OPERATOR",), quiet=quiet, canary=Canary(release=release), **more)


def _judgements(text: str, people: int) -> Iterator[Judgement]:
    quiet = NOW + timedelta(days=9)
    tier = Tier(text, people, ("U0APPROVER",), needed=2)
    yield Judgement()
    yield Judgement(quiet_until=quiet, canary_demanded=True)
    yield Judgement(tier=tier, approvers=("U0APPROVER",) * 30, quiet_until=quiet)
    yield Judgement(tier=tier, unknown=True)
    yield Judgement(refused=tuple(Refused(rule, ("U0OPERATOR",), refused=text, allowed=(text,)) for rule in Rule))
