"""Refuses the views and messages that Slack refuses, with Slack's error codes and JSON pointers.

Every dict goes through the slackblocks constructors (`rules`); here stand the rules that hold across blocks: ids that
are unique, surfaces, sizes, a submit button for inputs. A clean view or message has no problems.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.rules.blocks import BLOCKS, SURFACES
from bot.sandbox.slack.rules.objects import ONLY_PLAIN
from bot.sandbox.slack.rules.shapes import Json, Key, Notes, Shape, boolean, by_type, many, one_of, string
from bot.sandbox.slack.things import Refused

MOST_IN_VIEW = 100
MOST_IN_MESSAGE = 50
VIEW_BYTES = 250_000
# Nobody documents it: https://github.com/slackapi/bolt-js/issues/2509
MESSAGE_BLOCKS = 13_200
MESSAGE_TEXT = 40_000
_ALL_MARKDOWN = 12_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Slack's error code, where in the arguments, and Slack's words for it."""

    code: str
    pointer: str
    message: str


def problems_of_view(view: Json) -> list[Problem]:
    """What Slack would refuse in this view (modal or home); empty when it would take it."""
    notes = Notes()
    surface = "home" if view.get("type") == "home" else "modal"
    (_HOME if surface == "home" else _MODAL)(view, "/view", notes)
    if not notes.found:
        _view_rules(view, notes)
        _block_rules(view["blocks"], surface, "/view/blocks", notes)
    if _size(view) > VIEW_BYTES:
        notes.wrong("/view", "the view is larger than 250 KB", "view_too_large")
    return _problems(notes, "invalid_arguments")


def problems_of_message(message: Json, *, needs_text: bool = True) -> list[Problem]:
    """What Slack would refuse in this message; empty when it would take it.

    Slack only warns about blocks without the `text` that notifications and screen readers use: `needs_text` makes it
    a problem, `no_text` like a message that says nothing at all.
    """
    notes = Notes()
    text, blocks = message.get("text"), message.get("blocks")
    if text is not None and not isinstance(text, str):
        notes.wrong("/text", "must be a string", "invalid_arguments")
    elif len(text or "") > MESSAGE_TEXT:
        notes.wrong("/text", "must be less than 40001 characters", "msg_too_long")
    if not text and (needs_text or not blocks):
        notes.wrong("/text", "a message needs text", "no_text")
    if blocks is not None:
        _message_blocks(blocks, notes)
    return _problems(notes, "invalid_blocks")


def demand(problems: list[Problem]) -> None:
    """Raises Refused, with Slack's code and where each problem is, when there are any."""
    if problems:
        raise Refused(problems[0].code, *(f"[ERROR] {one.message} [json-pointer:{one.pointer}]" for one in problems))


def _message_blocks(blocks: Any, notes: Notes) -> None:
    if not isinstance(blocks, list):
        notes.wrong("/blocks", "must be an array", "invalid_blocks_format")
        return
    before = len(notes.found)
    many(by_type(BLOCKS), 0, MOST_IN_MESSAGE)(blocks, "/blocks", notes)
    if len(notes.found) == before:
        _block_rules(blocks, "message", "/blocks", notes)
        _message_sums(blocks, notes)
    if len(json.dumps(blocks, ensure_ascii=False)) > MESSAGE_BLOCKS:
        notes.wrong("/blocks", "the blocks are too long", "msg_blocks_too_long")


def _message_sums(blocks: list[Json], notes: Notes) -> None:
    tables = [index for index, block in enumerate(blocks) if block["type"] == "table"]
    if len(tables) > 1:
        notes.wrong(f"/blocks/{tables[1]}", "only_one_table_allowed", "invalid_attachments")
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > _ALL_MARKDOWN:
        notes.wrong("/blocks", "markdown blocks hold more than 12000 characters")


def _view_rules(view: Json, notes: Notes) -> None:
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    if view["type"] == "modal" and inputs and "submit" not in view:
        notes.wrong("/view", "must define `submit` to use an `input` block in modals")
    focused = [pointer for pointer, one in _elements(view["blocks"], "/view/blocks") if one.get("focus_on_load")]
    if len(focused) > 1:
        notes.wrong(f"{focused[1]}/focus_on_load", "focus_on_load can be set on one element only")
    for limited in ("title", "submit", "close"):
        if limited in view and len(view[limited]["text"]) > 24:
            notes.wrong(f"/view/{limited}/text", "must be less than 25 characters")


def _block_rules(blocks: list[Json], surface: str, pointer: str, notes: Notes) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        if surface not in SURFACES[block["type"]]:
            notes.wrong(f"{pointer}/{index}/type", f"unsupported type: {block['type']}")
        block_id = block.get("block_id")
        if block_id in seen:
            notes.wrong(f"{pointer}/{index}/block_id", f"`block_id` {block_id} already exists")
        if block_id:
            seen.add(block_id)
    for place, element in _elements(blocks, pointer):
        if element["type"] in ("file_input", "number_input") and surface != "modal":
            notes.wrong(f"{place}/type", f"unsupported type: {element['type']}")


def _elements(blocks: list[Json], pointer: str) -> Iterator[tuple[str, Json]]:
    for index, block in enumerate(blocks):
        if block["type"] == "input":
            yield f"{pointer}/{index}/element", block["element"]
        elif block["type"] == "actions":
            for place, element in enumerate(block["elements"]):
                yield f"{pointer}/{index}/elements/{place}", element
        elif "accessory" in block:
            yield f"{pointer}/{index}/accessory", block["accessory"]


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


def _problems(notes: Notes, usual: str) -> list[Problem]:
    return [Problem(one.code or usual, one.pointer, one.message) for one in notes.found]


_ANY_VIEW = {
    "blocks": Key(many(by_type(BLOCKS), 1, MOST_IN_VIEW), needed=True),
    "private_metadata": Key(string(0, 3000)),
    "callback_id": Key(string(0, 255)),
    "external_id": Key(string(0, 255)),
}
_HOME = Shape({"type": Key(one_of("home"), needed=True), **_ANY_VIEW})
_MODAL = Shape(
    {
        "type": Key(one_of("modal"), needed=True),
        "title": Key(ONLY_PLAIN, needed=True),
        "submit": Key(ONLY_PLAIN),
        "close": Key(ONLY_PLAIN),
        "clear_on_close": Key(boolean),
        "notify_on_close": Key(boolean),
        "submit_disabled": Key(boolean),
        **_ANY_VIEW,
    }
)
