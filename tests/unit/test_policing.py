"""The policy with what it cannot know by itself: who is behind a group now, and what was started today."""

from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.enrollment.model.enrollments import Step, Tally
from bot.enrollment.model.people import PeopleUnknown
from bot.enrollment.model.policies import Policy, Tier
from bot.enrollment.policing import Policing
from bot.store import enrollments, spent
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import FLOW, NOW, REQUESTER, TEAM

DAY = datetime(2026, 11, 23, tzinfo=UTC)
GROUPS = {"S0REVOPS": {REQUESTER, "U0COLLEAGUE"}, "S0LEADS": {REQUESTER, "U0LEAD"}}
POLICY = Policy(
    enroll=("S0REVOPS",),
    approvals=(Tier("large", 500, ("S0LEADS", "U0APPROVER"), escalate_to=("U0BOSS",)),),
)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a file."""
    async with stored.opened(tmp_path) as opened:
        yield opened


async def members(ids: Collection[str]) -> frozenset[str]:
    """As Slack would tell it; of S0AWAY it says nothing now."""
    if "S0AWAY" in ids:
        raise PeopleUnknown
    return frozenset().union(*(GROUPS.get(one, {one}) for one in ids))


def policing(db: Database, policy: Policy = POLICY, now: datetime = NOW) -> Policing:
    """The policy, asked at this time."""
    return Policing(policy, db, members=members, clock=lambda: now)


async def test_groups_are_opened_when_it_is_asked(db: Database) -> None:
    """The requester is in both groups: may enroll, and approves nothing of their own."""
    judgement = await policing(db).judge(TEAM, REQUESTER, flow=FLOW, people=501)
    assert judgement.allowed
    assert ("U0APPROVER", "U0LEAD") == judgement.approvers
    other = await policing(db).judge(TEAM, "U0BYSTANDER", flow=FLOW, people=1)
    assert ["people"] == [no.rule for no in other.refused]


async def test_who_may_give_their_word(db: Database) -> None:
    """By the rule's name, with those of the second resort when they are asked too; nobody for a rule that is gone."""
    asked = policing(db)
    first = {REQUESTER, "U0LEAD", "U0APPROVER"}
    assert first == await asked.approvers("approval.large")
    assert {*first, "U0BOSS"} == await asked.approvers("approval.large", escalated=True)
    assert frozenset() == await asked.approvers("approval.huge")


@pytest.mark.parametrize(
    "policy",
    [replace(POLICY, enroll=("S0AWAY",)), replace(POLICY, approvals=(Tier("large", 500, ("S0AWAY",)),))],
    ids=["enroll", "approvers"],
)
async def test_a_group_that_slack_does_not_open_now_refuses_nobody(db: Database, policy: Policy) -> None:
    """It is to be asked again: neither allowed nor refused."""
    judgement = await policing(db, policy).judge(TEAM, REQUESTER, flow=FLOW, people=501)
    assert ((), True, False) == (judgement.refused, judgement.unknown, judgement.allowed)


async def test_a_day_counts_what_was_started_in_it(db: Database) -> None:
    """Those that go count whole, those that ended by who is in; others' teams and yesterday do not count."""
    rows = [
        stored.enrollment("E-1", check_id="1", started_at=DAY, tally=Tally(100, enrolled=3)),
        stored.enrollment("E-2", check_id="2", started_at=NOW, ended_at=NOW, tally=Tally(100, enrolled=20, refused=80)),
        stored.enrollment("E-3", check_id="3", started_at=DAY - timedelta(seconds=1), tally=Tally(100)),
        stored.enrollment("E-4", check_id="4", started_at=NOW, team_id="T0OTHER", tally=Tally(100)),
        stored.enrollment("E-5", check_id="5", tally=Tally(1000)),
        stored.enrollment("E-6", check_id="6", tally=Tally(7), step=Step.START_RUN, asked=True),
        stored.enrollment("E-7", check_id="7", tally=Tally(9), step=Step.START_RUN, asked=True, ended_at=NOW),
    ]
    async with db.begin() as s:
        for row in rows:
            assert await enrollments.add(s, row)
        assert 127 == await spent.contacts(s, TEAM, DAY)
        assert 27 == await spent.contacts(s, TEAM, DAY, apart_from="E-1")
        assert 227 == await spent.contacts(s, TEAM, DAY - timedelta(days=1))


async def test_the_day_is_the_policys(db: Database) -> None:
    """In its own zone another day may have begun; what an enrollment has started itself is not held against it."""
    async with db.begin() as s:
        await enrollments.add(s, stored.enrollment(started_at=NOW, tally=Tally(400)))
    policy = replace(POLICY, day_cap=500, zone="Europe/Berlin")
    late = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)
    full = await policing(db, policy, late).judge(TEAM, REQUESTER, flow=FLOW, people=101)
    assert [("day_cap", 100)] == [(no.rule, no.left) for no in full.refused]
    assert late + timedelta(minutes=1) == full.day_full_until
    itself = await policing(db, policy, late).judge(TEAM, REQUESTER, flow=FLOW, people=400, enrollment_id="E-7K2M9Q")
    assert itself.allowed
    next_day = policing(db, policy, late + timedelta(minutes=1))
    assert (await next_day.judge(TEAM, REQUESTER, flow=FLOW, people=101)).allowed
