"""What becomes of a message that Slack did not take: only what is wrong with the message itself ends it."""

from datetime import timedelta
from itertools import pairwise

import pytest

from bot import retelling, slack_answers
from bot.enrollment.model.messages import Message, MessageKind
from bot.errors import SlackUndelivered
from tests.unit import stored
from tests.unit.stored import NOW, REQUESTER

FIVE_MINUTES = timedelta(minutes=5)


def refused(message: Message, code: str, times: int) -> Message:
    """The message as it is after so many tries that ended like this."""
    for _ in range(times):
        due, attempt = retelling.next_try(message, SlackUndelivered(code), NOW)
        message = stored.message(message.kind, channel=message.channel, due_at=due, attempt=attempt, undelivered=code)
    return message


@pytest.mark.parametrize("code", sorted(slack_answers.LOCKED_OUT))
def test_a_token_that_slack_refuses_is_no_fault_of_the_message(code: str) -> None:
    """It stays due every five minutes and no try is counted, however long that lasts."""
    after = refused(stored.message(attempt=3), code, 200)
    assert (NOW + FIVE_MINUTES, 3) == (after.due_at, after.attempt)


@pytest.mark.parametrize("code", sorted(slack_answers.PASSING))
def test_trouble_of_slack_s_own_never_ends_a_message(code: str) -> None:
    """The pauses grow to five minutes and no further."""
    due = [refused(stored.message(), code, times).due_at or NOW for times in range(1, 40)]
    assert [1, 2, 4, 8] == [(at - NOW).total_seconds() for at in due[:4]]
    assert all(one <= other for one, other in pairwise(due))
    assert NOW + FIVE_MINUTES == due[-1]


def test_a_refusal_that_lasts_ends_a_message() -> None:
    """After thirty tries, and what went before of another sort does not count."""
    worn = refused(stored.message(), slack_answers.NO_ANSWER, 200)
    assert refused(worn, "msg_too_long", retelling.MOST_TRIES).due_at is not None
    assert refused(worn, "msg_too_long", retelling.MOST_TRIES + 1).due_at is None


@pytest.mark.parametrize("code", sorted(slack_answers.GONE))
def test_who_left_is_not_written_to_again(code: str) -> None:
    """At once, and for that reader alone."""
    assert refused(stored.message(), code, 1).due_at is None


@pytest.mark.parametrize(
    ("kind", "code", "channel", "target"),
    [
        (MessageKind.LIVING, "is_archived", "C0REVOPS", REQUESTER),
        (MessageKind.LIVING, "is_archived", REQUESTER, None),
        (MessageKind.LIVING, "message_not_found", "C0REVOPS", "C0REVOPS"),
        (MessageKind.LIVING, "internal_error", "C0REVOPS", None),
        (MessageKind.PING, "not_in_channel", "C0REVOPS", REQUESTER),
        (MessageKind.PING, "message_not_found", "C0REVOPS", REQUESTER),
        (MessageKind.PING, "message_not_found", REQUESTER, None),
        (MessageKind.PING, "ratelimited", "C0REVOPS", None),
        (MessageKind.OPERATOR_NOTE, "is_archived", "U0OPERATOR", None),
    ],
)
def test_another_place_has_it_where_that_helps(kind: MessageKind, code: str, channel: str, target: str | None) -> None:
    """The thread's fallback is the requester's direct messages; a deleted message comes back where it was."""
    assert target == retelling.elsewhere(stored.message(kind, channel=channel, ts="1.1"), code, REQUESTER)


@pytest.mark.parametrize(
    ("ping", "living", "undelivered", "alone"),
    [
        ("C0REVOPS", "C0REVOPS", "", False),
        ("C0REVOPS", REQUESTER, "", False),
        (REQUESTER, "C0REVOPS", "", True),
        (REQUESTER, REQUESTER, "", False),
        (REQUESTER, REQUESTER, "no_answer", False),
        (REQUESTER, REQUESTER, "message_not_found", True),
    ],
)
def test_a_ping_stands_in_the_thread_as_long_as_that_takes_it(
    ping: str, living: str, undelivered: str, alone: bool
) -> None:
    """And in the requester's direct messages, on its own, once it was refused there."""
    asked = stored.message(MessageKind.PING, channel=ping, undelivered=undelivered)
    assert alone is retelling.stands_alone(asked, stored.message(channel=living), REQUESTER)
