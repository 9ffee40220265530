"""What the sandbox's Slack notes of its calls and deliveries, and who hears that something changed."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack.things import Fault
from tests.unit.slack_counterpart import Room, room


@pytest.fixture(params=[False, True], ids=["http", "socket"])
async def here(request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    """A workspace with a Bolt app in it."""
    async with room(socket=request.param) as opened:
        yield opened


async def test_each_delivery_is_noted_with_what_it_is_about(here: Room) -> None:
    """The same words over HTTP as over Socket Mode, never what was typed."""
    await here.rina.open_home()
    await here.rina.shortcut("open")
    await here.rina.command("SELECT 1")
    await here.rina.type("query", "SELECT 1")
    await here.rina.search("flow")
    await here.rina.close()
    log = here.slack.deliveries.log
    assert [
        ("event", "app_home_opened", 200),
        ("shortcut", "open", 200),
        ("command", "/enroll-flow", 200),
        ("block_actions", "type", 200),
        ("block_suggestion", "search", 200),
        ("view_closed", "form", 200),
    ] == [(one.kind, one.about, one.status) for one in log]
    assert {here.clock.now} == {one.at for one in log}
    assert all(0 < one.milliseconds < 3000 for one in log)


async def test_the_last_event_comes_once_more(here: Room) -> None:
    """As Slack does when an answer was lost; before there was one, nothing comes."""
    assert None is await here.slack.deliveries.repeat()
    await here.rina.open_home()
    answer = await here.slack.deliveries.repeat()
    assert answer is not None
    assert answer.ok
    await here.rina.until(lambda: 2 == len(here.bot.got["home"]))


async def test_each_call_is_noted_with_what_came_of_it() -> None:
    """Fine, refused, rate-limited, cut off, or slow: once each, with its time."""
    async with room() as here:
        faults = here.slack.world.faults
        faults += [Fault("chat.update", error="fatal_error"), Fault("users.info", retry_after=1)]
        faults += [Fault("api.test", slow=0.05), Fault("auth.test", cut=True)]
        await here.client.chat_postMessage(channel="C0REVOPS", text="t")
        for refused in (here.client.chat_update(channel="C", ts="1", text="t"), here.client.users_info(user="U0GUEST")):
            with pytest.raises(SlackApiError):
                await refused
        await here.client.api_test()
        with pytest.raises(aiohttp.ClientError):
            await here.client.auth_test()
        calls = here.slack.world.calls
        assert [
            ("chat.postMessage", "", False),
            ("chat.update", "fatal_error", False),
            ("users.info", "ratelimited", False),
            ("api.test", "", False),
        ] == [(one.method, one.error, one.is_cut) for one in calls[:4]]
        assert ("auth.test", True) == (calls[4].method, calls[4].is_cut)
        assert calls[0].milliseconds < 50 <= calls[3].milliseconds


async def test_posts_to_a_response_url_are_noted() -> None:
    """With what they said, as Web API calls are."""
    async with room() as here:
        url = here.slack.world.response_url("C0RANDOM", "U0REQUESTER")
        assert here.client.session is not None
        for address in (url, f"{url}x"):
            async with here.client.session.post(address, json={"text": "psst"}):
                pass
        assert [("response_url", {"text": "psst"}, ""), ("response_url", {}, "invalid_token")] == [
            (one.method, one.arguments, one.error) for one in here.slack.world.calls
        ]


async def test_everybody_who_watches_hears_of_a_change() -> None:
    """Each has an event of their own: whoever clears theirs takes nothing from the others."""
    async with room() as here:
        with here.slack.world.watch() as first, here.slack.world.watch() as second:
            await here.client.api_test()
            assert first.is_set()
            first.clear()
            assert second.is_set()
            waiting = asyncio.create_task(first.wait())
            await here.rina.open_home()
            await asyncio.wait_for(waiting, 1)
        with here.slack.world.watch() as third:
            assert not third.is_set()
