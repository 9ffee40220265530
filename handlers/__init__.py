"""Everything people can do, in sight: each command, shortcut, view, action and option with its one listener."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.views import ids
from handlers import (
    approval_actions,
    canary_actions,
    commands,
    compose_actions,
    connect_actions,
    enrollment_actions,
    errors,
    home,
    modals,
    options,
    review_actions,
    shortcuts,
    stop_actions,
)
from handlers.dependencies import Dependencies
from handlers.saving import DraftSaves

__all__ = ["ACTIONS", "CLOSED", "OPTIONS", "SUBMITTED", "Dependencies", "DraftSaves", "register"]

Listener = Callable[[Dependencies, AsyncAck, dict[str, Any]], Awaitable[None]]

SUBMITTED: dict[str, Listener] = {
    ids.COMPOSE: modals.check_contacts,
    ids.REPEAT: modals.check_anyway,
    ids.REVIEW: modals.enroll,
    ids.FIELDS: modals.save_fields,
    **approval_actions.SUBMITTED,
}

CLOSED: dict[str, Listener] = dict.fromkeys(ids.VIEWS, modals.closed)

OPTIONS: dict[str, Listener] = {ids.SEARCH_FLOW: options.flows}

ACTIONS: dict[str, Listener] = {
    ids.TYPE_SQL: compose_actions.kept,
    ids.PICK_SNOWFLAKE: compose_actions.kept,
    ids.SEARCH_FLOW: compose_actions.kept,
    ids.PICK_SOURCE: compose_actions.kept_and_shown,
    ids.PICK_GONG: compose_actions.kept_and_shown,
    ids.ATTACH_SQL: compose_actions.noted,
    ids.START_OVER: compose_actions.start_over,
    ids.REOPEN: compose_actions.reopen,
    ids.CONNECT_GONG: connect_actions.connect,
    ids.CONNECT_SNOWFLAKE: connect_actions.connect,
    ids.OPEN_GONG: compose_actions.noted,
    ids.OPEN_SNOWFLAKE_FORM: compose_actions.noted,
    ids.CHECK_GONG: connect_actions.check_now,
    ids.ASK_OPERATOR: connect_actions.ask_operator,
    ids.MAP_FIELD: review_actions.chosen,
    ids.TYPE_VALUE: review_actions.chosen,
    ids.PICK_POST_TO: review_actions.chosen,
    ids.PICK_CHANNEL: review_actions.channel_chosen,
    ids.TICK_OPTIONS: review_actions.chosen,
    ids.TYPE_NOTE: review_actions.chosen,
    ids.TYPE_NUMBER: compose_actions.noted,
    ids.PICK_ID_COLUMN: review_actions.id_column_chosen,
    ids.PICK_OPT_OUT: review_actions.opt_out_chosen,
    ids.CHECK_AGAIN: review_actions.check_again,
    ids.SEND_LEFT_OUT: review_actions.send_left_out,
    ids.FILL_FIELDS: review_actions.fill_fields,
    ids.EDIT_QUERY: review_actions.edit_query,
    ids.RUN_STATUS: commands.pressed,
    ids.RUN_HELP: commands.pressed,
    ids.RUN_CONNECT: commands.pressed,
    ids.RESUME: stop_actions.pressed,
    ids.LEAVE_STOPPED: stop_actions.pressed,
    ids.CHECK_CONNECTIONS: home.check_connections,
    **canary_actions.LISTENERS,
    **enrollment_actions.LISTENERS,
    **approval_actions.LISTENERS,
}


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Every listener of this product is registered with Bolt, and nothing else is."""
    app.error(errors.listener(deps))
    app.command(ids.COMMAND)(_with(deps, commands.typed))
    app.shortcut(ids.SHORTCUT)(_with(deps, shortcuts.enroll_contacts))
    app.event("app_home_opened")(_with(deps, home.opened))
    for callback_id, listener in SUBMITTED.items():
        app.view_submission(callback_id)(_with(deps, listener))
    for callback_id, listener in CLOSED.items():
        app.view_closed(callback_id)(_with(deps, listener))
    for action_id, listener in OPTIONS.items():
        app.options(action_id)(_with(deps, listener))
    for action_id, listener in ACTIONS.items():
        app.action(action_id)(_with(deps, listener))


def _with(deps: Dependencies, listener: Listener) -> Callable[..., Awaitable[None]]:
    """The listener as Bolt calls it, by the names of its arguments."""

    async def bound(ack: AsyncAck, body: dict[str, Any]) -> None:
        await listener(deps, ack, body)

    return bound
