"""The flow picker's options, from memory: Slack asks on every key and takes no answer later than three seconds."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.views import ids
from bot.views.flow_options import flow_options
from handlers import errors, form_state, payloads
from handlers.dependencies import Dependencies


async def flows(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The flows whose names hold the words typed so far; a list that is missing or old is read meanwhile."""
    view = body.get("view") or {}
    gong_id = deps.screens.gong_id(form_state.picked(view, ids.GONG, ids.PICK_GONG))
    who = payloads.who(body)
    last_used = deps.service.last_used(who.team_id, who.user_id)
    matches = deps.flows.search(gong_id, str(body.get("value") or "")[:200], last_used=last_used)
    await ack(flow_options(matches))
    if not gong_id or deps.flows.stale(gong_id):
        deps.background.start(
            deps.screens.read_flows(gong_id, asked=True), on_error=errors.teller(deps, errors.Place(who))
        )
