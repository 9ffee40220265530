"""The official SDK plays every step against the sandbox's Polytomic, in both versions, and parses every answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from polytomic import AsyncPolytomic
from polytomic.core.api_error import ApiError

from bot.sandbox.crm_ids import canonical
from tests.contract.fake_stage import GOLD, Stage, open_stage

VERSIONS = ["2024-02-08", "2025-09-18"]
LATEST = VERSIONS[-1]


@dataclass(frozen=True)
class Played:
    """The stage and the SDK's client of it."""

    stage: Stage
    sdk: Any
    version: str


@pytest.fixture(name="played", params=VERSIONS)
async def _played(request: pytest.FixtureRequest) -> AsyncIterator[Played]:
    async with open_stage(with_gong=False) as stage:
        sdk = AsyncPolytomic(
            base_url=stage.url, token="sandbox", version=request.param, max_retries=0, httpx_client=stage.http
        )
        yield Played(stage, sdk, request.param)


async def _connect_gong(played: Played) -> str:
    made = await played.sdk.connections.create(name="Gong", type="gong", configuration={"auth_method": "oauth"})
    assert 200 == (await played.stage.http.post(f"{made.data.auth_url}/allow")).status_code
    return str(made.data.id)


async def _sync(played: Played) -> Any:
    gong, snowflake = await _connect_gong(played), played.stage.connection("snowflake")
    model = (await played.sdk.models.create(name="M", connection_id=snowflake, configuration={"query": GOLD})).data
    sync = await played.sdk.model_sync.create(
        name="S",
        mode="updateOrCreate",
        schedule={"frequency": "manual"},
        target={"connection_id": gong, "object": played.stage.flow.id},
        identity={"source": {"model_id": model.id, "field": "CONTACT_ID"}, "target": "Id", "function": "Equality"},
        fields=[],
        active=True,
    )
    return sync.data


async def test_the_key_is_known(played: Played) -> None:
    """Identity, and in the newer version the organization."""
    assert "Sandbox" == (await played.sdk.identity.get()).data.organization_name
    if played.version == LATEST:
        assert "Sandbox" == (await played.sdk.organization.get_current()).data.name


async def test_step_1_snowflake(played: Played) -> None:
    """A connection is made, listed, read and tested; its password comes back masked."""
    configuration = {"account": "a", "username": "u", "password": "secret", "dbname": "d"}
    made = await played.sdk.connections.create(name="S 1", type="snowflake", configuration=configuration)
    assert ("healthy", True, None) == (made.data.status, made.data.saved, made.data.auth_url)
    read = (await played.sdk.connections.get(made.data.id)).data
    assert "********" == read.configuration["password"]
    assert ["Sandbox Snowflake", "S 1"] == [c.name for c in (await played.sdk.connections.list()).data]
    await played.sdk.connections.test_connection(type="snowflake", configuration=configuration)
    assert {"snowflake", "gong"} == {kind.id for kind in (await played.sdk.connections.get_types()).data}
    assert "object" == (await played.sdk.connections.get_connection_type_schema("gong")).type
    await played.sdk.connections.delete(made.data.id)
    with pytest.raises(ApiError) as refused:
        await played.sdk.connections.get(made.data.id)
    assert 404 == refused.value.status_code


async def test_step_1_in_polytomics_own_form(played: Played) -> None:
    """A session's page takes the credentials; the connection is there afterwards, and the page works once."""
    asked = await played.sdk.connections.connect(name="By form", redirect_url="http://here.invalid/", type="snowflake")
    page = asked.data.redirect_url
    assert "Sandbox: no real" in (await played.stage.http.get(page)).text
    wrong = {"account": "a", "username": "u", "password": "wrong", "dbname": "d"}
    again = await played.stage.http.post(page, data=wrong)
    assert "Incorrect username or password was specified." in again.text
    assert "wrong" not in again.text
    done = await played.stage.http.post(page, data=wrong | {"password": "right"})
    assert (303, "http://here.invalid/") == (done.status_code, done.headers["location"])
    assert "By form" in [c.name for c in (await played.sdk.connections.list()).data]
    assert 410 == (await played.stage.http.get(page)).status_code


async def test_step_2_gong(played: Played) -> None:
    """Consent is given behind auth_url, which only the making of the connection tells."""
    made = await played.sdk.connections.create(name="Gong", type="gong", configuration={"auth_method": "oauth"})
    assert ("pending", False) == (made.data.status, made.data.saved)
    assert "auth_url" not in (await played.sdk.connections.get(made.data.id)).data.model_dump()
    await played.stage.http.post(f"{made.data.auth_url}/allow")
    assert "healthy" == (await played.sdk.connections.get(made.data.id)).data.status
    renewed = await played.sdk.connections.update(
        made.data.id, name="Gong", configuration={"auth_method": "oauth"}, reconnect=True
    )
    assert made.data.auth_url != renewed.data.auth_url


async def test_step_3_a_model(played: Played) -> None:
    """The columns are found at once, or by a job; it is listed, read and deleted."""
    snowflake = played.stage.connection("snowflake")
    made = await played.sdk.models.create(name="M 1", connection_id=snowflake, configuration={"query": GOLD})
    assert ["CONTACT_ID"] == [field.name for field in made.data.fields]
    later = await played.sdk.models.create(
        name="M 2", connection_id=snowflake, configuration={"query": GOLD}, async_=True
    )
    assert (None, "created") == (later.data, later.job.status)
    played.stage.time.passes(1)
    job = (await played.sdk.jobs.get("createmodel", later.job.job_id)).data
    assert ("done", "M 2") == (job.status, job.result["name"])
    assert ["M 1", "M 2"] == [model.name for model in (await played.sdk.models.list()).data]
    assert "M 1" == (await played.sdk.models.get(made.data.id)).data.name
    await played.sdk.models.delete(made.data.id)
    assert ["M 2"] == [model.name for model in (await played.sdk.models.list()).data]


async def test_the_query_runner(played: Played) -> None:
    """A query is created, then done, with its rows."""
    asked = await played.sdk.query_runner.run_query(played.stage.connection("snowflake"), query=GOLD)
    assert "running" == (await played.sdk.query_runner.get_query(asked.data.id)).data.status
    played.stage.time.passes(1)
    done = (await played.sdk.query_runner.get_query(asked.data.id)).data
    assert ("done", 365, ["CONTACT_ID"], 365) == (done.status, done.count, done.fields, len(done.results))


async def test_steps_4_and_5_flows_and_their_fields(played: Played) -> None:
    """Accounts, People and 42 flows; two share a name, and one needs its owner's e-mail."""
    gong = await _connect_gong(played)
    objects = (await played.sdk.model_sync.targets.list(gong)).data
    flows = [target for target in objects if target.id.isdigit()]
    assert ["Accounts", "People"] == [target.name for target in objects if target not in flows]
    assert (42, 41) == (len(flows), len({flow.name for flow in flows}))
    assert {19} == {len(flow.id) for flow in flows}
    needy = []
    for flow in flows:
        fields = (await played.sdk.model_sync.targets.get_target_fields(gong, target=flow.id)).data.fields
        needy += [field.id for field in fields if field.required and not field.supports_identity]
    assert ["flowInstanceOwnerEmail"] == needy
    fields = (await played.sdk.model_sync.targets.get_target_fields(gong, target=played.stage.flow.id)).data
    assert ["Id"] == [field.id for field in fields.fields]
    assert ["Equality"] == [function.id for function in fields.fields[0].identity_functions]
    assert "updateOrCreate" in [mode.mode for mode in fields.modes]
    assert fields.properties.mappings_not_required


async def test_step_6_a_sync(played: Played) -> None:
    """It is made, listed, read, switched off, changed and deleted."""
    sync = await _sync(played)
    listed = (await played.sdk.model_sync.list()).data
    assert [sync.id] == [item.id for item in listed]
    light = played.version == LATEST
    assert (played.stage.flow.id if light else None) == listed[0].target_object
    read = (await played.sdk.model_sync.get(sync.id)).data
    assert (played.stage.flow.id, True) == (read.target.object, read.active)
    assert ([] if light else None) == read.problems
    assert (await played.sdk.model_sync.activate(sync.id, active=False)).data.active is False
    changed = await played.sdk.model_sync.update(
        sync.id,
        name="S 2",
        mode="updateOrCreate",
        schedule={"frequency": "manual"},
        target={"connection_id": read.target.connection_id, "object": read.target.object},
        identity=read.identity,
        fields=[],
    )
    assert ("S 2", False) == (changed.data.name, changed.data.active)
    await played.sdk.model_sync.get_schedule_options()
    await played.sdk.model_sync.delete(sync.id)
    assert [] == (await played.sdk.model_sync.list()).data


async def test_steps_7_and_8_a_run_to_its_end(played: Played) -> None:
    """Sixty named people: the run, its counts, its logs, its events and the ledger tell one story."""
    sync, stage = await _sync(played), played.stage
    rows = stage.world.warehouse.query(GOLD)[1]
    named = sorted({full for row in rows if (full := canonical(str(row["CONTACT_ID"])))})[:60]
    expected = [canonical(value) for value in named if stage.world.gong.refuses(stage.flow, value) is None]
    started = (await played.sdk.model_sync.start(sync.id, identities=named)).data
    seen = []
    for _ in range(10):
        execution = (await played.sdk.model_sync.executions.get(sync.id, started.id)).data
        seen += [execution.status] if execution.status not in seen else []
        status = (await played.sdk.model_sync.get_status(sync.id)).data
        assert (status.current_execution is None) == (execution.status == "completed")
        stage.time.passes(0.06)
    assert ["created", "queued", "running", "processing", "completed"] == seen
    counts = (await played.sdk.model_sync.executions.list(sync.id)).data[0].counts
    assert (60, len(expected), 60 - len(expected)) == (counts.total, counts.insert, counts.error)
    assert set(expected) == set(stage.world.ledger.contacts_in(stage.flow.id))
    urls = (await played.sdk.model_sync.executions.get_log_urls(sync.id, started.id, "errors")).data.urls
    lines = "".join([(await stage.http.get(url)).text for url in urls]).splitlines()
    assert counts.error == len(lines)
    kinds = {event.type for event in (await played.sdk.events.list(limit=100)).data}
    assert {"sync.running", "sync.completed", "sync.completed_with_errors"} == kinds
    assert kinds < set((await played.sdk.events.get_types()).data)
    if played.version == LATEST:
        index = (await played.sdk.model_sync.executions.get_logs_index(sync.id, started.id)).data
        assert (60, counts.error) == (index.records.count, index.errors.count)


async def test_a_run_is_canceled(played: Played) -> None:
    """It ends on the way, and whoever was in stays in."""
    sync, stage = await _sync(played), played.stage
    started = (await played.sdk.model_sync.start(sync.id)).data
    stage.time.passes(0.25)
    await played.sdk.model_sync.cancel(sync.id)
    canceling = (await played.sdk.model_sync.executions.get(sync.id, started.id)).data
    stage.time.passes(60)
    canceled = (await played.sdk.model_sync.executions.get(sync.id, started.id)).data
    assert ("canceling", "canceled") == (canceling.status, canceled.status)
    assert 0 < canceled.counts.insert < canceled.counts.total
    assert canceled.counts.insert == len(stage.world.ledger.contacts_in(stage.flow.id))
    assert "sync.canceled" in {event.type for event in (await played.sdk.events.list()).data}


@pytest.mark.parametrize("version", VERSIONS)
async def test_errors_are_parsed(version: str) -> None:
    """A wrong key is the SDK's 401, whichever body its version has."""
    async with open_stage() as stage:
        sdk = AsyncPolytomic(base_url=stage.url, token="no", version=version, max_retries=0, httpx_client=stage.http)
        with pytest.raises(ApiError) as refused:
            await sdk.connections.list()
        assert 401 == refused.value.status_code
