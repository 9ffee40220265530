"""V5: the numbers, the consequence, and what is still to choose before anybody is enrolled."""

import hashlib
from dataclasses import dataclass, field

from bot.enrollment.model.checks import Check, CrmKind, Preflight
from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.flows import FieldMapping
from bot.views import fields, funnel, ids, place, words
from bot.views.blocks import (
    Block,
    View,
    actions,
    alert,
    button,
    context,
    option,
    paragraph,
    plain_context,
    preformatted,
    rich,
    section,
    select,
    text,
    text_input,
)
from bot.views.blocks import field as field_block
from bot.views.modal import BACK, Notice, alerts, closing, leading_back, modal
from bot.views.place import Origin

FIELDS_INLINE = 3
TYPE_NUMBER_FROM = 1000
SQL_SHOWN = 2900
_ALERTS_MAX = 3
NO_RECALL = " If its first step is an automatic e-mail, it can leave within minutes and cannot be recalled."
SENDER_UNKNOWN = "Sender: Polytomic does not show it; Gong decides, usually whoever connected Gong."


@dataclass(frozen=True, slots=True)
class Facts:
    """What the review shows. The check is done and somebody would be enrolled.

    `left_out_sent` once the list was asked for; `stale` when the check is too old to confirm, which offers another;
    `root` when there is no form beneath.
    """

    check: Check
    draft: Draft
    origin: Origin = field(default_factory=Origin)
    notices: tuple[Notice, ...] = ()
    left_out_sent: bool = False
    stale: bool = False
    root: bool = False

    @property
    def preflight(self) -> Preflight:
        """The numbers, which a check that is reviewed has."""
        if self.check.preflight is None:
            raise ValueError("a check without numbers cannot be reviewed")
        return self.check.preflight

    @property
    def mappings(self) -> tuple[FieldMapping, ...]:
        """How the required fields would be filled now."""
        return fields.mappings(self.check, self.draft)


def view(facts: Facts) -> View:
    """The review as the check and the draft have it."""
    people = facts.preflight.funnel.will_enroll
    title = words.label("Review", people, "contact") if people < 1_000_000 else "Review contacts"
    return modal(
        ids.REVIEW,
        _blocks(facts),
        draft_id=facts.draft.id,
        title=title,
        submit=words.label("Enroll", people, "contact"),
        close=closing(facts.root),
        external_id=facts.check.external_id,
    )


def _blocks(facts: Facts) -> list[Block]:
    check_again = [actions(button("Check again", ids.CHECK_AGAIN, style="primary"))] if facts.stale else []
    return [
        *leading_back(facts.root),
        *alerts(facts.notices),
        *_two_kinds(facts),
        *check_again,
        _consequence(facts),
        rich(preformatted(funnel.funnel_lines(facts.preflight.funnel))),
        _left_out(facts),
        rich(
            paragraph(text("First rows", bold=True), text(" (only you see this)")),
            preformatted(funnel.sample_lines(facts.preflight)),
        ),
        id_column(facts.preflight, "Contact ids come from this column:"),
        *_matched(facts.preflight),
        *_fields(facts),
        *place.blocks(facts.draft, facts.origin),
        *_typed_number(facts),
        actions(button("Show query", ids.SHOW_QUERY)),
    ]


def _two_kinds(facts: Facts) -> list[Block]:
    kinds = dict(facts.preflight.kinds)
    leads = kinds.get(CrmKind.SALESFORCE_LEAD, 0)
    contacts = facts.preflight.funnel.will_enroll  # Each once: the kinds count every row.
    if not leads or not contacts or len(facts.notices) >= _ALERTS_MAX:
        return []
    return [
        alert(
            "warning",
            f"Ids are of two kinds: {words.count(contacts, 'contact')} and {words.count(leads, 'lead')}."
            " Only contacts are enrolled.",
        )
    ]


def _consequence(facts: Facts) -> Block:
    people = facts.preflight.funnel.will_enroll
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


def id_column(preflight: Preflight, said: str) -> Block:
    """The choice of the column that holds the contact ids; an option's value is the column's place."""
    options = [option(name, str(index)) for index, name in enumerate(preflight.columns)]
    here = str(preflight.columns.index(preflight.id_column)) if preflight.id_column in preflight.columns else ""
    accessory = select(ids.PICK_ID_COLUMN, options, chosen=here) if options else None
    return section(said, accessory=accessory, block_id=ids.ID_COLUMN)


def _matched(preflight: Preflight) -> list[Block]:
    short, tidied = preflight.short_ids, preflight.tidied_ids
    parts = []
    if short:
        parts.append(f"{words.count(short, 'id')} in the 15-character form")
    if tidied:
        tidied_words = "with spaces or lower case"
        parts.append(
            f"{words.number(tidied)} {tidied_words}" if short else f"{words.count(tidied, 'id')} {tidied_words}"
        )
    if not parts:
        return []
    if short + tidied == 1:
        return [context(f"{parts[0]} was matched to the same person.")]
    return [context(f"{' and '.join(parts)} were matched to the same people.")]


def _fields(facts: Facts) -> list[Block]:
    needed = facts.check.fields
    if len(needed) > FIELDS_INLINE:
        return [actions(button(f"Fill {words.count(len(needed), 'field')}", ids.FILL_FIELDS))]
    return fields.blocks(facts.check, facts.draft)


def _typed_number(facts: Facts) -> list[Block]:
    people = facts.preflight.funnel.will_enroll
    if people < TYPE_NUMBER_FROM:
        return []
    box = text_input(ids.TYPE_NUMBER, limit=20)
    label = f"Type {people} to confirm"
    return [field_block(ids.fresh(ids.TYPED_NUMBER, facts.check.id), label, box, hint="Commas are fine.")]


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


def query_view(check: Check) -> View:
    """V5q: the query as it is run, for the requester only."""
    shown = words.lines(check.sql)
    more = len(shown) - SQL_SHOWN
    body = f"{shown[:SQL_SHOWN]}\n… {words.number(more)} more characters" if more > 0 else shown
    fingerprint = hashlib.sha256(check.sql.encode(errors="replace")).hexdigest()[:8]
    reads = words.data(f"Reads {', '.join(check.tables)}", 500) if check.tables else "Reads no table"
    return modal(
        ids.QUERY,
        [rich(preformatted(body)), plain_context(f"{reads} · fingerprint {fingerprint}")],
        draft_id=check.draft_id,
        title="Query",
        close=BACK,
    )
