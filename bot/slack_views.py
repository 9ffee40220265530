"""Modal views and App Home at Slack: opened, pushed, updated while they are open, published.

A closed view is no error: whoever closed it is told by message instead.
"""

from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import slack_answers

View = dict[str, Any]

_TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired"})


class ViewChanged(Exception):
    """The view on screen is newer than the one that was to be replaced."""


class SlackViews:
    """The views.* methods, as far as we use them."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def open(self, trigger_id: str, view: View) -> View | None:
        """The opened view as Slack holds it, or None when the trigger was used or older than three seconds."""
        try:
            answer = await self._client.views_open(trigger_id=trigger_id, view=view)
        except SlackApiError as error:
            if slack_answers.code(error) in _TOO_LATE:
                return None
            raise
        return _view(answer.get("view"))

    async def push(self, trigger_id: str, view: View) -> View | None:
        """The view on top of the one that was pressed in, or None when the trigger is too old."""
        try:
            answer = await self._client.views_push(trigger_id=trigger_id, view=view)
        except SlackApiError as error:
            if slack_answers.code(error) in _TOO_LATE:
                return None
            raise
        return _view(answer.get("view"))

    async def update(self, view: View, *, view_id: str = "", external_id: str = "", seen: str = "") -> bool:
        """True when the open view now shows this; False when it was closed.

        `seen` is the hash of the view that this one replaces. Raises ViewChanged when a newer one stands there.
        """
        address = {"view_id": view_id} if view_id else {"external_id": external_id}
        if seen:
            address["hash"] = seen
        try:
            await self._client.views_update(view=view, **address)
        except SlackApiError as error:
            problem = slack_answers.code(error)
            if problem == "not_found":
                return False
            if problem == "hash_conflict":
                raise ViewChanged from error
            raise
        return True

    async def publish(self, user_id: str, view: View) -> None:
        """The person's App Home shows this."""
        await self._client.views_publish(user_id=user_id, view=view)


def _view(found: Any) -> View:
    return found if isinstance(found, dict) else {}
