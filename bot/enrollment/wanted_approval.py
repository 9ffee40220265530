"""Which messages a request for somebody's word asks for, as rows: cards, reminders, questions and their answers.

As in `wanted`, a row is written with what it tells of, and its cause is unique.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.enrollment import approval_rules
from bot.enrollment.model.approvals import Question
from bot.enrollment.model.enrollments import Enrollment, State
from bot.enrollment.model.messages import Message, MessageKind
from bot.enrollment.wanted import about, message


def approval_cards(enrollment: Enrollment, now: datetime) -> list[Message]:
    """The card for each of those who are asked, as it should stand now: in their channel, else to each of them."""
    return [
        about(MessageKind.APPROVAL_CARD, enrollment, reader, now, cause=card_cause(enrollment.id, reader))
        for reader in readers(enrollment)
    ]


def cards_apart(enrollment: Enrollment, now: datetime) -> list[Message]:
    """A card for each of those who are asked, when their channel does not take it."""
    terms = enrollment.terms
    return approval_cards(replace(enrollment, terms=replace(terms, channel="")), now) if terms is not None else []


def readers(enrollment: Enrollment) -> tuple[str, ...]:
    """Where the cards stand: the channel of the approvers, and the users who have one of their own."""
    terms = enrollment.terms
    if terms is None or not terms.channel:
        return approval_rules.asked(enrollment)
    later = approval_rules.asked(enrollment) if terms.escalated_at else ()
    return (terms.channel, *(one for one in later if one in terms.escalate_to and one not in terms.approvers))


def card_cause(enrollment_id: str, reader: str) -> str:
    """The cause of the card that this reader has."""
    return f"{MessageKind.APPROVAL_CARD}:{enrollment_id}:{reader}"


def moved(before: Enrollment, after: Enrollment, now: datetime) -> list[Message]:
    """What a step of the enrollment asks for, beside its living message: cards as they stand, and who is told."""
    if after.terms is None or (before.state is after.state and before.terms == after.terms):
        return []
    asked = approval_cards(after, now)
    if before.state is State.AWAITING_APPROVAL and after.state is State.LAUNCHING:
        asked.append(_approved(after, now))
    if before.terms is not None and before.terms.reminded_at != after.terms.reminded_at:
        asked += [_reminder(after, reader, now) for reader in approval_rules.asked(after)]
    return asked


def _approved(enrollment: Enrollment, now: datetime) -> Message:
    """The word in the living message's thread that it starts now."""
    return about(MessageKind.APPROVED, enrollment, enrollment.post_channel, now)


def _reminder(enrollment: Enrollment, reader: str, now: datetime) -> Message:
    """The one reminder to somebody who was asked; it is not sent to whoever has decided by then."""
    return about(
        MessageKind.REMINDER, enrollment, reader, now, cause=f"{MessageKind.REMINDER}:{enrollment.id}:{reader}"
    )


def question(enrollment: Enrollment, asked: Question, cards: Iterable[Message], now: datetime) -> list[Message]:
    """The question in the threads of the living message and of these cards."""
    return _in_threads(MessageKind.QUESTION, enrollment, asked, cards, now)


def answer(enrollment: Enrollment, asked: Question, cards: Iterable[Message], now: datetime) -> list[Message]:
    """The answer in the same threads, and the question once more, which cannot be answered any longer."""
    both = (MessageKind.QUESTION, MessageKind.ANSWER)
    cards = tuple(cards)
    return [one for kind in both for one in _in_threads(kind, enrollment, asked, cards, now)]


def _in_threads(
    kind: MessageKind, enrollment: Enrollment, asked: Question, cards: Iterable[Message], now: datetime
) -> list[Message]:
    threads = {f"{MessageKind.LIVING}:{enrollment.id}": enrollment.post_channel}
    threads |= {card.cause: card.channel for card in cards}
    return [
        message(
            kind,
            team_id=enrollment.team_id,
            subject_id=asked.id,
            channel=channel,
            now=now,
            cause=f"{kind}:{asked.id}:{first}",
        )
        for first, channel in threads.items()
    ]


def first_cause(message: Message) -> str:
    """The cause of the message in whose thread a question or an answer stands."""
    return message.cause.split(":", 2)[2]
