"""4.3: the card that asks an approver for their word, and what stands in its place once somebody has decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.enrollment import approval_rules, canaries
from bot.enrollment.approval_rules import Settled
from bot.enrollment.model.approvals import Terms, Word
from bot.enrollment.model.checks import Check
from bot.enrollment.model.enrollments import Enrollment, State
from bot.enrollment.model.stops import Stop
from bot.views import approval_words, holds, ids, words
from bot.views.blocks import (
    Block,
    Element,
    Message,
    View,
    actions,
    button,
    confirm,
    context,
    emoji,
    fields,
    paragraph,
    preformatted,
    quote,
    rich,
    section,
    text,
)
from bot.views.funnel import preflight_lines
from bot.views.modal import modal
from bot.views.states import STATES

NOTE_MAX = 200
_TABLES_MAX = 300
_SENDER_MAX = 80


@dataclass(frozen=True, slots=True)
class Facts:
    """What a card shows beside its enrollment.

    `check` is null once its numbers are let go. `names` has display names by user id; `owners` are those of the rule.
    `later` is true for a reader who was asked because the first approvers said nothing. `link` leads to the living
    message, where the reader can follow it. `stop` is the one that stands;
    `may_wait` says that the policy knows hours or days on which nothing starts.
    """

    now: datetime
    words: tuple[Word, ...] = ()
    check: Check | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    owners: tuple[str, ...] = ()
    later: bool = False
    link: str = ""
    stop: Stop | None = None
    may_wait: bool = False


def card(enrollment: Enrollment, facts: Facts) -> Message:
    """The message as it should stand now; while it waits, a stop stands on top of it."""
    said, blocks = _parts(enrollment, facts)
    stopped = [holds.banner(facts.stop)] if facts.stop is not None and waits(enrollment, facts) else []
    return {"text": said, "blocks": [*stopped, *blocks]}


def request(enrollment: Enrollment, facts: Facts, *, notice: str = "") -> View:
    """The same in a view of its own; `notice` (mrkdwn) says what became of a press in it."""
    top = [section(notice)] if notice else []
    return modal(
        ids.REQUEST,
        [*top, *card(enrollment, facts)["blocks"]],
        draft_id=enrollment.id,
        title="Approval needed" if waits(enrollment, facts) else "Request",
    )


def waits(enrollment: Enrollment, facts: Facts) -> bool:
    """True while somebody's word would change anything."""
    return approval_rules.settled(enrollment, facts.words, facts.now) is Settled.WAITING


def _parts(enrollment: Enrollment, facts: Facts) -> tuple[str, list[Block]]:
    """The words for a notification, and the blocks."""
    if enrollment.terms is not None and waits(enrollment, facts):
        said = (
            f"Approval needed: {words.mention(enrollment.requester_id)} wants to enroll {_people(enrollment)}"
            f" into {words.flow(enrollment.flow.name)}."
        )
        return said, _waiting(enrollment, enrollment.terms, facts)
    said = decided(enrollment, facts)
    which = f"`{enrollment.id}` · {words.number(enrollment.tally.total)} → {words.flow(enrollment.flow.name)}"
    return _plain(said), [section(said), context(which)]


def _waiting(enrollment: Enrollment, terms: Terms, facts: Facts) -> list[Block]:
    check, so_far = facts.check, half(enrollment, facts.words)
    return [
        rich(
            paragraph(
                emoji(":raised_hand:"),
                text(" "),
                text("Approval needed", bold=True),
                text(f" · {_people(enrollment)} → "),
                text(words.data(enrollment.flow.name, words.FLOW_MAX) or enrollment.flow.id, bold=True),
            )
        ),
        fields(
            f"*Requester* {words.mention(enrollment.requester_id)}",
            f"*Sender* {words.escape(_sender(enrollment, check)) or 'not shown'}",
            f"*Reads* {_tables(check)}",
            f"*Expires* {words.date(terms.expires_at)}",
        ),
        section(_consequence(enrollment)),
        section(_why(enrollment, terms, facts)),
        *([rich(preformatted(preflight_lines(check.preflight)))] if check and check.preflight else []),
        rich(quote(words.data(terms.note, NOTE_MAX) or "No note.")),
        *([section(so_far)] if so_far else []),
        actions(*_buttons(enrollment, facts)),
        context(
            f"`{enrollment.id}` · list frozen {words.date((check and check.ended_at) or enrollment.created_at)},"
            f" fingerprint {enrollment.fingerprint[:8]} · any edit voids this"
        ),
    ]


def _plain(said: str) -> str:
    """The same words for a notification, without icon and bold."""
    return said.partition(" ")[2].replace("*", "")


def _people(enrollment: Enrollment) -> str:
    return words.count(enrollment.tally.total, "contact")


def _consequence(enrollment: Enrollment) -> str:
    total = enrollment.tally.total
    verb = "starts" if total == 1 else "start"
    first = f" The first {words.number(enrollment.canary)} go alone; the rest waits until they are in."
    return (
        f"*If you approve,* {words.count(total, 'person', 'people')} {verb} this flow."
        f" Mail can leave within minutes and cannot be recalled.{first if enrollment.canary else ''}"
    )


def _why(enrollment: Enrollment, terms: Terms, facts: Facts) -> str:
    owners = words.joined([f"@{words.escape(name, 40)}" for name in facts.owners[:3]], "or") or "@operator"
    if facts.later:
        waited = words.span((terms.escalate_at - enrollment.created_at).total_seconds())
        some = len(approval_rules.approvals(enrollment, facts.words))
        few = f"only {words.number(some)}" if some else "nobody"
        why = f"{few} of the first approvers decided in {waited}; rule `approval.escalate_to`."
    else:
        first = [one for one in terms.approvers if one != enrollment.requester_id]
        need = "need" if terms.above > 1 else "needs"
        why = (
            f"rule {words.code(terms.rule)}, {approval_words.over(terms)} {need}"
            f" {words.number(terms.needed)} of {words.count(len(first), 'approver')}."
        )
    return f"*Why you:* {why} Rule owner: {owners}."


def half(enrollment: Enrollment, said: Sequence[Word]) -> str:
    """1 of 2 approved: @ada. Empty while nobody has, or where one word is enough."""
    yes = approval_rules.approvals(enrollment, said)
    if enrollment.terms is None or not yes:
        return ""
    by = words.joined([words.mention(word.user_id) for word in yes], "and")
    return f"{words.number(len(yes))} of {words.number(enrollment.terms.needed)} approved: {by}."


def _sender(enrollment: Enrollment, check: Check | None) -> str:
    """Whose name the mail goes out under, where the flow asks for it; empty where nobody shows it."""
    emails = {one.id for one in check.fields if one.is_email} if check is not None else set()
    for mapping in enrollment.mappings:
        if mapping.field_id in emails and mapping.value:
            return words.data(mapping.value, _SENDER_MAX)
        if mapping.field_id in emails and mapping.column:
            return f"each row's {words.data(mapping.column, words.FLOW_MAX)}"
    return ""


def _tables(check: Check | None) -> str:
    if check is None:
        return "no longer known"
    return words.escape(", ".join(check.tables), _TABLES_MAX) or "no table"


def _buttons(enrollment: Enrollment, facts: Facts) -> list[Element]:
    value = enrollment.id
    people = _people(enrollment)
    approve = button(
        f"Approve {people}",
        ids.APPROVE,
        # A word is about exactly the request that its reader has seen.
        value=f"{value} {enrollment.fingerprint}",
        style="primary",
        confirm=confirm(f"Approve {people}?", _dialog(enrollment, facts), "Approve", "Go back"),
        spoken=f"Approve {value}: {people}",
    )
    return [
        approve,
        button("Deny", ids.DENY, value=value, spoken=f"Deny {value}"),
        button("Ask", ids.ASK, value=value, spoken=f"Ask about {value}"),
        button("Show query", ids.SHOW_QUERY, value=value, spoken=f"Show query of {value}"),
    ]


def _dialog(enrollment: Enrollment, facts: Facts) -> str:
    """Plain text: what happens to people on a yes."""
    sender = _sender(enrollment, facts.check)
    under = f" under {sender}" if sender else ""
    they, start = ("It", "starts") if enrollment.tally.total == 1 else ("They", "start")
    begins = f"{they} {start} “{words.data(enrollment.flow.name, words.FLOW_MAX)}”{under}."
    needed = enrollment.terms.needed if enrollment.terms else 1
    missing = needed - len(approval_rules.approvals(enrollment, facts.words)) - 1
    if missing > 0:
        have = "has" if missing == 1 else "have"
        return f"{begins} It starts once {words.number(missing)} more {have} approved, and cannot be recalled."
    if facts.stop is not None:
        return f"{begins} It starts once enrolling is resumed, and cannot be recalled."
    if facts.may_wait:
        return f"{begins} It starts at once, or when quiet hours and the day's limit allow, and cannot be recalled."
    return f"{begins} It starts at once and cannot be recalled."


def decided(enrollment: Enrollment, facts: Facts) -> str:
    """Mrkdwn: who decided what, and what became of it."""
    match approval_rules.settled(enrollment, facts.words, facts.now):
        case Settled.APPROVED:
            return _approved(enrollment, facts)
        case Settled.DENIED:
            return _denied(facts.words)
        case Settled.WITHDRAWN:
            return f":no_entry_sign: *Withdrawn* by {words.mention(enrollment.canceled_by)}"
        case Settled.EXPIRED:
            when = enrollment.terms.expires_at if enrollment.terms else facts.now
            return f":alarm_clock: *Expired* {words.date(when)}, nobody enrolled"
        case Settled.VOID:
            return ":twisted_rightwards_arrows: *Void*: the request was edited; it has to be asked for anew"
        case _:
            state = STATES[enrollment.state]
            return f"{state.icon} *{state.word}*"


def _approved(enrollment: Enrollment, facts: Facts) -> str:
    yes = approval_rules.approvals(enrollment, facts.words)
    by = words.joined([words.mention(word.user_id) for word in yes], "and")
    # Enough words stand; that it starts is a matter of a moment.
    state = State.LAUNCHING if enrollment.state is State.AWAITING_APPROVAL else enrollment.state
    state = State.CANARY if canaries.runs(enrollment) else state
    see = f" {words.link(facts.link, 'see it')}" if facts.link else ""
    return (
        f":white_check_mark: *Approved* by {by}, {words.date(yes[-1].at if yes else facts.now)} ·"
        f" {words.number(enrollment.tally.total)} → {words.flow(enrollment.flow.name)} ·"
        f" now *{STATES[state].word}*{see}"
    )


def _denied(said: Sequence[Word]) -> str:
    no = approval_rules.denial(said)
    if no is None:
        return ":no_entry_sign: *Denied*"
    reason = words.escape(no.reason, words.REASON_MAX)
    return f":no_entry_sign: *Denied* by {words.mention(no.user_id)}, {words.date(no.at)}: “{reason}”"
