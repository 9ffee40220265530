"""Which messages an enrollment, a check, a consent or an outage asks for, as rows.

A row is written in the transaction that changes the state, so a crash between the two loses nothing; who posts it,
and how it looks, is not known here. The cause is unique: wanting the same message twice is wanting it once.
"""

from dataclasses import replace
from datetime import datetime

from bot.enrollment import names
from bot.enrollment.model.checks import Check
from bot.enrollment.model.connections import Consent
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.messages import Message, MessageKind
from bot.enrollment.model.outages import Outage
from bot.enrollment.model.stops import Stop


def message(
    kind: MessageKind, *, team_id: str, subject_id: str, channel: str, now: datetime, cause: str = ""
) -> Message:
    """A message of this kind about this subject, due now. Its id follows from its cause, so it can be nudged."""
    cause = cause or f"{kind}:{subject_id}"
    return Message(
        id=names.key("message", cause),
        team_id=team_id,
        kind=kind,
        cause=cause,
        subject_id=subject_id,
        channel=channel,
        wanted_revision=1,
        sent_revision=0,
        created_at=now,
        due_at=now,
    )


def about(kind: MessageKind, enrollment: Enrollment, channel: str, now: datetime, *, cause: str = "") -> Message:
    """A message of this kind about this enrollment, due now; without a `cause`, the only one of its kind."""
    return message(kind, team_id=enrollment.team_id, subject_id=enrollment.id, channel=channel, now=now, cause=cause)


def living(enrollment: Enrollment, now: datetime) -> Message:
    """The one message that follows the enrollment, where the requester chose to have it."""
    return about(MessageKind.LIVING, enrollment, enrollment.post_channel, now)


def started(enrollment: Enrollment, now: datetime) -> Message:
    """The pointer to the living message for a requester who typed the command elsewhere."""
    return about(MessageKind.STARTED, enrollment, enrollment.requester_id, now)


def ping(enrollment: Enrollment, now: datetime) -> Message:
    """The mention in the thread; one for each state that deserves one."""
    return about(
        MessageKind.PING, enrollment, enrollment.post_channel, now, cause=f"ping:{enrollment.id}:{enrollment.state}"
    )


def stop_note(kind: MessageKind, enrollment: Enrollment, stop: Stop, now: datetime) -> Message:
    """The word in the enrollment's thread that everything was stopped, or resumed. Its cause ends with the stop."""
    return about(kind, enrollment, enrollment.post_channel, now, cause=f"{kind}:{enrollment.id}:{stop.id}")


def again(known: Message, now: datetime) -> Message:
    """A message that is edited, wanted once more because something that it shows has changed."""
    return replace(known, due_at=now)


def refused_file(enrollment: Enrollment, reader: str, now: datetime, *, pressed: str = "") -> Message:
    """The refused contacts as a file to `reader`; `pressed` makes a press ask anew for what was sent before."""
    return about(
        MessageKind.REFUSED_FILE, enrollment, reader, now, cause=f"refused_file:{enrollment.id}:{reader}:{pressed}"
    )


def receipt(enrollment: Enrollment, now: datetime) -> Message:
    """What the enrollment came to, in the thread of its living message."""
    return about(MessageKind.RECEIPT, enrollment, enrollment.post_channel, now)


def receipt_file(enrollment: Enrollment, now: datetime) -> Message:
    """The same as a file to the requester."""
    return about(MessageKind.RECEIPT_FILE, enrollment, enrollment.requester_id, now)


def left_out_file(check: Check, now: datetime, *, pressed: str) -> Message:
    """The rows that a check left out, as a file to whoever asked for the check; once per press."""
    return message(
        MessageKind.LEFT_OUT_FILE,
        team_id=check.team_id,
        subject_id=check.id,
        channel=check.user_id,
        now=now,
        cause=f"left_out_file:{check.id}:{pressed}",
    )


def operator_note(enrollment: Enrollment, operator: str, now: datetime) -> Message:
    """What an operator has to know about an enrollment that cannot go on by itself, each time that it stops anew."""
    trouble = enrollment.trouble
    since = f"{trouble.since:%Y%m%dT%H%M%S%f}" if trouble and trouble.since else ""
    which = f"{trouble.kind if trouble else enrollment.state}:{enrollment.batch}.{enrollment.attempt}:{since}"
    return about(
        MessageKind.OPERATOR_NOTE, enrollment, operator, now, cause=f"operator_note:{enrollment.id}:{which}:{operator}"
    )


def impossible_row(enrollment_id: str, team_id: str, why: str, operator: str, now: datetime) -> Message:
    """What an operator has to know about a row that cannot be right. Its cause says why: the row itself may not."""
    return message(
        MessageKind.IMPOSSIBLE_ROW,
        team_id=team_id,
        subject_id=enrollment_id,
        channel=operator,
        now=now,
        cause=f"impossible_row:{enrollment_id}:{operator}:{why}",
    )


def check_note(check: Check, operator: str, now: datetime) -> Message:
    """What an operator has to know about a check that Polytomic spoiled."""
    kind = check.refusal.kind if check.refusal else ""
    return message(
        MessageKind.CHECK_NOTE,
        team_id=check.team_id,
        subject_id=check.id,
        channel=operator,
        now=now,
        cause=f"check_note:{kind}:{check.id}:{operator}",
    )


def consent_told(consent: Consent, reader: str, draft_id: str, now: datetime) -> Message:
    """The direct message about how a consent ended, when no open form can show it."""
    return message(
        MessageKind.CONSENT,
        team_id=consent.team_id,
        subject_id=consent.id,
        channel=reader,
        now=now,
        cause=f"consent:{consent.id}:{reader}:{consent.state}:{draft_id}",
    )


def outage(going: Outage, reader: str, now: datetime) -> Message:
    """The one message to this reader that follows the outage until it has healed."""
    return message(
        MessageKind.OUTAGE,
        team_id=going.team_id,
        subject_id=going.id,
        channel=reader,
        now=now,
        cause=outage_cause(going.id, reader),
    )


def outage_cause(outage_id: str, reader: str) -> str:
    """The cause of the message that tells this reader of this outage."""
    return f"{MessageKind.OUTAGE}:{outage_id}:{reader}"


def outage_healed(healed: Outage, reader: str, now: datetime) -> Message:
    """The word in its thread that the outage is over."""
    return message(
        MessageKind.OUTAGE_HEALED,
        team_id=healed.team_id,
        subject_id=healed.id,
        channel=reader,
        now=now,
        cause=f"{MessageKind.OUTAGE_HEALED}:{healed.id}:{reader}",
    )
