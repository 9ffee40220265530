"""Syncs and runs in the sandbox: what is refused, who moves, what is counted, and what the ledger has."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.sandbox.crm_ids import canonical, with_suffix
from bot.sandbox.polytomic.gong import OWNER_EMAIL, FlowField
from tests.contract.fake_stage import GOLD, Stage, open_stage


@pytest.fixture(name="stage")
async def _stage() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage


def _people(stage: Stage) -> list[str]:
    values = [str(row["CONTACT_ID"] or "") for row in stage.world.warehouse.query(GOLD)[1]]
    return sorted({full for value in values if (full := canonical(value))})


def _taken(stage: Stage, people: list[str]) -> list[str]:
    return sorted(person for person in people if stage.world.gong.refuses(stage.flow, person) is None)


# ------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        (("fields",), None, "fields"),
        (("mode",), "create", "mode"),
        (("schedule", "frequency"), "sometimes", "schedule.frequency"),
        (("schedule", "hour"), 5, "schedule.hour"),
        (("target", "object"), "Q4 Renewal", "target.object"),
        (("identity", "function"), "equality", "identity.function"),
        (("identity", "function"), "OneOf", "identity.function"),
        (("identity", "target"), "Email", "identity.target"),
        (("identity", "source", "field"), "contact_id", "identity.source.field"),
        (("identity", "source", "model_id"), "no-such-model", "identity.source.field"),
        (("fields",), [{"target": "Nothing", "override_value": "x"}], "fields.target"),
    ],
)
async def test_a_sync_has_to_be_right(stage: Stage, place: tuple[str, ...], value: object, field: str) -> None:
    """A 422 names the field."""
    body = await stage.sync_body()
    part: dict[str, Any] = body
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = value
    answer = await stage.call("POST", "/api/syncs", body)
    assert (422, field) == (answer.status_code, answer.json()["metadata"]["field"])


async def test_a_required_field_has_to_be_filled(stage: Stage) -> None:
    """By a mapping or by one value for everyone; or it becomes a problem of the sync, if switched so."""
    flow = stage.world.gong.flow_named("Owner's Personal Touch")
    target = {"connection_id": stage.connection("gong"), "object": flow.id}
    answer = await stage.call("POST", "/api/syncs", await stage.sync_body(target=target))
    assert (422, f"fields.{OWNER_EMAIL}") == (answer.status_code, answer.json()["metadata"]["field"])
    filled = [{"target": OWNER_EMAIL, "override_value": "kim@ourcompany.example"}]
    assert await stage.sync(target=target, override_fields=filled)
    stage.world.switches.report_problems = "problems"
    made = await stage.data("POST", "/api/syncs", await stage.sync_body(target=target))
    assert ["required_field"] == [problem["code"] for problem in made["problems"]]


async def test_doubtful_refusals_are_switches(stage: Stage) -> None:
    """A lenient Polytomic takes the how-to's own body."""
    switches = stage.world.switches
    switches.fields_required, switches.function_case, switches.source_case = False, "any", "any"
    body = await stage.sync_body(fields=None)
    body["identity"] |= {"function": "equality"}
    body["identity"]["source"]["field"] = "contact_id"
    made = await stage.data("POST", "/api/syncs", body)
    assert 365 > (await stage.run(made["id"]))["counts"]["insert"] > 0


async def test_the_list_of_syncs_has_pages_since_2025(stage: Stage) -> None:
    """The older version lists everything, in full."""
    stage.world.switches.sync_page_size = 2
    ids = {await stage.sync(name=f"S {number}") for number in range(5)}
    seen: list[str] = []
    token = ""
    while token is not None:
        page = (await stage.call("GET", f"/api/syncs{token and f'?page_token={token}'}")).json()
        seen += [item["id"] for item in page["data"]]
        token = page["pagination"]["next_page_token"]
    assert (5, ids) == (len(seen), set(seen))
    older = (await stage.call("GET", "/api/syncs", version="2024-02-08")).json()
    assert (5, True) == (len(older["data"]), all("identity" in item for item in older["data"]))


# ------------------------------------------------------------------------------------------- who moves


async def test_named_identities_move_and_nobody_else(stage: Stage) -> None:
    """Whatever the query answers by then."""
    named = _people(stage)[:20]
    done = await stage.run(await stage.sync(), {"identities": named})
    assert (20, "completed") == (done["counts"]["total"], done["status"])
    assert 20 == done["counts"]["insert"] + done["counts"]["error"]
    assert set(stage.world.ledger.contacts_in(stage.flow.id)) < set(named)


async def test_without_identities_everybody_moves(stage: Stage) -> None:
    """Once each; blanks are skipped, twins and wrong ids are refused."""
    expected = _taken(stage, _people(stage))
    done = await stage.run(await stage.sync())
    assert expected == sorted(stage.world.ledger.contacts_in(stage.flow.id))
    assert (12, len(expected)) == (done["counts"]["warnings"], done["counts"]["insert"])


async def test_the_query_is_run_again_at_the_start(stage: Stage) -> None:
    """Newcomers move if everybody does; those who left cannot."""
    sync = await stage.sync()
    expected = _taken(stage, _people(stage))
    gone, new = expected[0], with_suffix("003Hs0000NEW004")
    assert stage.world.gong.refuses(stage.flow, new) is None
    stage.world.warehouse.delete("SALESFORCE_CONTACTS", "CONTACT_ID", [gone, gone[:15]])
    stage.world.warehouse.insert("SALESFORCE_CONTACTS", [{"CONTACT_ID": new, "SUBSCRIPTION_PLAN": "gold"}])
    done = await stage.run(sync, {"identities": [gone, expected[1]]})
    assert (1, 1) == (done["counts"]["total"], done["counts"]["insert"])
    await stage.run(sync)
    assert sorted([*expected[1:], new]) == sorted(stage.world.ledger.contacts_in(stage.flow.id))


@pytest.mark.parametrize(("meaning", "moved"), [("everybody", True), ("nobody", False)])
async def test_what_an_empty_list_means_is_a_switch(stage: Stage, meaning: str, moved: bool) -> None:
    """By default the dangerous meaning, so that no client sends one."""
    stage.world.switches.empty_identities = meaning  # type: ignore[assignment]
    done = await stage.run(await stage.sync(), {"identities": []})
    assert moved == (done["counts"]["total"] > 0)


async def test_a_run_may_ignore_its_identities(stage: Stage) -> None:
    """The fault that a client has to notice by the total."""
    stage.world.switches.ignore_identities = True
    done = await stage.run(await stage.sync(), {"identities": _people(stage)[:1]})
    assert 300 < done["counts"]["total"]


async def test_unchanged_records_are_not_sent_again(stage: Stage) -> None:
    """A second run moves nobody; resync sends all, and Gong says that they are there already."""
    sync, named = await stage.sync(), _taken(stage, _people(stage))[:5]
    assert 5 == (await stage.run(sync, {"identities": named}))["counts"]["insert"]
    assert 0 == (await stage.run(sync, {"identities": named}))["counts"]["total"]
    again = await stage.run(sync, {"identities": named, "resync": True})
    assert (5, 0, 5) == tuple(again["counts"][name] for name in ("total", "insert", "error"))
    assert named == sorted(stage.world.ledger.contacts_in(stage.flow.id))


async def test_refused_records_say_why(stage: Stage) -> None:
    """In Gong's words, in the errors log."""
    people = _taken(stage, _people(stage))
    unknown, present, exclusive = people[:3]
    stage.world.gong.forget(unknown)
    stage.world.gong.put_in(stage.flow.id, present)
    stage.world.gong.hold_exclusively(exclusive)
    sync = await stage.sync()
    done = await stage.run(sync, {"identities": people[:4]})
    assert (1, 3) == (done["counts"]["insert"], done["counts"]["error"])
    logs = await stage.data("GET", f"/api/syncs/{sync}/executions/{done['id']}/errors")
    text = (await stage.http.get(logs["urls"][0])).text
    assert all(words in text for words in (f"Invalid crmId {unknown}", "already in flow Q4 Renewal", "exclusive flow"))
    assert [people[3]] == stage.world.ledger.contacts_in(stage.flow.id)


async def test_an_invalid_owner_is_gongs_to_refuse(stage: Stage) -> None:
    """Polytomic takes any text for the owner's e-mail; Gong does not."""
    stage.world.gong.require(stage.flow.id, FlowField(OWNER_EMAIL, "Owner", "email"))
    sync = await stage.sync(override_fields=[{"target": OWNER_EMAIL, "override_value": "nobody"}])
    done = await stage.run(sync, {"identities": _people(stage)[:3]})
    assert (0, 3) == (done["counts"]["insert"], done["counts"]["error"])


# -------------------------------------------------------------------------------------------- the run


async def test_only_an_active_sync_starts_and_only_once_at_a_time(stage: Stage) -> None:
    """400 when inactive, 409 while a run goes on."""
    sync = await stage.sync()
    path = f"/api/syncs/{sync}/executions"
    await stage.data("POST", f"/api/syncs/{sync}/activate", {"active": False})
    assert 400 == (await stage.call("POST", path, {})).status_code
    await stage.data("POST", f"/api/syncs/{sync}/activate", {"active": True})
    assert 200 == (await stage.call("POST", path, {})).status_code
    busy = await stage.call("POST", path, {})
    assert (409, "execution_running") == (busy.status_code, busy.json()["key"])
    stage.world.revoke_gong()
    stage.time.passes(60)
    assert "connection_unhealthy" == (await stage.call("POST", path, {})).json()["key"]


@pytest.mark.parametrize(
    ("end", "status"), [("failed", "failed"), ("interrupted", "interrupted"), ("never", "processing")]
)
async def test_a_run_may_end_badly(stage: Stage, end: str, status: str) -> None:
    """Half of the records are in by then, and stay in."""
    stage.world.switches.run_ends = end  # type: ignore[assignment]
    named = _taken(stage, _people(stage))[:10]
    done = await stage.run(await stage.sync(), {"identities": named})
    assert (status, 5) == (done["status"], done["counts"]["insert"])
    assert (["Gong: 503 Service Unavailable"] if end == "failed" else []) == done["errors"]
    assert 5 == len(stage.world.ledger.contacts_in(stage.flow.id))


async def test_a_run_fails_when_its_parts_are_gone(stage: Stage) -> None:
    """No model, no flow, or a query that no longer runs."""
    sync, other = await stage.sync(), await stage.sync()
    for model in stage.world.models[:1]:
        await stage.call("DELETE", f"/api/models/{model.id}")
    assert ["The model of this sync does not exist"] == (await stage.run(sync))["errors"]
    stage.world.warehouse.execute('ALTER TABLE SALESFORCE_CONTACTS RENAME TO "GONE"')
    assert "does not exist or not authorized" in (await stage.run(other))["errors"][0]
    stage.world.gong.remove_flow(stage.flow.id)
    assert ["The target object of this sync does not exist"] == (await stage.run(other))["errors"]


async def test_deleting_a_sync_cancels_its_run(stage: Stage) -> None:
    """No one else gets in afterwards."""
    sync = await stage.sync()
    await stage.data("POST", f"/api/syncs/{sync}/executions", {})
    stage.time.passes(0.25)
    assert 200 == (await stage.call("DELETE", f"/api/syncs/{sync}")).status_code
    before = stage.world.ledger.contacts_in(stage.flow.id)
    stage.time.passes(60)
    assert before == stage.world.ledger.contacts_in(stage.flow.id)
    assert 0 < len(before) < 300


async def test_counts_may_come_late_or_as_upserts(stage: Stage) -> None:
    """Both are legal on the wire."""
    stage.world.switches.counts_at_end, stage.world.switches.operation_counts = True, False
    named = _taken(stage, _people(stage))[:4]
    sync = await stage.sync()
    started = await stage.data("POST", f"/api/syncs/{sync}/executions", {"identities": named})
    stage.time.passes(0.3)
    path = f"/api/syncs/{sync}/executions/{started['id']}"
    assert None is (await stage.data("GET", path))["counts"]
    stage.time.passes(1)
    counts = (await stage.data("GET", path))["counts"]
    assert (4, 0, 4) == (counts["total"], counts["insert"], counts["upserts"])
