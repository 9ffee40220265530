"""No sequence of presses by anyone, in any order, with looks, kills and clock jumps, lets a request go without enough
words; and what was let go has them."""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.enrollment.approving import Approvals
from bot.enrollment.deciding import Deciding
from bot.enrollment.keeping import Keeping
from bot.enrollment.model.approvals import Decision, Word
from bot.enrollment.model.enrollments import Enrollment, State
from bot.enrollment.model.people import Person, Standing
from bot.errors import NotAllowed
from bot.store import approvals, enrollments
from bot.store.session import Database
from tests.unit import stored
from tests.unit import view_builders as some
from tests.unit.stored import NOW, TEAM

ID = "E-7K2M9Q"
PEOPLE = ("U0REQUESTER", "U0APPROVER", "U0OTHER", "U0BOSS", "U0BYSTANDER")
STANDINGS = (Standing.ALLOWED, Standing.NOT_LISTED, Standing.GUEST, Standing.UNKNOWN)
Deed = tuple[str, str, Standing, str]

deeds = st.lists(
    st.tuples(
        st.sampled_from(["approve", "approve", "approve", "deny", "ask", "withdraw", "look", "stale look", "later"]),
        st.sampled_from(PEOPLE),
        st.sampled_from(STANDINGS),
        st.sampled_from([some.FINGERPRINT, some.FINGERPRINT, "another"]),
    ),
    max_size=14,
)


class Bot:
    """What presses reach, and the one who looks."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.now = NOW
        self.verbs = Approvals(db, clock=self.clock, nudge=lambda *_: None, approvers=self.who)
        self.deciding = Deciding(db, clock=self.clock, quiet=lambda _: None)
        self.keeping = Keeping(db, clock=self.clock, operators=self.nobody, nudge=lambda *_: None)
        self.read: Enrollment | None = None

    def clock(self) -> datetime:
        return self.now

    async def who(self, rule: str, *, escalated: bool = False) -> frozenset[str]:
        assert "approval.large" == rule
        return frozenset({"U0APPROVER", "U0OTHER", "U0REQUESTER"} | ({"U0BOSS"} if escalated else set()))

    async def nobody(self) -> tuple[str, ...]:
        return ()

    async def row(self) -> Enrollment:
        """The enrollment as it is kept."""
        async with self.db.begin() as s:
            found = await enrollments.get(s, ID)
        assert found is not None
        return found

    async def look(self, before: Enrollment) -> None:
        """What `advance` does with a request that waits, after a cancel wish was looked for."""
        if before.state is State.AWAITING_APPROVAL and before.cancel_asked_at is None:
            await self.keeping.keep(before, await self.deciding.look(before))

    async def do(self, deed: Deed) -> None:
        """One thing happens."""
        what, user_id, standing, fingerprint = deed
        person = Person(TEAM, user_id, standing)
        match what:
            case "approve":
                await self.verbs.approve(ID, person, fingerprint)
            case "deny":
                await self.verbs.deny(ID, person, "no")
            case "ask":
                await self.verbs.ask(ID, person, "why?")
            case "withdraw":
                await self._withdraw(person)
            case "look":
                await self.look(await self.row())
            case "stale look":
                # Somebody who read the row long ago and was taken for dead.
                await self.look(self.read or await self.row())
                self.read = await self.row()
            case _:
                self.now += timedelta(hours=7)

    async def _withdraw(self, person: Person) -> None:
        try:
            await self.verbs.withdraw(ID, person)
        except NotAllowed:
            return


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(done=deeds, needed=st.integers(1, 3))
def test_nothing_goes_on_without_enough_words(migrated: Path, done: Sequence[Deed], needed: int) -> None:
    """So many different approvers said yes to this very request, in time, nobody said no, and it was not taken back."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_played(Path(shutil.copy(migrated, folder)), done, needed))


async def _played(database: Path, done: Sequence[Deed], needed: int) -> None:
    terms = some.awaiting(needed=needed).terms
    db = Database(f"sqlite+aiosqlite:///{database}")
    try:
        async with db.begin() as s:
            waits = stored.enrollment(state=State.AWAITING_APPROVAL, terms=terms, fingerprint=some.FINGERPRINT)
            await enrollments.add(s, waits)
        bot = Bot(db)
        for deed in done:
            await bot.do(deed)
        await bot.look(await bot.row())
        row = await bot.row()
        async with db.begin() as s:
            words = await approvals.words(s, ID)
    finally:
        await db.close()
    _as_it_should_be(row, words, needed)


def _as_it_should_be(row: Enrollment, words: Sequence[Word], needed: int) -> None:
    yes = {word.user_id for word in words if word.decision is Decision.APPROVED}
    no = [word for word in words if word.decision is Decision.DENIED]
    assert all(word.fingerprint == some.FINGERPRINT for word in words)
    assert {word.user_id for word in words} <= {"U0APPROVER", "U0OTHER", "U0BOSS"}
    assert (row.state is State.DENIED) <= bool(no)
    if row.state is State.LAUNCHING:
        assert len(yes) >= needed
        assert not no
    if row.state is State.AWAITING_APPROVAL and row.cancel_asked_at is None:
        assert len(yes) < needed
        assert not no
    assert row.state in {State.AWAITING_APPROVAL, State.LAUNCHING, State.DENIED, State.EXPIRED}
