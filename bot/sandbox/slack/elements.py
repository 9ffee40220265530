"""Interactive elements: where they stand in blocks, and what they hold when a view is opened."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
_TYPED = frozenset({"plain_text_input", "number_input", "email_text_input", "url_text_input"})
REQUIRED = "Please complete this required field."


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


def asked_for(blocks: Sequence[Json], values: Mapping[tuple[str, str], Json]) -> dict[str, str]:
    """What Slack says under each required input that is empty, by block_id: it sends nothing before they are filled."""
    found = {}
    for block in blocks:
        if block["type"] == "input" and not block.get("optional"):
            element = block["element"]
            if not values[(block["block_id"], element["action_id"])][HOLDS[element["type"]][0]]:
                found[block["block_id"]] = REQUIRED
    return found


def is_told(block: Json, element: Json, *, entered: bool) -> bool:
    """Whether a change here is told to the app at once; `entered` means that the person pressed Enter in a text input.

    docs: input block, dispatch_action; plain-text input, dispatch_action_config (on_enter_pressed by default).
    """
    if block["type"] != "input":
        return True
    if not block.get("dispatch_action") or element["type"] not in _TYPED:
        return bool(block.get("dispatch_action"))
    when = element.get("dispatch_action_config", {}).get("trigger_actions_on", ["on_enter_pressed"])
    return "on_character_entered" in when or (entered and "on_enter_pressed" in when)


def named(blocks: Sequence[Json], new_id: Callable[[str], str]) -> list[Json]:
    """The same blocks, each with a block_id."""
    return [block if block.get("block_id") else {**block, "block_id": new_id("b")} for block in blocks]


def find(blocks: Sequence[Json], block_id: str, action_id: str) -> tuple[Json, Json] | None:
    """The element with these ids, and its block."""
    for block, element in all_of(blocks):
        if (block.get("block_id"), element.get("action_id")) == (block_id, action_id):
            return block, element
    return None


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
