"""What a person reads: the words of blocks, in their order, as they stand on the screen."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

Json = dict[str, Any]

_DATE = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>")
_LINK = re.compile(r"<([a-z]+:[^|>]*)\|([^>]*)>")
_BARE_LINK = re.compile(r"<([a-z]+:[^|>]*)>")


def message(text: str, blocks: Sequence[Json]) -> str:
    """The words of a message: its blocks', or its text's when it has none."""
    return "\n".join(lines(blocks)) if blocks else plain(text)


def view(held: Json) -> str:
    """The words of a view: title, blocks, and the two buttons."""
    parts = [held.get("title", {}).get("text", "")] if held.get("title") else []
    parts += list(lines(held["blocks"]))
    parts += [f"[{held[name]['text']}]" for name in ("submit", "close") if held.get(name)]
    return "\n".join(parts)


def lines(blocks: Sequence[Json]) -> Iterator[str]:
    """One line per thing that has words."""
    for block in blocks:
        yield from _block(block)


def plain(mrkdwn: str) -> str:
    """mrkdwn as it is shown: links by their words, dates by their fallback, entities resolved."""
    shown = _DATE.sub(r"\1", mrkdwn)
    shown = _BARE_LINK.sub(r"\1", _LINK.sub(r"\2", shown))
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def label(element: Json) -> str:
    """What stands on a button, or in the place of an input."""
    words: str = (element.get("text") or element.get("placeholder") or {}).get("text", "")
    return words


def _block(block: Json) -> Iterator[str]:
    kind = block["type"]
    if kind in ("section", "header", "alert"):
        if "text" in block:
            yield _text(block["text"])
        yield from (_text(one) for one in block.get("fields", ()))
        if block.get("accessory"):
            yield from _element(block["accessory"])
    elif kind == "context":
        yield from (_text(one) for one in block["elements"] if "text" in one)
    elif kind == "actions":
        for element in block["elements"]:
            yield from _element(element)
    elif kind == "input":
        yield _text(block["label"])
        yield from _element(block["element"])
        if block.get("hint"):
            yield _text(block["hint"])
    elif kind == "rich_text":
        yield from _rich(block["elements"])


def _element(element: Json) -> Iterator[str]:
    if element["type"] == "button":
        yield f"[{element['text']['text']}]"
        return
    if element.get("placeholder"):
        yield element["placeholder"]["text"]
    initial = element.get("initial_option")
    for option in element.get("options", []):
        mark = "(•)" if initial and option["value"] == initial["value"] else "( )"
        yield f"{mark} {_text(option['text'])}"


def _rich(parts: Sequence[Json]) -> Iterator[str]:
    for part in parts:
        if part["type"] == "rich_text_list":
            yield from _rich(part["elements"])
            continue
        yield "".join(_run(one) for one in part["elements"])


def _run(one: Json) -> str:
    match one["type"]:
        case "user":
            return f"<@{one['user_id']}>"
        case "emoji":
            return f":{one['name']}:"
        case "date":
            return str(one.get("fallback", ""))
        case "link":
            return str(one.get("text") or one["url"])
        case _:
            return str(one.get("text", ""))


def _text(held: Json) -> str:
    words: str = held["text"]
    return plain(words) if held.get("type") == "mrkdwn" else words
