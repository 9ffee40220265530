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

# Nothing can be written beneath the message whose thread it was.
NO_THREAD = frozenset(
    {
        "message_not_found",
        "thread_not_found",
        "invalid_thread_ts",
        "cannot_reply_to_message",
        "restricted_action_thread_locked",
    }
)

# The reader has left or takes no messages; trying again is of no use.
GONE = frozenset({"user_disabled", "user_not_found", "users_not_found", "cannot_dm_bot"})

# It is the bot that Slack does not let in, whatever it has to say (docs: chat.postMessage, "account_inactive: the
# token is for a deleted user or workspace"). Only whoever runs the bot can mend that.
LOCKED_OUT = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "missing_scope",
        "not_allowed_token_type",
        "team_access_not_granted",
    }
)

# Slack's own trouble, which passes by itself and says nothing about the message.
PASSING = frozenset(
    {
        NO_ANSWER,
        RATE_LIMITED,
        "rate_limited",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "team_added_to_org",
    }
)


def code(error: BaseException) -> str:
    """Slack's own code, such as not_in_channel; "ratelimited" for any 429; "no_answer" when there was none."""
    if not isinstance(error, SlackApiError):
        return NO_ANSWER
    if _status(error) == 429:
        return RATE_LIMITED
    if _status(error) >= 500:
        return NO_ANSWER
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
