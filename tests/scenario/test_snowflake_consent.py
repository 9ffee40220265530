"""Snowflake is connected by an operator, over Polytomic's own form: no credential passes through Slack."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.sandbox.person import Person
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

CREDENTIALS = {"account": "sandbox", "username": "sandbox", "password": "hunter2", "dbname": "ANALYTICS"}


@pytest.fixture
async def unconnected(open_here: OpenTown) -> AsyncIterator[Town]:
    """A town where Gong is connected and Snowflake is not."""
    async with open_here(with_snowflake=False) as opened:
        yield opened


async def fills_in(link: str, **wrong: str) -> httpx.Response:
    """Somebody opens Polytomic's form and sends it."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        (await browser.get(link)).raise_for_status()
        return await browser.post(link, data=CREDENTIALS | wrong)


async def asks(rina: Person) -> None:
    """The requester cannot connect Snowflake, and has asked an operator to."""
    await doing.open_form(rina)
    assert "Snowflake is not connected." in rina.sees()
    assert "[Connect Snowflake]" not in rina.sees()
    await rina.press("Ask an operator")
    await rina.until_sees("Asked. I will write to you when Snowflake is connected. Your draft is kept.")


async def connects(olga: Person) -> str:
    """The operator does as asked; returns the link of Polytomic's form."""
    asked = await olga.until_reads(olga.id, "<@U0REQUESTER> asks you to connect Snowflake.")
    await olga.press_in(asked, "Connect Snowflake")
    await olga.until_sees("[Open the secure form]")
    link = await olga.press("Open the secure form")
    assert 303 == (await fills_in(link)).status_code
    await olga.until_sees("Snowflake is connected: Snowflake Connection.")
    return link


@pytest.mark.slow
async def test_an_operator_is_asked_and_the_open_form_goes_on(unconnected: Town) -> None:
    """Who waits in the open form goes on there, with the query typed before."""
    rina, olga = unconnected.person("U0REQUESTER"), unconnected.person("U0OPERATOR")
    await asks(rina)
    await connects(olga)
    await rina.until_sees("Snowflake: Snowflake Connection")
    assert doing.QUERY in rina.sees()
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    assert {} == await rina.submit()
    await rina.until_sees("will be enrolled")


@pytest.mark.slow
async def test_an_operator_is_asked_and_the_form_was_closed(unconnected: Town) -> None:
    """Who closed the form gets the promised message, and goes on from there; nobody else sees the link."""
    rina, olga = unconnected.person("U0REQUESTER"), unconnected.person("U0OPERATOR")
    await asks(rina)
    await rina.close_all()
    link = await connects(olga)
    told = await rina.until_reads(rina.id, "Snowflake is connected: Snowflake Connection. Your draft is where you left")
    assert link not in json.dumps([one.blocks for one in unconnected.slack.world.messages])
    await rina.press_in(told, "Continue")
    await rina.until_sees("Your draft is back.")
    assert doing.QUERY in rina.sees()
    assert "Snowflake: Snowflake Connection" in rina.sees()


async def test_only_operators_get_the_link(unconnected: Town) -> None:
    """Whoever types it without the right is told, and no form is made."""
    rina = unconnected.person("U0REQUESTER")
    await rina.command("connect snowflake")
    await rina.until(lambda: rina.sees() and "Opening" not in rina.sees())
    assert "[Open the secure form]" not in rina.sees()
    assert "connect_session" not in [one.operation for one in unconnected.polytomic.requests]


async def test_credentials_that_snowflake_refuses(unconnected: Town) -> None:
    """Polytomic's form says so itself, and the view goes on waiting until they are right."""
    olga = unconnected.person("U0OPERATOR")
    await olga.command("connect snowflake")
    await olga.until_sees("[Open the secure form]")
    link = await olga.press("Open the secure form")
    refused = await fills_in(link, password="wrong")
    assert "Incorrect username or password" in refused.text
    assert 303 == (await fills_in(link)).status_code
    await olga.until_sees("Snowflake is connected: Snowflake Connection.")
