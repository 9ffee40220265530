"""The shortcut, for threads and wherever a command cannot be typed."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers import opening, payloads
from handlers.dependencies import Dependencies


async def enroll_contacts(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The form opens; there is no channel, so progress defaults to a direct message."""
    await ack()
    opening.open_form(deps, payloads.who(body), str(body.get("trigger_id") or ""), opening.Origin())
