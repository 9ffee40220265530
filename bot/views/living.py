"""4.1: the one message that follows an enrollment, edited in place until its end."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.enrollment import canaries
from bot.enrollment.model.enrollments import Enrollment, State, Step
from bot.enrollment.model.stops import Stop
from bot.enrollment.states import OPEN
from bot.views import bodies, canary, holds, ids, retries, troubles, words
from bot.views.approval_words import Asked
from bot.views.blocks import (
    Block,
    Element,
    Message,
    Style,
    actions,
    button,
    confirm,
    context,
    emoji,
    paragraph,
    rich,
    section,
    text,
)
from bot.views.states import STATES, retrying, shown


@dataclass(frozen=True, slots=True)
class Facts:
    """What the enrollment's row does not know: the operators' display names, its page at Polytomic, what was said by
    those whose word it waits for, whether its thread has a receipt, and the stop that stands."""

    now: datetime
    operators: tuple[str, ...] = ()
    link: str = ""
    receipt: bool = False
    asked: Asked = field(default_factory=Asked)
    stop: Stop | None = None

    @property
    def told(self) -> str:
        """Operators stand here by name: only a message of their own pings them."""
        names = [f"@{words.escape(name, 40)}" for name in self.operators[:3]] or ["@operator"]
        return f"{' and '.join(names)} {'was' if len(names) == 1 else 'were'} told."


def message(enrollment: Enrollment, facts: Facts) -> Message:
    """The message as it should stand now."""
    buttons = _buttons(enrollment)
    blocks = [
        *([holds.banner(facts.stop)] if facts.stop is not None and _warned(enrollment) else []),
        _headline(enrollment),
        context(
            f"Asked by {words.mention(enrollment.requester_id)} · `{enrollment.id}` ·"
            f" {words.date(enrollment.created_at)}"
        ),
        section(bodies.body(enrollment, facts.told, facts.now, facts.asked)),
        *([actions(*buttons)] if buttons else []),
        *_tail(enrollment, facts),
    ]
    return {"text": _text(enrollment), "blocks": _numbered(enrollment, blocks)}


def _numbered(enrollment: Enrollment, blocks: list[Block]) -> list[Block]:
    # Slack may mix the state of blocks that keep their id over an edit (docs: block_id).
    return [
        {**block, "block_id": f"living:{enrollment.state}:{enrollment.revision}:{place}"}
        for place, block in enumerate(blocks)
    ]


def _headline(enrollment: Enrollment) -> Block:
    state = shown(enrollment)
    people = words.count(enrollment.tally.total, "contact")
    return rich(
        paragraph(
            emoji(state.icon),
            text(" "),
            text(state.word, bold=True),
            text(f" · {people} → "),
            text(words.data(enrollment.flow.name, words.FLOW_MAX) or enrollment.flow.id, bold=True),
        )
    )


def _tail(enrollment: Enrollment, facts: Facts) -> list[Block]:
    linked = facts.link and enrollment.state in (State.ENROLLED, State.PARTLY_ENROLLED)
    told = [words.link(facts.link, "Open in Polytomic")] if linked else []
    told += ["Receipt in the thread"] if facts.receipt else []
    return [context(" · ".join(told))] if told else []


def _warned(enrollment: Enrollment) -> bool:
    # On hold, the body says it.
    return enrollment.state in OPEN and enrollment.state is not State.ON_HOLD


def _buttons(enrollment: Enrollment) -> list[Element]:
    value = enrollment.id
    match enrollment.state:
        case State.LAUNCHING | State.RUNNING | State.AWAITING_APPROVAL | State.ON_HOLD:
            return [] if enrollment.cancel_asked_at else [cancel(enrollment)]
        case State.CANARY:
            return canary.buttons(enrollment)
        case State.AWAITING_GONG | State.NEEDS_ATTENTION:
            again = button("Check again", ids.CHECK_RUN, value=value, spoken=f"Check again {value}")
            first = reconnect_gong(enrollment) if enrollment.state is State.AWAITING_GONG else again
            return [first] if enrollment.cancel_asked_at else [first, cancel(enrollment)]
        case State.ENROLLED:
            return [button("Enroll more", ids.START)]
        case State.PARTLY_ENROLLED:
            return _after_a_part(enrollment)
        case State.FAILED | State.DENIED | State.CANCELED | State.EXPIRED:
            return _after_nothing(enrollment)


def _after_nothing(enrollment: Enrollment) -> list[Element]:
    """The way to ask again; who was refused, where a run came to people before it failed."""
    words_on_it = "Edit and ask again" if enrollment.state is State.DENIED else "Edit and try again"
    more = [button(words_on_it, ids.REOPEN_DRAFT, value=enrollment.id)]
    kind = enrollment.trouble.kind if enrollment.trouble else ""
    if kind == "run_failed" and enrollment.tally.refused + enrollment.tally.gone:
        more.append(button("Send me the refused", ids.SEND_REFUSED, value=enrollment.id))
    return more


def reconnect_gong(enrollment: Enrollment, style: Style | None = "primary") -> Element:
    """The button that opens V2 for whoever presses it; the link itself is never in a message."""
    return button(
        "Reconnect Gong",
        ids.CONNECT_GONG,
        value=ids.of_connection(enrollment.gong_id),
        spoken=f"Reconnect Gong for {enrollment.id}",
        style=style,
    )


def _after_a_part(enrollment: Enrollment) -> list[Element]:
    """The list of those refused or gone; where people were not reached, the way to ask for them again."""
    tally = enrollment.tally
    refused = button("Send me the refused", ids.SEND_REFUSED, value=enrollment.id)
    again = button("Edit and try again", ids.REOPEN_DRAFT, value=enrollment.id)
    shown = [refused] if tally.refused + tally.gone else []
    return shown + ([again] if tally.done < tally.total or not shown else [])


def cancel(enrollment: Enrollment) -> Element:
    """The button that cancels, behind a dialog that says what that means."""
    if enrollment.state is State.AWAITING_APPROVAL:
        return _withdraw(enrollment)
    return button(
        "Cancel",
        ids.CANCEL,
        value=enrollment.id,
        spoken=f"Cancel {enrollment.id}",
        confirm=_cancel_dialog(enrollment),
    )


def _withdraw(enrollment: Enrollment) -> Element:
    dialog = confirm(
        "Withdraw the request?",
        "Nobody has been enrolled. Your query is kept as a draft.",
        "Withdraw",
        "Keep waiting",
    )
    value = enrollment.id
    return button("Withdraw", ids.WITHDRAW, value=value, spoken=f"Withdraw {value}", confirm=dialog)


def _cancel_dialog(enrollment: Enrollment) -> Element:
    title = f"Cancel {enrollment.id}?" if _nobody_yet(enrollment) else "Cancel a running enrollment?"
    title = canary.stop_title(enrollment) if enrollment.state is State.CANARY else title
    return confirm(title, consequence(enrollment), "Cancel enrollment", "Keep it")


def _nobody_yet(enrollment: Enrollment) -> bool:
    if enrollment.state is State.AWAITING_APPROVAL:
        return True
    # A start that had no answer may have happened.
    if enrollment.state in (State.AWAITING_GONG, State.ON_HOLD):
        return not enrollment.started_at
    unanswered = enrollment.step is Step.START_RUN and retries.unanswered(enrollment)
    return enrollment.state is State.LAUNCHING and not unanswered


def consequence(enrollment: Enrollment) -> str:
    """Plain text: what canceling now means."""
    if _nobody_yet(enrollment):
        return "Nobody has been enrolled yet. Your query is kept as a draft."
    if enrollment.state is State.CANARY:
        return canary.consequence(enrollment)
    so_far = enrollment.tally.enrolled
    if so_far == 0:
        stay = "Those already enrolled stay in the flow"
    elif so_far == 1:
        stay = "The 1 already enrolled stays in the flow"
    else:
        stay = f"The {words.number(so_far)} already enrolled stay in the flow"
    if enrollment.state in (State.AWAITING_GONG, State.ON_HOLD):
        return f"No further run is started. {stay}; taking them out is done in Gong."
    return f"Polytomic is asked to end the run. {stay}; taking them out is done in Gong."


def _text(enrollment: Enrollment) -> str:
    name = words.flow(enrollment.flow.name)
    people = words.count(enrollment.tally.total, "contact")
    if retrying(enrollment):
        return f"Retrying: {retries.cause(enrollment)}. {people} into {name}."
    match enrollment.state:
        case State.LAUNCHING | State.AWAITING_APPROVAL | State.AWAITING_GONG | State.ON_HOLD:
            why = " Gong needs consent again." if enrollment.state is State.AWAITING_GONG else ""
            return f"{STATES[enrollment.state].word}: {people} into {name}.{why}"
        case State.RUNNING | State.CANARY:
            return _running(enrollment, name)
        case State.NEEDS_ATTENTION:
            return f"Needs attention: {troubles.attention_plain(enrollment)}"
        case _:
            return f"{STATES[enrollment.state].word}: {_outcome(enrollment, name)}."


def _running(enrollment: Enrollment, name: str) -> str:
    if enrollment.state is State.CANARY:
        return f"Canary done: {canary.said(enrollment)}"
    if canaries.runs(enrollment):
        return canary.running(enrollment)
    return f"Running: {words.number(enrollment.tally.done)} of {words.number(enrollment.tally.total)} into {name}."


def _outcome(enrollment: Enrollment, name: str) -> str:
    tally = enrollment.tally
    if enrollment.state in (State.FAILED, State.DENIED, State.CANCELED, State.EXPIRED):
        if not tally.enrolled:
            return f"nobody was enrolled into {name}"
        verb = "was" if tally.enrolled == 1 else "were"
        return f"{words.number(tally.enrolled)} of {words.number(tally.total)} {verb} enrolled into {name}"
    missing = f", {troubles.missing(tally)}" if enrollment.state is State.PARTLY_ENROLLED else ""
    return f"{words.number(tally.enrolled)} of {words.number(tally.total)} into {name}{missing}"
