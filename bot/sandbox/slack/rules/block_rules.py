"""Blocks: where each may stand, and what it may hold (docs: blocks; slack-platform facts where the docs are wrong)."""

from collections.abc import Callable, Mapping

from bot.sandbox.slack.rules import element_rules, texts
from bot.sandbox.slack.rules.problem import Json, Walk
from bot.sandbox.slack.rules.rich_text_rules import rich_text

_EVERYWHERE = frozenset({"message", "modal", "home"})


def block(walk: Walk, value: object, pointer: str) -> None:
    """One block of a kind that this surface allows."""
    if not isinstance(value, dict) or value.get("type") not in RULES:
        kind = value.get("type") if isinstance(value, dict) else value
        walk.problem(f"{pointer}/type", f"unsupported type: {kind}")
        return
    surfaces, rule = RULES[value["type"]]
    if walk.surface not in surfaces:
        walk.problem(f"{pointer}/type", f"unsupported type: {value['type']} in a {walk.surface}")
        return
    if value.get("block_id") is not None:
        walk.words(value["block_id"], f"{pointer}/block_id", 255)
    rule(walk, value, pointer)


def _section(walk: Walk, value: Json, pointer: str) -> None:
    walk.keys(value, pointer, (), ("text", "fields", "accessory", "block_id", "expand"))
    if value.get("text") is None and not value.get("fields"):
        walk.problem(pointer, "must have text or fields")
    if value.get("text") is not None:
        texts.text(walk, value["text"], f"{pointer}/text", 3000)
    for place, one in enumerate(walk.many(value.get("fields", [None]), f"{pointer}/fields", 10)):
        if "fields" in value:
            texts.text(walk, one, f"{pointer}/fields/{place}", 2000)
    accessory = value.get("accessory")
    if accessory is not None:
        element_rules.element(walk, accessory, f"{pointer}/accessory", allowed=element_rules.IN_SECTION)


def _header(walk: Walk, value: Json, pointer: str) -> None:
    if walk.keys(value, pointer, ("text",), ("block_id", "level")):
        texts.text(walk, value["text"], f"{pointer}/text", 150, plain=True)


def _context(walk: Walk, value: Json, pointer: str) -> None:
    if walk.keys(value, pointer, ("elements",), ("block_id",)):
        for place, one in enumerate(walk.many(value["elements"], f"{pointer}/elements", 10)):
            texts.text(walk, one, f"{pointer}/elements/{place}", 3000)


def _actions(walk: Walk, value: Json, pointer: str) -> None:
    if walk.keys(value, pointer, ("elements",), ("block_id",)):
        for place, one in enumerate(walk.many(value["elements"], f"{pointer}/elements", 25)):
            inner = f"{pointer}/elements/{place}"
            element_rules.element(walk, one, inner, allowed=element_rules.IN_ACTIONS)


def _input(walk: Walk, value: Json, pointer: str) -> None:
    if not walk.keys(value, pointer, ("label", "element"), ("hint", "optional", "dispatch_action", "block_id")):
        return
    texts.text(walk, value["label"], f"{pointer}/label", 2000, plain=True)
    if value.get("hint") is not None:
        texts.text(walk, value["hint"], f"{pointer}/hint", 2000, plain=True)
    held = value["element"]
    element_rules.element(walk, held, f"{pointer}/element", allowed=element_rules.IN_INPUT)
    if isinstance(held, dict) and held.get("type") == "file_input":
        if value.get("dispatch_action"):
            walk.problem(f"{pointer}/dispatch_action", "dispatch_action is not supported with file_input")
        if walk.surface != "modal":
            walk.problem(f"{pointer}/element/type", "unsupported type: file_input outside a modal")


def _divider(walk: Walk, value: Json, pointer: str) -> None:
    walk.keys(value, pointer, (), ("block_id",))


def _image(walk: Walk, value: Json, pointer: str) -> None:
    if walk.keys(value, pointer, ("image_url", "alt_text"), ("title", "block_id")):
        walk.words(value["image_url"], f"{pointer}/image_url", 3000)
        walk.words(value["alt_text"], f"{pointer}/alt_text", 2000)


def _alert(walk: Walk, value: Json, pointer: str) -> None:
    if walk.keys(value, pointer, ("text",), ("level", "block_id")):
        texts.text(walk, value["text"], f"{pointer}/text", 200)
    if value.get("level") not in (None, "default", "info", "warning", "error", "success"):
        walk.problem(f"{pointer}/level", "unknown level")


def _markdown(walk: Walk, value: Json, pointer: str) -> None:
    if walk.keys(value, pointer, ("text",), ("block_id",)):
        walk.words(value["text"], f"{pointer}/text", 12_000)


def _table(walk: Walk, value: Json, pointer: str) -> None:
    if walk.keys(value, pointer, ("rows",), ("column_settings", "block_id")):
        for place, row in enumerate(walk.many(value["rows"], f"{pointer}/rows", 100)):
            for column, cell in enumerate(walk.many(row, f"{pointer}/rows/{place}", 20)):
                if cell.get("type") == "raw_text" and not cell.get("text"):
                    walk.problem(f"{pointer}/rows/{place}/{column}", "must be more than 0 characters")


Rule = Callable[[Walk, Json, str], None]

RULES: Mapping[str, tuple[frozenset[str], Rule]] = {
    "actions": (_EVERYWHERE, _actions),
    "alert": (frozenset({"modal"}), _alert),
    "context": (_EVERYWHERE, _context),
    "divider": (_EVERYWHERE, _divider),
    "header": (_EVERYWHERE, _header),
    "image": (_EVERYWHERE, _image),
    "input": (_EVERYWHERE, _input),
    "markdown": (frozenset({"message"}), _markdown),
    "rich_text": (_EVERYWHERE, rich_text),
    "section": (_EVERYWHERE, _section),
    "table": (frozenset({"message"}), _table),
}
