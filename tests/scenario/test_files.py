"""Files: a query that comes as one, and the lists of people that go out as some."""

import csv
import io

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.person import Person
from bot.sandbox.slack.things import Fault
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

FILE = "SQL file"


async def _with_file(town: Town, name: str, content: bytes) -> Person:
    rina = town.person("U0REQUESTER")
    await rina.command()
    await rina.until_sees("Check contacts")
    await rina.pick("Contacts from", "A .sql file")
    await rina.until_sees(FILE)
    await rina.pick_found("Gong Engage flow", "q4 renewal", doing.FLOW)
    if name:
        await rina.attach(FILE, name, content)
    return rina


async def test_the_query_of_a_file_is_checked_and_kept(town: Town) -> None:
    """A file with a byte order mark and Windows line ends is read; back in the form it is still attached."""
    content = b"\xef\xbb\xbf" + doing.QUERY.replace(" WHERE", "\r\nWHERE").encode()
    rina = await _with_file(town, "renewals.sql", content)
    assert {} == await rina.submit()
    await rina.until_sees("312 people start Q4 Renewal.")
    await rina.close_all()
    await rina.command()
    await rina.until_sees("renewals.sql, 76 characters, is attached. Choose another to replace it.")
    assert {} == await rina.submit()
    await rina.until_sees("312 people start Q4 Renewal.")


@pytest.mark.parametrize("name", ["<!channel> & *co*.sql", "é ü 🏴.SQL", "_`x`_.txt", f"{'long' * 50}.sql"])
async def test_a_file_may_have_any_name(town: Town, name: str) -> None:
    """It is shown as text, and mentions nobody."""
    rina = await _with_file(town, name, doing.QUERY.encode())
    assert {} == await rina.submit()
    await rina.until_sees("312 people start Q4 Renewal.")
    await rina.close_all()
    await rina.command()
    await rina.until_sees(f"{name[:50]}")


async def test_a_form_without_its_file_says_so(town: Town) -> None:
    """The words stand under the file."""
    rina = await _with_file(town, "", b"")
    assert {FILE: "Choose a .sql file."} == await rina.submit(anyway=True)


async def test_a_file_of_another_kind_is_refused_under_its_field(town: Town) -> None:
    """The ending is judged before anything is read."""
    rina = await _with_file(town, "renewals.csv", b"contact_id")
    assert {FILE: "Choose a file that ends in .sql or .txt."} == await rina.submit()


async def test_a_file_that_is_not_text_is_refused(town: Town) -> None:
    """UTF-8 or nothing."""
    rina = await _with_file(town, "renewals.sql", "SELECT 'é'".encode("utf-16"))
    assert {} == await rina.submit()
    await rina.until_sees("*This file is not UTF-8 text.* Nothing was run.")


@pytest.mark.slow
@pytest.mark.parametrize("fault", [Fault("files.info", cut=True, times=3), Fault("users.info", cut=True, times=3)])
async def test_a_file_that_cannot_be_read_now_leaves_nobody_waiting(open_here: OpenTown, fault: Fault) -> None:
    """The view that waits for the file says that nothing was done, and the form beneath is as it was."""
    clock = MovableClock()
    async with open_here(clock=clock) as town:
        rina = await _with_file(town, "renewals.sql", doing.QUERY.encode())
        clock.on(minutes=6)
        town.slack.world.faults.append(fault)
        assert {} == await rina.submit()
        await rina.until(lambda: "Nothing was run." in rina.sees() or "Nothing was done." in rina.sees())
        await rina.close()
        assert "Check contacts" in rina.sees()


async def test_a_file_that_is_too_big_is_refused_with_its_size(town: Town) -> None:
    """The limit is that of Polytomic's query runner, in encoded bytes; a view takes the query instead."""
    query = "SELECT contact_id FROM salesforce_contacts WHERE email IN (" + "'a',\n" * 1500 + "'b')"
    rina = await _with_file(town, "renewals.sql", query.encode())
    assert {} == await rina.submit()
    await rina.until_sees("Make it a view in Snowflake and select from that. Nothing was run.")
    assert "bytes once encoded; the limit is 8,000." in rina.sees()


async def test_an_enormous_file_is_not_read_to_its_end(town: Town) -> None:
    """Its size is told all the same."""
    rina = await _with_file(town, "renewals.sql", b"x" * 400_000)
    assert {} == await rina.submit()
    await rina.until_sees("This query is 400,000 bytes once encoded; the limit is 8,000.")


async def test_a_bad_query_in_a_file_has_the_words_of_a_typed_one(town: Town) -> None:
    """With line and column of the file."""
    rina = await _with_file(town, "renewals.txt", b"-- monthly\nDELETE FROM salesforce_contacts")
    assert {} == await rina.submit()
    await rina.until_sees("Line 2, column 1: DELETE is not a SELECT.")
    assert not [one for one in town.polytomic.requests if one.operation == "query"]


def _table(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets take a file without a byte order mark for Latin-1"
    lines = content.decode("utf-8-sig")
    assert lines.count("\n") == lines.count("\r\n")
    return list(csv.reader(io.StringIO(lines)))


async def test_the_left_out_list_names_rows_and_reasons(town: Town) -> None:
    """One line per value, sorted by reason; blanks are one line with their number; formulas are defused."""
    town.warehouse.execute("INSERT INTO salesforce_contacts (contact_id, subscription_plan) VALUES ('=1+1', 'gold')")
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    await rina.press("Send me the list")
    await rina.until_sees("Sent to your messages.")
    message = await rina.until_reads(rina.id, "Keep this out of channels.")
    name = next(line for line in rina.read(message).splitlines() if line.endswith("-left-out.csv"))
    assert f"54 rows left out of {name.removesuffix('-left-out.csv')}." in rina.read(message)
    header, *rows = _table(rina.download(name))
    assert ["contact_id", "reason", "detail", "rows"] == header
    assert sorted(row[1] for row in rows) == [row[1] for row in rows]
    assert ["12"] == [row[3] for row in rows if row[1] == "no contact id"]
    assert 54 == sum(int(row[3]) for row in rows)
    assert "'=1+1" in [row[0] for row in rows]


async def test_the_refused_list_says_why_and_what_to_do(town: Town) -> None:
    """It goes to the requester alone, with our reason, what to do, and Gong's own words."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    await doing.confirm(rina)
    await doing.until_ended(rina)
    message = await rina.until_reads(rina.id, "-refused.csv")
    name = next(line for line in rina.read(message).splitlines() if line.endswith("-refused.csv"))
    header, *rows = _table(rina.download(name))
    assert ["contact_id", "reason", "what_to_do", "gong_message"] == header
    assert 312 - len(doing.in_flow(town)) == len(rows)
    todo = {row[1]: row[2] for row in rows}
    assert "Nothing to do." == todo["already in this flow"]
    assert todo["not in the CRM linked to Gong"].startswith("Check the id in the CRM.")
    assert all(row[3].startswith("Invalid") for row in rows)


@pytest.mark.slow
async def test_the_refused_list_can_be_asked_for_again(town: Town) -> None:
    """The button of the ended message sends it once more; a colleague who presses it gets nothing."""
    rina, cole = town.person("U0REQUESTER"), town.person("U0COLLEAGUE")
    await doing.review(rina)
    await doing.confirm(rina)
    living = await doing.until_ended(rina)
    await rina.until(lambda: 1 == len(doing.files(rina, "-refused.csv")))
    await cole.press_in(living, "Send me the refused")
    await cole.until_whispered("belongs to <@U0REQUESTER>.")
    assert [] == cole.dms()
    await rina.press_in(living, "Send me the refused")
    await rina.until(lambda: 2 == len(doing.files(rina, "-refused.csv")))
