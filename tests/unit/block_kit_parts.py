"""Pieces of Block Kit for the table of good and bad views and messages, written as Slack's documentation has them."""

from typing import Any

Json = dict[str, Any]


def plain(text: str = "Words", **more: Any) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text, **more}


def mrkdwn(text: str = "*Words*", **more: Any) -> Json:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text, **more}


def option(text: str = "One", value: str = "1", **more: Any) -> Json:
    """An option."""
    return {"text": plain(text), "value": value, **more}


def options(count: int) -> list[Json]:
    """So many options."""
    return [option(f"Option {number}", str(number)) for number in range(count)]


def section(text: str = "*Words*", **more: Any) -> Json:
    """A section of mrkdwn."""
    return {"type": "section", "text": mrkdwn(text), **more}


def button(text: str = "Press", **more: Any) -> Json:
    """A button."""
    return {"type": "button", "text": plain(text), "action_id": "press", **more}


def confirm(**more: Any) -> Json:
    """A confirm dialog."""
    return {"title": plain(), "text": plain(), "confirm": plain("Yes"), "deny": plain("No"), **more}


def actions(*elements: Json, **more: Any) -> Json:
    """An actions block."""
    return {"type": "actions", "elements": list(elements), **more}


def context(*elements: Json) -> Json:
    """A context block."""
    return {"type": "context", "elements": list(elements)}


def typed(**more: Any) -> Json:
    """A plain text input."""
    return {"type": "plain_text_input", "action_id": "type", **more}


def select(**more: Any) -> Json:
    """A static select of two options, unless told otherwise."""
    return {"type": "static_select", "action_id": "pick", "options": options(2)} | more


def asked(element: Json, **more: Any) -> Json:
    """An input block."""
    return {"type": "input", "label": plain("Label"), "element": element, **more}


def rich(*elements: Json) -> Json:
    """A rich_text block."""
    return {"type": "rich_text", "elements": list(elements)}


def paragraph(*elements: Json) -> Json:
    """A rich text section."""
    return {"type": "rich_text_section", "elements": list(elements)}


def lines(*elements: Json, **more: Any) -> Json:
    """A preformatted part of rich text."""
    return {"type": "rich_text_preformatted", "elements": list(elements), **more}


def words(text: str = "words", **style: bool) -> Json:
    """A text element of rich text."""
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def modal(*blocks: Json, **more: Any) -> Json:
    """A modal."""
    return {"type": "modal", "title": plain("Title"), "blocks": list(blocks), **more}


def form(*blocks: Json, **more: Any) -> Json:
    """A modal with a submit button."""
    return modal(*blocks, submit=plain("Submit"), **more)


def home(*blocks: Json, **more: Any) -> Json:
    """An App Home."""
    return {"type": "home", "blocks": list(blocks), **more}


def said(*blocks: Json, text: str = "Words") -> Json:
    """A message."""
    return {"text": text, "blocks": list(blocks)}


def table(rows: int = 2, columns: int = 2, text: str = "cell") -> Json:
    """A table."""
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}
