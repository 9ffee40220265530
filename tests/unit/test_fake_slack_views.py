"""The sandbox's views live as Slack's do: triggers, stacks, hashes, external ids, and what survives an update."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError

from tests.unit.block_kit_parts import Json, asked, form, modal, section, typed
from tests.unit.slack_counterpart import FORM, Room, room

PLAIN = modal(section())


@pytest.fixture
async def here() -> AsyncIterator[Room]:
    """A workspace with a Bolt app in it."""
    async with room() as opened:
        yield opened


def error(raised: pytest.ExceptionInfo[SlackApiError]) -> str:
    """The code that Slack answered."""
    return str(raised.value.response["error"])


def trigger(here: Room) -> str:
    """A trigger_id that is fresh."""
    return here.slack.world.trigger("U0REQUESTER")


async def opened(here: Room, view: Json = PLAIN) -> Json:
    """A view that was opened, as Slack answered it."""
    answer = await here.client.views_open(trigger_id=trigger(here), view=view)
    held: Json = answer["view"]
    return held


async def test_a_trigger_works_once(here: Room) -> None:
    """The second use says exchanged."""
    used = trigger(here)
    await here.client.views_open(trigger_id=used, view=PLAIN)
    with pytest.raises(SlackApiError) as raised:
        await here.client.views_open(trigger_id=used, view=PLAIN)
    assert "exchanged_trigger_id" == error(raised)


async def test_a_trigger_lives_three_seconds(here: Room) -> None:
    """By the clock of the workspace."""
    late = trigger(here)
    here.clock.go(3.1)
    with pytest.raises(SlackApiError) as raised:
        await here.client.views_open(trigger_id=late, view=PLAIN)
    assert "expired_trigger_id" == error(raised)


async def test_a_trigger_that_never_was_is_invalid(here: Room) -> None:
    """It is neither late nor used."""
    with pytest.raises(SlackApiError) as raised:
        await here.client.views_open(trigger_id="1.2", view=PLAIN)
    assert "invalid_trigger_id" == error(raised)


async def test_a_bad_view_is_refused_with_its_place(here: Room) -> None:
    """The error code, and a message with a JSON pointer."""
    with pytest.raises(SlackApiError) as raised:
        await here.client.views_open(trigger_id=trigger(here), view=form(section("")))
    assert "invalid_arguments" == error(raised)
    (message,) = raised.value.response["response_metadata"]["messages"]
    assert message.endswith("[json-pointer:/view/blocks/0/text/text]")


async def test_three_views_deep_is_the_end(here: Room) -> None:
    """The fourth push is refused."""
    await opened(here)
    for _ in range(2):
        await here.client.views_push(trigger_id=trigger(here), view=PLAIN)
    with pytest.raises(SlackApiError) as raised:
        await here.client.views_push(trigger_id=trigger(here), view=PLAIN)
    assert "push_limit_reached" == error(raised)


async def test_an_external_id_belongs_to_one_open_view(here: Room) -> None:
    """A second view with it is refused while the first is open, and taken when it is not."""
    named = modal(section(), external_id="E-1:1")
    await opened(here, named)
    with pytest.raises(SlackApiError) as raised:
        await here.client.views_push(trigger_id=trigger(here), view=named)
    assert "duplicate_external_id" == error(raised)
    await here.rina.close()
    assert "E-1:1" == (await opened(here, named))["external_id"]


async def test_a_view_is_updated_by_either_id(here: Room) -> None:
    """view_id or external_id, not both and not neither."""
    held = await opened(here, modal(section(), external_id="E-1:1"))
    await here.client.views_update(external_id="E-1:1", view=modal(section("one"), external_id="E-1:1"))
    assert "one" in here.rina.sees()
    await here.client.views_update(view_id=held["id"], view=modal(section("two")))
    assert "two" in here.rina.sees()
    with pytest.raises(SlackApiError) as raised:
        await here.client.api_call("views.update", json={"view_id": held["id"], "external_id": "E-1:1", "view": PLAIN})
    assert "invalid_arguments" == error(raised)


async def test_a_stale_hash_conflicts(here: Room) -> None:
    """Each update gives the view a new hash."""
    held = await opened(here)
    await here.client.views_update(view_id=held["id"], hash=held["hash"], view=PLAIN)
    with pytest.raises(SlackApiError) as raised:
        await here.client.views_update(view_id=held["id"], hash=held["hash"], view=PLAIN)
    assert "hash_conflict" == error(raised)


async def test_a_closed_view_is_not_found(here: Room) -> None:
    """Whoever updates it learns that it is gone."""
    held = await opened(here)
    await here.rina.close()
    with pytest.raises(SlackApiError) as raised:
        await here.client.views_update(view_id=held["id"], view=PLAIN)
    assert "not_found" == error(raised)


async def test_what_was_typed_survives_under_the_same_ids(here: Room) -> None:
    """A kept block_id and action_id keep the words, whatever the initial value says."""
    held = await opened(here, FORM)
    await here.rina.type("query", "SELECT 1")
    kept = form(asked(typed(initial_value="other"), block_id="query:1"))
    await here.client.views_update(view_id=held["id"], view=kept)
    assert "SELECT 1" in here.rina.sees()


async def test_a_new_block_id_takes_the_initial_value(here: Room) -> None:
    """That is how a bot replaces what was typed."""
    held = await opened(here, FORM)
    await here.rina.type("query", "SELECT 1")
    fresh = form(asked(typed(initial_value="other"), block_id="query:2"))
    await here.client.views_update(view_id=held["id"], view=fresh)
    assert "other" in here.rina.sees()
    assert "SELECT 1" not in here.rina.sees()


async def test_a_home_is_published_per_person_and_guarded_by_its_hash(here: Room) -> None:
    """One person's Home says nothing to another, and a stale hash is refused."""
    first = await here.client.views_publish(user_id="U0REQUESTER", view={"type": "home", "blocks": [section("mine")]})
    await here.client.views_publish(user_id="U0REQUESTER", view={"type": "home", "blocks": [section("newer")]})
    assert "newer" == here.rina.home()
    with pytest.raises(SlackApiError) as raised:
        await here.client.views_publish(
            user_id="U0REQUESTER", hash=first["view"]["hash"], view={"type": "home", "blocks": [section()]}
        )
    assert "hash_conflict" == error(raised)
