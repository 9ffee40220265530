"""What becomes of a message that Slack did not take: tried again when, said where else, or given up. Pure.

Only refusals that are about the message itself bring it nearer to its end. Slack's own trouble never does, nor does a
token that Slack refuses, however long either lasts.
"""

from datetime import datetime, timedelta

from bot import slack_answers
from bot.enrollment.model.messages import EDITED, Message, MessageKind
from bot.errors import SlackUndelivered

MOST_TRIES = 30
_LONGEST_PAUSE = timedelta(minutes=5)
_LONGEST_POWER = 9
_NOT_THERE = slack_answers.CLOSED | slack_answers.NO_THREAD
_CLOSED = {
    MessageKind.LIVING: slack_answers.CLOSED,
    MessageKind.PING: _NOT_THERE,
    MessageKind.RECEIPT: _NOT_THERE,
}


def next_try(message: Message, error: SlackUndelivered, now: datetime) -> tuple[datetime | None, int]:
    """When the message is tried again, or None for never; and how many tries of this sort have failed in a row."""
    code = error.slack_error
    if code in slack_answers.LOCKED_OUT:
        return now + _LONGEST_PAUSE, message.attempt
    passing = code in slack_answers.PASSING
    attempt = message.attempt + 1 if _sort(message.undelivered) == _sort(code) else 1
    if code in slack_answers.GONE or (attempt > MOST_TRIES and not passing):
        return None, attempt
    return now + _pause(attempt, error), attempt


def elsewhere(message: Message, code: str, requester_id: str) -> str | None:
    """The conversation to begin this message in anew; None where no other place helps.

    A closed channel and a lost thread have the requester's direct messages in their stead; a message that is edited
    and was deleted is posted again where it was.
    """
    if message.kind in EDITED and code in slack_answers.LOST and message.ts:
        return message.channel
    closed = _CLOSED.get(message.kind, frozenset())
    return requester_id if code in closed and message.channel != requester_id else None


def stands_alone(reply: Message, living: Message, requester_id: str) -> bool:
    """True for what cannot stand in the thread of the living message: its thread or channel refused it."""
    if reply.channel != requester_id:
        return False
    return living.channel != requester_id or has_no_thread(reply)


def has_no_thread(message: Message) -> bool:
    """True for a message that the thread it belongs to has refused."""
    return message.undelivered in _NOT_THERE


def _sort(code: str) -> str:
    if not code or code in slack_answers.LOCKED_OUT:
        return ""
    return "passing" if code in slack_answers.PASSING else "refused"


def _pause(attempt: int, error: SlackUndelivered) -> timedelta:
    if error.slack_error == slack_answers.RATE_LIMITED and error.__cause__ is not None:
        return timedelta(seconds=slack_answers.retry_after(error.__cause__))
    return min(timedelta(seconds=2 ** min(attempt - 1, _LONGEST_POWER)), _LONGEST_PAUSE)
