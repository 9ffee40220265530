"""App Home: what waits for this person, their enrollments, and the connections."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.enrollment.model.connections import Consent
from bot.enrollment.model.enrollments import Enrollment, State
from bot.enrollment.model.stops import Stop
from bot.views import canary, connections, holds, ids, living, status, words
from bot.views.blocks import Block, Element, View, actions, button, context, header, section
from bot.views.connect import NAMES
from bot.views.connections import Facts as ConnectionFacts
from bot.views.states import is_open

GUESTS = "Enroll Flow is for full members of this workspace."
NOTHING_WAITS = "Nothing waits for you."
_WAITING_MAX = 20
NONE_YET = "No enrollments yet. Nothing is sent before you confirm the numbers."


@dataclass(frozen=True, slots=True)
class Facts:
    """What one person's Home shows; `approvals` and `consents` are those that wait for this person."""

    now: datetime
    enrollments: tuple[Enrollment, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    consents: tuple[Consent, ...] = ()
    approvals: tuple[Enrollment, ...] = ()
    connections: ConnectionFacts = field(default_factory=ConnectionFacts)
    stop: Stop | None = None


def view(facts: Facts) -> View:
    """The Home of somebody who is a full member."""
    return {
        "type": "home",
        "blocks": [
            *([holds.banner(facts.stop)] if facts.stop is not None else []),
            actions(
                button("Enroll contacts", ids.START, style="primary"),
                button("Check connections", ids.CHECK_CONNECTIONS),
            ),
            header("Waiting for you"),
            *(_waiting(facts) or [section(NOTHING_WAITS)]),
            header("Your enrollments"),
            *(_enrollments(facts) or [section(NONE_YET)]),
            header("Connections"),
            *connections.blocks(facts.connections),
            context(f"As of {words.date(facts.now)}."),
        ],
    }


def guest() -> View:
    """All that a guest or an outsider sees."""
    return {"type": "home", "blocks": [section(GUESTS)]}


def _waiting(facts: Facts) -> list[Block]:
    return [*map(_approval, facts.approvals[:_WAITING_MAX]), *map(_consent, facts.consents)]


def _approval(enrollment: Enrollment) -> Block:
    until = f", until {words.date(enrollment.terms.expires_at)}" if enrollment.terms else ""
    said = (
        f"Your approval of {words.count(enrollment.tally.total, 'contact')} → {words.flow(enrollment.flow.name)},"
        f" asked by {words.mention(enrollment.requester_id)}{until}."
    )
    press = button("Open request", ids.OPEN_REQUEST, value=enrollment.id, spoken=f"Open request {enrollment.id}")
    return section(said, accessory=press)


def _consent(consent: Consent) -> Block:
    said = f"Your consent to connect {NAMES[consent.service]}, until {words.date(consent.expires_at)}."
    press = button("Open request", ids.OPEN_REQUEST, value=consent.id)
    return section(said, accessory=press)


def _enrollments(facts: Facts) -> list[Block]:
    return [
        section(status.line(one, facts.links.get(one.id, "")), accessory=_button(one))
        for one in status.in_order(facts.enrollments)
    ]


def _button(enrollment: Enrollment) -> Element | None:
    """The one button of the state table that helps most from here."""
    value, spoken = enrollment.id, enrollment.id
    if enrollment.state is State.NEEDS_ATTENTION:
        return button("Check again", ids.CHECK_RUN, value=value, spoken=f"Check again {spoken}")
    if enrollment.state is State.AWAITING_GONG:
        return living.reconnect_gong(enrollment, style=None)
    if is_open(enrollment):
        return _while_open(enrollment)
    if enrollment.state is State.ENROLLED:
        return button("Enroll more", ids.START, spoken=f"Enroll more after {spoken}")
    if enrollment.state is State.PARTLY_ENROLLED and enrollment.tally.refused + enrollment.tally.gone:
        return button("Send me the refused", ids.SEND_REFUSED, value=value, spoken=f"Send me the refused of {spoken}")
    again = "Edit and ask again" if enrollment.state is State.DENIED else "Edit and try again"
    return button(again, ids.REOPEN_DRAFT, value=value, spoken=again.replace("Edit", f"Edit {spoken}"))


def _while_open(enrollment: Enrollment) -> Element | None:
    if enrollment.state is State.CANARY:
        return canary.release(enrollment) if canary.buttons(enrollment) else None
    return None if enrollment.cancel_asked_at else living.cancel(enrollment)
