"""What the sandbox's Slack sends arrives signed, events arrive again when they fail, and Socket Mode hands out once."""

import asyncio
import json
from typing import Any

import httpx
import pytest
import websockets

from bot.sandbox.slack.interactions import Trouble
from tests.unit.slack_counterpart import Room, room

CONNECT = "apps.connections.open"


async def test_a_delivery_is_signed_and_a_forged_one_is_refused() -> None:
    """Bolt takes the one and answers 401 to the other, and to an old one."""
    async with room() as here:
        body, kind = "command=%2Fenroll-flow&trigger_id=1.2&team_id=T0SANDBOX&user_id=U0REQUESTER", "raw"
        post, form = here.slack.deliveries.post, "application/x-www-form-urlencoded"
        assert 401 == (await post(body, form, kind=kind, sign=lambda *_: "v0=forged")).status
        assert 401 == (await post(body, form, kind=kind, timestamp="1000000000")).status
        assert 401 != (await post(body, form, kind=kind)).status


async def test_an_event_is_sent_again_until_it_is_taken() -> None:
    """The retry is numbered and has its reason."""
    async with room() as here:
        here.bot.failures = 2
        await here.rina.open_home()
        (got,) = here.bot.got["home"]
        assert ["2"] == got["headers"]["x-slack-retry-num"]
        assert ["http_error"] == got["headers"]["x-slack-retry-reason"]
        assert [500, 500, 200] == [one.status for one in here.slack.deliveries.log]


async def test_an_event_is_given_up_after_three_more_times() -> None:
    """Four deliveries in all, and the person notices nothing but an old Home."""
    async with room() as here:
        here.bot.failures = 9
        with pytest.raises(Trouble):
            await here.rina.open_home()
        assert [500] * 4 == [one.status for one in here.slack.deliveries.log]


async def test_an_interaction_is_sent_once() -> None:
    """A failed command is not repeated: the person reads that it did not work."""
    async with room() as here:
        here.bot.failures = 1
        with pytest.raises(Trouble, match="the bot answered 500"):
            await here.rina.command()
        assert "command" not in here.bot.got


async def test_socket_mode_goes_on_after_slack_asked_for_a_new_connection() -> None:
    """The bot connects again, and what a person does then arrives."""
    async with room(socket=True) as here:
        await here.rina.command()
        await here.slack.socket.disconnect()
        await here.rina.close()
        await here.rina.until(lambda: here.bot.got.get("closed"))
        await here.rina.command("again")
        assert "again" == here.bot.got["command"][-1]["text"]


async def test_a_socket_address_is_used_once() -> None:
    """Neither a second time nor with a ticket of one's own."""
    async with room() as here, httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            f"{here.slack.world.base_url}/api/apps.connections.open", headers={"Authorization": "Bearer xapp-sandbox"}
        )
        url = answer.json()["url"]
        async with asyncio.timeout(5), websockets.connect(url, proxy=None) as line:
            assert '"hello"' in str(await line.recv())
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(url, proxy=None)


async def connection(here: Room) -> websockets.ClientConnection:
    """One more connection of the app, greeted."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            f"{here.slack.world.base_url}/api/{CONNECT}", headers={"Authorization": "Bearer xapp-sandbox"}
        )
    line = await websockets.connect(answer.json()["url"], proxy=None, ping_interval=None)
    assert "hello" == json.loads(await line.recv())["type"]
    return line


async def acknowledge(line: websockets.ClientConnection) -> dict[str, Any]:
    """Takes the next envelope."""
    envelope: dict[str, Any] = json.loads(await line.recv())
    await line.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
    return envelope


async def test_each_envelope_goes_to_one_of_the_connections() -> None:
    """Two connections share what is sent, and nothing comes twice."""
    async with room() as here:
        here.slack.deliveries.to_socket()
        lines = [await connection(here) for _ in range(2)]
        try:
            takers = [asyncio.create_task(acknowledge(line)) for line in lines]
            await here.rina.command("one")
            await here.rina.command("two")
            assert {"one", "two"} == {(await taker)["payload"]["text"] for taker in takers}
        finally:
            for line in lines:
                await line.close()


async def test_a_silent_line_answers_no_ping() -> None:
    """It stays open, and nothing comes of it."""
    async with room() as here:
        line = await connection(here)
        try:
            await asyncio.wait_for(await line.ping(), 1)
            here.slack.socket.fall_silent()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(await line.ping(), 0.2)
        finally:
            line.transport.abort()


@pytest.mark.slow
async def test_only_events_are_sent_again_over_a_line_that_does_not_acknowledge() -> None:
    """A command fails once and for all; an event comes again, numbered."""
    async with room() as here:
        here.slack.deliveries.to_socket()
        line = await connection(here)
        try:
            with pytest.raises(Trouble):
                await here.rina.command("lost")
            assert "slash_commands" == json.loads(await line.recv())["type"]
            home = asyncio.create_task(here.rina.open_home())
            first, again = json.loads(await line.recv()), await acknowledge(line)
            await home
            assert (("events_api", 0), ("events_api", 1)) == tuple(
                (one["type"], one["retry_attempt"]) for one in (first, again)
            )
        finally:
            await line.close()
