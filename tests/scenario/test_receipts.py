"""What an enrollment came to: in its thread, in the requester's messages, and from the command line."""

import asyncio
import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox.person import Person
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Several enrollments to their ends, and processes of their own: played by `make test-slow`.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


async def ended(town: Town, *, cancel: bool = False) -> tuple[Person, str]:
    """An enrollment has ended; its requester and its id."""
    rina = town.person("U0REQUESTER")
    before = {one.ts for one in rina.messages("C0REVOPS")}
    await doing.check(rina)
    await rina.until(lambda: "will be enrolled" in rina.sees() or "Check anyway" in rina.sees())
    if "Check anyway" in rina.sees():
        await rina.submit()
        await rina.until_sees("will be enrolled")
    await doing.confirm(rina)

    def found() -> str:
        new = [one for one in rina.messages("C0REVOPS") if one.ts not in before and not one.thread_ts]
        words = rina.reads(new)
        over = "Canceled ·" if cancel else "Partly enrolled ·"
        return words.partition("`")[2].partition("`")[0] if over in words else ""

    if cancel:
        message = await rina.until_reads("C0REVOPS", "[Cancel]")
        await rina.press_in(message, "Cancel")
    name: str = await rina.until(found)
    return rina, name


async def command(town: Town, *arguments: str) -> tuple[int, str]:
    """What `python -m bot` says of this town's database, beside its bot."""
    settings = town.settings()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SLACK_BOT_TOKEN": "xoxb-sandbox",
            "SLACK_SIGNING_SECRET": "sandbox-signing-secret",
            "POLYTOMIC_API_KEY": "sandbox",
            "DATABASE_URL": settings.database_url,
        },
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def told_and_kept(town: Town) -> tuple[Person, str]:
    """One has ended in part: the thread has the receipt, the requester has a copy; its id."""
    rina, enrollment_id = await ended(town)
    receipt = await rina.until_reads("C0REVOPS", f"Receipt {enrollment_id}")
    words = rina.read(receipt)
    assert "rows        365" in words
    assert "left out    53" in words
    assert "sent        312" in words
    assert receipt.thread_ts
    await rina.until_reads("C0REVOPS", "Receipt in the thread")
    await rina.until(lambda: doing.files(rina, f"{enrollment_id}-receipt.json"))
    copy = json.loads(rina.download(f"{enrollment_id}-receipt.json"))
    counts = copy["receipt"]["funnel"]
    assert len(doing.in_flow(town)) == counts["enrolled"] == 312 - counts["refused"]
    assert ("partly_enrolled", 312) == (copy["receipt"]["state"], counts["sent"])
    assert town.polytomic.syncs[0].runs[0].id == copy["receipt"]["polytomic"]["runs"][0]["id"]
    code, said = await command(town, "receipt", enrollment_id, "--json")
    assert (0, copy) == (code, json.loads(said))
    return rina, enrollment_id


async def test_from_the_thread_to_the_terminal(town: Town, database: Path) -> None:
    """The copies agree; a chain of several is unbroken after a restart; what a hand altered is named."""
    _, first = await told_and_kept(town)
    await town.restart_bot()
    town.polytomic.switches.run_seconds = 3
    _, second = await ended(town, cancel=True)
    town.polytomic.switches.run_seconds = 0.1
    assert (0, "2 receipts, unbroken.\n") == await command(town, "receipts", "verify")
    assert first != second
    code, said = await command(town, "receipt", second)
    assert (0, True) == (code, "state       canceled" in said)
    with closing(sqlite3.connect(database)) as file:
        file.execute("UPDATE receipts SET body = replace(body, '\"refused\":', '\"refused\":1') WHERE number = 1")
        file.commit()
    code, said = await command(town, "receipts", "verify")
    assert (1, f"Entry 1 ({first}) was altered.\n2 receipts, broken: 1 flaw.\n") == (code, said)


async def test_who_may_read_the_query_of_a_receipt(town: Town, database: Path) -> None:
    """The requester and operators, even when its check was let go; others who read the thread get words."""
    rina, enrollment_id = await ended(town)
    receipt = await rina.until_reads("C0REVOPS", f"Receipt {enrollment_id}")
    assert doing.QUERY not in rina.read(receipt)
    ben, olga = town.person("U0BYSTANDER"), town.person("U0OPERATOR")
    await town.stop_bot()
    with closing(sqlite3.connect(database)) as file:
        file.execute("DELETE FROM checks")
        file.commit()
    await town.start_bot()
    for person in (rina, olga):
        await person.press_in(receipt, "Show query")
        await person.until_sees(doing.QUERY)
        await person.close()
    await ben.press_in(receipt, "Show query")
    said = "Only <@U0REQUESTER>, the approvers and operators can read the query of"
    assert enrollment_id in ben.read(await ben.until_whispered(said))
    assert ben.view is None


async def test_over_postgresql(open_on_postgresql: OpenTown) -> None:
    """The same where several processes end enrollments."""
    async with open_on_postgresql() as town:
        await told_and_kept(town)
        assert (0, "1 receipt, unbroken.\n") == await command(town, "receipts", "verify")


async def test_who_canceled_before_anybody_was_asked_for_reads_nothing_of_it(town: Town) -> None:
    """There is an entry for whoever asks, and no message about it."""
    town.polytomic.faults.next("create_model", "slow", seconds=1)
    rina, enrollment_id = await ended(town, cancel=True)
    code, said = await command(town, "receipt", enrollment_id)
    assert (0, True) == (code, "sent        0" in said)
    assert "Receipt" not in rina.reads(rina.messages("C0REVOPS"))
    assert [] == doing.files(rina, "-receipt.json")
