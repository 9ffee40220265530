"""Exactly the people who were seen and confirmed are enrolled, whatever the query returns when the run starts."""

import csv
import io

import pytest

from bot.sandbox.crm_ids import canonical, with_suffix
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

EVERYBODY = "SELECT contact_id FROM salesforce_contacts"


def people(town: Town, query: str) -> set[str]:
    """The contacts of a query as the warehouse has them now, each in the 18-character form."""
    _, rows = town.warehouse.query(query)
    found = {canonical(str(row["CONTACT_ID"])) for row in rows}
    return {one for one in found if one and one.startswith("003")}


def gains(town: Town, count: int) -> set[str]:
    """So many gold contacts whom nobody has seen before."""
    new = [with_suffix(f"003New{number:09d}") for number in range(count)]
    town.warehouse.insert("SALESFORCE_CONTACTS", [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": "gold"} for one in new])
    return set(new)


def loses(town: Town, leaving: set[str]) -> None:
    """These contacts are in no row any more, in whatever form their id was written."""
    town.warehouse.delete("SALESFORCE_CONTACTS", "CONTACT_ID", leaving | {one[:15] for one in leaving})


def said_gone(csv_file: bytes) -> set[str]:
    """The contacts of a refused file that left the query's answer."""
    rows = csv.DictReader(io.StringIO(csv_file.decode("utf-8-sig")))
    gone = {canonical(row["contact_id"]) for row in rows if row["reason"] == "no longer in the query's answer"}
    return {one for one in gone if one}


async def restart_in(town: Town, batch: int) -> None:
    """The bot stops while this batch runs, and comes back when the run has long ended."""
    rina = town.person("U0REQUESTER")
    await rina.until(lambda: [batch] == [len(sync.runs) for sync in town.polytomic.syncs])
    await town.stop_bot()
    await rina.until(lambda: all(run.ended for sync in town.polytomic.syncs for run in sync.runs))
    await town.start_bot()


async def test_rows_that_come_and_go_between_review_and_confirm(open_here: OpenTown) -> None:
    """Five newcomers stay out, three who left are told as gone, everybody else is in, once."""
    async with open_here(switches=doing.willing()) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        reviewed = people(town, doing.QUERY)
        leaving = set(sorted(reviewed)[10:13])
        new = gains(town, 5)
        loses(town, leaving)
        assert new <= people(town, doing.QUERY)
        await doing.confirm(rina)
        living = rina.read(await doing.until_ended(rina))
        assert sorted(reviewed - leaving) == sorted(doing.in_flow(town))
        assert "309 of 312 enrolled, 3 gone:\n• 3 no longer in the query's answer" in living
        await rina.until_reads("C0REVOPS", "3 are no longer in the query's answer; I sent you the list.")
        note = await rina.until_reads(rina.id, "-refused.csv")
        name = rina.read(note).splitlines()[-1]
        assert leaving == said_gone(rina.download(name))


@pytest.mark.slow
async def test_five_thousand_in_batches_with_restarts_between(open_here: OpenTown) -> None:
    """5,000 contacts go in five runs of 1,000, the bot away between them, and the result is as exact."""
    async with open_here(switches=doing.willing(run_seconds=0.8, query_page_size=5000)) as town:
        gains(town, 5000 - len(people(town, EVERYBODY)))
        rina = town.person("U0REQUESTER")
        await doing.review(rina, EVERYBODY)
        reviewed = people(town, EVERYBODY)
        leaving = set(sorted(reviewed)[::1700])
        loses(town, leaving)
        late = {with_suffix(f"003Late{number:08d}") for number in range(5)}
        town.warehouse.insert("SALESFORCE_CONTACTS", [{"CONTACT_ID": one} for one in sorted(late)])
        await rina.tick("How it begins")
        await rina.until_sees("Type 5000 to confirm")
        await rina.type("Type 5000 to confirm", "5,000")
        await doing.confirm(rina)
        for batch in range(1, 5):
            await restart_in(town, batch)
        living = rina.read(await doing.until_ended(rina))
        assert 5 == len(town.polytomic.syncs[0].runs)
        assert sorted(reviewed - leaving) == sorted(doing.in_flow(town))
        assert "4,997 of 5,000 enrolled, 3 gone:" in living


@pytest.mark.slow
async def test_a_run_over_more_people_than_were_named_is_stopped(open_here: OpenTown) -> None:
    """The run is canceled before it moves anybody, the sync is off, and requester and operator are told."""
    async with open_here(switches=doing.willing(ignore_identities=True, run_seconds=16)) as town:
        rina, olga = town.person("U0REQUESTER"), town.person("U0OPERATOR")
        await doing.review(rina)
        gains(town, 5)
        await doing.confirm(rina)
        living = await rina.until_reads("C0REVOPS", "Needs attention ·")
        words = rina.read(living)
        assert "where 312 were named. I canceled it; nobody was enrolled. @Olga was told." in words
        await rina.until_reads("C0REVOPS", "I canceled this run: it held more contacts than I named. @Olga was told.")
        await olga.until_reads(olga.id, "where 312 were named; I canceled it. 312 contacts, Q4 Renewal.")
        await rina.until(lambda: [["canceled"]] == [[run.status for run in one.runs] for one in town.polytomic.syncs])
        assert [False] == [one.active for one in town.polytomic.syncs]
        assert [] == doing.in_flow(town)
        await rina.press_in(await rina.until_reads("C0REVOPS", "Needs attention ·"), "Cancel")
        assert "Nobody was enrolled." in rina.read(await doing.until_ended(rina))
        assert 1 == len(town.polytomic.syncs[0].runs)
