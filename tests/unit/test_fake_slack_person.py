"""What a person does in the sandbox's Slack reaches a Bolt app as Slack would send it, over HTTP and Socket Mode."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.person import Person
from bot.sandbox.slack.elements import REQUIRED
from bot.sandbox.slack.interactions import Trouble
from tests.unit.block_kit_parts import actions, asked, button, confirm, form, modal, section, typed
from tests.unit.slack_counterpart import FORM, Room, room


@pytest.fixture(params=[False, True], ids=["http", "socket"])
async def here(request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    """A workspace with a Bolt app in it."""
    async with room(socket=request.param) as opened:
        yield opened


async def test_a_command_opens_a_view(here: Room) -> None:
    """The fields are those of a slash command, the text with entities, and the view stands in front."""
    await here.rina.command("a < b & c")
    (body,) = here.bot.got["command"]
    assert "a &lt; b &amp; c" == body["text"]
    assert ("C0REVOPS", "revops", "U0REQUESTER", "T0SANDBOX") == tuple(
        body[key] for key in ("channel_id", "channel_name", "user_id", "team_id")
    )
    assert "[Submit]" in here.rina.sees()


async def test_what_is_typed_picked_and_ticked_arrives_in_the_state(here: Room) -> None:
    """The submission carries every value under its block and action."""
    await here.rina.command()
    await here.rina.type("query", "SELECT 1")
    assert ["Alpha", "Beta"] == await here.rina.search("flow")
    await here.rina.pick_found("flow", "be", "Beta")
    await here.rina.tick("how", "Slowly")
    await here.rina.pick("column", "Option 1")
    assert {} == await here.rina.submit()
    (body,) = here.bot.got["submission"]
    values = body["view"]["state"]["values"]
    assert {"type": "plain_text_input", "value": "SELECT 1"} == values["query:1"]["type"]
    assert "Beta" == values["flow"]["search"]["selected_option"]["value"]
    assert ["s"] == [one["value"] for one in values["how"]["tick"]["selected_options"]]
    assert "1" == values["column"]["column"]["selected_option"]["value"]
    assert ("kept", "form", "form:1") == tuple(
        body["view"][key] for key in ("private_metadata", "callback_id", "external_id")
    )
    assert here.rina.view is None


async def test_only_inputs_that_dispatch_tell_while_one_types(here: Room) -> None:
    """The query dispatches on characters and the accessory always; the other inputs wait for the submission."""
    await here.rina.command()
    await here.rina.type("query", "SELECT 1")
    await here.rina.pick_found("flow", "al")
    await here.rina.pick("column", "Option 0")
    told = [(one["actions"][0]["block_id"], one["actions"][0]["action_id"]) for one in here.bot.got["action"]]
    assert [("query:1", "type"), ("column", "column")] == told
    assert "SELECT 1" == here.bot.got["action"][0]["actions"][0]["value"]
    assert "SELECT 1" == here.bot.got["action"][1]["view"]["state"]["values"]["query:1"]["type"]["value"]


async def test_a_request_for_options_has_no_trigger(here: Room) -> None:
    """block_suggestion carries the words and the view, and nothing to open a view with."""
    await here.rina.command()
    await here.rina.search("flow", "alp")
    (body,) = here.bot.got["options"]
    assert ("block_suggestion", "alp", "flow") == (body["type"], body["value"], body["block_id"])
    assert "trigger_id" not in body


async def test_errors_stand_under_their_fields(here: Room) -> None:
    """The view stays open, and the errors come by label."""
    await here.rina.command()
    await here.rina.type("query", "x")
    here.bot.answer = {"response_action": "errors", "errors": {"query:1": "No."}}
    assert {"Label": "No."} == await here.rina.submit()
    assert here.rina.view is not None


async def test_errors_elsewhere_than_under_inputs_are_trouble(here: Room) -> None:
    """Slack then shows only that it had trouble connecting."""
    await here.rina.command()
    await here.rina.type("query", "x")
    here.bot.answer = {"response_action": "errors", "errors": {"buttons": "No."}}
    with pytest.raises(Trouble, match="buttons"):
        await here.rina.submit()


async def test_required_fields_are_asked_for_before_anything_is_sent(here: Room) -> None:
    """An empty required field never reaches the bot, unless a client does not look."""
    await here.rina.command()
    assert {"Label": REQUIRED} == await here.rina.submit()
    assert "submission" not in here.bot.got
    assert {} == await here.rina.submit(anyway=True)
    assert None is here.bot.got["submission"][0]["view"]["state"]["values"]["query:1"]["type"]["value"]


async def test_an_answer_can_replace_push_or_clear(here: Room) -> None:
    """update keeps the view's id, push puts another on top, clear empties the stack."""
    await here.rina.command()
    await here.rina.type("query", "x")
    first = here.rina.view
    here.bot.answer = {"response_action": "update", "view": FORM}
    await here.rina.submit()
    assert first is here.rina.view
    here.bot.answer = {"response_action": "push", "view": FORM | {"external_id": "form:2"}}
    await here.rina.submit()
    assert first is not here.rina.view
    here.bot.answer = {"response_action": "clear"}
    await here.rina.submit(anyway=True)
    assert here.rina.view is None


async def test_a_view_that_slack_refuses_is_trouble(here: Room) -> None:
    """A bad view in an answer to a submission reaches nobody but the person, as trouble."""
    await here.rina.command()
    here.bot.answer = {"response_action": "update", "view": modal(asked(typed()))}
    with pytest.raises(Trouble, match="must define `submit`"):
        await here.rina.submit(anyway=True)


async def test_closing_is_told_for_the_view_and_the_x_for_the_root(here: Room) -> None:
    """Cancel names the pushed view, the x the root with is_cleared (docs: modals)."""
    await here.rina.command()
    await here.rina.press("Look closer")
    assert "*Closer*" in here.rina.sees()
    await here.rina.close()
    assert ("closer", False) == _closed(here, 0)
    await here.rina.press("Look closer")
    await here.rina.close_all()
    assert ("form", True) == _closed(here, 1)
    assert here.rina.view is None


def _closed(here: Room, index: int) -> tuple[str, bool]:
    body = here.bot.got["closed"][index]
    return body["view"]["callback_id"], body["is_cleared"]


async def test_a_shortcut_has_no_channel(here: Room) -> None:
    """A global shortcut brings a trigger and no place."""
    await here.rina.shortcut("open")
    (body,) = here.bot.got["shortcut"]
    assert "channel" not in body
    assert body["trigger_id"]


async def test_looking_at_home_is_an_event(here: Room) -> None:
    """app_home_opened carries the tab, and the view once one was published."""
    await here.client.views_publish(user_id="U0REQUESTER", view={"type": "home", "blocks": [section("*Home*")]})
    await here.rina.open_home()
    await here.rina.until(lambda: here.bot.got.get("home"))
    event = here.bot.got["home"][0]["event"]
    assert ("home", "home") == (event["tab"], event["view"]["type"])
    assert "*Home*" in here.rina.home()


async def test_a_button_in_a_message_tells_where_it_stood(here: Room) -> None:
    """The payload names channel, message and person, and brings a response_url that can replace the message."""
    posted = await here.client.chat_postMessage(
        channel="C0REVOPS",
        text="Press",
        blocks=[actions(button(confirm=confirm(), value="v", url="https://example.com/"), block_id="b")],
    )
    message = here.rina.messages("C0REVOPS")[0]
    assert "https://example.com/" == await here.rina.press_in(message, "Press")
    (body,) = here.bot.got["action"]
    assert posted["ts"] == body["message"]["ts"]
    assert ("C0REVOPS", "v") == (body["channel"]["id"], body["actions"][0]["value"])
    async with here.client.session.post(body["response_url"], json={"text": "Done", "replace_original": True}) as said:  # type: ignore[union-attr]
        assert 200 == said.status
    assert "Done" == here.rina.reads(here.rina.messages("C0REVOPS"))


async def test_a_dialog_can_be_dismissed_and_a_button_heard(here: Room) -> None:
    """A dismissed dialog sends nothing; of two that read alike, the spoken words choose."""
    several = [
        actions(button("Cancel", action_id="press", value=one, accessibility_label=f"Cancel {one}", confirm=confirm()))
        for one in ("E-1", "E-2")
    ]
    await here.client.chat_postMessage(channel="C0REVOPS", text="Yours", blocks=several)
    message = here.rina.messages("C0REVOPS")[0]
    await here.rina.press_in(message, "Cancel E-2", dismiss=True)
    assert "action" not in here.bot.got
    await here.rina.press_in(message, "Cancel E-2")
    assert "E-2" == here.bot.got["action"][0]["actions"][0]["value"]


async def test_two_devices_have_views_of_their_own(here: Room) -> None:
    """A command on the phone does not close what is open on the desk."""
    phone = Person(here.slack, "U0REQUESTER", device="phone")
    await here.rina.command()
    desk = here.rina.view
    with pytest.raises(Trouble):
        await phone.command()  # the same external_id
    assert desk is here.rina.view
    opened = here.slack.world.trigger("U0REQUESTER", "U0REQUESTER phone")
    await here.client.views_open(trigger_id=opened, view=form(section()))
    assert phone.view is not None
    assert desk is here.rina.view


async def test_what_is_not_there_is_said_with_what_is(here: Room) -> None:
    """A failed look names what is on the screen instead."""
    await here.rina.command()
    with pytest.raises(AssertionError, match=r"(?s)no button 'Enroll'.*Look closer"):
        await here.rina.press("Enroll")
    with pytest.raises(AssertionError, match=r"(?s)it never came.*Look closer"):
        await here.rina.until_sees("Enroll", patience=0.1)
    with pytest.raises(AssertionError, match="takes 3000 characters, not 3001"):
        await here.rina.type("query", "x" * 3001)
