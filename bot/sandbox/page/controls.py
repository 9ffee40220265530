"""Interactive elements where they stand: the ids and attributes that the page's script goes by, and what they hold."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from bot.sandbox.page import mrkdwn, pieces, shortcodes
from bot.sandbox.page.place import Json, Place, Reader
from bot.sandbox.slack.elements import HOLDS, initial

# Groups are named by their legend; all others by a label, or by words of their own.
GROUPS = frozenset({"radio_buttons", "checkboxes", "multi_static_select"})
# A group of boxes can neither be needed nor be wrong, as far as ARIA goes; its legend and its error say so in words.
_BOXES = frozenset({"checkboxes", "multi_static_select"})
_PRESSED = frozenset({"button", "overflow"})
_TYPED = frozenset({"plain_text_input", "number_input", "email_text_input", "url_text_input"})
_UNNAMED = {
    "datepicker": "Date",
    "timepicker": "Time",
    "datetimepicker": "Date and time",
}
_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9_]")


@dataclass(frozen=True, slots=True)
class Control:
    """One element: its id in the page, its place in the view, and its state.

    `attributes` are what it carries: its id, what it is to the script and what to assistive technology. `held` is
    what it holds, None when that is nothing. `block` is its block, and `is_asked` whether that is an input block.
    """

    id: str
    element: Json
    block: Json
    is_asked: bool
    attributes: Mapping[str, str]
    held: Any
    error: str

    @property
    def kind(self) -> str:
        """The element's type."""
        return str(self.element["type"])

    @property
    def is_needed(self) -> bool:
        """Whether something has to be chosen, or stays chosen once it was."""
        return not self.block.get("optional")

    @property
    def is_group(self) -> bool:
        """Whether it is several boxes or buttons in the page."""
        return self.kind in GROUPS

    @property
    def chosen(self) -> list[str]:
        """The values of the chosen options, or the id of who or what was chosen."""
        held = self.held if isinstance(self.held, list) else [self.held] if self.held else []
        return [str(one["value"]) if isinstance(one, dict) else str(one) for one in held]


def control(
    block: Json, element: Json, ids: tuple[str, str], place: Place, reader: Reader, *, name: str = ""
) -> Control:
    """The element with everything it carries. `ids` are its block and action id, `name` the id of what names it."""
    dom_id = f"{place.prefix}-{slug(*ids)}"
    asked = block["type"] == "input"
    error = place.errors.get(ids[0], "") if asked else ""
    return Control(
        id=dom_id,
        element=element,
        block=block,
        is_asked=asked,
        attributes={
            "id": dom_id,
            **_data(block, element, ids, reader),
            **(_asked(block, element, dom_id, error) if asked else _named(element, name)),
        },
        held=_held(element, place.values.get(ids)),
        error=error,
    )


@lru_cache(maxsize=4096)
def slug(*ids: str) -> str:
    """The ids as one that may be an id in a page: the same only for the same ids."""
    kept = "-".join(_NOT_IN_IDS.sub("_", one) for one in ids)
    if kept == "-".join(ids):
        return kept
    return f"{kept}-{hashlib.sha256(json.dumps(ids).encode()).hexdigest()[:8]}"


def flat(held: Json, reader: Reader) -> str:
    """The words of a text object where no markup can stand."""
    if held["type"] == "mrkdwn":
        return pieces.bare(mrkdwn.line(held["text"], reader))
    words: str = held["text"]
    return words if held.get("emoji") is False else shortcodes.replaced(words)


def local(seconds: int, reader: Reader) -> str:
    """The moment as a field for day and time has it, in the reader's time zone."""
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(reader.zone):%Y-%m-%dT%H:%M}"


def _held(element: Json, state: Json | None) -> Any:
    named = HOLDS.get(element["type"])
    if named is None:
        return None
    return ((initial(element) if state is None else state) or {}).get(named[0])


def _data(block: Json, element: Json, ids: tuple[str, str], reader: Reader) -> dict[str, str]:
    kind = element["type"]
    data = {"data-block": ids[0], "data-action": ids[1], "data-type": kind}
    if kind not in _PRESSED and (block["type"] != "input" or block.get("dispatch_action")):
        data["data-dispatch"] = ""
    if kind in _TYPED:
        config = element.get("dispatch_action_config") or {}
        data["data-on"] = " ".join(config.get("trigger_actions_on") or ["on_enter_pressed"])
    if element.get("confirm"):
        data["data-confirm"] = _confirm(element["confirm"], reader)
    return data


def _confirm(dialog: Json, reader: Reader) -> str:
    words = {name: flat(dialog[name], reader) for name in ("title", "text", "confirm", "deny")}
    return json.dumps({**words, "style": dialog.get("style", "primary")}, ensure_ascii=False)


def _asked(block: Json, element: Json, dom_id: str, error: str) -> dict[str, str]:
    """What is told of an element in an input block, which has its label by the page's own means."""
    aria = {}
    told = [f"{dom_id}-{part}" for part, words in (("hint", block.get("hint")), ("error", error)) if words]
    if told:
        aria["aria-describedby"] = " ".join(told)
    if element["type"] in _BOXES:
        return aria
    if error:
        aria["aria-invalid"] = "true"
    if not block.get("optional"):
        aria["aria-required"] = "true"
    return aria


def _named(element: Json, name: str) -> dict[str, str]:
    """What names an element that no label names: the words beside it, or those in it."""
    kind = element["type"]
    if kind in _PRESSED:
        words = element.get("accessibility_label", "")
        return {"aria-label": words} if words else {}
    if name:
        return {"aria-labelledby": name}
    placeholder = element.get("placeholder")
    return {"aria-label": shortcodes.replaced(placeholder["text"]) if placeholder else _UNNAMED.get(kind, "Choose")}
