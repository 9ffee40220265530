"""Checks and their lists: late answers are dropped, and a list is exactly what one read gave."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from bot.enrollment.model.checks import (
    CheckState,
    Collision,
    Contact,
    CrmKind,
    Funnel,
    LeftOut,
    LeftOutRow,
    Preflight,
    Refusal,
)
from bot.enrollment.model.enrollments import Outcome, State, Tally
from bot.enrollment.model.flows import FlowField
from bot.enrollment.model.policies import Refused
from bot.store import checks, contacts, enrollments, rows, tables
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import NOW

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a file."""
    async with stored.opened(tmp_path) as opened:
        yield opened


async def test_a_check_comes_back_as_it_was_kept(db: Database) -> None:
    """Numbers, samples, reasons and times, however deep."""
    done = stored.check(
        preflight=Preflight(
            funnel=Funnel(3, ((LeftOut.NO_ID, 1), (LeftOut.DUPLICATE, 1)), 1),
            columns=("CONTACT_ID", "PLAN"),
            id_column="CONTACT_ID",
            kinds=((CrmKind.SALESFORCE_CONTACT, 2),),
            sample_columns=("CONTACT_ID",),
            sample=(("003000000000001AAA",),),
            blanks=(("PLAN", 1),),
            opt_out_column="OPTED_OUT",
            suppressed=True,
            company_cap=5,
            collisions=(Collision("E-5T8N2C", 30, "U0COLLEAGUE", "Win back", NOW),),
        ),
        fields=(FlowField("owner", "Owner", is_email=True),),
        refusal=Refusal("QueryRefused", line=3, until=NOW, refused=Refused("request_cap", ("U0OPERATOR",), 11, 12, 5)),
        rows=3,
    )
    async with db.begin() as s:
        await checks.add(s, done)
        assert done == await checks.get(s, done.id)


async def test_a_check_that_was_left_takes_no_late_answer(db: Database) -> None:
    """Going back abandons what runs; what arrives afterwards changes nothing."""
    async with db.begin() as s:
        await checks.add(s, stored.check())
        assert await checks.save(s, stored.check(rows=7))
        assert await checks.abandon(s, "E-7K2M9Q", LATER) == 1
        assert await checks.abandon(s, "E-7K2M9Q", LATER) == 0
        assert not await checks.save(s, stored.check(state=CheckState.DONE))
        left = stored.check(rows=7, state=CheckState.ABANDONED, ended_at=LATER, due_at=None)
        assert left == await checks.get(s, "check")


async def test_checks_are_due_by_their_time(db: Database) -> None:
    """The longest waiting first, no more than asked for, and none that waits for nothing."""
    async with db.begin() as s:
        for number, due_at in enumerate([LATER, NOW, None, NOW - timedelta(seconds=1), LATER + timedelta(seconds=1)]):
            await checks.add(s, stored.check(f"check {number}", number=number, due_at=due_at))
        assert await checks.due(s, LATER, 10) == ["check 3", "check 1", "check 0"]
        assert await checks.due(s, LATER, 1) == ["check 3"]


async def test_one_question_tells_which_kinds_have_no_row_that_is_due(db: Database) -> None:
    """So an idle process searches for nothing."""
    kinds = {"check": tables.checks, "enrollment": tables.enrollments, "message": tables.messages}
    async with db.begin() as s:
        assert kinds.keys() == await rows.none_due(s, kinds, LATER)
        await checks.add(s, stored.check(due_at=LATER))
        await enrollments.add(s, stored.enrollment(due_at=None))
        assert [{*kinds}, {"enrollment", "message"}] == [await rows.none_due(s, kinds, at) for at in (NOW, LATER)]
        await enrollments.add(s, stored.enrollment("E-2", due_at=NOW))
        assert [{"check", "message"}, {"message"}] == [await rows.none_due(s, kinds, at) for at in (NOW, LATER)]


async def test_the_lists_of_a_check_are_replaced_whole(db: Database) -> None:
    """A repeated read leaves nothing of the first one."""
    left_out = [LeftOutRow(LeftOut.DUPLICATE, "003", "kept row 2", rows=2), LeftOutRow(LeftOut.NO_ID, "", "", rows=9)]
    async with db.begin() as s:
        await checks.add(s, stored.check())
        await contacts.save(s, "check", stored.contacts(5), [])
        await contacts.save(s, "check", stored.contacts(2), left_out)
        assert await contacts.batch_values(s, "check", (0, 10)) == ["003000000000000", "003000000000001"]
        assert left_out == await contacts.left_out(s, "check")
        await contacts.delete_lists(s, "check")
        assert await contacts.batch_values(s, "check", (0, 10)) == []
        assert await contacts.left_out(s, "check") == []


async def test_one_person_is_in_a_list_once(db: Database) -> None:
    """Two source values of one person would mail them twice: the database refuses the list."""
    twice = [
        Contact(0, "003000000000001", "003000000000001AAA"),
        Contact(1, "003000000000001AAA", "003000000000001AAA"),
    ]
    async with db.begin() as s:
        await checks.add(s, stored.check())
    with pytest.raises(IntegrityError):
        async with db.begin() as s:
            await contacts.save(s, "check", twice, [])


async def test_batches_are_slices_of_the_list(db: Database) -> None:
    """Together they are the whole list, in its order, and nobody is in two."""
    async with db.begin() as s:
        await checks.add(s, stored.check())
        await checks.add(s, stored.check("other", number=2))
        await contacts.save(s, "check", stored.contacts(4_500), [])
        await contacts.save(s, "other", stored.contacts(3), [])
        batches = [
            await contacts.batch_values(s, "check", (batch * 1_000, batch * 1_000 + 1_000)) for batch in range(6)
        ]
    assert [1_000, 1_000, 1_000, 1_000, 500, 0] == [len(batch) for batch in batches]
    assert [contact.source_value for contact in stored.contacts(4_500)] == [
        value for batch in batches for value in batch
    ]


async def test_outcomes_are_counted_and_told(db: Database) -> None:
    """A batch that was sent and refused in part: the rest is enrolled, other batches are as they were."""
    async with db.begin() as s:
        await checks.add(s, stored.check())
        await contacts.save(s, "check", stored.contacts(8), [])
        assert await contacts.mark_batch(s, "check", (0, 5), only=Outcome.PENDING, to=Outcome.SENT) == 5
        await contacts.mark(
            s,
            "check",
            {
                "003000000000004": (Outcome.NOT_IN_CRM, "x" * 300),
                "003000000000001": (Outcome.GONE, ""),
                "003000000000002": (Outcome.NOT_IN_CRM, "unknown"),
                "003000000000099": (Outcome.OTHER, "nobody of ours"),
            },
        )
        await contacts.mark(s, "check", {})
        assert await contacts.mark_batch(s, "check", (0, 5), only=Outcome.SENT, to=Outcome.ENROLLED) == 2
        reasons = ((Outcome.NOT_IN_CRM, 2),)
        assert Tally(8, enrolled=2, refused=2, gone=1, reasons=reasons) == await contacts.tally(s, "check", 8)
        assert await contacts.refused(s, "check") == [
            ("003000000000001", Outcome.GONE, ""),
            ("003000000000002", Outcome.NOT_IN_CRM, "unknown"),
            ("003000000000004", Outcome.NOT_IN_CRM, "x" * 200),
        ]


async def test_old_checks_go_with_their_lists_unless_an_enrollment_needs_them(db: Database) -> None:
    """Open enrollments and those that ended lately keep theirs."""
    async with db.begin() as s:
        for number, name in enumerate(["free", "open", "ended lately", "ended long ago"]):
            await checks.add(s, stored.check(name, number=number))
            await contacts.save(s, name, stored.contacts(1), [LeftOutRow(LeftOut.NO_ID, "", "")])
        await checks.add(s, stored.check("young", created_at=LATER))
        ended = stored.enrollment("E-2", check_id="ended lately", state=State.ENROLLED, ended_at=LATER)
        await enrollments.add(s, stored.enrollment("E-1", check_id="open"))
        await enrollments.add(s, ended)
        await enrollments.add(s, replace(ended, id="E-3", check_id="ended long ago", ended_at=NOW))
        assert await checks.purge(s, LATER) == 2
        kept = {
            name for name in ("free", "open", "ended lately", "ended long ago", "young") if await checks.get(s, name)
        }
        assert {"open", "ended lately", "young"} == kept
        assert await contacts.left_out(s, "free") == []
        assert len(await contacts.batch_values(s, "open", (0, 10))) == 1
