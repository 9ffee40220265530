"""One drawing: blocks in one place for one reader, and what the templates ask for while they draw them."""

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from bot.sandbox.page import choices, controls, links, markdown, mrkdwn, pieces, rich_text
from bot.sandbox.page.choices import Choice, Group
from bot.sandbox.page.controls import Control
from bot.sandbox.page.place import Json, Place, Reader
from bot.sandbox.slack.rules.blocks import SURFACES
from bot.sandbox.slack.rules.elements import IN_ACTIONS, IN_INPUT, IN_SECTION

Macros = Mapping[str, Callable[..., Markup]]

# Element -> the macro that draws it; its block's macro has already said whether it may stand there.
ELEMENTS: Mapping[str, str] = {
    "button": "button",
    "channels_select": "menu",
    "checkboxes": "boxes",
    "conversations_select": "menu",
    "datepicker": "typed",
    "datetimepicker": "typed",
    "email_text_input": "typed",
    "external_select": "combo",
    "file_input": "files",
    "image": "picture",
    "multi_external_select": "combo",
    "multi_static_select": "boxes",
    "number_input": "typed",
    "overflow": "overflow",
    "plain_text_input": "typed",
    "radio_buttons": "boxes",
    "static_select": "menu",
    "timepicker": "typed",
    "url_text_input": "typed",
    "users_select": "menu",
}
_ALLOWED = {"section": IN_SECTION, "actions": IN_ACTIONS, "input": IN_INPUT}
_ONLY_IN_MODALS = frozenset({"file_input", "number_input"})


class Sheet:
    """What is drawn on. Templates get it with every block and every element."""

    def __init__(self, macros: Macros, place: Place, reader: Reader) -> None:
        self._macros = macros
        self.place = place
        self.reader = reader

    def blocks(self, blocks: Sequence[Json]) -> Markup:
        """The blocks, one below the other; a warning in the place of each that cannot be drawn."""
        return pieces.sendable(pieces.joined(self._block(one, number) for number, one in enumerate(blocks)))

    def _block(self, block: Json, number: int) -> Markup:
        kind = block["type"]
        if self.place.surface not in SURFACES.get(kind, ()):
            return pieces.undrawn(f"{kind} in a {self.place.surface}" if kind in SURFACES else kind)
        # Blocks that a view or message was sent with have an id; those in between are told apart by their number.
        return self._macros[f"block_{kind}"](block, block.get("block_id") or f"#{number}", self)

    # -- elements

    def control(self, block: Json, element: Json, block_id: str, number: int = 0, name: str = "") -> Control:
        """The element with all that it carries; `name` is the id of the words that name it."""
        ids = (block_id, element.get("action_id") or f"#{number}")
        return controls.control(block, element, ids, self.place, self.reader, name=name)

    def element(self, control: Control) -> Markup:
        """The element, or a warning where it may not stand."""
        kind = control.kind
        if kind not in _ALLOWED[control.block["type"]] or (kind in _ONLY_IN_MODALS and self.place.surface != "modal"):
            return pieces.undrawn(kind, inline=True)
        return self._macros[ELEMENTS[kind]](control, self)

    def words_id(self, block_id: str) -> str:
        """The id of a section's words, which name what stands beside them."""
        return f"{self.place.prefix}-{controls.slug(block_id)}"

    def offered(self, control: Control) -> list[Group]:
        """What a menu or a group offers."""
        return choices.offered(control, self.place, self.reader)

    def picked(self, control: Control) -> list[Choice]:
        """The options that an element holds which asks the bot for them."""
        held = control.held if isinstance(control.held, list) else [control.held] if control.held else []
        return [Choice(one["value"], self.flat(one["text"]), is_chosen=True) for one in held]

    def shown(self, control: Control) -> str:
        """The value in a field."""
        if control.held is None:
            return ""
        return controls.local(control.held, self.reader) if control.kind == "datetimepicker" else str(control.held)

    def placeholder(self, control: Control, otherwise: str = "") -> str:
        """What stands in an element as long as it is empty."""
        words = control.element.get("placeholder")
        return self.flat(words) if words else otherwise

    # -- words

    def text(self, held: Json) -> Markup:
        """A text object, with quotes and code blocks."""
        if held["type"] == "mrkdwn":
            return mrkdwn.block(held["text"], self.reader, verbatim=held.get("verbatim") is True)
        return self.line(held)

    def line(self, held: Json) -> Markup:
        """A text object where only words may stand."""
        if held["type"] == "mrkdwn":
            return mrkdwn.line(held["text"], self.reader)
        return pieces.plain(held["text"], emoji=held.get("emoji") is not False)

    def flat(self, held: Json) -> str:
        """A text object where no markup may stand."""
        return controls.flat(held, self.reader)

    def rich(self, block: Json) -> Markup:
        """What a rich_text block holds."""
        return rich_text.parts(block["elements"], self.reader)

    def cell(self, held: Json) -> Markup:
        """A cell of a table."""
        if held["type"] == "rich_text":
            return self.rich(held)
        if held["type"] == "raw_text":
            return pieces.plain(held["text"], emoji=held.get("emoji") is True)
        return pieces.undrawn(held["type"])

    def markdown(self, text: str) -> Markup:
        """The text of a markdown block."""
        return markdown.block(text)

    def address(self, url: str) -> str:
        """Where a button with this url leads; empty when it may not lead there."""
        return links.address(url)
