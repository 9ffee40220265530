"""The main job: a query, a flow, a look at who, a press, and the contacts are in the flow."""

import re

import httpx
import pytest

from bot.sandbox.polytomic.switches import Switches
from tests.conftest import OpenTown
from tests.scenario import doing


@pytest.mark.parametrize(
    "socket", [pytest.param(False, id="http"), pytest.param(True, id="socket mode", marks=pytest.mark.slow)]
)
async def test_the_contacts_of_a_query_reach_the_flow(open_here: OpenTown, socket: bool) -> None:
    """From the command to the ledger, each contact once, and the sync is retired."""
    async with open_here(socket=socket) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        living = await doing.until_ended(rina)
        enrolled = doing.in_flow(town)
        assert len(enrolled) == len(set(enrolled))
        assert f"{len(enrolled)} of 312 enrolled, {312 - len(enrolled)} refused" in rina.read(living)
        await rina.until(lambda: [sync.active for sync in town.polytomic.syncs] == [False])


@pytest.mark.slow
async def test_everybody_enrolled_is_said_without_refusals(open_here: OpenTown) -> None:
    """When Gong refuses nobody, the word is Enrolled, no file is sent, and the sync behind the link says the same."""
    async with open_here(switches=Switches(not_in_crm_percent=0, already_in_flow_percent=0)) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        living = await doing.until_ended(rina)
        assert "Enrolled · 312 contacts" in rina.read(living)
        assert 312 == len(doing.in_flow(town))
        ping = await rina.until_reads("C0REVOPS", "Done: 312 contacts are in Q4 Renewal.")
        assert living.ts == ping.thread_ts
        assert [] == doing.files(rina, ".csv")
        link = re.search(r"<(\S+)\|Open in Polytomic>", repr(living.blocks))
        assert link is not None
        async with httpx.AsyncClient(trust_env=False) as browser:
            page = await browser.get(link[1])
        assert town.warehouse.history
        number = re.findall(r"E-[0-9A-Z]{6}", rina.read(living))[0]
        asked = f"{doing.QUERY}\n/* Enroll Flow {number} U0REQUESTER */"
        assert {asked} == set(town.warehouse.history)
        assert (200, True) == (page.status_code, "<td>312</td><td>312</td><td>0</td>" in page.text)
