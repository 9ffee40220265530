"""The rules that hold for every call to the sandbox's Polytomic: keys, versions, faults, pages and links."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import get_args

import httpx
import pytest

from bot.sandbox.polytomic.faults import KINDS, Kind
from tests.contract.fake_stage import GOLD, Stage, open_stage

KEY = "rules-key-1"


@pytest.fixture(name="stage")
async def _stage() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage


def _model(stage: Stage, name: str = "M") -> dict[str, object]:
    return {"name": name, "connection_id": stage.connection("snowflake"), "configuration": {"query": GOLD}}


# ------------------------------------------------------------------------------------------- the gate


async def test_only_a_known_key_gets_in(stage: Stage) -> None:
    """401, in the shape of the version."""
    for version, word in (("2024-02-08", "error"), ("2025-09-18", "message")):
        answer = await stage.http.get(f"{stage.url}/api/me", headers={"X-Polytomic-Version": version})
        assert (401, "Unauthorized") == (answer.status_code, answer.json()[word])


async def test_the_version_is_always_said(stage: Stage) -> None:
    """Each answer carries the version that served it; a call without one is refused unless switched otherwise."""
    assert "2024-02-08" == (await stage.call("GET", "/api/me", version="2024-02-08")).headers["x-polytomic-version"]
    assert 400 == (await stage.call("GET", "/api/me", version=None)).status_code
    assert 400 == (await stage.call("GET", "/api/me", version="2023-04-25")).status_code
    assert 404 == (await stage.call("GET", "/api/organization", version="2024-02-08")).status_code
    stage.world.switches.missing_version = "serve"
    assert "2021-05-23" == (await stage.call("GET", "/api/me", version=None)).headers["x-polytomic-version"]


async def test_what_is_no_call_is_refused_in_the_error_shape(stage: Stage) -> None:
    """404 for an unknown path, 405 for the how-to's POST, 400 for broken JSON, 422 for an unknown key."""
    gong = stage.connection("gong")
    assert 404 == (await stage.call("GET", "/api/nothing")).json()["status"]
    path = f"/api/connections/{gong}/modelsync/targetobjects"
    assert 405 == (await stage.call("POST", path)).json()["status"]
    stage.world.switches.post_target_objects = True
    assert 200 == (await stage.call("POST", path)).status_code
    headers = {"Authorization": "Bearer sandbox", "X-Polytomic-Version": "2024-02-08"}
    broken = await stage.http.post(f"{stage.url}/api/models", content=b'{"a": 1,}', headers=headers)
    assert 400 == broken.status_code
    unknown = await stage.call("POST", "/api/models", {**_model(stage), "colour": "red"})
    assert (422, "colour") == (unknown.status_code, unknown.json()["metadata"]["field"])


async def test_an_empty_list_may_be_null(stage: Stage) -> None:
    """Both are legal on the wire."""
    assert [] == await stage.data("GET", "/api/syncs")
    stage.world.switches.empty_lists = "null"
    assert None is await stage.data("GET", "/api/syncs")


async def test_the_request_log_has_no_secrets(stage: Stage) -> None:
    """Method, path, operation, key, version and status; never the query."""
    path = f"/api/connections/{stage.connection('snowflake')}/query"
    await stage.call("POST", f"{path}?query=SELECT 1", {}, key=KEY)
    logged = stage.world.requests[-1]
    assert ("POST", path, "query", KEY, 200) == (
        logged.method,
        logged.path,
        logged.operation,
        logged.key,
        logged.status,
    )
    assert "SELECT" not in repr(stage.world.requests)


# ------------------------------------------------------------------------------------ idempotency keys


async def test_a_key_has_one_outcome(stage: Stage) -> None:
    """The second call with it gets the first one's answer, and nothing new is made."""
    first = await stage.call("POST", "/api/models", _model(stage), key=KEY)
    second = await stage.call("POST", "/api/models", _model(stage, "other"), key=KEY)
    assert first.content == second.content
    assert 1 == len(stage.world.models)


async def test_an_error_is_an_outcome_too(stage: Stage) -> None:
    """A recorded 500 is replayed, whether or not it acted; another key starts afresh."""
    kinds: list[Kind] = ["refuse", "act_then_500"]
    for number, kind in enumerate(kinds):
        stage.world.faults.next("create_model", kind)
        statuses = [
            (await stage.call("POST", "/api/models", _model(stage), key=f"{KEY}-{kind}")).status_code for _ in "12"
        ]
        assert [500, 500] == statuses
        assert number == len(stage.world.models)
    assert 200 == (await stage.call("POST", "/api/models", _model(stage), key=f"{KEY}-new")).status_code


async def test_a_key_is_forgotten_after_a_day(stage: Stage) -> None:
    """It counts as new then."""
    await stage.call("POST", "/api/models", _model(stage), key=KEY)
    stage.time.passes(24 * 3600 + 1)
    await stage.call("POST", "/api/models", _model(stage), key=KEY)
    assert 2 == len(stage.world.models)


async def test_a_key_in_flight_is_locked(stage: Stage) -> None:
    """409 while the first call goes on, its answer afterwards."""
    stage.world.faults.next("create_model", "slow", seconds=0.3)
    first = asyncio.create_task(stage.call("POST", "/api/models", _model(stage), key=KEY))
    await asyncio.sleep(0.1)
    assert 409 == (await stage.call("POST", "/api/models", _model(stage), key=KEY)).status_code
    assert 200 == (await first).status_code
    assert 200 == (await stage.call("POST", "/api/models", _model(stage), key=KEY)).status_code
    assert 1 == len(stage.world.models)


@pytest.mark.parametrize(("scope", "models"), [("path", 2), ("key", 2), ("ignored", 3)])
async def test_the_scope_of_a_key_is_a_switch(stage: Stage, scope: str, models: int) -> None:
    """Per path, per organization, or no protection at all."""
    stage.world.switches.key_scope = scope  # type: ignore[assignment]
    await stage.call("POST", "/api/models", _model(stage), key=KEY)
    await stage.call("POST", "/api/models", _model(stage), key=KEY)
    await stage.call("POST", "/api/models", _model(stage), key=f"{KEY}-2")
    assert models == len(stage.world.models)
    path = f"/api/connections/{stage.connection('snowflake')}/query?query=SELECT 1"
    made = (await stage.call("POST", path, {}, key=KEY)).json()["data"]
    assert ("name" in made) == (scope == "key")


@pytest.mark.parametrize("key", ["short", "has space in it", "x" * 256])
async def test_a_bad_key_is_refused(stage: Stage, key: str) -> None:
    """8 to 255 letters, digits, hyphens and underscores."""
    assert 400 == (await stage.call("POST", "/api/models", _model(stage), key=key)).status_code


# --------------------------------------------------------------------------------------------- faults


async def test_lines_are_cut(stage: Stage) -> None:
    """Before acting: the same key makes it. After acting: the same key tells what was made."""
    for number, kind in enumerate[Kind](["cut_before", "act_then_cut"]):
        stage.world.faults.next("create_model", kind)
        with pytest.raises(httpx.RemoteProtocolError):
            await stage.call("POST", "/api/models", _model(stage), key=f"{KEY}-{kind}")
        assert number * 2 == len(stage.world.models)
        assert 0 == stage.world.requests[-1].status
        assert 200 == (await stage.call("POST", "/api/models", _model(stage), key=f"{KEY}-{kind}")).status_code
        assert 1 + number == len(stage.world.models)


async def test_busy_locked_odd_null_and_refused(stage: Stage) -> None:
    """Each fault happens as often as asked, to its operation only."""
    faults = stage.world.faults
    faults.next("connections", "busy", times=2, retry_after=7)
    faults.next("connections", "odd", body="[")
    faults.next("connections", "null")
    faults.next("connections", "refuse", status=503, message="maintenance")
    faults.next("connections", "locked")
    assert 200 == (await stage.call("GET", "/api/me")).status_code
    answers = [await stage.call("GET", "/api/connections") for _ in range(7)]
    assert [429, 429, 200, 200, 503, 409, 200] == [answer.status_code for answer in answers]
    assert "7" == answers[0].headers["retry-after"]
    assert ("[", '{"data":null}') == (answers[2].text, answers[3].text)
    assert "maintenance" == answers[4].json()["message"]
    assert 6 == len(faults.happened)


async def test_a_fault_may_last(stage: Stage) -> None:
    """Any call of any kind meets it until the clock has gone so far, and is told how long that is."""
    stage.world.faults.lasting("*", "busy", timedelta(seconds=20))
    assert "20" == (await stage.call("GET", "/api/me")).headers["retry-after"]
    stage.time.passes(12.5)
    assert (429, "8") == ((answer := await stage.call("GET", "/api/syncs")).status_code, answer.headers["retry-after"])
    assert stage.world.faults.left
    stage.time.passes(7.5)
    assert 200 == (await stage.call("GET", "/api/me")).status_code
    assert not stage.world.faults.left


async def test_one_run_may_end_otherwise_than_the_rest(stage: Stage) -> None:
    """The next to start fails; the one after it ends as the switches say."""
    sync = await stage.sync()
    stage.world.faults.next_run("failed")
    assert ["failed", "completed"] == [(await stage.run(sync))["status"] for _ in range(2)]


def test_every_kind_of_fault_has_words() -> None:
    """Whoever chooses one reads what it does."""
    assert set(get_args(Kind)) == KINDS.keys()


async def test_every_call_is_noted_with_its_time(stage: Stage) -> None:
    """When it came by the world's clock, and how long it took by ours."""
    stage.world.faults.next("me", "slow", seconds=0.05)
    came = stage.time()
    await stage.call("GET", "/api/me")
    logged = stage.world.requests[-1]
    assert ("me", came) == (logged.operation, logged.at)
    assert 50 <= logged.milliseconds < 5000


async def test_a_slow_answer_outlasts_a_client(stage: Stage) -> None:
    """The client gives up; what it asked for happens all the same."""
    stage.world.faults.next("create_model", "act_then_slow", seconds=30)
    stage.http.timeout = httpx.Timeout(0.3)
    with pytest.raises(httpx.ReadTimeout):
        await stage.call("POST", "/api/models", _model(stage), key=KEY)
    assert 1 == len(stage.world.models)


# ---------------------------------------------------------------------------------------- query runner


async def _query(stage: Stage, sql: str) -> str:
    path = f"/api/connections/{stage.connection('snowflake')}/query"
    asked = await stage.data("POST", str(httpx.URL(path, params={"query": sql})), {})
    stage.time.passes(1)
    return f"/api/queries/{asked['id']}"


async def test_results_come_by_pages(stage: Stage) -> None:
    """Links lead from page to page, without a host unless switched so."""
    stage.world.switches.query_page_size = 100
    link: str | None = await _query(stage, GOLD)
    sizes = []
    while link:
        page = (await stage.call("GET", link)).json()
        sizes.append(len(page["data"]["results"]))
        link = page["links"].get("next")
    assert [100, 100, 100, 65] == sizes
    stage.world.switches.absolute_links = True
    page = (await stage.call("GET", await _query(stage, GOLD))).json()
    assert page["links"]["next"].startswith(stage.url)


async def test_a_refused_query_has_snowflakes_words(stage: Stage) -> None:
    """Its status is failed; or the POST is refused, if switched so."""
    failed = await stage.data("GET", await _query(stage, "SELECT nope FROM salesforce_contacts"))
    words = "SQL compilation error: error line 1 at position 7\ninvalid identifier 'NOPE'"
    assert ("failed", words) == (failed["status"], failed["error"])
    stage.world.switches.query_refused_at_once = True
    path = f"/api/connections/{stage.connection('snowflake')}/query?query=SELECT nope FROM salesforce_contacts"
    assert words == (await stage.call("POST", path, {})).json()["message"]


async def test_a_query_is_its_callers_own_and_ends(stage: Stage) -> None:
    """404 for another key of the organization, and for everyone after an hour."""
    link = await _query(stage, GOLD)
    other = {"Authorization": "Bearer sandbox-other", "X-Polytomic-Version": "2025-09-18"}
    assert 404 == (await stage.http.get(f"{stage.url}{link}", headers=other)).status_code
    assert 200 == (await stage.call("GET", link)).status_code
    stage.time.passes(3601)
    assert 404 == (await stage.call("GET", link)).status_code


async def test_a_url_can_be_too_long(stage: Stage) -> None:
    """8,000 encoded bytes of SQL pass, a few hundred more do not."""
    path = f"/api/connections/{stage.connection('snowflake')}/query?query=SELECT%201%20AS%20"
    assert 200 == (await stage.call("POST", path + "A" * 7980, {})).status_code
    assert 414 == (await stage.call("POST", path + "A" * 8200, {})).status_code
