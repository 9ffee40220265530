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
from handlers.presses import Listener
from handlers.saving import DraftSaves

__all__ = ["ACTIONS", "CLOSED", "OPTIONS", "SUBMITTED", "Dependencies", "DraftSaves", "register"]

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
    ids.RUN_STATUS: commands.pressed,
    ids.RUN_HELP: commands.pressed,
    ids.RUN_CONNECT: commands.pressed,
    **compose_actions.LISTENERS,
    **connect_actions.LISTENERS,
    **review_actions.LISTENERS,
    **enrollment_actions.LISTENERS,
    **canary_actions.LISTENERS,
    **approval_actions.LISTENERS,
    **stop_actions.LISTENERS,
    **home.LISTENERS,
}


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Every listener of this product is registered with Bolt, and nothing else is."""
    app.error(errors.listener(deps))
    # Bolt asks one listener after the other: first what people wait for most.
    app.command(ids.COMMAND)(_with(deps, commands.typed))
    for action_id, listener in OPTIONS.items():
        app.options(action_id)(_with(deps, listener))
    app.shortcut(ids.SHORTCUT)(_with(deps, shortcuts.enroll_contacts))
    app.event("app_home_opened")(_with(deps, home.opened))
    for callback_id, listener in SUBMITTED.items():
        app.view_submission(callback_id)(_with(deps, listener))
    for callback_id, listener in CLOSED.items():
        app.view_closed(callback_id)(_with(deps, listener))
    for action_id, listener in ACTIONS.items():
        app.action(action_id)(_with(deps, listener))


def _with(deps: Dependencies, listener: Listener) -> Callable[..., Awaitable[None]]:
    """The listener as Bolt calls it, by the names of its arguments."""

    async def bound(ack: AsyncAck, body: dict[str, Any]) -> None:
        await listener(deps, ack, body)

    return bound
