"""Views and messages at Slack: what a refusal means, and that the token and the words go where they should."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import SlackUndelivered
from bot.slack_messages import Posted, SlackMessages
from bot.slack_views import SlackViews, ViewChanged
from tests.unit.web_api import WebApi, web_api

VIEW: dict[str, Any] = {"type": "modal", "title": {"type": "plain_text", "text": "Enroll contacts"}, "blocks": []}
CONTENT: dict[str, Any] = {"text": "Done.", "blocks": []}


@pytest.fixture
async def api() -> AsyncIterator[WebApi]:
    """A Web API that answers as each test says."""
    async with web_api() as running:
        yield running


def refused(error: str) -> dict[str, Any]:
    """Slack's way to say no."""
    return {"ok": False, "error": error}


async def test_an_opened_view_is_known_by_its_id(api: WebApi) -> None:
    """The rest of its life is updates."""
    api.answers["views.open"] = {"ok": True, "view": {"id": "V1"}}
    assert {"id": "V1"} == await SlackViews(api.client).open("1.2.3", VIEW)


@pytest.mark.parametrize("error", ["expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"])
async def test_a_trigger_that_is_too_old_opens_nothing(api: WebApi, error: str) -> None:
    """It lives for three seconds and works once."""
    api.answers.update({"views.open": refused(error), "views.push": refused(error)})
    views = SlackViews(api.client)
    assert (None, None) == (await views.open("1.2.3", VIEW), await views.push("1.2.3", VIEW))


async def test_a_closed_view_is_no_error(api: WebApi) -> None:
    """Whoever closed it is told by message."""
    api.answers["views.update"] = refused("not_found")
    assert False is await SlackViews(api.client).update(VIEW, external_id="E-7K2M9Q:1")


async def test_an_update_says_which_view_it_replaces(api: WebApi) -> None:
    """So that a newer one is not overwritten."""
    api.answers["views.update"] = refused("hash_conflict")
    with pytest.raises(ViewChanged):
        await SlackViews(api.client).update(VIEW, view_id="V1", seen="h1")
    assert ("V1", "h1") == (api.called("views.update")[0]["view_id"], api.called("views.update")[0]["hash"])


@pytest.mark.parametrize(
    ("answer", "code"), [(refused("not_in_channel"), "not_in_channel"), (429, "ratelimited"), (500, "no_answer")]
)
async def test_a_message_that_is_not_posted_says_why(api: WebApi, answer: dict[str, Any] | int, code: str) -> None:
    """In Slack's own code, once: it is never posted a second time from here."""
    api.answers["chat.postMessage"] = answer
    with pytest.raises(SlackUndelivered) as undelivered:
        await SlackMessages(api.client, session=api.session).post("C0REVOPS", CONTENT)
    assert (code, 1) == (undelivered.value.slack_error, len(api.called("chat.postMessage")))


async def test_a_posted_message_unfurls_nothing(api: WebApi) -> None:
    """Links in it are for reading, not for previews."""
    api.answers["chat.postMessage"] = {"ok": True, "channel": "D1", "ts": "1.1"}
    posted = await SlackMessages(api.client, session=api.session).post("U0REQUESTER", CONTENT)
    call = api.called("chat.postMessage")[0]
    assert (Posted("D1", "1.1"), "False", "False") == (posted, call["unfurl_links"], call["unfurl_media"])


@pytest.mark.parametrize(("answer", "heard"), [({"ok": True}, True), (404, False), (500, False)])
async def test_a_private_answer_knows_whether_it_was_heard(
    api: WebApi, answer: dict[str, Any] | int, heard: bool
) -> None:
    """A response_url dies after thirty minutes or five answers."""
    api.answers["respond"] = answer
    messages = SlackMessages(api.client, session=api.session)
    assert heard is await messages.answer(f"{api.url}api/respond", CONTENT)
    assert ["ephemeral"] == [call["response_type"] for call in api.called("respond")]


async def test_without_an_address_nobody_is_asked(api: WebApi) -> None:
    """A press in a view has none."""
    assert False is await SlackMessages(api.client, session=api.session).answer("", CONTENT)
    assert [] == api.calls
