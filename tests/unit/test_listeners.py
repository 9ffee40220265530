"""Every id that a screen or message carries has exactly one listener, and no listener waits for an id nobody sends."""

import io
import logging
from typing import Any, cast

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

import handlers
from bot.views import ids
from handlers import errors

WHO = {"user": {"id": "U0REQUESTER"}, "team": {"id": "T0SANDBOX"}}
STACK = "SELECT contact_id FROM salesforce_contacts WHERE email = 'ann@example.com'"


async def authorize() -> AuthorizeResult:
    """Nothing here calls Slack."""
    return AuthorizeResult(enterprise_id=None, team_id="T0SANDBOX", bot_token="xoxb-sandbox", bot_user_id="U0BOT")


def test_each_id_of_the_views_has_its_listener() -> None:
    """The lists of `ids` and of `handlers` are the same lists."""
    assert sorted(ids.ACTIONS) == sorted(handlers.ACTIONS)
    assert sorted(ids.OPTIONS) == sorted(handlers.OPTIONS)
    assert sorted(ids.VIEWS) == sorted(handlers.CLOSED)
    of_requests = {ids.DENY_REQUEST, ids.ASK_REQUESTER, ids.ANSWER_QUESTION}
    assert {ids.COMPOSE, ids.REPEAT, ids.REVIEW, ids.FIELDS} | of_requests == set(handlers.SUBMITTED)


def payloads() -> list[dict[str, Any]]:
    """One delivery of each kind that Slack can send for these ids."""
    view: dict[str, Any] = {"id": "V1", "type": "modal"}
    action = {"block_id": "b", "type": "button"}
    return [
        *({"type": "block_actions", "actions": [{**action, "action_id": one}], **WHO} for one in ids.ACTIONS),
        *({"type": "view_closed", "view": {**view, "callback_id": one}, **WHO} for one in ids.VIEWS),
        *({"type": "view_submission", "view": {**view, "callback_id": one}, **WHO} for one in handlers.SUBMITTED),
        *({"type": "block_suggestion", "action_id": one, "block_id": "b", **WHO} for one in ids.OPTIONS),
        {"type": "shortcut", "callback_id": ids.SHORTCUT, **WHO},
        {"command": ids.COMMAND, "user_id": "U0REQUESTER", "team_id": "T0SANDBOX"},
        {"type": "event_callback", "event": {"type": "app_home_opened", "user": "U0REQUESTER"}},
    ]


async def test_each_delivery_meets_exactly_one_listener() -> None:
    """Bolt asks the listeners in their order, so a second one would never be heard."""
    # Without a logger of ours Bolt gives its own the root's level, for the whole process.
    app = AsyncApp(logger=logging.getLogger("slack_bolt"), authorize=authorize, process_before_response=True)
    handlers.register(app, cast("handlers.Dependencies", None))
    for payload in payloads():
        request = AsyncBoltRequest(body=payload, mode="socket_mode")
        listeners = app._async_listeners  # noqa: SLF001  # Bolt has no other way to count them
        met = [one for one in listeners if await one.async_matches(req=request, resp=cast("Any", None))]
        assert len(met) == 1, payload


def test_the_log_never_has_the_words_of_an_error(logged: io.StringIO) -> None:
    """They may quote a query or a row; where it happened is enough."""
    try:
        raise ValueError(STACK)
    except ValueError as error:
        reference = errors.log(error)
    written = logged.getvalue()
    assert (True, True, False) == (reference in written, "ValueError" in written, "ann@example.com" in written)
