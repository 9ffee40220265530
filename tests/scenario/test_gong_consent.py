"""Gong is connected in the middle of a conversation: its page goes to one person, and the conversation goes on."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.person import Person
from bot.sandbox.polytomic.hosts import KEY
from bot.sandbox.polytomic.switches import LATEST
from bot.sandbox.slack.things import Fault
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing


@pytest.fixture
def clock() -> MovableClock:
    """A clock that a test can move."""
    return MovableClock()


@pytest.fixture
async def unconnected(open_here: OpenTown, clock: MovableClock) -> AsyncIterator[Town]:
    """A town where Gong is not connected yet."""
    async with open_here(with_gong=False, clock=clock) as opened:
        yield opened


async def asked(person: Person, button: str = "Connect Gong") -> str:
    """The address of Gong's page, as it stands on the button of this person's view."""
    await person.press(button)
    await person.until_sees("Waiting for you in Gong.")
    return await person.press("Open Gong")


def told_of(town: Town, link: str) -> set[tuple[str, str]]:
    """Every call to Slack that carried this link: the method, and whose view it was."""
    told = set()
    for call in town.slack.world.calls:
        if link in json.dumps(call.arguments, default=str).replace("\\\\", ""):
            shown = town.slack.world.screens.views.get(str(call.arguments.get("view_id", "")))
            told.add((call.method, shown.user if shown else ""))
    return told


async def test_the_form_goes_on_by_itself_once_gong_is_connected(unconnected: Town) -> None:
    """The link reaches one view of one person; consent brings the flows into the open form; the query is kept."""
    rina = unconnected.person("U0REQUESTER")
    await doing.open_form(rina)
    assert "Gong is not connected." in rina.sees()
    link = await asked(rina)
    await unconnected.answer_gong(link, "allow")
    await rina.until_sees("Gong is connected. Choose a flow.")
    assert doing.QUERY in rina.sees()
    assert {("views.update", "U0REQUESTER")} == told_of(unconnected, link)
    assert [] == unconnected.slack.world.messages
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    assert {} == await rina.submit()
    await rina.until_sees("will be enrolled")
    await doing.confirm(rina)
    await doing.until_ended(rina)
    assert 1 == len([one for one in unconnected.polytomic.connections if one.type == "gong"])


@pytest.mark.slow
async def test_the_gong_that_was_picked_is_the_one_that_is_used(town: Town) -> None:
    """Where there are several: its flows are listed, and it stays picked when one of them is."""
    headers = {"Authorization": f"Bearer {KEY}", "X-Polytomic-Version": LATEST}
    body = {"name": "Second Gong", "type": "gong", "configuration": {"auth_method": "oauth"}}
    async with httpx.AsyncClient(base_url=town.polytomic.hosts.base_url, headers=headers, trust_env=False) as client:
        made = (await client.post("/api/connections", json=body)).raise_for_status().json()["data"]
    await town.answer_gong(made["auth_url"], "allow")
    await town.restart_bot()
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    await rina.until_sees("Gong connection")
    await rina.pick("Gong connection", "Second Gong")
    await rina.until_sees("Flows that Second Gong can see.")
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    await rina.close()
    await rina.command()
    await rina.until_sees("Flows that Second Gong can see.")
    assert doing.FLOW in rina.sees()


async def test_without_gong_the_form_says_why_it_cannot_go_on(unconnected: Town) -> None:
    """Submitting without a flow to choose keeps the query, and starts nothing."""
    rina = unconnected.person("U0REQUESTER")
    await doing.open_form(rina)
    await rina.submit()
    assert "Gong is not connected yet, so there is no flow to choose. Your query is kept." in rina.sees()
    assert doing.QUERY in rina.sees()
    assert "query" not in [one.operation for one in unconnected.polytomic.requests]


@pytest.mark.slow
async def test_denied_consent_is_said_and_can_be_tried_again(unconnected: Town) -> None:
    """Whoever pressed deny reads so in the form, and a new link serves."""
    rina = unconnected.person("U0REQUESTER")
    await doing.open_form(rina)
    await unconnected.answer_gong(await asked(rina), "deny")
    await rina.until_sees("Gong was not connected: access was not allowed there. Your query is kept.")
    assert doing.QUERY in rina.sees()
    await unconnected.answer_gong(await asked(rina, "Try again"), "allow")
    await rina.until_sees("Gong is connected. Choose a flow.")


@pytest.mark.slow
async def test_denied_after_closing_comes_as_a_message(unconnected: Town) -> None:
    """The message has a button that asks for a new link in a view of its own."""
    rina = unconnected.person("U0REQUESTER")
    await doing.open_form(rina)
    link = await asked(rina)
    await rina.close_all()
    await unconnected.answer_gong(link, "deny")
    told = await rina.until_reads(
        rina.id, "Gong was not connected: access was not allowed there. Nothing was enrolled; your draft is kept."
    )
    await rina.press_in(told, "Try again")
    await rina.until_sees("Waiting for you in Gong.")
    await unconnected.answer_gong(await rina.press("Open Gong"), "allow")
    await rina.until(lambda: "Gong is connected." in rina.sees() + rina.reads(rina.dms()))


@pytest.mark.slow
async def test_consent_that_nobody_gave_expires(unconnected: Town, clock: MovableClock) -> None:
    """After half an hour the form says so, and its link is no longer waited for."""
    rina = unconnected.person("U0REQUESTER")
    await doing.open_form(rina)
    await asked(rina)
    clock.on(minutes=31)
    await rina.until_sees("Gong was not connected: nobody allowed it within 30 minutes. Your query is kept.")
    await unconnected.answer_gong(await asked(rina, "Try again"), "allow")
    await rina.until_sees("Gong is connected. Choose a flow.")


@pytest.mark.slow
async def test_consent_given_after_the_form_was_closed(unconnected: Town) -> None:
    """A message with Continue reopens the draft, with what was typed in it."""
    rina = unconnected.person("U0REQUESTER")
    await doing.open_form(rina)
    link = await asked(rina)
    await rina.close_all()
    await unconnected.answer_gong(link, "allow")
    told = await rina.until_reads(rina.id, "Gong is connected. Your draft is where you left it.")
    assert link not in json.dumps([one.blocks for one in unconnected.slack.world.messages])
    await rina.press_in(told, "Continue")
    await rina.until_sees("Your draft is back. Nothing has been enrolled.")
    assert doing.QUERY in rina.sees()
    assert [doing.FLOW] == (await rina.search("Gong Engage flow", "q4 renewal"))[:1]


@pytest.mark.slow
async def test_consent_given_while_the_bot_was_away(unconnected: Town) -> None:
    """A restart between the link and the consent loses nothing."""
    rina = unconnected.person("U0REQUESTER")
    await doing.open_form(rina)
    link = await asked(rina)
    await unconnected.stop_bot()
    await unconnected.answer_gong(link, "allow")
    await unconnected.start_bot()
    await rina.until_sees("Gong is connected. Choose a flow.")
    assert doing.QUERY in rina.sees()


async def test_a_second_person_gets_a_link_of_their_own(unconnected: Town) -> None:
    """Whoever takes over reads no link of the first one, and the first one's link is dead from then on."""
    rina, cole = unconnected.person("U0REQUESTER"), unconnected.person("U0COLLEAGUE")
    await doing.open_form(rina)
    first = await asked(rina)
    await doing.open_form(cole)
    assert "<@U0REQUESTER> was asked to connect Gong" in cole.sees()
    assert first not in json.dumps(cole.view.view if cole.view else {})
    second = await asked(cole, "Connect it myself")
    assert first != second
    assert {("views.update", rina.id)} == told_of(unconnected, first)
    assert {("views.update", cole.id)} == told_of(unconnected, second)
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert 410 == (await browser.get(first)).status_code
    await unconnected.answer_gong(second, "allow")
    await cole.until_sees("Gong is connected. Choose a flow.")
    await rina.until(lambda: "Gong is connected." in rina.sees() + rina.reads(rina.dms()))


async def test_reopening_the_form_shows_the_same_link_again(unconnected: Town) -> None:
    """The x loses nothing: the person's own pending link stands in the next form, and no second one is made."""
    rina = unconnected.person("U0REQUESTER")
    await doing.open_form(rina)
    link = await asked(rina)
    await rina.close_all()
    await rina.command()
    await rina.until_sees("Waiting for you in Gong.")
    assert link == await rina.press("Open Gong")
    await unconnected.answer_gong(link, "allow")
    await rina.until_sees("Gong is connected. Choose a flow.")


@pytest.mark.slow
async def test_connecting_by_the_command(unconnected: Town) -> None:
    """`connect` shows how things stand with a button; the view that it opens says when Gong is connected."""
    rina = unconnected.person("U0REQUESTER")
    await rina.command("connect")
    answer = await rina.until_whispered("Gong :warning: not connected")
    await rina.press_in(answer, "Connect Gong")
    await rina.until_sees("Waiting for you in Gong.")
    await unconnected.answer_gong(await rina.press("Open Gong"), "allow")
    await rina.until_sees("Gong is connected.")
    await rina.press("Enroll contacts")
    await rina.until_sees("Check contacts")
    assert [doing.FLOW] == (await rina.search("Gong Engage flow", "q4 renewal"))[:1]


async def test_connecting_by_the_command_needs_the_right(unconnected: Town) -> None:
    """Somebody who may not enroll is offered no button and gets no link, whatever they type."""
    ben = unconnected.person("U0BYSTANDER")
    await ben.command("connect")
    answer = await ben.until_whispered("Gong :warning: not connected")
    assert "[Connect Gong]" not in ben.read(answer)
    await ben.command("connect gong")
    await ben.until_sees("You are not among those who may enroll.")
    assert "create_connection" not in [one.operation for one in unconnected.polytomic.requests]


@pytest.mark.slow
async def test_consent_that_was_withdrawn_is_asked_for_again(town: Town) -> None:
    """Gong that stopped accepting the old consent is reconnected over the same connection."""
    town.polytomic.revoke_gong()
    await town.restart_bot()
    rina = town.person("U0REQUESTER")
    await doing.open_form(rina)
    assert "Gong needs consent again." in rina.sees()
    await town.answer_gong(await asked(rina, "Reconnect Gong"), "allow")
    await rina.until_sees("Gong is connected. Choose a flow.")
    assert 1 == len([one for one in town.polytomic.connections if one.type == "gong"])


@pytest.mark.slow
async def test_killed_while_the_form_is_told(unconnected: Town) -> None:
    """The bot that is killed in the moment of telling has told nobody; the next one does."""
    rina = unconnected.person("U0REQUESTER")
    await unconnected.stop_bot()
    unconnected.grace = 0
    await unconnected.start_bot()
    await doing.open_form(rina)
    link = await asked(rina)
    unconnected.slack.world.faults.append(Fault("views.update", slow=30))
    await unconnected.answer_gong(link, "allow")
    await rina.until(lambda: not unconnected.slack.world.faults)
    await unconnected.restart_bot()
    await rina.until_sees("Gong is connected. Choose a flow.")


@pytest.mark.slow
async def test_expired_after_closing_and_allowed_all_the_same(unconnected: Town, clock: MovableClock) -> None:
    """The end of the waiting comes by message; a consent that comes later still counts when the form opens again."""
    rina = unconnected.person("U0REQUESTER")
    await doing.open_form(rina)
    link = await asked(rina)
    await rina.close_all()
    clock.on(minutes=31)
    told = "Gong was not connected: nobody allowed it within 30 minutes. Nothing was enrolled; your draft is kept."
    await rina.until_reads(rina.id, told)
    await unconnected.answer_gong(link, "allow")
    clock.on(minutes=1)
    await rina.command()
    await rina.until_sees("Gong: Gong Connection")
    assert doing.QUERY in rina.sees()
    await rina.until(lambda: "target_objects" in [one.operation for one in unconnected.polytomic.requests])
    offered = await rina.search("Gong Engage flow", "q4 renewal")
    while offered == ["Flows cannot be loaded now. Type to try again."]:
        offered = await rina.search("Gong Engage flow", "q4 renewal")
    assert doing.FLOW == offered[0]
