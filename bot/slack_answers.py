"""What Slack's refusals mean to us: a code, a time to wait, or no answer at all."""

from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import SlackUndelivered

UNANSWERED = (SlackClientError, aiohttp.ClientError, TimeoutError)
"""What a Web API call raises when Slack says no, is silent, or is away."""

RATE_LIMITED = "ratelimited"
NO_ANSWER = "no_answer"

REFUSED_TOKENS = frozenset({"invalid_auth", "account_inactive", "token_revoked", "not_authed", "token_expired"})
"""What Slack says of a token that will not work however often it is tried."""

# The conversation is closed to us for good, until a person changes something there.
CLOSED = frozenset(
    {
        "not_in_channel",
        "is_archived",
        "channel_not_found",
        "channel_is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
    }
)

# The message that was to be edited is gone or no longer ours to edit.
LOST = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


def code(error: BaseException) -> str:
    """Slack's own code, such as not_in_channel; "ratelimited" for any 429; "no_answer" when there was none."""
    if not isinstance(error, SlackApiError):
        return NO_ANSWER
    if _status(error) == 429:
        return RATE_LIMITED
    return str(_data(error).get("error") or NO_ANSWER)


def retry_after(error: BaseException, default: float = 5.0) -> float:
    """How many seconds Slack asks to wait."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    told = {str(name).lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(told) if str(told).isdecimal() else default


def undelivered(error: BaseException) -> SlackUndelivered:
    """The same failure in our own words."""
    return SlackUndelivered(code(error))


def _status(error: SlackApiError) -> int:
    return int(getattr(error.response, "status_code", 0) or 0)


def _data(error: SlackApiError) -> Mapping[str, Any]:
    data = getattr(error.response, "data", error.response)
    return data if isinstance(data, Mapping) else {}
