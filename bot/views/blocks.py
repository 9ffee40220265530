"""Tiny constructors of Block Kit: each gives one plain dict, cut to Slack's limit for its place.

`plain` and `text` show outside text as it is; whoever calls `section` or `context` has escaped it (`words.escape`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from bot.views import words

Block: TypeAlias = dict[str, Any]
Element: TypeAlias = dict[str, Any]
View: TypeAlias = dict[str, Any]
Message: TypeAlias = dict[str, Any]
Level = Literal["info", "warning", "error", "success"]
Style = Literal["primary", "danger"]


def plain(text: str, limit: int = 3000) -> Element:
    """A plain_text object on one line."""
    return {"type": "plain_text", "text": words.data(text, limit) or "–"}


def mrkdwn(text: str) -> Element:
    """A mrkdwn object; `text` is already escaped where it has to be."""
    return {"type": "mrkdwn", "text": text}


def section(text: str, *, accessory: Element | None = None, block_id: str = "") -> Block:
    """A section of mrkdwn."""
    return _with({"type": "section", "text": mrkdwn(text)}, accessory=accessory, block_id=block_id)


def fields(*texts: str) -> Block:
    """A section of short facts of mrkdwn, two in a row where there is room."""
    return {"type": "section", "fields": [mrkdwn(text) for text in texts]}


def context(*texts: str) -> Block:
    """A context of mrkdwn elements."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def plain_context(text: str) -> Block:
    """A context of plain text, for names from outside."""
    return {"type": "context", "elements": [plain(text, 2000)]}


def header(text: str) -> Block:
    """A header."""
    return {"type": "header", "text": plain(text, 150)}


def alert(level: Level, text: str) -> Block:
    """An alert; modals only."""
    return {"type": "alert", "level": level, "text": plain(text, 200)}


def actions(*elements: Element) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def button(
    text: str,
    action_id: str,
    *,
    value: str = "",
    url: str = "",
    style: Style | None = None,
    confirm: Element | None = None,
    spoken: str = "",
) -> Element:
    """A button; `spoken` is what a screen reader says where several read alike."""
    made = {"type": "button", "text": plain(text, 75), "action_id": action_id}
    return _with(made, value=value, url=url, style=style, confirm=confirm, accessibility_label=words.cut(spoken, 75))


def confirm(title: str, text: str, yes: str, no: str) -> Element:
    """A dialog between a press and what it does."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }


def option(text: str, value: str) -> Element:
    """One option of a select or of radio buttons."""
    return {"text": plain(text, 75), "value": value}


def select(action_id: str, options: Sequence[Element], *, chosen: str = "", placeholder: str = "") -> Element:
    """A static select of at most 100 options; `chosen` is the value of the one to begin with."""
    kept = list(options[:100])
    initial = next((one for one in kept if one["value"] == chosen), None) if chosen else None
    made = {"type": "static_select", "action_id": action_id, "options": kept}
    return _with(made, initial_option=initial, placeholder=plain(placeholder, 150) if placeholder else None)


def radio(action_id: str, options: Sequence[Element], chosen: str) -> Element:
    """Radio buttons; `chosen` is the value of the one to begin with."""
    initial = next((one for one in options if one["value"] == chosen), None)
    return _with({"type": "radio_buttons", "action_id": action_id, "options": list(options)}, initial_option=initial)


def checkboxes(action_id: str, options: Sequence[Element], ticked: Sequence[str] = ()) -> Element:
    """Checkboxes; `ticked` are the values of those to begin with."""
    initial = [one for one in options if one["value"] in ticked]
    made = {"type": "checkboxes", "action_id": action_id, "options": list(options)}
    return _with(made, initial_options=initial or None)


def text_input(
    action_id: str, *, initial: str = "", placeholder: str = "", multiline: bool = False, limit: int = 3000
) -> Element:
    """A text box that reports every character, so that nothing typed is lost."""
    made: Element = {
        "type": "plain_text_input",
        "action_id": action_id,
        "multiline": multiline,
        "max_length": limit,
        # Enter must stay a line break, so it is not among the triggers (ux.md section 1, principle 5).
        "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},
    }
    return _with(
        made,
        initial_value=words.encodable(initial[:limit]),
        placeholder=plain(placeholder, 150) if placeholder else None,
    )


def field(
    block_id: str, label: str, element: Element, *, hint: str = "", optional: bool = False, dispatch: bool = True
) -> Block:
    """An input block."""
    made: Block = {"type": "input", "block_id": block_id, "label": plain(label, 2000), "element": element}
    return _with(
        made,
        hint=plain(hint, 2000) if hint else None,
        optional=optional or None,
        dispatch_action=dispatch or None,
    )


def text(content: str, *, bold: bool = False) -> Element:
    """A rich text element: never parsed, so outside text is safe in it."""
    made: Element = {"type": "text", "text": content}
    return _with(made, style={"bold": True} if bold else None)


def rich(*parts: Element) -> Block:
    """A rich_text block of sections and preformatted parts."""
    return {"type": "rich_text", "elements": list(parts)}


def paragraph(*parts: Element) -> Element:
    """A rich text section."""
    return {"type": "rich_text_section", "elements": list(parts)}


def preformatted(content: str) -> Element:
    """Monospaced lines."""
    return {"type": "rich_text_preformatted", "elements": [text(content or " ")]}


def quote(content: str) -> Element:
    """What somebody wrote, set apart."""
    return {"type": "rich_text_quote", "elements": [text(content or " ")]}


def emoji(icon: str) -> Element:
    """An emoji of the state table (":repeat:") in rich text."""
    return {"type": "emoji", "name": icon.strip(":")}


def _with(made: Mapping[str, Any], **further: Any) -> Block:
    return {**made, **{key: value for key, value in further.items() if value not in (None, "")}}
