"""The target fields that a flow requires, as inputs: from a column of the query, or the same for everyone.

An option's value is "column:{place}" or "value", because a column's name may be longer than Slack lets a value be.
"""

from bot.enrollment.model.checks import Check
from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.flows import FieldMapping, FlowField
from bot.views import ids, words
from bot.views.blocks import Block, Element, field, option, plain, text_input

SAME_FOR_EVERYONE = "value"
COLUMN = "column"
_FIELDS_MAX = 49
_COLUMNS_MAX = 100
OWNER_HINT = "Mail goes out under this person's name."


def mappings(check: Check, draft: Draft) -> tuple[FieldMapping, ...]:
    """How each required field would be filled now: as the draft says, else by a column of the same name."""
    kept = {mapping.field_id: mapping for mapping in draft.mappings}
    now = [_kept(check, needed, kept.get(needed.id)) or _by_name(check, needed) for needed in check.fields]
    return tuple(mapping for mapping in now if mapping is not None)


def _kept(check: Check, needed: FlowField, mapping: FieldMapping | None) -> FieldMapping | None:
    if mapping is None or (mapping.column is not None and mapping.column not in columns(check)):
        return None
    return FieldMapping(needed.id, needed.name, column=mapping.column, value=mapping.value)


def _by_name(check: Check, needed: FlowField) -> FieldMapping | None:
    if needed.is_email:
        return None  # Whose name the mail goes out under is never guessed.
    same = (name for name in columns(check) if _folded(name) == _folded(needed.name))
    found = next(same, None)
    return FieldMapping(needed.id, needed.name, column=found) if found is not None else None


def _folded(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def columns(check: Check) -> tuple[str, ...]:
    """The columns that can be chosen."""
    return check.preflight.columns[:_COLUMNS_MAX] if check.preflight else ()


def chosen_value(check: Check, mapping: FieldMapping | None) -> str:
    """The option's value that stands for this mapping; empty for none."""
    if mapping is None:
        return ""
    if mapping.column is not None:
        return f"{COLUMN}:{columns(check).index(mapping.column)}"
    return SAME_FOR_EVERYONE


def blocks(check: Check, draft: Draft) -> list[Block]:
    """One select per required field, and a text box beneath where one value is typed for everyone."""
    now = {mapping.field_id: mapping for mapping in mappings(check, draft)}
    made: list[Block] = []
    for needed in check.fields[:_FIELDS_MAX]:
        mapping = now.get(needed.id)
        hint = OWNER_HINT if needed.is_email else ""
        name = words.data(needed.name, words.FLOW_MAX)
        picker = _picker(check, chosen_value(check, mapping))
        made.append(field(f"{ids.FIELD}:{needed.id}", f"{name} (this flow needs it)", picker, hint=hint))
        if mapping is not None and mapping.column is None:
            box = text_input(ids.TYPE_VALUE, initial=mapping.value or "", limit=500)
            made.append(field(f"{ids.VALUE}:{needed.id}", f"{name} for everyone", box))
    return made


def _picker(check: Check, chosen: str) -> Element:
    names = [option(name, f"{COLUMN}:{place}") for place, name in enumerate(columns(check))]
    typed = [option("Type a value…", SAME_FOR_EVERYONE)]
    groups = [("A column of the query", names), ("The same for everyone", typed)]
    picker: Element = {
        "type": "static_select",
        "action_id": ids.MAP_FIELD,
        "option_groups": [{"label": plain(label), "options": options} for label, options in groups if options],
    }
    initial = next((one for one in [*names, *typed] if one["value"] == chosen), None)
    return {**picker, "initial_option": initial} if initial is not None else picker
