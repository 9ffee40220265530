"""Who falls out before anything is written, and why: opt-outs, the suppression list, the cool-off, the caps."""

import csv
import io
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.crm_ids import canonical, with_suffix
from bot.sandbox.person import Person
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

PLATINUM = "FROM salesforce_contacts WHERE subscription_plan = 'platinum'"
TINY = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'tiny'"
OTHER_FLOW = "Win back"


def policy(folder: Path, text: str) -> str:
    """The path of a policy file that says this."""
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def people(count: int, prefix: str = "003Few") -> list[str]:
    """So many contact ids."""
    return [with_suffix(f"{prefix}{number:09d}") for number in range(count)]


def moves_in(town: Town, ids: list[str], **more: str) -> None:
    """These contacts are in the CRM, with a plan of their own."""
    rows = [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": "tiny", **more} for one in ids]
    town.warehouse.insert("SALESFORCE_CONTACTS", rows)


async def list_of(person: Person) -> list[dict[str, str]]:
    """The rows of the file of those left out."""
    await person.press("Send me the list")
    message = await person.until_reads(person.id, "Keep this out of channels.")
    name = next(line for line in person.read(message).splitlines() if line.endswith("-left-out.csv"))
    return list(csv.DictReader(io.StringIO(person.download(name).decode("utf-8-sig"))))


def counted(town: Town, condition: str) -> int:
    """How many different contacts of the platinum plan the warehouse has with this."""
    _, rows = town.warehouse.query(f"SELECT contact_id {PLATINUM} AND {condition}")
    return len({one for row in rows if (one := canonical(str(row["CONTACT_ID"]))) and one.startswith("003")})


async def enroll(person: Person, query: str, flow: str = doing.FLOW) -> None:
    """The contacts of this query are in the flow, or refused by it."""
    await doing.review(person, query, flow)
    await doing.confirm(person)
    await doing.until_ended(person)


async def again(person: Person) -> None:
    """The query that was asked before is checked anyway."""
    await doing.check(person, TINY)
    await person.until_sees("The same query went into this flow on")
    assert {} == await person.submit()


async def test_whoever_opted_out_stays_out(town: Town) -> None:
    """A column of the query says so; the file tells it of everybody, and no value of the column."""
    rina = town.person("U0REQUESTER")
    out = counted(town, "opted_out")
    before = town.warehouse.queries
    await doing.review(rina, f"SELECT contact_id, opted_out {PLATINUM}")
    assert 1 == town.warehouse.queries - before
    assert f"- opted out{out:>21}" in rina.sees()
    await rina.until_sees(f"{counted(town, 'TRUE') - out} people start Q4 Renewal.")
    rows = await list_of(rina)
    told = [row for row in rows if row["reason"] == "opted out"]
    assert out == len(told)
    assert {"OPTED_OUT has true"} == {row["detail"] for row in told}
    assert {"opted out", "no contact id", "same contact again", "lead, not a contact"} == {
        row["reason"] for row in rows
    }


@pytest.mark.slow
async def test_the_suppression_list_is_asked_beside_the_query(open_here: OpenTown, tmp_path: Path) -> None:
    """One more query of the warehouse, and whoever it names is out, however the ids are written there."""
    query = "SELECT lower(contact_id) AS person FROM salesforce_contacts WHERE opted_out;"
    file = policy(tmp_path, f'[opt_out]\nsuppression_query = "{query}"')
    async with open_here(policy_file=file) as town:
        rina = town.person("U0REQUESTER")
        out = counted(town, "opted_out AND length(trim(contact_id)) = 18")
        before = town.warehouse.queries
        town.polytomic.switches.query_seconds = 0.3
        await doing.review(rina, f"SELECT contact_id {PLATINUM}")
        assert 2 == town.warehouse.queries - before
        assert f"- on the suppression list{out:>7}" in rina.sees()
        assert out == Counter(row["reason"] for row in await list_of(rina))["on the suppression list"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("Snowflake refused the operators' suppression query.", "SELECT contact_id FROM nobody_has_this"),
        ("values that are no contact ids.", "SELECT email FROM salesforce_contacts"),
    ],
    ids=["refused", "no ids"],
)
@pytest.mark.parametrize("at_once", [False, True])
async def test_without_the_suppression_list_nobody_is_enrolled(
    open_here: OpenTown, tmp_path: Path, said: str, query: str, at_once: bool
) -> None:
    """It is never skipped in silence, and nobody is blamed for a query that is not theirs."""
    file = policy(tmp_path, f'[opt_out]\nsuppression_query = "{query}"')
    switches = Switches(query_refused_at_once=at_once)
    async with open_here(policy_file=file, switches=switches) as town:
        rina = town.person("U0REQUESTER")
        await doing.check(rina)
        await rina.until_sees(said)
        await rina.until_sees("Nothing was enrolled; your query is not the cause.")


@pytest.mark.slow
async def test_a_suppression_list_that_takes_too_long_ends_the_check(open_here: OpenTown, tmp_path: Path) -> None:
    """What it was that took so long is said."""
    file = policy(tmp_path, '[opt_out]\nsuppression_query = "SELECT contact_id FROM salesforce_contacts"')
    async with open_here(policy_file=file, query_timeout=2) as town:
        rina = town.person("U0REQUESTER")
        await doing.open_form(rina)
        await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
        await rina.submit()
        await rina.until(lambda: 1 == sum(one.operation == "query" for one in town.polytomic.requests))
        town.polytomic.switches.query_seconds = 60
        await rina.until_sees("so I stopped waiting for the operators' suppression query.", patience=20)


@pytest.mark.slow
async def test_nobody_is_enrolled_into_a_flow_again_before_the_cool_off_is_over(
    open_here: OpenTown, database: Path
) -> None:
    """Not by anybody else, and not when the list is long gone; another flow and a later day are free."""
    clock, ten = MovableClock(), people(10)
    async with open_here(switches=doing.willing(), clock=clock, retention_days=1) as town:
        moves_in(town, ten)
        rina, cole = town.person("U0REQUESTER"), town.person("U0COLLEAGUE")
        await enroll(rina, TINY)
        assert ten == sorted(doing.in_flow(town))
        clock.on(days=5)
        await rina.until(lambda: _kept(database, "contacts") == 0, patience=20)
        await again(cole)
        await cole.until_sees("All 10 rows are left out.")
        assert "- enrolled here lately        10" in cole.sees()
        [detail] = {row["detail"].rpartition(" ")[0] for row in await list_of(cole)}
        assert detail.startswith("enrolled 20")
        await cole.close_all()
        clock.on(days=26)
        await doing.review(cole, TINY)
        await cole.until_sees("10 people start Q4 Renewal.")


def _kept(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as file:
        return int(file.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.mark.slow
async def test_whoever_was_refused_may_be_asked_again(open_here: OpenTown) -> None:
    """Gong took none of them, so nobody was enrolled lately."""
    async with open_here(switches=Switches(not_in_crm_percent=100)) as town:
        moves_in(town, people(10))
        rina = town.person("U0REQUESTER")
        await enroll(rina, TINY)
        await doing.review(rina, TINY)
        await rina.until_sees("10 people start Q4 Renewal.")


@pytest.mark.slow
async def test_whom_a_canceled_run_did_not_come_to_may_be_asked_again(open_here: OpenTown) -> None:
    """Only those who are in the flow were enrolled lately."""
    async with open_here(switches=doing.willing(run_seconds=6)) as town:
        moves_in(town, people(60))
        rina = town.person("U0REQUESTER")
        await doing.review(rina, TINY)
        await doing.confirm(rina)
        await rina.until(lambda: doing.in_flow(town), patience=20)
        living = next(one for one in rina.messages("C0REVOPS") if not one.thread_ts)
        await rina.press_in(living, "Cancel")
        await doing.until_ended(rina)
        inside = len(doing.in_flow(town))
        assert 0 < inside < 60
        await again(rina)
        await rina.until_sees(f"{60 - inside} people start Q4 Renewal.")


@pytest.mark.slow
async def test_a_company_gets_no_more_than_its_share(open_here: OpenTown, tmp_path: Path) -> None:
    """The first of the query's order stay; a row without a company counts for none."""
    file = policy(tmp_path, '[company]\ncap = 2\ncolumn = "account"')
    async with open_here(policy_file=file) as town:
        moves_in(town, people(5, "003Aco"), ACCOUNT="Acme")
        moves_in(town, people(3, "003Bco"), ACCOUNT=" ACME ")
        moves_in(town, people(4, "003Cco"))
        rina = town.person("U0REQUESTER")
        await doing.review(rina, "SELECT contact_id, account FROM salesforce_contacts WHERE subscription_plan = 'tiny'")
        await rina.until_sees("6 people start Q4 Renewal.")
        assert {"company already has 2"} == {row["detail"] for row in await list_of(rina)}
        assert "per company is not applied" not in rina.sees()
        cole = town.person("U0COLLEAGUE")
        await doing.review(cole, TINY)
        await cole.until_sees("This query names no account column, so the limit of 2 per company is not applied.")


@pytest.mark.slow
async def test_over_the_cap_of_a_request_the_first_ones_are_meant(open_here: OpenTown, tmp_path: Path) -> None:
    """An ordered query says which they are; any other is refused, with the rule and its owner."""
    file = policy(tmp_path, 'owner = ["U0OPERATOR"]\nrequest_cap = 4')
    async with open_here(policy_file=file) as town:
        ten, rina = people(10), town.person("U0REQUESTER")
        moves_in(town, ten)
        await doing.check(rina, TINY)
        await rina.until_sees("10 contacts; the limit per request is 4.")
        assert "Rule `request_cap`, owner <@U0OPERATOR>." in rina.sees()
        await rina.close_all()
        await rina.command()
        await rina.until_sees("Your draft is back.")
        await rina.press("Start over")
        await rina.close_all()
        await doing.review(rina, f"{TINY} ORDER BY contact_id DESC")
        await rina.until_sees("4 people start Q4 Renewal.")
        left_out = [row["contact_id"] for row in await list_of(rina)]
        assert sorted(ten)[:6] == sorted(left_out)


@pytest.mark.slow
async def test_ids_of_two_crms_are_not_mixed(town: Town) -> None:
    """Those of the CRM with more rows are enrolled; the others are told, whatever their number."""
    moves_in(town, people(10))
    rina = town.person("U0REQUESTER")
    both = f"{TINY} UNION ALL SELECT hs_object_id FROM hubspot_contacts WHERE hs_object_id IN ('701', '738', '775')"
    await doing.review(rina, both)
    await rina.until_sees("10 people start Q4 Renewal.")
    assert {"701", "738", "775"} == {row["contact_id"] for row in await list_of(rina)}
