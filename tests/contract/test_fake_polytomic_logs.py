"""What the sandbox's Polytomic tells afterwards: log files behind signed links, events, and cached schemas."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest

from bot.sandbox.crm_ids import canonical
from bot.sandbox.polytomic.gong import OWNER_EMAIL, FlowField
from tests.contract.fake_stage import GOLD, Stage, open_stage


@pytest.fixture(name="stage")
async def _stage() -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage


def _people(stage: Stage) -> list[str]:
    values = [str(row["CONTACT_ID"] or "") for row in stage.world.warehouse.query(GOLD)[1]]
    return sorted({full for value in values if (full := canonical(value))})


async def test_log_links_are_signed_short_lived_and_elsewhere(stage: Stage) -> None:
    """Another port; no Authorization header; not changed; not later."""
    stage.world.switches.log_lines_per_file = 100
    sync = await stage.sync()
    done = await stage.run(sync)
    path = f"/api/syncs/{sync}/executions/{done['id']}/records"
    urls = (await stage.data("GET", path))["urls"]
    assert 4 == len(urls)
    assert not urls[0].startswith(stage.url)
    assert 100 == len((await stage.http.get(urls[0])).text.splitlines())
    with_key = await stage.http.get(urls[0], headers={"Authorization": "Bearer sandbox"})
    assert (400, 403) == (with_key.status_code, (await stage.http.get(f"{urls[0]}0")).status_code)
    one = await stage.call("GET", f"{path}/records-00002.json")
    assert (302, 200) == (one.status_code, (await stage.http.get(one.headers["location"])).status_code)
    stage.time.passes(301)
    assert 403 == (await stage.http.get(urls[0])).status_code
    nothing = await stage.data("GET", f"/api/syncs/{sync}/executions/{done['id']}/deletes")
    assert {"urls": None, "expires": None} == nothing
    assert 400 == (await stage.call("GET", f"/api/syncs/{sync}/executions/{done['id']}/nonsense")).status_code


async def test_log_files_have_several_shapes(stage: Stage) -> None:
    """An array or lines, flat or nested: nobody has documented it."""
    stage.world.switches.log_format, stage.world.switches.log_shape = "array", "nested"
    sync, named = await stage.sync(), _people(stage)[:2]
    done = await stage.run(sync, {"identities": named})
    url = (await stage.data("GET", f"/api/syncs/{sync}/executions/{done['id']}/records"))["urls"][0]
    assert named == sorted(record["record"]["Id"] for record in (await stage.http.get(url)).json())


async def test_events_are_bounded_by_time(stage: Stage) -> None:
    """Bounds are exclusive, the newest come first, and two days later all are gone."""
    sync = await stage.sync()
    for person in _people(stage)[:3]:
        await stage.run(sync, {"identities": [person]})
    everything = await stage.data("GET", "/api/events?limit=100")
    times = [event["created_at"] for event in everything]
    assert sorted(times, reverse=True) == times
    running = await stage.data("GET", "/api/events?type=sync.running")
    assert 3 == len(running)
    inside = f"/api/events?limit=100&starting_after={times[-1]}&ending_before={times[0]}"
    assert len(everything) - sum(time in (times[0], times[-1]) for time in times) == len(
        await stage.data("GET", inside)
    )
    assert 2 == len(await stage.data("GET", "/api/events?limit=2"))
    assert 422 == (await stage.call("GET", "/api/events?limit=101")).status_code
    stage.time.passes(48 * 3600)
    assert [] == await stage.data("GET", "/api/events")


async def _told(stage: Stage, runs: int = 1) -> list[dict[str, Any]]:
    stage.world.switches.completed_event_too = False
    sync = await stage.sync()
    for person in _people(stage)[:runs]:
        await stage.run(sync, {"identities": [person]})
    told: list[dict[str, Any]] = await stage.data("GET", "/api/events?limit=100")
    return told


async def test_events_get_lost(stage: Stage) -> None:
    """Every second one, however often it is asked for."""
    stage.world.switches.events_lost_every = 2
    assert 3 == len(await _told(stage, runs=3))
    assert 3 == len(await stage.data("GET", "/api/events?limit=100"))


@pytest.mark.parametrize(("doubled", "ids"), [("same_id", 2), ("two_ids", 4)])
async def test_events_come_twice(stage: Stage, doubled: Literal["same_id", "two_ids"], ids: int) -> None:
    """As one event told again, or as another one that says the same."""
    stage.world.switches.events_doubled = doubled
    told = await _told(stage)
    assert (4, ids) == (len(told), len({event["id"] for event in told}))
    assert 2 == len({(event["type"], event["created_at"], event["event"]["execution_id"]) for event in told})


async def test_events_come_late(stage: Stage) -> None:
    """They keep the time at which they happened."""
    before = stage.time.now
    stage.world.switches.events_late_seconds = 90
    assert [] == await _told(stage)
    stage.time.passes(31)
    told = await stage.data("GET", "/api/events?limit=100")
    assert 2 == len(told)
    assert all(datetime.fromisoformat(event["created_at"]) < before + timedelta(seconds=1) for event in told)


async def test_times_of_events_may_have_no_fractions(stage: Stage) -> None:
    """What happened within a second is of one instant, for the bounds as well."""
    stage.world.switches.events_whole_seconds = True
    told = await _told(stage)
    assert ["2026-11-23T12:00:00Z"] * 2 == [event["created_at"] for event in told]
    assert [] == await stage.data("GET", "/api/events?starting_after=2026-11-23T12:00:00Z")
    assert told == await stage.data("GET", "/api/events?starting_after=2026-11-23T11:59:59.999999Z")


async def test_events_have_an_order_of_no_meaning(stage: Stage) -> None:
    """Neither by time nor by name, and the same one when asked again."""
    stage.world.switches.events_order = "shuffled"
    told = await _told(stage, runs=6)
    times = [event["created_at"] for event in told]
    assert times not in (sorted(times), sorted(times, reverse=True))
    assert told[:5] == await stage.data("GET", "/api/events?limit=5")


async def test_fields_come_from_a_cache(stage: Stage) -> None:
    """What Gong changed is seen after a refresh."""
    path = f"/api/connections/{stage.connection('gong')}/modelsync/target/fields?target={stage.flow.id}"
    assert 1 == len((await stage.data("GET", path))["fields"])
    stage.world.gong.require(stage.flow.id, FlowField(OWNER_EMAIL, "Owner", "email"))
    assert 1 == len((await stage.data("GET", path))["fields"])
    assert 2 == len((await stage.data("GET", f"{path}&refresh=true"))["fields"])
    assert 404 == (await stage.call("GET", path.replace(stage.flow.id, "Q4 Renewal"))).status_code
