"""What is picked in a message, and its shortcuts, reach a Bolt app with the fields that Slack sends."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.slack.things import Message
from tests.unit.block_kit_parts import Json, actions, asked, confirm, home, option, plain, section, select, typed
from tests.unit.slack_counterpart import Room, room

PLACEHOLDER = plain("When")
OVERFLOW = {"type": "overflow", "action_id": "more", "options": [option("Edit", "e"), option("Drop", "d")]}
DATE = {"type": "datepicker", "action_id": "when", "initial_date": "2026-11-23", "placeholder": PLACEHOLDER}
BLOCKS: list[Json] = [
    section("Menu", block_id="menu", accessory=OVERFLOW),
    actions(select(action_id="column", confirm=confirm()), DATE, block_id="picks"),
    asked(typed(initial_value="as it was"), block_id="note"),
]


@pytest.fixture(params=[False, True], ids=["http", "socket"])
async def here(request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    """A workspace with a Bolt app in it."""
    async with room(socket=request.param) as opened:
        yield opened


async def posted(here: Room, thread_ts: str = "") -> Message:
    """A message with every kind of thing to pick, of the bot."""
    return here.slack.world.post("C0REVOPS", "Pick", BLOCKS, thread_ts=thread_ts)


def part(message: Message, block_id: str, place: int = 0) -> tuple[Json, Json]:
    """A block, and the element at this place in it."""
    block = next(one for one in message.blocks if one["block_id"] == block_id)
    return block, [block.get("accessory") or block.get("element"), *block.get("elements", [])][place]


async def pick(here: Room, message: Message, block: Json, element: Json, **held: object) -> Json:
    """The payload that the bot gets for this."""
    await here.slack.interactions.message_action("U0REQUESTER", message, block, element, held)
    got: Json = here.bot.got["action"][-1]
    return got


async def test_an_overflow_menu_tells_the_option_and_holds_nothing(here: Room) -> None:
    """The action has selected_option; the state has the inputs of the message, and no menu."""
    message = await posted(here)
    body = await pick(here, message, *part(message, "menu"), selected_option=option("Drop", "d"))
    (action,) = body["actions"]
    assert {"type": "overflow", "action_id": "more", "block_id": "menu", "selected_option": option("Drop", "d")} == {
        name: value for name, value in action.items() if name != "action_ts"
    }
    assert {"note", "picks"} == body["state"]["values"].keys()
    assert {"type": "plain_text_input", "value": "as it was"} == body["state"]["values"]["note"]["type"]


async def test_an_overflow_menu_of_a_view_holds_nothing_either(here: Room) -> None:
    """The option is told, and the state of the Home tab stays as it was."""
    opened = here.slack.world.screens.publish_home("U0REQUESTER", home(BLOCKS[0]))
    block = opened.view["blocks"][0]
    await here.slack.interactions.change(opened, block, block["accessory"], {"selected_option": option("Edit", "e")})
    (body,) = here.bot.got["action"]
    assert (option("Edit", "e"), {}) == (body["actions"][0]["selected_option"], body["view"]["state"]["values"])


async def test_what_one_person_picked_stays_theirs(here: Room) -> None:
    """It stands in the state of their next press, not in that of somebody else."""
    message = await posted(here)
    block, chosen = part(message, "picks", 1)
    body = await pick(here, message, block, chosen, selected_option=option("Option 1", "1"))
    assert ("1", confirm()) == (body["actions"][0]["selected_option"]["value"], body["actions"][0]["confirm"])
    _, date = part(message, "picks", 2)
    body = await pick(here, message, block, date, selected_date="2026-12-01")
    assert ("2026-12-01", "2026-11-23", PLACEHOLDER) == tuple(
        body["actions"][0][name] for name in ("selected_date", "initial_date", "placeholder")
    )
    values = body["state"]["values"]["picks"]
    assert ("1", "2026-12-01") == (values["column"]["selected_option"]["value"], values["when"]["selected_date"])
    assert None is message.state("U0COLLEAGUE")["picks"]["column"]["selected_option"]


async def test_an_action_in_a_thread_says_in_which(here: Room) -> None:
    """The container has the thread's ts."""
    top = await posted(here)
    reply = await posted(here, top.ts)
    body = await pick(here, reply, *part(reply, "menu"), selected_option=option("Edit", "e"))
    assert {
        "type": "message",
        "message_ts": reply.ts,
        "channel_id": "C0REVOPS",
        "is_ephemeral": False,
        "thread_ts": top.ts,
    } == body["container"]


async def test_a_message_shortcut_brings_the_message(here: Room) -> None:
    """The payload is as Slack documents it; a person's message carries no bot's marks."""
    said = here.slack.world.say("U0COLLEAGUE", "C0REVOPS", "```SELECT 1```")
    await here.slack.interactions.message_shortcut("U0REQUESTER", said, "from_message")
    (body,) = here.bot.got["shortcut"]
    assert {"type": "message", "ts": said.ts, "user": "U0COLLEAGUE", "text": "```SELECT 1```", "team": "T0SANDBOX"} == {
        name: value for name, value in body["message"].items() if name != "blocks"
    }
    assert ("message_action", "from_message", "C0REVOPS", "revops", said.ts, "U0REQUESTER", None, False) == (
        *(body[name] for name in ("type", "callback_id")),
        *body["channel"].values(),
        body["message_ts"],
        body["user"]["id"],
        *(body[name] for name in ("enterprise", "is_enterprise_install")),
    )
    assert {"token", "trigger_id", "team", "action_ts"} <= body.keys()
    async with here.client.session.post(body["response_url"], json={"text": "Copied."}) as answered:  # type: ignore[union-attr]
        assert 200 == answered.status
    assert "Copied." == here.rina.reads(here.rina.whispers())


async def test_a_private_channel_has_no_name_in_payloads(here: Room) -> None:
    """The bot, which is not in it, learns its id alone."""
    said = here.slack.world.say("U0REQUESTER", "G0SECRET", "quiet")
    await here.slack.interactions.message_shortcut("U0REQUESTER", said, "from_message")
    assert {"id": "G0SECRET", "name": "privategroup"} == here.bot.got["shortcut"][0]["channel"]
