"""Receipts: what one says and what it keeps to itself, one for every end, and what the command line says of them."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot import config
from bot.__main__ import dispatch
from bot.enrollment import receipts as rules
from bot.enrollment.keeping import Keeping
from bot.enrollment.model.approvals import Decision, Terms, Word
from bot.enrollment.model.enrollments import Enrollment, Outcome, Run, RunStatus, State, Step, Tally
from bot.enrollment.model.flows import FieldMapping, FlowField
from bot.enrollment.model.messages import MessageKind
from bot.enrollment.model.receipts import Chain
from bot.store import checks, enrollments, messages, receipts, runs
from bot.store.session import Database
from bot.views import receipt as views
from tests.postgresql import Server
from tests.unit import stored, view_builders
from tests.unit.stored import NOW, REQUESTER, TEAM
from tests.unit.test_cli import NEEDED

Command = Callable[..., tuple[int, str]]
LATER = NOW + timedelta(minutes=4)
OWNER = FieldMapping("owner", "Owner", value="sam@example.com")
LINES = """\
Receipt E-7K2M9Q
requester   @rina
approved    @ada
            2026-11-23 14:05 UTC
rule        approval.large
flow        Q4 Renewal
flow id     1234567890123482913
sender      sam@example.com
list frozen 2026-11-23 14:05 UTC
started     2026-11-23 14:05 UTC
ended       2026-11-23 14:09 UTC
state       partly enrolled
rows        1,412
left out    187
sent        1,225
enrolled    1,180
refused     45
canary      5
released by @rina
            2026-11-23 14:05 UTC
query       sha256 6120bb3b…
fingerprint 9f2c41d0
model       model-1
sync
3fa85f64-5717-4562-b3fc-2c963f66afa6
run         run-0
run         run-1
entry       118
previous    77777777…
hash        {hash}…"""


def whole() -> Enrollment:
    """An enrollment that was allowed, released and partly refused."""
    terms = Terms("approval.large", 500, 1, ("U0APPROVER",), expires_at=NOW, remind_at=NOW, escalate_at=NOW)
    tally = Tally(1225, enrolled=1180, refused=45, reasons=((Outcome.NOT_IN_CRM, 45),))
    made = view_builders.ended(State.PARTLY_ENROLLED, tally=tally, terms=terms, mappings=(OWNER,))
    return replace(
        made,
        sql="SELECT contact_id FROM salesforce_contacts",
        fingerprint="9f2c41d0" * 8,
        canary=5,
        released_by="U0REQUESTER",
        released_at=view_builders.NOW,
        model_id="model-1",
        sync_id="3fa85f64-5717-4562-b3fc-2c963f66afa6",
    )


def entry(enrollment: Enrollment) -> Any:
    """Its receipt, the 118th."""
    field = FlowField("owner", "Owner", is_email=True)
    check = view_builders.check(preflight=view_builders.preflight(), fields=(field,), ended_at=view_builders.NOW)
    said = [Word(enrollment.id, TEAM, "U0APPROVER", Decision.APPROVED, enrollment.fingerprint, view_builders.NOW)]
    past = [
        Run(enrollment.id, 0, 0, RunStatus.COMPLETED, 5, execution_id="run-0"),
        Run(enrollment.id, 1, 0, RunStatus.COMPLETED, 1220, execution_id="run-1"),
    ]
    return rules.entry(Chain(TEAM, 117, "7" * 64), rules.body(enrollment, check, said, past), LATER)


def test_what_the_thread_reads() -> None:
    """One fact a line, people by name, and nothing that a channel may not know."""
    receipt = entry(whole())
    names = {"U0REQUESTER": "rina", "U0APPROVER": "ada"}
    assert LINES.format(hash=receipt.hash[:8]).splitlines() == views.lines(receipt, names)
    assert ["U0APPROVER", "U0REQUESTER"] == rules.people(rules.read(receipt))


def test_what_it_keeps_to_itself() -> None:
    """No query and no contact; who has the file can check its hash by hand."""
    receipt = entry(whole())
    assert "SELECT" not in receipt.body
    assert "salesforce" not in receipt.body
    copy = json.loads(views.as_json(receipt))
    text = json.dumps(copy["receipt"], sort_keys=True, separators=(",", ":"))
    assert copy["hash"] == rules.sha256(copy["previous"] + text) == receipt.hash
    assert rules.sha256(whole().sql) == copy["receipt"]["query"]["sha256"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"mappings": ()}, "sender      not shown"),
        ({"mappings": (replace(OWNER, value=None, column="OWNER_EMAIL"),)}, "sender      column OWNER_EMAIL"),
        ({"released_by": ""}, "released by policy"),
        ({"state": State.CANCELED, "canceled_by": "U0OPERATOR"}, "canceled by U0OPERATOR"),
        ({"tally": Tally(2000, enrolled=1225)}, "not sent    775"),
    ],
    ids=["no sender", "a column", "by itself", "canceled", "in part"],
)
def test_what_else_it_may_say(changes: dict[str, Any], said: str) -> None:
    """Unknown is said as unknown, and a person is told from a policy."""
    assert said in views.lines(entry(replace(whole(), **changes)), {})


# -- kept


async def operators() -> tuple[str, ...]:
    """Nobody."""
    return ()


async def begun(db: Database, enrollment_id: str, **changes: Any) -> Enrollment:
    """An enrollment that runs."""
    running = stored.enrollment(enrollment_id, state=State.RUNNING, step=Step.WATCH_RUN, started_at=NOW, **changes)
    async with db.begin() as s:
        await checks.add(s, stored.check(running.check_id, draft_id=enrollment_id))
        await enrollments.add(s, running)
        await runs.save(s, stored.run(enrollment_id=enrollment_id, execution_id=f"run of {enrollment_id}"))
    return running


async def end(db: Database, running: Enrollment, state: State = State.ENROLLED) -> bool:
    """The same, as it has ended."""
    keeping = Keeping(db, clock=lambda: LATER, operators=operators, nudge=lambda *_: None)
    return await keeping.keep(running, replace(running, state=state, step=Step.RETIRE, ended_at=LATER)) is not None


async def flaws(db: Database) -> list[rules.Flaw]:
    """What is wrong with the team's chain."""
    async with db.begin() as s:
        entries, ends = await receipts.all(s, TEAM), await receipts.chain(s, TEAM)
        return rules.verify(entries, ends, await receipts.owed(s, TEAM))


async def test_every_end_has_one_entry(tmp_path: Path) -> None:
    """Whoever comes second writes none; people are sent it only where a run was started."""
    async with stored.opened(tmp_path) as db:
        first, second = await begun(db, "E-000001"), await begun(db, "E-000002")
        idle = replace(stored.enrollment("E-000003"), cancel_asked_at=NOW, canceled_by=REQUESTER)
        async with db.begin() as s:
            await enrollments.add(s, idle)
        assert [True, False, True] == [await end(db, one) for one in (first, first, second)]
        assert await end(db, idle, State.CANCELED)
        async with db.begin() as s:
            entries = await receipts.all(s, TEAM)
            told = [await messages.about(s, one.enrollment_id, MessageKind.RECEIPT) for one in entries]
            files = [await messages.about(s, one.enrollment_id, MessageKind.RECEIPT_FILE) for one in entries]
        assert [(1, "E-000001"), (2, "E-000002"), (3, "E-000003")] == [
            (one.number, one.enrollment_id) for one in entries
        ]
        assert [["C0REVOPS"], ["C0REVOPS"], []] == [[one.channel for one in found] for found in told]
        assert [[REQUESTER], [REQUESTER], []] == [[one.channel for one in found] for found in files]
        assert [] == await flaws(db)


async def test_what_ended_before_receipts_were_kept_needs_none(tmp_path: Path) -> None:
    """Those from before are not missed; one that ended since, or knows the hash of its query, is."""
    async with stored.opened(tmp_path) as db:
        past = {"state": State.ENROLLED, "step": Step.CLEAN_UP, "ended_at": NOW}
        async with db.begin() as s:
            await enrollments.add(s, stored.enrollment("E-000OLD", **past))
        assert [] == await flaws(db)
        assert await end(db, await begun(db, "E-000001"))
        assert [] == await flaws(db)
        async with db.begin() as s:
            await enrollments.add(s, stored.enrollment("E-000NEW", query_hash="9f2c", **past))
            await enrollments.add(s, stored.enrollment("E-00LATE", **past | {"ended_at": LATER}))
        missing = [rules.Flaw(rules.Wrong.NEVER_WRITTEN, enrollment_id=one) for one in ("E-000NEW", "E-00LATE")]
        assert missing == await flaws(db)


async def test_an_end_that_was_set_back_keeps_nobody_from_ending(tmp_path: Path) -> None:
    """The next entry stands behind the others, and the break shows for ever."""
    async with stored.opened(tmp_path) as db:
        assert await end(db, await begun(db, "E-000001"))
        async with db.begin() as s:
            await s.execute(text(f"UPDATE receipt_chains SET number = 0, hash = '{rules.BEFORE_THE_FIRST}'"))
        assert await end(db, await begun(db, "E-000002"))
        assert [rules.Flaw(rules.Wrong.OUT_OF_PLACE, 2, 2, "E-000002")] == await flaws(db)


@pytest.mark.slow
async def test_many_ends_at_once_are_one_chain(postgresql: Server) -> None:
    """Two processes end twenty enrollments at the same time: twenty entries, one after the other, none twice."""
    url = postgresql.url()
    dbs = Database(url), Database(url)
    try:
        open_ones = [await begun(dbs[0], f"E-{number:06}") for number in range(20)]
        ended = await asyncio.gather(*(end(db, one) for one in open_ones for db in dbs))
        assert 20 == sum(ended)
        assert [] == await flaws(dbs[0])
        async with dbs[0].begin() as s:
            assert list(range(1, 21)) == [one.number for one in await receipts.all(s, TEAM)]
    finally:
        for db in dbs:
            await db.close()


# -- the command line


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command over this test's database; its exit code and what it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.logs.quiet", lambda: None)
    for name in config.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in (NEEDED | {"DATABASE_URL": stored.url(tmp_path)}).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, str]:
        code = dispatch(arguments)
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def written(folder: Path, *statements: str) -> None:
    """Two enrollments have ended, a third runs; then a hand wrote these statements."""

    async def write() -> None:
        async with stored.opened(folder) as db:
            for number in (1, 2):
                await end(db, await begun(db, f"E-{number:06}"))
            await begun(db, "E-000003")
            async with db.begin() as s:
                for statement in statements:
                    await s.execute(text(statement))

    asyncio.run(write())


def test_a_receipt_at_the_terminal(tmp_path: Path, command: Command) -> None:
    """Its lines or its JSON; words and exit code 1 for one that there is not."""
    written(tmp_path)
    code, said = command("receipt", "e-000002")
    assert (0, "Receipt E-000002\nrequester   U0REQUESTER\n") == (code, said[: len("Receipt E-000002\n") + 24])
    code, said = command("receipt", "E-000002", "--json")
    assert (0, 2, "E-000002") == (code, json.loads(said)["entry"], json.loads(said)["receipt"]["enrollment"])
    assert (1, "I know no enrollment E-NOBODY.\n") == command("receipt", "E-NOBODY")
    assert (1, "E-000003 has not ended. Its receipt is written at its end.\n") == command("receipt", "E-000003")
    assert (0, "2 receipts, unbroken.\n") == command("receipts", "verify")


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["UPDATE receipts SET body = replace(body, 'U0REQUESTER', 'U0COLLEAGUE') WHERE number = 1"], 1),
        (["DELETE FROM receipts WHERE number = 1"], 2),
        (["DELETE FROM receipts WHERE number = 2"], 2),
        (["UPDATE receipts SET created_at = 'yesterday' WHERE number = 1"], 2),
        (["DELETE FROM receipts", "DELETE FROM receipt_chains", "UPDATE enrollments SET query_hash = 'x'"], 2),
        (["UPDATE receipts SET number = 'one' WHERE number = 1"], 2),
    ],
    ids=["altered", "first missing", "last missing", "unreadable", "all missing", "no number"],
)
def test_what_a_hand_did_is_named(tmp_path: Path, command: Command, statements: Sequence[str], told: int) -> None:
    """Exit code 1, a line for each thing that is wrong, and their number."""
    written(tmp_path, *statements)
    code, said = command("receipts", "verify")
    *lines, last = said.splitlines()
    assert (1, told) == (code, len(lines))
    assert f"broken: {told} flaw{'s' if told > 1 else ''}." in last


def test_without_a_database_the_setting_is_named(command: Command, tmp_path: Path) -> None:
    """Exit code 2, and no file is made."""
    code, said = command("receipts", "verify")
    assert 2 == code
    assert "which is not there yet" in said
    assert not (tmp_path / "data").exists()
