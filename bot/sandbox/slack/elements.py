"""Interactive elements: where they stand in blocks, and what they hold when a view is opened."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]

# Element type -> (name of what it holds, name of the initial value).
HOLDS: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "users_select": ("selected_user", "initial_user"),
    "checkboxes": ("selected_options", "initial_options"),
    "url_text_input": ("value", "initial_value"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}
_LISTS = frozenset({"selected_options", "files"})


def of_block(block: Json) -> list[Json]:
    """The interactive elements of a block."""
    if block["type"] == "input":
        return [block["element"]]
    if block["type"] == "actions":
        return list(block["elements"])
    accessory = block.get("accessory")
    return [accessory] if accessory and "action_id" in accessory else []


def all_of(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """(block, element) in the order in which they stand."""
    for block in blocks:
        for element in of_block(block):
            yield block, element


def initial(element: Json) -> Json | None:
    """What the element holds before anybody touched it; None for buttons and the like."""
    named = HOLDS.get(element["type"])
    if named is None:
        return None
    held, first = named
    empty: Any = [] if held in _LISTS else None
    return {"type": element["type"], held: element.get(first, empty) if first else empty}


def options_of(element: Json) -> list[Json]:
    """The options that stand in the element itself."""
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def empty_inputs(blocks: Sequence[Json], values: Mapping[tuple[str, str], Json]) -> list[Json]:
    """The required input blocks that hold nothing: Slack asks for them before it submits."""
    found = []
    for block in blocks:
        if block["type"] == "input" and not block.get("optional"):
            element = block["element"]
            held = values[(block["block_id"], element["action_id"])]
            if not held[HOLDS[element["type"]][0]]:
                found.append(block)
    return found


def values_of(view: Json, kept: Mapping[tuple[str, str], Json] | None = None) -> dict[tuple[str, str], Json]:
    """What every element holds: what was typed before if it is the same element, else its initial value."""
    values: dict[tuple[str, str], Json] = {}
    for block, element in all_of(view["blocks"]):
        first = initial(element)
        if first is None:
            continue
        key = (block["block_id"], element["action_id"])
        values[key] = (kept or {}).get(key, first)
    return values
