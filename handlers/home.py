"""App Home: shown when it is opened, and again when connections are to be looked at anew."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.views import ids
from handlers import errors, payloads, presses
from handlers.dependencies import Dependencies
from handlers.payloads import Press


async def opened(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The person's Home shows how things stand."""
    await ack()
    if body.get("event", {}).get("tab") == "messages":
        return
    who = payloads.who(body)
    where = errors.Place(who)
    deps.background.start(deps.home.show(who.team_id, who.user_id), on_error=errors.teller(deps, where))


async def _check_connections(deps: Dependencies, press: Press) -> None:
    """The connections are read now, and Home shows them."""
    await deps.home.show(press.who.team_id, press.who.user_id, fresh=True)


LISTENERS = {ids.CHECK_CONNECTIONS: presses.later(_check_connections)}
