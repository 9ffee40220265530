"""Every message the bot posts by itself, as it is wanted and as it was sent."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    """Every message the bot posts by itself. Each is a row; `notifications` brings it to Slack."""

    LIVING = "living"
    PING = "ping"
    STARTED = "started"
    REFUSED_FILE = "refused_file"
    LEFT_OUT_FILE = "left_out_file"
    CHECK_DONE = "check_done"
    CHECK_REFUSED = "check_refused"
    CONSENT = "consent"
    ASK_OPERATOR = "ask_operator"
    OPERATOR_NOTE = "operator_note"
    CHECK_NOTE = "check_note"
    IMPOSSIBLE_ROW = "impossible_row"
    UNDELIVERED = "undelivered"
    OUTAGE = "outage"
    OUTAGE_HEALED = "outage_healed"
    APPROVAL_CARD = "approval_card"
    APPROVED = "approved"
    REMINDER = "reminder"
    QUESTION = "question"
    ANSWER = "answer"
    STOPPED = "stopped"
    RESUMED = "resumed"
    RECEIPT = "receipt"
    RECEIPT_FILE = "receipt_file"


EDITED = frozenset({MessageKind.LIVING, MessageKind.OUTAGE, MessageKind.APPROVAL_CARD, MessageKind.QUESTION})
"""Those that follow what they tell of, in place; any other message is sent once."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is wanted and as it was sent.

    `cause` is unique: wanting the same message twice is wanting it once. `subject_id` is an enrollment, check, consent
    or outage id, by kind. `channel` may be a user id (a direct message). `due_at` is null once sent equals wanted.
    `standing` is a fingerprint of what was sent last, for messages that are edited.
    """

    id: str
    team_id: str
    kind: MessageKind
    cause: str
    subject_id: str
    channel: str
    wanted_revision: int
    sent_revision: int
    created_at: datetime
    due_at: datetime | None
    ts: str = ""
    posted_channel: str = ""
    attempt: int = 0
    sent_at: datetime | None = None
    undelivered: str = ""
    standing: str = ""
