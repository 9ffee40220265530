"""What a policy says of a request: each rule by itself, the strictest tier, and nobody approving for themselves."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from bot.enrollment.judging import allows, free_up_to, judge, tier_for
from bot.enrollment.model.flows import Flow
from bot.enrollment.model.policies import Asked, Canary, Choice, OptOut, Policy, Quiet, Refused, Tier

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
FLOW = Flow("1234567890123482913", "Q4 Renewal")
RINA, ADA, OLGA = "U0REQUESTER", "U0APPROVER", "U0OPERATOR"
LARGE = Tier("large", 500, (ADA, RINA, OLGA))
HUGE = Tier("huge", 2000, (ADA, OLGA, RINA), needed=2)
OWNED: dict[str, Any] = {"owner": (OLGA,)}


def asked(people: int = 100, **changes: Any) -> Asked:
    """Rina asks to put so many into Q4 Renewal."""
    everybody = frozenset({ADA, RINA, OLGA})
    return replace(Asked(RINA, FLOW, people, approvers={"large": everybody, "huge": everybody}), **changes)


def test_without_rules_everything_is_allowed() -> None:
    """A policy that says nothing asks nobody and waits for nothing."""
    judgement = judge(Policy(), asked(1_000_000), NOW)
    assert judgement.allowed
    assert (None, (), None, None, False) == (
        judgement.tier,
        judgement.approvers,
        judgement.quiet_until,
        judgement.day_full_until,
        judgement.canary_demanded,
    )


@pytest.mark.parametrize(
    ("policy", "question", "refused"),
    [
        (
            Policy(enroll=("S0REVOPS",), **OWNED),
            asked(listed=False),
            Refused("people", refused=RINA, allowed=("S0REVOPS",), owner=(OLGA,)),
        ),
        (
            Policy(flows=Choice(allow=("onboarding*",)), operators=(OLGA,)),
            asked(),
            Refused("flows", refused="Q4 Renewal", allowed=("onboarding*",), owner=(OLGA,)),
        ),
        (
            Policy(connections=Choice(allow=("Sales",)), lines={"connections": 7}),
            asked(connections=(("c1", "Sales"), ("c2", "Marketing"))),
            Refused("connections", refused="Marketing", allowed=("Sales",), line=7),
        ),
        (
            Policy(channels=Choice(deny=("C0RANDOM",))),
            asked(channel_id="C0RANDOM"),
            Refused("channels", refused="C0RANDOM"),
        ),
        (Policy(request_cap=2000, **OWNED), asked(2412), Refused("request_cap", (OLGA,), asked=2412, limit=2000)),
        (
            Policy(day_cap=500, zone="Europe/Berlin"),
            asked(1225, used_today=380),
            Refused("day_cap", asked=1225, limit=500, left=120, until=datetime(2026, 11, 23, 23, tzinfo=UTC)),
        ),
        (
            Policy(opt_out=OptOut(columns=("opted_out",), required=True), lines={"opt_out.required": 3, "opt_out": 1}),
            asked(opt_out_known=False),
            Refused("opt_out.required", allowed=("opted_out",), line=3),
        ),
        (
            Policy(approvals=(LARGE,), lines={"approvals.large": 18}),
            asked(1225, approvers={"large": frozenset({RINA})}),
            Refused("approval.large", line=18, asked=1225, limit=500, refused=RINA, count=1),
        ),
        (
            Policy(approvals=(LARGE, HUGE)),
            asked(2001, approvers={"huge": frozenset({ADA, RINA})}),
            Refused("approval.huge", asked=2001, limit=500, refused=RINA, allowed=(ADA,), count=2),
        ),
    ],
    ids=lambda value: value.rule if isinstance(value, Refused) else "",
)
def test_each_rule_says_what_would_pass(policy: Policy, question: Asked, refused: Refused) -> None:
    """Which rule, its line, its owner, what was asked, and what is allowed instead."""
    judgement = judge(policy, question, NOW)
    assert (refused,) == judgement.refused
    assert not judgement.allowed


def test_all_that_refuse_are_told_in_their_order() -> None:
    """People first, numbers last: who may not enroll at all hears that first."""
    policy = Policy(
        flows=Choice(deny=("Q4*",)),
        channels=Choice(allow=("C0REVOPS",)),
        request_cap=10,
        day_cap=20,
        approvals=(LARGE,),
        opt_out=OptOut(required=True),
    )
    question = asked(600, listed=False, channel_id="C0RANDOM", opt_out_known=False, approvers={})
    told = [no.rule for no in judge(policy, question, NOW).refused]
    assert ["people", "flows", "channels", "request_cap", "day_cap", "opt_out.required", "approval.large"] == told


@pytest.mark.parametrize("channel", ["", "D0RINA", RINA])
def test_direct_messages_are_no_channels(channel: str) -> None:
    """Where nobody reads along, a rule about channels has nothing to say."""
    assert judge(Policy(channels=Choice(allow=("C0REVOPS",))), asked(channel_id=channel), NOW).allowed


@pytest.mark.parametrize(
    ("people", "tier"), [(500, None), (501, "large"), (2000, "large"), (2001, "huge"), (100_000, "huge")]
)
def test_the_strictest_tier_that_is_exceeded_applies(people: int, tier: str | None) -> None:
    """A threshold itself needs nobody's word; one more does, and of two tiers the higher one counts."""
    found = tier_for(Policy(approvals=(HUGE, LARGE)), FLOW, people)
    assert tier == (found and found.name)


def test_a_tier_of_some_flows_leaves_the_others_alone() -> None:
    """By name, with a star, without case; or by id."""
    policy = Policy(approvals=(replace(LARGE, flows=("q4*",)), replace(HUGE, flows=("999",))))
    assert "large" == getattr(tier_for(policy, FLOW, 5000), "name", "")
    assert "huge" == getattr(tier_for(policy, Flow("999", "Onboarding"), 5000), "name", "")
    assert None is tier_for(policy, Flow("1", "Onboarding"), 5000)
    assert (500, 2000, None) == (
        free_up_to(policy, FLOW),
        free_up_to(policy, Flow("999", "Onboarding")),
        free_up_to(policy, Flow("1", "Onboarding")),
    )


def test_nobody_approves_their_own() -> None:
    """The requester is never among the approvers, and does not count towards them."""
    judgement = judge(Policy(approvals=(LARGE, HUGE)), asked(2001), NOW)
    assert judgement.allowed
    assert (ADA, OLGA) == judgement.approvers
    assert not judge(Policy(approvals=(HUGE,)), asked(2001, approvers={"huge": frozenset({ADA, RINA})}), NOW).allowed


def test_what_slack_does_not_say_is_neither_yes_nor_no() -> None:
    """Nobody is refused for the sake of a group that cannot be opened now, and nobody gets by."""
    judgement = judge(Policy(approvals=(LARGE,)), asked(1225, approvers={}, unknown=True), NOW)
    assert ((), False, True) == (judgement.refused, judgement.allowed, judgement.unknown)
    assert judgement.tier == LARGE


@pytest.mark.parametrize(
    ("people", "used", "full"), [(100, 400, False), (101, 400, True), (0, 500, False), (1, 500, True), (501, 0, True)]
)
def test_a_day_is_full_when_there_is_no_room_for_all(people: int, used: int, full: bool) -> None:
    """Nobody is enrolled by half: a request waits for a day that has room for it."""
    judgement = judge(Policy(day_cap=500), asked(people, used_today=used), NOW)
    assert full == (judgement.day_full_until is not None) == (not judgement.allowed)


def test_when_it_may_start_and_how() -> None:
    """Quiet hours and a canary refuse nothing: they say what happens first."""
    policy = Policy(quiet=Quiet("UTC", time(14), time(15)), canary=Canary(required_above=99))
    judgement = judge(policy, asked(100), NOW)
    assert judgement.allowed
    assert datetime(2026, 11, 23, 15, tzinfo=UTC) == judgement.quiet_until
    assert judgement.canary_demanded
    assert not judge(policy, asked(99), NOW).canary_demanded


@pytest.mark.parametrize(
    ("choice", "name", "allowed"),
    [
        (Choice(), "anything", True),
        (Choice(allow=("Q4*",)), "q4 renewal", True),
        (Choice(allow=("Q4*",)), "my Q4", False),
        (Choice(allow=("*renewal*",), deny=("*internal*",)), "Renewal (internal)", False),
        (Choice(allow=("Q[4]?",)), "Q[4]?", True),
        (Choice(allow=("Q[4]?",)), "Q4x", False),
        (Choice(deny=("a.c",)), "abc", True),
        (Choice(allow=("*STRASSE",)), "Haupt\nstraße", True),
    ],
)
def test_names_are_matched_by_stars_alone(choice: Choice, name: str, allowed: bool) -> None:
    """No other sign means anything, and case means nothing."""
    assert allowed is allows(choice, name)
