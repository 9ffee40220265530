"""The fields that a flow requires: a view's state -> mappings, or a message per field."""

import re
from collections.abc import Mapping

from bot.enrollment.model.checks import Check
from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.flows import FieldMapping, FlowField
from bot.errors import FieldNotMapped
from bot.views import fields, ids, sentences, words
from handlers import form_state
from handlers.form_state import View

NOT_AN_EMAIL = "This is not an e-mail address."
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")


def read_mappings(view: View, check: Check, draft: Draft) -> tuple[FieldMapping, ...]:
    """How each required field would be filled: as the view says where it shows the field, else as the draft does."""
    now = {mapping.field_id: mapping for mapping in fields.mappings(check, draft)}
    for needed in check.fields:
        if form_state.stands(view, f"{ids.FIELD}:{needed.id}"):
            shown = _mapping(view, check, needed)
            now.pop(needed.id, None)
            if shown is not None:
                now[needed.id] = shown
    return tuple(now[needed.id] for needed in check.fields if needed.id in now)


def _mapping(view: View, check: Check, needed: FlowField) -> FieldMapping | None:
    picked = form_state.picked(view, f"{ids.FIELD}:{needed.id}", ids.MAP_FIELD)
    kind, _, place = picked.partition(":")
    columns = fields.columns(check)
    if kind == fields.COLUMN and place.isascii() and place.isdigit() and int(place) < len(columns):
        return FieldMapping(needed.id, needed.name, column=columns[int(place)])
    if kind == fields.SAME_FOR_EVERYONE:
        typed = form_state.typed(view, f"{ids.VALUE}:{needed.id}", ids.TYPE_VALUE) or ""
        return FieldMapping(needed.id, needed.name, value=typed.strip())
    return None


def bad_fields(view: View, check: Check, mappings: tuple[FieldMapping, ...], carrier: str) -> dict[str, str]:
    """A message per field that is not filled well; `carrier` takes those that the view does not show."""
    blanks = dict(check.preflight.blanks) if check.preflight else {}
    now = {mapping.field_id: mapping for mapping in mappings}
    errors: dict[str, str] = {}
    for needed in check.fields:
        block_id, said = _bad_field(needed, now.get(needed.id), blanks, check.flow.name)
        if said:
            errors[form_state.nearest(view, block_id, f"{ids.FIELD}:{needed.id}", carrier)] = said
    return errors


def _bad_field(
    needed: FlowField, mapping: FieldMapping | None, blanks: Mapping[str, int], flow_name: str
) -> tuple[str, str]:
    field, value = f"{ids.FIELD}:{needed.id}", f"{ids.VALUE}:{needed.id}"
    if mapping is None or not (mapping.column or mapping.value):
        return (field if mapping is None else value), sentences.field(FieldNotMapped(flow_name, needed.name))
    if mapping.column is not None:
        blank = blanks.get(mapping.column, 0)
        return field, _blank(blank, mapping.column) if blank else ""
    wrong = needed.is_email and not _EMAIL.fullmatch(mapping.value or "")
    return value, NOT_AN_EMAIL if wrong else ""


def _blank(rows: int, column: str) -> str:
    have = "row has" if rows == 1 else "rows have"
    name = words.data(column, words.FLOW_MAX)
    return f"{words.number(rows)} {have} no {name}. Choose another column, or leave those rows out in the query."
