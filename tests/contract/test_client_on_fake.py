"""Our client plays every step against the sandbox's Polytomic, over real sockets and in both versions of the API."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.errors import PolytomicRefused
from bot.polytomic.requests import SyncSpec
from tests.contract.client_stage import FLOW, NAME, Stage, staged, until


@pytest.fixture(name="stage", params=["2024-02-08", "2025-09-18"])
async def _stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    # A proxy in the environment is for the world outside, not for a sandbox on this machine.
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with staged(request.param) as stage:
        yield stage


@pytest.mark.parametrize("empty_lists", ["array", "null"])
@pytest.mark.parametrize("as_jobs", [False, True], ids=["at once", "as jobs"])
async def test_all_the_steps(stage: Stage, as_jobs: bool, empty_lists: str) -> None:
    """Connect, model, flow, fields, sync, run, watch, log, retire, clean up: only those named are in the flow."""
    world, client, switches = stage.world, stage.client, stage.world.switches
    switches.models_as_jobs, switches.empty_lists = as_jobs, empty_lists  # type: ignore[assignment]
    switches.query_page_size, switches.extra_answer_fields = 100, True
    assert () == await client.connections()
    snowflake, gong = await stage.snowflake(), await stage.gong()
    assert (True, True) == (snowflake.healthy, gong.healthy)
    assert [("snowflake", snowflake.id), ("gong", gong.id)] == [(c.type, c.id) for c in await client.connections()]

    model = await stage.model(snowflake)
    assert (model, ["CONTACT_ID"]) == (await client.model(model.id), [field.name for field in model.fields])
    flows = {flow.name: flow.id for flow in await client.target_objects(gong.id)}
    target = await client.target_fields(gong.id, flows[FLOW], refresh=True)
    identity = next(field for field in target.fields if field.supports_identity)
    function = identity.identity_functions[0].id
    spec = SyncSpec(NAME, model.id, "CONTACT_ID", gong.id, flows[FLOW], identity.id, function)
    sync = await client.create_sync(spec, key="stage-sync")
    assert (sync, True, flows[FLOW]) == (await client.sync(sync.id), sync.active, sync.target_object)

    batch = (await stage.identities(snowflake))[:50]
    run = await stage.ended(sync, await client.start(sync.id, batch, key="stage-run"))
    urls = await client.log_urls(sync.id, run.id, "errors")
    refused = [line for url in urls async for line in client.log_lines(url)]
    enrolled = world.ledger.contacts_in(flows[FLOW])
    assert ("completed", 50, 50 - len(enrolled)) == (run.status, run.counts.total, run.counts.error)
    assert run.counts.error == len([line for line in refused if line.identity in batch and line.message])

    assert (run,) == await client.executions(sync.id)
    assert run == (await client.status(sync.id)).last
    assert {(sync.id, run.id)} == {(event.event.sync_id, event.event.execution_id) for event in await client.events()}
    assert (await client.activate(sync.id, False, key="stage-retire")) is False
    await client.delete_sync(sync.id)
    await client.delete_sync(sync.id)
    await client.delete_model(model.id)
    assert (None, None) == (await client.find_sync(NAME), await client.find_model(NAME))
    assert {None, "2024-02-08", "2025-09-18"} >= {asked.version for asked in world.requests}
    assert None not in {asked.version for asked in world.requests}


async def test_who_the_key_belongs_to(stage: Stage) -> None:
    """The sanity check of a key."""
    me = await stage.client.me()

    assert (True, True) == (me.is_user, bool(me.organization_name))


@pytest.mark.slow
@pytest.mark.parametrize("log_format", ["array", "lines"])
@pytest.mark.parametrize("log_shape", ["flat", "nested"])
async def test_log_files_of_each_shape(stage: Stage, log_format: str, log_shape: str) -> None:
    """Log files are not documented; each likely shape names the contact and the reason, over several files."""
    switches = stage.world.switches
    switches.log_format, switches.log_shape = log_format, log_shape  # type: ignore[assignment]
    switches.not_in_crm_percent, switches.log_lines_per_file = 100, 2
    sync = await stage.sync()
    snowflake = next(each for each in await stage.client.connections() if each.type == "snowflake")
    batch = (await stage.identities(snowflake))[:5]
    run = await stage.ended(sync, await stage.client.start(sync.id, batch, key="stage-run"))

    urls = await stage.client.log_urls(sync.id, run.id, "errors")
    lines = [line for url in urls async for line in stage.client.log_lines(url)]

    assert (3, sorted(batch)) == (len(urls), sorted(line.identity for line in lines))
    assert all(line.message.startswith("Invalid") for line in lines)
    assert [200, 200, 200] == [one.status for one in stage.world.downloads]


async def test_a_link_to_a_log_file_expires(stage: Stage) -> None:
    """An old link is refused, which is not the same as the key being refused."""
    stage.world.switches.not_in_crm_percent = 100
    sync = await stage.sync()
    run = await stage.ended(sync, await stage.client.start(sync.id, ["0035g00000AbCdEAAV"], key="stage-run"))
    stage.world.switches.log_url_seconds = -1

    for url in await stage.client.log_urls(sync.id, run.id, "errors"):
        with pytest.raises(PolytomicRefused):
            _ = [line async for line in stage.client.log_lines(url)]


async def test_consent_is_denied_and_asked_for_again(stage: Stage) -> None:
    """A denied connection says so, and reconnecting it gives a new link that works."""
    gong = await stage.gong("deny")
    assert (False, True) == (gong.healthy, bool(gong.status_error))

    again = await stage.client.reconnect(gong.id, gong.name, {"auth_method": "oauth"})
    await stage.consent(again, "allow")

    assert (await stage.client.connection(gong.id)).healthy


async def test_a_hosted_form_makes_the_connection(stage: Stage) -> None:
    """The credentials are typed into Polytomic's page; the connection is found by its name afterwards."""
    session = await stage.client.connect_session("Warehouse", stage.client.home, type="snowflake", key="stage-session")
    typed = {"account": "a", "username": "u", "password": "sandbox", "dbname": "ANALYTICS"}
    async with httpx.AsyncClient(trust_env=False) as person:
        await person.post(session.url.get_secret_value(), data=typed)

    assert ["Warehouse"] == [each.name for each in await stage.client.connections() if each.healthy]


async def test_a_query_that_snowflake_refuses(stage: Stage) -> None:
    """Snowflake's words are on the page of the query."""
    snowflake = await stage.snowflake()
    query = await stage.client.run_query(snowflake.id, "SELECT x FROM nowhere", key="stage-query")

    page = await until(lambda page: page.status == "failed", lambda: stage.client.query_page(query.id))

    assert ((), None, True) == (page.results, page.next_page, "NOWHERE" in page.error)


async def test_lists_are_searched_to_their_last_page(stage: Stage) -> None:
    """What was made first is found among pages of one."""
    stage.world.switches.sync_page_size, stage.world.switches.models_page_size = 1, 1
    sync = await stage.sync()
    model = await stage.client.find_model(NAME)
    assert model
    for number in range(3):
        spec = SyncSpec(f"Another {number}", model.id, "CONTACT_ID", sync.target_connection_id, sync.target_object)
        await stage.client.create_sync(spec, key=f"stage-another-{number}")

    found = await stage.client.find_sync(NAME)

    assert found
    assert (sync.id, sync.target_object) == (found.id, found.target_object)
