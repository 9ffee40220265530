"""People's words over a real database: the first one counts, and nothing moves without enough of them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import delete

from bot.enrollment import wanted, wanted_approval
from bot.enrollment.advance import Advancing
from bot.enrollment.approval_rules import Answer
from bot.enrollment.approving import Approvals
from bot.enrollment.frozen import Frozen
from bot.enrollment.keeping import Keeping
from bot.enrollment.limits import Limits
from bot.enrollment.model.approvals import Decision, Word
from bot.enrollment.model.enrollments import Enrollment, State, Step, Tally
from bot.enrollment.model.messages import Message, MessageKind
from bot.enrollment.model.people import PeopleUnknown, Person, Standing
from bot.enrollment.model.policies import Policy
from bot.enrollment.policing import Policing
from bot.polytomic.client import PolytomicClient
from bot.store import approvals, checks, contacts, enrollments, messages
from bot.store.guard_tables import approval_words
from bot.store.session import Database
from tests.postgresql import Server
from tests.unit import stored
from tests.unit import view_builders as some
from tests.unit.stored import NOW, REQUESTER, TEAM

ID = "E-7K2M9Q"
FINGERPRINT = some.FINGERPRINT
ADA = Person(TEAM, "U0APPROVER", Standing.NOT_LISTED)
OTTO = Person(TEAM, "U0OTHER", Standing.NOT_LISTED)
RINA = Person(TEAM, REQUESTER, Standing.ALLOWED)
BEN = Person(TEAM, "U0BYSTANDER", Standing.ALLOWED)


class Office:
    """The verbs, and a bot whose Polytomic answers nobody."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.now = NOW
        self.fingerprint = ""
        self.nudged: list[tuple[str, str]] = []
        self.approvers: frozenset[str] | None = frozenset({"U0APPROVER", "U0OTHER"})
        self.verbs = Approvals(db, clock=self.clock, nudge=self.nudge, approvers=self.who)
        nowhere = PolytomicClient("http://127.0.0.1:9", SecretStr("key"), version="2025-09-18", timeout=0.1)
        self.advancing = Advancing(
            db,
            nowhere,
            clock=self.clock,
            limits=Limits(),
            rights=self.rights,
            keeping=Keeping(db, clock=self.clock, operators=self.operators, nudge=self.nudge),
            policing=Policing(Policy(), db, members=self.everybody, clock=self.clock),
            named=self.unnamed,
        )

    def clock(self) -> datetime:
        return self.now

    def nudge(self, chore: str, row_id: str) -> None:
        self.nudged.append((chore, row_id))

    async def who(self, rule: str, *, escalated: bool = False) -> frozenset[str]:
        assert "approval.large" == rule
        if self.approvers is None:
            raise PeopleUnknown
        return self.approvers | {"U0BOSS"} if escalated else self.approvers

    async def everybody(self, ids: Collection[str]) -> frozenset[str]:
        return frozenset({REQUESTER})

    async def unnamed(self, ids: Sequence[str]) -> tuple[tuple[str, str], ...]:
        return ()

    async def rights(self, team_id: str, user_id: str) -> Person:
        return Person(team_id, user_id, Standing.ALLOWED)

    async def operators(self) -> tuple[str, ...]:
        return ("U0OPERATOR",)

    async def waits(self, **changes: Any) -> None:
        """The enrollment is asked for."""
        terms = some.awaiting(**changes.pop("terms", {})).terms
        made = stored.enrollment(state=State.AWAITING_APPROVAL, terms=terms, tally=Tally(12), batch_size=5)
        async with self.db.begin() as s:
            await checks.add(s, stored.check(made.check_id))
            await contacts.save(s, made.check_id, stored.contacts(12), ())
        self.fingerprint = await Frozen(self.db, clock=lambda: NOW).of(made)
        async with self.db.begin() as s:
            made = replace(made, fingerprint=self.fingerprint, **changes)
            await enrollments.add(s, made)
            for message in (wanted.living(made, NOW), *wanted_approval.approval_cards(made, NOW)):
                await messages.want(s, message)

    async def row(self) -> Enrollment:
        """The enrollment as it is kept."""
        async with self.db.begin() as s:
            found = await enrollments.get(s, ID)
        assert found is not None
        return found

    async def moved(self) -> State:
        """The state after one look."""
        await self.advancing.advance(ID)
        return (await self.row()).state

    async def about(self, kind: MessageKind, subject: str = ID) -> list[Message]:
        """The messages of this kind."""
        async with self.db.begin() as s:
            return await messages.about(s, subject, kind)


@pytest.fixture
async def office(database: Path) -> AsyncIterator[Office]:
    """An office without any enrollment."""
    db = Database(f"sqlite+aiosqlite:///{database}")
    yield Office(db)
    await db.close()


async def test_a_yes_makes_the_row_due_and_every_message_follow(office: Office) -> None:
    """Only `advance` moves it; the card and the living message are wanted once more."""
    await office.waits(due_at=NOW + timedelta(hours=12))
    heard = await office.verbs.approve(ID, ADA, office.fingerprint)
    assert Answer.TAKEN is heard.answer
    row = await office.row()
    assert (State.AWAITING_APPROVAL, NOW, 2, 1) == (row.state, row.due_at, row.revision, row.version)
    cards = await office.about(MessageKind.APPROVAL_CARD)
    assert [("U0APPROVER", 2), ("U0OTHER", 2)] == [(one.channel, one.wanted_revision) for one in cards]
    assert ("enrollment", ID) in office.nudged
    assert State.LAUNCHING is await office.moved()
    assert [f"approved:{ID}"] == [one.cause for one in await office.about(MessageKind.APPROVED)]


async def test_the_first_word_of_a_person_counts(office: Office) -> None:
    """A second press, of whatever sort, repeats the first answer."""
    await office.waits(terms={"needed": 2})
    assert Answer.TAKEN is (await office.verbs.approve(ID, ADA, office.fingerprint)).answer
    assert Answer.DECIDED is (await office.verbs.approve(ID, ADA, office.fingerprint)).answer
    assert Answer.DECIDED is (await office.verbs.deny(ID, ADA, "changed my mind")).answer
    assert State.AWAITING_APPROVAL is await office.moved()
    assert Answer.TAKEN is (await office.verbs.approve(ID, OTTO, office.fingerprint)).answer
    assert State.LAUNCHING is await office.moved()
    async with office.db.begin() as s:
        assert ["U0APPROVER", "U0OTHER"] == [word.user_id for word in await approvals.words(s, ID)]


async def test_presses_that_change_nothing(office: Office) -> None:
    """By the requester, by a bystander, on an edited request, on none, from elsewhere, and too late."""
    await office.waits()
    verbs = office.verbs
    assert Answer.OWN is (await verbs.approve(ID, RINA, office.fingerprint)).answer
    heard = await verbs.approve(ID, BEN, office.fingerprint)
    assert (Answer.NOT_APPROVER, ("U0APPROVER", "U0OTHER")) == (heard.answer, heard.approvers)
    assert Answer.VOID is (await verbs.approve(ID, ADA, "another")).answer
    assert Answer.LOST is (await verbs.approve("E-NOBODY", ADA, office.fingerprint)).answer
    assert Answer.LOST is (await verbs.approve(ID, replace(ADA, team_id="T9"), office.fingerprint)).answer
    office.now += timedelta(hours=24)
    assert Answer.DECIDED is (await verbs.approve(ID, ADA, office.fingerprint)).answer
    async with office.db.begin() as s:
        assert [] == await approvals.words(s, ID)
    assert State.EXPIRED is await office.moved()


async def test_rights_are_asked_at_the_press(office: Office) -> None:
    """Whoever was asked and is no approver any more cannot decide; whoever became one can."""
    await office.waits()
    office.approvers = frozenset({"U0BYSTANDER"})
    assert Answer.NOT_APPROVER is (await office.verbs.approve(ID, ADA, office.fingerprint)).answer
    assert Answer.TAKEN is (await office.verbs.approve(ID, BEN, office.fingerprint)).answer


async def test_while_slack_cannot_say_who_is_in_a_group_nobody_decides(office: Office) -> None:
    """The press can be repeated later."""
    await office.waits()
    approvers, office.approvers = office.approvers, None
    assert Answer.UNKNOWN_PERSON is (await office.verbs.approve(ID, ADA, office.fingerprint)).answer
    office.approvers = approvers
    assert Answer.TAKEN is (await office.verbs.approve(ID, ADA, office.fingerprint)).answer


async def test_those_it_is_escalated_to_may_decide_from_then_on(office: Office) -> None:
    """Not before; they get a card of their own, and nobody else gets a second one."""
    boss = Person(TEAM, "U0BOSS", Standing.NOT_LISTED)
    await office.waits()
    assert Answer.NOT_APPROVER is (await office.verbs.approve(ID, boss, office.fingerprint)).answer
    office.now += timedelta(hours=18)
    assert State.AWAITING_APPROVAL is await office.moved()
    cards = await office.about(MessageKind.APPROVAL_CARD)
    assert ["U0APPROVER", "U0BOSS", "U0OTHER"] == [one.channel for one in cards]
    assert 3 == len(await office.about(MessageKind.REMINDER))
    assert Answer.TAKEN is (await office.verbs.approve(ID, boss, office.fingerprint)).answer
    assert State.LAUNCHING is await office.moved()


async def test_a_word_is_not_lost_to_a_look_that_began_before_it(office: Office) -> None:
    """Whoever has read the row without knowing of the word cannot park it."""
    await office.waits(due_at=NOW)
    before = await office.row()
    await office.verbs.approve(ID, ADA, office.fingerprint)
    keeping = Keeping(office.db, clock=office.clock, operators=office.operators, nudge=office.nudge)
    assert not await keeping.keep(before, replace(before, due_at=NOW + timedelta(hours=12)))
    assert NOW == (await office.row()).due_at


async def test_taken_back_and_then_approved(office: Office) -> None:
    """The first of the two counts."""
    await office.waits()
    assert Answer.TAKEN is (await office.verbs.withdraw(ID, RINA)).answer
    assert Answer.DECIDED is (await office.verbs.withdraw(ID, RINA)).answer
    assert Answer.DECIDED is (await office.verbs.approve(ID, ADA, office.fingerprint)).answer
    assert State.CANCELED is await office.moved()


async def test_a_question_is_answered_once_by_the_requester(office: Office) -> None:
    """In the threads of both cards and of the living message."""
    await office.waits()
    asked = (await office.verbs.ask(ID, ADA, "Why?")).question
    assert asked is not None
    threads = [one.cause.split(":", 2)[2] for one in await office.about(MessageKind.QUESTION, asked.id)]
    assert [f"approval_card:{ID}:U0APPROVER", f"approval_card:{ID}:U0OTHER", f"living:{ID}"] == threads
    assert Answer.NOT_REQUESTER is (await office.verbs.answer(asked.id, OTTO, "Because.")).answer
    assert Answer.TAKEN is (await office.verbs.answer(asked.id, RINA, "Because.")).answer
    again = await office.verbs.answer(asked.id, RINA, "Or not.")
    assert Answer.ANSWERED is again.answer
    assert again.question is not None
    assert "Because." == again.question.answer
    assert 3 == len(await office.about(MessageKind.ANSWER, asked.id))
    assert Answer.LOST is (await office.verbs.answer("nothing", RINA, "Because.")).answer


@pytest.mark.parametrize("state", [State.LAUNCHING, State.RUNNING])
@pytest.mark.parametrize(
    "words",
    [
        (),
        (("U0APPROVER", Decision.APPROVED, FINGERPRINT),),
        (("U0APPROVER", Decision.APPROVED, FINGERPRINT), ("U0OTHER", Decision.APPROVED, "another")),
        (("U0APPROVER", Decision.APPROVED, FINGERPRINT), (REQUESTER, Decision.APPROVED, FINGERPRINT)),
        (
            ("U0APPROVER", Decision.APPROVED, FINGERPRINT),
            ("U0OTHER", Decision.APPROVED, FINGERPRINT),
            ("U0BOSS", Decision.DENIED, FINGERPRINT),
        ),
    ],
    ids=["none", "one of two", "one about another", "the requester's own", "a no among them"],
)
async def test_without_enough_words_nobody_is_asked_for(office: Office, state: State, words: Any) -> None:
    """Whatever the state column says: it ends before anything is asked of Polytomic, and says why."""
    step = Step.CREATE_MODEL if state is State.LAUNCHING else Step.START_RUN
    made = {"model_id": "m", "model_field": "ID", "sync_id": "s"} if step is Step.START_RUN else {}
    await office.waits(state=state, step=step, terms={"needed": 2}, due_at=NOW, **made)
    async with office.db.begin() as s:
        for user_id, decision, fingerprint in words:
            about = office.fingerprint if fingerprint == FINGERPRINT else fingerprint
            await approvals.say(s, Word(ID, TEAM, user_id, decision, about, NOW))
    await office.advancing.advance(ID)
    row = await office.row()
    assert (State.FAILED, "voided") == (row.state, row.trouble.kind if row.trouble else "")


async def test_with_enough_words_it_goes_on_to_polytomic(office: Office) -> None:
    """Which does not answer here."""
    await office.waits(state=State.LAUNCHING, due_at=NOW)
    async with office.db.begin() as s:
        await approvals.say(s, Word(ID, TEAM, "U0APPROVER", Decision.APPROVED, office.fingerprint, NOW))
    await office.advancing.advance(ID)
    row = await office.row()
    assert (State.LAUNCHING, 1) == (row.state, row.failures)


async def test_what_waits_for_a_person(office: Office) -> None:
    """Until they have given their word; nothing waits for those who are not asked."""
    await office.waits(terms={"needed": 2})
    assert [ID] == [one.id for one in await office.verbs.waiting_for(TEAM, "U0APPROVER")]
    assert [] == await office.verbs.waiting_for(TEAM, "U0BYSTANDER")
    assert [] == await office.verbs.waiting_for("T9", "U0APPROVER")
    await office.verbs.approve(ID, ADA, office.fingerprint)
    assert [] == await office.verbs.waiting_for(TEAM, "U0APPROVER")
    assert [ID] == [one.id for one in await office.verbs.waiting_for(TEAM, "U0OTHER")]


@pytest.mark.slow
async def test_two_processes_hear_one_word_once(postgresql: Server) -> None:
    """Pressed twice at once, or by two approvers where one is enough: one press is taken, the other is told of it."""
    url = postgresql.url()
    one, two = Office(Database(url)), Office(Database(url))
    await one.waits()
    try:
        for both in ((ADA, ADA), (ADA, OTTO)):
            async with one.db.begin() as s:
                await s.execute(delete(approval_words))
            first, second = both
            heard = await asyncio.gather(
                one.verbs.approve(ID, first, one.fingerprint), two.verbs.approve(ID, second, one.fingerprint)
            )
            assert {Answer.TAKEN, Answer.DECIDED} == {press.answer for press in heard}
            async with one.db.begin() as s:
                assert 1 == len(await approvals.words(s, ID))
    finally:
        await one.db.close()
        await two.db.close()
