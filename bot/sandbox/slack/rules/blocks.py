"""The blocks that an app like ours sends, and the surface on which each may stand."""

from typing import Any

import slackblocks as sb

from bot.sandbox.slack.rules.elements import ELEMENTS, IN_ACTIONS, IN_INPUT, IN_SECTION
from bot.sandbox.slack.rules.objects import MRKDWN, ONLY_PLAIN, PLAIN, TEXT, type_is
from bot.sandbox.slack.rules.rich_text import RICH_TEXT
from bot.sandbox.slack.rules.shapes import (
    Json,
    Key,
    Kind,
    Notes,
    Shape,
    boolean,
    by_type,
    integer,
    many,
    one_of,
    string,
    url,
)

EVERYWHERE = frozenset({"message", "modal", "home"})
SURFACES: dict[str, frozenset[str]] = {
    "section": EVERYWHERE,
    "header": EVERYWHERE,
    "context": EVERYWHERE,
    "actions": EVERYWHERE,
    "input": EVERYWHERE,
    "divider": EVERYWHERE,
    "image": EVERYWHERE,
    "rich_text": EVERYWHERE,
    "alert": frozenset({"modal"}),
    "markdown": frozenset({"message"}),
    "table": frozenset({"message"}),
}


def _block(name: str, make: Any, also: Any = None, **keys: Key) -> Shape:
    return Shape({"type": type_is(name), "block_id": Key(string(1, 255)), **keys}, make, also)


def _section_has_words(value: Json, pointer: str, notes: Notes) -> None:
    if "text" not in value and "fields" not in value:
        notes.wrong(pointer, "one of text and fields is needed")


def _files_do_not_dispatch(value: Json, pointer: str, notes: Notes) -> None:
    if value.get("dispatch_action") and value["element"]["type"] == "file_input":
        notes.wrong(f"{pointer}/dispatch_action", "dispatch_action is not allowed with file_input")


def _actions_apart(value: Json, pointer: str, notes: Notes) -> None:
    seen: set[str] = set()
    for index, element in enumerate(value["elements"]):
        action_id = element.get("action_id")
        if action_id in seen:
            notes.wrong(f"{pointer}/elements/{index}/action_id", f"`action_id` {action_id} already exists")
        if action_id:
            seen.add(action_id)


def _same_widths(value: Json, pointer: str, notes: Notes) -> None:
    if len({len(row) for row in value["rows"]}) > 1:
        notes.wrong(f"{pointer}/rows", "every row needs the same number of cells")
    if sum(map(_words_in, value["rows"])) > 10_000:
        notes.wrong(f"{pointer}/rows", "the cells hold more than 10000 characters")


def _words_in(row: list[Json]) -> int:
    return sum(len(cell["text"]) if cell["type"] == "raw_text" else len(str(cell["elements"])) for cell in row)


_RAW_TEXT = Shape({"type": type_is("raw_text"), "text": Key(string(), needed=True), "emoji": Key(boolean)})
_CELL = by_type({"raw_text": _RAW_TEXT, "rich_text": RICH_TEXT})
_COLUMN = Shape({"align": Key(one_of("left", "center", "right")), "is_wrapped": Key(boolean)})

BLOCKS: dict[str, Kind] = {
    "section": _block(
        "section",
        sb.SectionBlock,
        _section_has_words,
        text=Key(TEXT),
        fields=Key(many(TEXT, 1, 10)),
        accessory=Key(by_type(IN_SECTION)),
        expand=Key(boolean, to=None),
    ),
    "header": _block("header", sb.HeaderBlock, text=Key(ONLY_PLAIN, needed=True), level=Key(integer(1, 4), to=None)),
    "context": _block(
        "context",
        sb.ContextBlock,
        elements=Key(
            many(by_type({"image": ELEMENTS["image"], "plain_text": PLAIN, "mrkdwn": MRKDWN}), 1, 10), needed=True
        ),
    ),
    "actions": _block(
        "actions", sb.ActionsBlock, _actions_apart, elements=Key(many(by_type(IN_ACTIONS), 1, 25), needed=True)
    ),
    "input": _block(
        "input",
        sb.InputBlock,
        _files_do_not_dispatch,
        label=Key(ONLY_PLAIN, needed=True),
        element=Key(by_type(IN_INPUT), needed=True),
        hint=Key(ONLY_PLAIN),
        optional=Key(boolean),
        dispatch_action=Key(boolean),
    ),
    "divider": _block("divider", sb.DividerBlock),
    "image": _block(
        "image",
        sb.ImageBlock,
        image_url=Key(url, needed=True),
        alt_text=Key(string(1, 2000), needed=True),
        title=Key(ONLY_PLAIN),
    ),
    "rich_text": RICH_TEXT,
    "alert": _block(
        "alert",
        sb.AlertBlock,
        text=Key(TEXT, needed=True),
        level=Key(one_of("default", "info", "warning", "error", "success")),
    ),
    "markdown": Shape({"type": type_is("markdown"), "text": Key(string(1, 12_000), needed=True)}, sb.MarkdownBlock),
    "table": _block(
        "table",
        None,
        _same_widths,
        rows=Key(many(many(_CELL, 1, 20), 1, 100), needed=True),
        column_settings=Key(many(_COLUMN, 1, 20)),
    ),
}
