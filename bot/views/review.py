"""V5: the numbers, the consequence, and what is still to choose before anybody is enrolled."""

from collections.abc import Collection

from bot.enrollment import receipts
from bot.enrollment.model.checks import Check
from bot.enrollment.model.enrollments import Enrollment
from bot.views import fields, funnel, ids, place, review_alerts, review_choices, words
from bot.views.blocks import (
    Block,
    View,
    actions,
    button,
    paragraph,
    plain_context,
    preformatted,
    rich,
    section,
    text,
)
from bot.views.modal import BACK, closing, leading_back, modal
from bot.views.review_facts import Facts

FIELDS_INLINE = 3
SQL_SHOWN = 2900
NO_RECALL = " If its first step is an automatic e-mail, it can leave within minutes and cannot be recalled."
SENDER_UNKNOWN = "Sender: Polytomic does not show it; Gong decides, usually whoever connected Gong."


def view(facts: Facts) -> View:
    """The review as the check and the draft have it."""
    people = facts.people
    title = words.label("Review", people, "contact") if people < 1_000_000 else "Review contacts"
    return modal(
        ids.REVIEW,
        _blocks(facts),
        draft_id=facts.draft.id,
        title=title,
        submit=review_choices.submit(facts),
        close=closing(facts.root),
        external_id=facts.check.external_id,
    )


def _blocks(facts: Facts) -> list[Block]:
    check_again = [actions(button("Check again", ids.CHECK_AGAIN, style="primary"))] if facts.stale else []
    return [
        *leading_back(facts.root),
        *review_alerts.blocks(facts),
        *check_again,
        _consequence(facts),
        rich(preformatted(funnel.preflight_lines(facts.preflight))),
        _left_out(facts),
        rich(
            paragraph(text("First rows", bold=True), text(" (only you see this)")),
            preformatted(funnel.sample_lines(facts.preflight)),
        ),
        *review_choices.columns(facts.preflight),
        *review_alerts.asides(facts),
        *_fields(facts),
        *place.blocks(facts.draft, facts.origin),
        *review_choices.blocks(facts),
        actions(button("Show query", ids.SHOW_QUERY)),
    ]


def _consequence(facts: Facts) -> Block:
    people = facts.people
    verb = "starts" if people == 1 else "start"
    name = words.data(facts.check.flow.name, words.FLOW_MAX)
    return rich(
        paragraph(
            text(f"{words.count(people, 'person', 'people')} {verb} {name}.", bold=True),
            text(NO_RECALL),
            text(f"\n{_sender(facts)}"),
        )
    )


def _sender(facts: Facts) -> str:
    emails = {one.id for one in facts.check.fields if one.is_email}
    for mapping in facts.mappings:
        if mapping.field_id in emails and mapping.value:
            return f"Sender: {words.data(mapping.value, words.REASON_MAX)}"
        if mapping.field_id in emails and mapping.column:
            return f"Sender: each row's {words.data(mapping.column, words.FLOW_MAX)}"
    return SENDER_UNKNOWN


def _left_out(facts: Facts) -> Block:
    said = funnel.left_out_words(facts.preflight.funnel)
    if not facts.preflight.funnel.left_out_rows:
        return section(said)
    if facts.left_out_sent:
        return section(f"{said}\nSent to your messages.")
    return section(said, accessory=send_left_out(facts.check))


def send_left_out(check: Check) -> Block:
    """The button that asks for the rows left out, as a file."""
    return button("Send me the list", ids.SEND_LEFT_OUT, value=check.id)


def _fields(facts: Facts) -> list[Block]:
    needed = facts.check.fields
    if len(needed) > FIELDS_INLINE:
        return [actions(button(f"Fill {words.count(len(needed), 'field')}", ids.FILL_FIELDS))]
    return fields.blocks(facts.check, facts.draft)


def fields_view(facts: Facts, address: str = "") -> View:
    """V5f: the flow's required fields, when there are too many for the review; `address` is its external_id."""
    return modal(
        ids.FIELDS,
        fields.blocks(facts.check, facts.draft),
        draft_id=facts.draft.id,
        title="Flow fields",
        submit="Save fields",
        close=BACK,
        external_id=address,
    )


def query_view(asked: Check | Enrollment, tables: Collection[str] | None = None) -> View:
    """V5q: the query as it is run, for those who may read it; without `tables` nothing is said of what it reads."""
    shown = words.lines(asked.sql)
    more = len(shown) - SQL_SHOWN
    body = f"{shown[:SQL_SHOWN]}\n… {words.count(more, 'more character')}" if more > 0 else shown
    # As the receipt has it; a fingerprint is one of the whole request, and stands on the card.
    facts = [f"query sha256 {receipts.sha256(asked.sql)[:8]}"]
    if tables is not None:
        reads = words.data(f"Reads {', '.join(tables)}", 500) if tables else "Reads no table"
        facts.insert(0, reads)
    return modal(
        ids.QUERY,
        [rich(preformatted(body)), plain_context(" · ".join(facts))],
        draft_id=asked.draft_id if isinstance(asked, Check) else asked.id,
        title="Query",
        close=BACK,
    )
