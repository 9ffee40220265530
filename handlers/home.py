"""App Home: shown when it is opened, and again when connections are to be looked at anew."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers import errors, payloads
from handlers.dependencies import Dependencies


async def opened(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The person's Home shows how things stand."""
    await ack()
    if body.get("event", {}).get("tab") == "messages":
        return
    who = payloads.who(body)
    where = errors.Place(who)
    deps.background.start(deps.home.show(who.team_id, who.user_id), on_error=errors.teller(deps, where))


async def check_connections(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The connections are read now, and Home shows them."""
    await ack()
    who = payloads.who(body)
    where = errors.Place(who)
    deps.background.start(deps.home.show(who.team_id, who.user_id, fresh=True), on_error=errors.teller(deps, where))
