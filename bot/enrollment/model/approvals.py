"""Another person's word: what a request waits for, what was said, and what was asked about it. Times are UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Decision(StrEnum):
    """What an approver said."""

    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Terms:
    """What an enrollment waits for before anybody of it is enrolled, as it stood when it was confirmed.

    `approvers` are the users who were asked, groups opened; `needed` of them have to say yes, none of them the
    requester. `rule` says why ("approval.large", more than `above` contacts), `owner` whom to ask about it. Those in
    `escalate_to` are asked too at `escalate_at`; `escalated_at` is when they were. `channel` takes the card if there is
    one.
    """

    rule: str
    above: int
    needed: int
    approvers: tuple[str, ...]
    expires_at: datetime
    remind_at: datetime
    escalate_at: datetime
    owner: tuple[str, ...] = ()
    escalate_to: tuple[str, ...] = ()
    channel: str = ""
    note: str = field(default="", repr=False)
    reminded_at: datetime | None = None
    escalated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """What one approver said of one enrollment, about exactly the request that has this fingerprint."""

    enrollment_id: str
    team_id: str
    user_id: str
    decision: Decision
    fingerprint: str
    at: datetime
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """What an approver asked the requester, and what was answered."""

    id: str
    enrollment_id: str
    team_id: str
    asker_id: str
    text: str = field(repr=False)
    asked_at: datetime
    answer: str = field(default="", repr=False)
    answered_by: str = ""
    answered_at: datetime | None = None
