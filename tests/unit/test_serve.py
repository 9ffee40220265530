"""What the sandbox serves answers on this machine under its own names, and under no other."""

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bot.sandbox.polytomic.world import PolytomicWorld
from bot.sandbox.serve import serve
from bot.sandbox.slack.workspace import Slack
from bot.sandbox.warehouse import Warehouse


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await PlainTextResponse("here")(scope, receive, send)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:1", 200),
        ("localhost", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.example", 400),
    ],
)
async def test_only_this_machines_own_names_are_answered(host: str, status: int) -> None:
    """Another site's name may be made to lead here by its owner (DNS rebinding): its pages get nothing to read."""
    async with serve(_app) as served, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(served.url, headers={"Host": host})
    assert (status, status == 200) == (answer.status_code, "here" in answer.text)


async def test_polytomic_and_slack_refuse_another_sites_name() -> None:
    """The API, its log files and its pages for people; Slack's API."""
    slack, world = Slack(), PolytomicWorld(Warehouse(sample=False))
    async with world.serve() as polytomic, serve(slack.app) as api, httpx.AsyncClient(trust_env=False) as client:
        for url in (
            f"{polytomic.url}/api/me",
            f"{polytomic.url}/syncs/1",
            world.hosts.storage_url,
            f"{api.url}/api/auth.test",
        ):
            assert 400 == (await client.get(url, headers={"Host": "evil.example"})).status_code
            assert 400 != (await client.get(url)).status_code
    world.warehouse.close()


async def test_a_websocket_under_another_sites_name_is_refused() -> None:
    """Before anything of the app is heard."""
    async with serve(_app) as served:
        with pytest.raises(InvalidStatus, match="400"):
            await connect("ws://evil.example", host="127.0.0.1", port=served.port, proxy=None)
