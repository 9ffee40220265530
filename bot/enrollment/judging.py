"""What a policy says of one request: which rules refuse it, whose word it needs, and when it may start. Pure.

Nothing is looked up here: who is behind a user group, and how many were started today, comes with the question
(see `policing`).
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.enrollment import hours
from bot.enrollment.model.flows import Flow
from bot.enrollment.model.policies import APPROVAL, Asked, Choice, Judgement, Policy, Quiet, Refused, Rule, Tier

_KEYS = {
    Rule.PEOPLE: ("enroll",),
    Rule.FLOWS: ("flows",),
    Rule.CONNECTIONS: ("connections",),
    Rule.CHANNELS: ("channels",),
    Rule.OPT_OUT: ("opt_out.required", "opt_out"),
    Rule.QUIET_HOURS: ("quiet_hours",),
    Rule.CANARY: ("canary.required_above", "canary"),
}
# Of Slack's ids only these two are channels; a direct message is never one that a policy could name.
_CHANNEL = re.compile(r"[CG][A-Z0-9]+")


def judge(policy: Policy, asked: Asked, now: datetime) -> Judgement:
    """Every rule that refuses it, in their order, and what has to happen first when none does."""
    tier = tier_for(policy, asked.flow, asked.people)
    others = asked.approvers.get(tier.name, frozenset()) - {asked.requester_id} if tier else frozenset[str]()
    refused = (
        *_people(policy, asked),
        *places(policy, flow=asked.flow, connections=asked.connections, channel_id=asked.channel_id),
        *_numbers(policy, asked, now),
        *_opt_out(policy, asked),
        *_nobody_may_approve(policy, asked, tier, others),
    )
    demanded = policy.canary.required_above
    return Judgement(
        refused=refused,
        tier=tier,
        approvers=tuple(sorted(others)),
        quiet_until=quiet_until(policy.quiet, now),
        day_full_until=hours.next_day(policy.zone, now) if _day_is_full(policy, asked) else None,
        canary_demanded=demanded is not None and asked.people > demanded,
        unknown=asked.unknown,
    )


def quiet_until(quiet: Quiet | None, now: datetime) -> datetime | None:
    """When quiet hours end; None outside of them."""
    return hours.end_of_quiet(quiet, now) if quiet else None


def tier_for(policy: Policy, flow: Flow, people: int) -> Tier | None:
    """The strictest tier that so many people exceed in this flow; None when nobody's word is needed."""
    exceeded = [tier for tier in _tiers(policy, flow) if people > tier.above]
    return max(exceeded, key=lambda tier: (tier.above, tier.needed), default=None)


def free_up_to(policy: Policy, flow: Flow) -> int | None:
    """How many people need nobody's word in this flow; None when no number does."""
    return min((tier.above for tier in _tiers(policy, flow)), default=None)


def places(
    policy: Policy,
    *,
    flow: Flow | None = None,
    connections: Iterable[tuple[str, str]] = (),
    channel_id: str = "",
) -> Iterator[Refused]:
    """The rules about where people go and come from that refuse this; what is not given is not judged."""
    if flow is not None and not allows(policy.flows, flow.name, flow.id):
        yield _no(policy, Rule.FLOWS, refused=flow.name, allowed=policy.flows.allow)
    for connection_id, name in connections:
        if not allows(policy.connections, connection_id, name):
            allowed = policy.connections.allow
            yield _no(policy, Rule.CONNECTIONS, refused=name or connection_id, allowed=allowed)
    if _CHANNEL.fullmatch(channel_id) and not allows(policy.channels, channel_id):
        yield _no(policy, Rule.CHANNELS, refused=channel_id, allowed=policy.channels.allow)


def allows(choice: Choice, *called: str) -> bool:
    """True when what is called so, by name or by id, may be used."""
    return (not choice.allow or _matches(choice.allow, called)) and not _matches(choice.deny, called)


def line_of(policy: Policy, *keys: str) -> int | None:
    """The line of the policy's file that says so: of the first of these keys that is there."""
    return next((policy.lines[key] for key in keys if key in policy.lines), None)


def rule_line(policy: Policy, rule: str) -> int | None:
    """The line of the policy's file that a rule stands in."""
    if rule.startswith(APPROVAL):
        return line_of(policy, f"approvals.{rule.removeprefix(APPROVAL)}")
    known = _KEYS.get(Rule(rule)) if rule in set(Rule) else None
    return line_of(policy, *(known or (rule,)))


def _tiers(policy: Policy, flow: Flow) -> list[Tier]:
    called = (flow.name, flow.id)
    return [tier for tier in policy.approvals if not tier.flows or _matches(tier.flows, called)]


def _matches(patterns: Iterable[str], called: Iterable[str]) -> bool:
    names = [one.casefold() for one in called if one]
    return any(_pattern(pattern).fullmatch(name) for pattern in patterns for name in names)


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.casefold().split("*")), re.DOTALL)


def _no(
    policy: Policy,
    rule: str,
    *,
    asked: int = 0,
    limit: int = 0,
    left: int = 0,
    until: datetime | None = None,
    refused: str = "",
    allowed: tuple[str, ...] = (),
    count: int = 0,
) -> Refused:
    return Refused(
        rule=str(rule),
        owner=policy.owner or policy.operators,
        line=rule_line(policy, rule),
        asked=asked,
        limit=limit,
        left=left,
        until=until,
        refused=refused,
        allowed=allowed,
        count=count,
    )


def _people(policy: Policy, asked: Asked) -> Iterator[Refused]:
    if not asked.listed:
        yield _no(policy, Rule.PEOPLE, refused=asked.requester_id, allowed=policy.enroll)


def _numbers(policy: Policy, asked: Asked, now: datetime) -> Iterator[Refused]:
    if policy.request_cap is not None and asked.people > policy.request_cap:
        yield _no(policy, Rule.REQUEST_CAP, asked=asked.people, limit=policy.request_cap)
    if policy.day_cap is not None and _day_is_full(policy, asked):
        left = max(policy.day_cap - asked.used_today, 0)
        until = hours.next_day(policy.zone, now)
        yield _no(policy, Rule.DAY_CAP, asked=asked.people, limit=policy.day_cap, left=left, until=until)


def _day_is_full(policy: Policy, asked: Asked) -> bool:
    """Nobody asked for yet is judged too, by the places where they may go: that takes no room."""
    return policy.day_cap is not None and asked.people > 0 and asked.used_today + asked.people > policy.day_cap


def _opt_out(policy: Policy, asked: Asked) -> Iterator[Refused]:
    if policy.opt_out.required and not asked.opt_out_known:
        yield _no(policy, Rule.OPT_OUT, allowed=policy.opt_out.columns)


def _nobody_may_approve(policy: Policy, asked: Asked, tier: Tier | None, others: frozenset[str]) -> Iterator[Refused]:
    """Fewer than are needed, the requester not counted: waiting for them would be waiting for nobody."""
    if tier is None or asked.unknown or len(others) >= tier.needed:
        return
    themselves = asked.requester_id in asked.approvers.get(tier.name, frozenset())
    yield _no(
        policy,
        tier.rule,
        asked=asked.people,
        limit=free_up_to(policy, asked.flow) or 0,
        refused=asked.requester_id if themselves else "",
        allowed=tuple(sorted(others)),
        count=tier.needed,
    )
