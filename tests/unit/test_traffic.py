"""What is shown of the traffic between Slack, the bot and Polytomic: all that went over a line, and no secret."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.sandbox.behind.traffic import MOST, Traffic
from bot.sandbox.page.scene import Exchange
from bot.sandbox.polytomic.gate import Requested
from bot.sandbox.services import Services, open_beside, served
from bot.sandbox.slack.interactions import Trouble
from bot.sandbox.slack.things import Call
from bot.sandbox.slack.workspace import Slack
from bot.sandbox.warehouse import Warehouse

BEGIN = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Stage:
    """The services, what is shown of their traffic, and bare HTTP."""

    town: Services
    traffic: Traffic
    http: httpx.AsyncClient

    def told(self) -> list[tuple[str, str, str, str, bool]]:
        """What is shown now, the oldest first."""
        newest = reversed(self.traffic.newest())
        return [(one.source, one.target, one.what, one.answer, one.went_wrong) for one in newest]

    async def ask(self, path: str, key: str | None = None, **body: object) -> int:
        """One call to Polytomic, as the bot makes it; its status."""
        headers = {"Authorization": "Bearer sandbox", "X-Polytomic-Version": "2025-09-18"}
        headers |= {"Idempotency-Key": key} if key else {}
        method = "POST" if key else "GET"
        url = f"{self.town.polytomic_url}{path}"
        return (await self.http.request(method, url, headers=headers, json=body if key else None)).status_code


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Services without a bot: its address answers nothing."""
    slack = Slack()
    async with (
        served(slack),
        open_beside(slack, Warehouse(sample=False), clock=slack.world.clock) as town,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        slack.deliveries.to_http("http://127.0.0.1:9/slack")
        yield Stage(town, Traffic(slack, town.polytomic), http)


async def test_every_exchange_is_told_whichever_way_it_went(stage: Stage) -> None:
    """What Slack sent, what the bot asked of either, and a file from Polytomic's storage; with how it ended."""
    with pytest.raises(Trouble):
        await stage.town.person("U0REQUESTER").command("status")
    await stage.http.post(f"{stage.town.slack.world.base_url}/api/auth.test", data={"token": "xoxb-sandbox"})
    await stage.http.post(f"{stage.town.slack.world.base_url}/api/auth.test", data={"token": "xoxb-other"})
    await stage.ask("/api/me")
    stage.town.polytomic.faults.next("me", "cut_before")
    with pytest.raises(httpx.RemoteProtocolError):
        await stage.ask("/api/me")
    await stage.ask("/api/syncs/none/executions", key="a-key-of-its-own")
    await stage.http.get(f"{stage.town.polytomic.hosts.storage_url}/logs/1/errors/errors-00001.json?signature=s1gned")
    assert [
        ("Slack", "bot", "command /enroll-flow", "no answer", True),
        ("bot", "Slack", "auth.test", "ok", False),
        ("bot", "Slack", "auth.test", "invalid_auth", True),
        ("bot", "Polytomic", "me GET /api/me", "200 OK", False),
        ("bot", "Polytomic", "me GET /api/me", "cut off", True),
        ("bot", "Polytomic", "start POST /api/syncs/none/executions", "404 Not Found", True),
        ("bot", "Polytomic", "log_file GET /logs/1/errors/errors-00001.json", "403 Forbidden", True),
    ] == stage.told()
    newest = stage.traffic.newest()
    assert list(range(7, 0, -1)) == [one.number for one in newest]
    assert ["", "a-key-of-its-own", *[""] * 5] == [one.key for one in newest]
    assert all(one.milliseconds is not None and one.milliseconds > 0 for one in newest)


async def test_no_secret_is_told(stage: Stage) -> None:
    """Neither tokens, keys, links and triggers, nor a query, wherever in a request they stood."""
    world = stage.town.slack.world
    url = world.response_url("C0RANDOM", "U0REQUESTER")
    for address in (url, f"{url}x", f"{world.base_url}/api/views.open?token={world.bot_token}&trigger_id=1.s3cret"):
        await stage.http.post(address, json={"text": "SELECT s3cret"})
    with pytest.raises(Trouble):
        await stage.town.person("U0REQUESTER").command("SELECT s3cret FROM t")
    await stage.ask("/api/connections/connect/session?token=s3cret")
    await stage.ask("/api/models?query=SELECT%20s3cret", key="key-1-2-3", query="SELECT s3cret")
    assert 6 == len(stage.traffic.newest())
    told = repr(stage.traffic.newest())
    hidden = ("s3cret", "SELECT", "xoxb", "xapp", "signing", "Bearer", *world.response_urls, *world.triggers)
    assert [] == [one for one in hidden if one in told]
    assert "key-1-2-3" in told


async def test_the_newest_are_kept_in_the_order_they_began(stage: Stage) -> None:
    """At most so many, whatever the logs hold; a number, once given, stays."""
    calls, requests = stage.town.slack.world.calls, stage.town.polytomic.requests
    calls += [Call(f"m{n}", {}, BEGIN + timedelta(seconds=2 * n), 1) for n in range(300)]
    requests += [
        Requested("GET", "/", f"o{n}", None, None, 200, BEGIN + timedelta(seconds=2 * n + 1), 1) for n in range(300)
    ]
    before = stage.traffic.newest()
    assert MOST == len(before)
    assert ["o299 GET /", "m299", "o298 GET /"] == [one.what for one in before[:3]]
    assert before == tuple(sorted(before, key=_began, reverse=True))
    # One that took long ends after others that began later.
    calls.append(Call("slow", {}, BEGIN + timedelta(seconds=2 * 298), 9000))
    after = stage.traffic.newest()
    assert after[:2] == before[:2]
    assert "slow" in [one.what for one in after[2:5]]
    assert {one.number: one for one in before} | {one.number: one for one in after} == {
        one.number: one for one in (*before, *after)
    }
    assert MOST == len(after)


def _began(one: Exchange) -> tuple[datetime, int]:
    return one.at, one.number
