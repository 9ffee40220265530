"""What becomes of a reviewed list when it is confirmed: with how many it begins, whose word it needs, or why not."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.enrollment import fingerprints, query
from bot.enrollment.confirming import Confirming
from bot.enrollment.frozen import Frozen
from bot.enrollment.limits import Limits
from bot.enrollment.making import Review
from bot.enrollment.model.checks import Check, CheckState, Contact, Funnel
from bot.enrollment.model.drafts import DraftStatus, PostTo
from bot.enrollment.model.enrollments import Enrollment, State, Tally
from bot.enrollment.model.flows import Flow
from bot.enrollment.model.people import PeopleUnknown, Person, Standing
from bot.enrollment.model.policies import Canary, Policy, Rule, Tier
from bot.enrollment.policing import Policing
from bot.enrollment.repeats import Repeats
from bot.enrollment.rules import CheckTooOld
from bot.errors import DraftExpired, NotAllowed
from bot.store import checks, contacts, drafts, enrollments
from bot.store.session import Database
from tests.unit import stored
from tests.unit import view_builders as some
from tests.unit.stored import NOW, REQUESTER, TEAM

RINA = Person(TEAM, REQUESTER, Standing.ALLOWED)
REVIEW = Review(mappings=(), post_to=PostTo.HERE, channel_id="C0REVOPS")
GROUPS = {"S0LEADS": {"U0APPROVER", REQUESTER}, "S0HEADS": {"U0HEAD", "U0APPROVER"}}
LARGE = Tier("large", 10, ("S0LEADS",), hours=24, escalate_to=("S0HEADS",), channel="C0LEADS")
OPEN = Policy(enroll=(REQUESTER,), owner=("U0OPERATOR",))
SQL = "SELECT contact_id FROM contacts"
PEOPLE = 30


@dataclass
class Desk:
    """One person's checked draft, and a Slack that may not say who is in a group."""

    db: Database
    silent: bool = False

    def confirming(self, policy: Policy) -> Confirming:
        """The verb under this policy."""
        return Confirming(
            self.db,
            clock=lambda: NOW,
            limits=Limits(),
            nudge=lambda *_: None,
            flow_gone=lambda *_: False,
            policing=Policing(policy, self.db, members=self.members, clock=lambda: NOW),
            named=self.named,
        )

    async def confirm(self, policy: Policy, review: Review = REVIEW) -> Enrollment:
        """The enrollment that it becomes under this policy."""
        return (await self.confirming(policy).confirm("E-7K2M9Q", "check", RINA, review)).enrollment

    async def members(self, ids: Collection[str]) -> frozenset[str]:
        if self.silent:
            raise PeopleUnknown
        return frozenset(user for one in ids for user in GROUPS.get(one, {one}))

    async def named(self, ids: Sequence[str]) -> tuple[tuple[str, str], ...]:
        return tuple((one, one.title()) for one in ids)

    async def checked(self, people: int = PEOPLE, **changes: object) -> None:
        """The draft has a check that would enroll so many."""
        listed = stored.contacts(people)
        async with self.db.begin() as s:
            await drafts.add(s, stored.draft(sql=SQL, flow=stored.FLOW, check_id="check"))
            await checks.add(s, replace(check(listed), **changes))  # type: ignore[arg-type]
            await contacts.save(s, "check", listed, [])


def check(listed: Sequence[Contact]) -> Check:
    """A check that froze this list."""
    read = some.preflight(
        funnel=Funnel(len(listed), (), len(listed)),
        digest=fingerprints.of_list((one.source_value, one.canonical_id) for one in listed),
    )
    hashed = fingerprints.of_query(query.guard(SQL, max_bytes=8000).normalized)
    return stored.check(state=CheckState.DONE, sql=SQL, preflight=read, query_hash=hashed)


@pytest.fixture
async def desk(database: Path) -> AsyncIterator[Desk]:
    """A desk over an empty database."""
    db = Database(f"sqlite+aiosqlite:///{database}")
    yield Desk(db)
    await db.close()


async def test_without_a_limit_it_launches_as_it_was_seen(desk: Desk) -> None:
    """With a fingerprint that its rows bear out."""
    await desk.checked()
    made = await desk.confirm(OPEN)
    assert (State.LAUNCHING, 0, None, NOW) == (made.state, made.canary, made.terms, made.due_at)
    assert made.fingerprint
    assert made.fingerprint == await Frozen(desk.db, clock=lambda: NOW).of(made)


async def test_over_the_limit_it_waits_for_a_word(desk: Desk) -> None:
    """Of those who are asked, groups opened, never the requester's; with a note, and times to remind and escalate."""
    await desk.checked()
    made = await desk.confirm(replace(OPEN, approvals=(LARGE,)), replace(REVIEW, note="They asked for it"))
    terms = made.terms
    assert terms is not None
    assert State.AWAITING_APPROVAL is made.state
    assert (("U0APPROVER",), ("U0HEAD",), "C0LEADS") == (terms.approvers, terms.escalate_to, terms.channel)
    assert ("approval.large", 10, 1, ("U0OPERATOR",)) == (terms.rule, terms.above, terms.needed, terms.owner)
    hours = [(one - NOW) / timedelta(hours=1) for one in (terms.remind_at, terms.escalate_at, terms.expires_at)]
    assert [12, 18, 24] == hours
    assert "They asked for it" == terms.note
    assert made.due_at == terms.remind_at


@pytest.mark.parametrize(
    ("expected", "people", "ticked", "canary"),
    [
        (0, 30, None, Canary()),
        (5, 30, True, Canary()),
        (0, 19, True, Canary()),
        (0, 30, False, Canary(ticked_from=20)),
        (5, 30, None, Canary(ticked_from=20)),
        (5, 12, False, Canary(required_above=10)),
        (0, 5, True, Canary(offered_from=1, required_above=1)),
    ],
)
async def test_a_few_begin(desk: Desk, expected: int, people: int, ticked: bool | None, canary: Canary) -> None:
    """Where they were ticked, or demanded, and where others are left to wait."""
    await desk.checked(people)
    made = await desk.confirm(replace(OPEN, canary=canary), replace(REVIEW, canary=ticked))
    assert expected == made.canary


async def test_a_rule_that_says_no_keeps_everything_as_it_was(desk: Desk) -> None:
    """The draft stays open, and the error says which rule."""
    await desk.checked()
    with pytest.raises(NotAllowed) as raised:
        await desk.confirm(replace(OPEN, day_cap=20))
    assert raised.value.refused is not None
    assert (Rule.DAY_CAP, 20, PEOPLE) == (
        raised.value.refused.rule,
        raised.value.refused.limit,
        raised.value.refused.asked,
    )
    async with desk.db.begin() as s:
        draft = await drafts.get(s, "E-7K2M9Q")
        assert await enrollments.get(s, "E-7K2M9Q") is None
    assert draft is not None
    assert DraftStatus.OPEN is draft.status


async def test_nobody_is_enrolled_on_a_guess(desk: Desk) -> None:
    """While Slack does not say who is in a group, nobody knows whose word is needed."""
    await desk.checked()
    desk.silent = True
    with pytest.raises(NotAllowed) as raised:
        await desk.confirm(replace(OPEN, approvals=(LARGE,)))
    assert Standing.UNKNOWN == raised.value.standing


async def test_the_second_confirm_gives_the_first_ones(desk: Desk) -> None:
    """Whatever the policy says by then: nothing is begun by it."""
    await desk.checked()
    first = await desk.confirm(OPEN)
    again = await desk.confirming(replace(OPEN, day_cap=1)).confirm("E-7K2M9Q", "check", RINA, REVIEW)
    assert (first.id, True) == (again.enrollment.id, again.again)


async def test_a_check_without_fingerprints_is_made_again(desk: Desk) -> None:
    """It is of a version before them."""
    await desk.checked(query_hash="")
    with pytest.raises(CheckTooOld):
        await desk.confirm(OPEN)


async def test_a_draft_that_is_gone_is_said_to_be(desk: Desk) -> None:
    """Not that a rule says no."""
    with pytest.raises(DraftExpired):
        await desk.confirm(OPEN)


ENROLLED = {"started_at": NOW - timedelta(days=2), "ended_at": NOW - timedelta(days=1), "state": State.ENROLLED}


@pytest.mark.parametrize(
    ("expected", "changes", "policy"),
    [
        (True, {}, OPEN),
        (True, {"requester_id": "U0OTHER"}, OPEN),
        (True, {"ended_at": None, "state": State.RUNNING, "tally": Tally(5)}, OPEN),
        (False, {"team_id": "T0OTHER"}, OPEN),
        (False, {"flow": Flow("another", "Q4 Renewal")}, OPEN),
        (False, {"tally": Tally(5, refused=5)}, OPEN),
        (False, {"started_at": None, "ended_at": None, "state": State.AWAITING_APPROVAL, "tally": Tally(5)}, OPEN),
        (False, {"started_at": NOW - timedelta(days=31)}, OPEN),
        (True, {"started_at": NOW - timedelta(days=31)}, replace(OPEN, cool_off_days=40)),
        (False, {}, replace(OPEN, cool_off_days=0)),
    ],
)
async def test_a_repeat_is_what_enrolled_somebody_lately(
    desk: Desk, expected: bool, changes: dict[str, object], policy: Policy
) -> None:
    """By the same query into the same flow, whoever asked; other spellings of it count."""
    hashed = fingerprints.of_query(query.guard(SQL, max_bytes=8000).normalized)
    before = stored.enrollment("E-5T8N2C", query_hash=hashed, tally=Tally(5, enrolled=5), **ENROLLED)
    async with desk.db.begin() as s:
        await checks.add(s, stored.check(before.check_id))
        await enrollments.add(s, replace(before, **changes))  # type: ignore[arg-type]
    repeats = Repeats(desk.db, clock=lambda: NOW, limits=Limits(), policy=policy)
    found = await repeats.of(stored.draft(sql=f"{SQL.lower()} -- again", flow=stored.FLOW))
    assert expected == (found is not None)


async def test_people_are_left_out_until_the_cool_off_is_over(desk: Desk) -> None:
    """Counted from when the last of them may have begun."""
    hashed = fingerprints.of_query(query.guard(SQL, max_bytes=8000).normalized)
    before = stored.enrollment("E-5T8N2C", query_hash=hashed, tally=Tally(5, enrolled=5), **ENROLLED)
    async with desk.db.begin() as s:
        await checks.add(s, stored.check(before.check_id))
        await enrollments.add(s, before)
    found = await Repeats(desk.db, clock=lambda: NOW, limits=Limits(), policy=OPEN).of(
        stored.draft(sql=SQL, flow=stored.FLOW)
    )
    assert found is not None
    assert (NOW + timedelta(days=29), 30) == (found.until, found.days)
