"""Draws what Slack shows: blocks, texts and moments as safe HTML. Pure: data in, Markup out."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.sandbox.page import mrkdwn, pieces
from bot.sandbox.page.place import Json, Place, Reader
from bot.sandbox.page.sheet import ELEMENTS, Sheet
from bot.sandbox.slack.rules.blocks import SURFACES

_WORDS = Markup('<div class="words" dir="auto">%s</div>')


class Pen:
    """Its templates are read and compiled once, from the folder `templates`; one that is missing shows at once."""

    def __init__(self, templates: Path) -> None:
        environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        blocks = environment.get_template("blocks.html").module
        elements = environment.get_template("elements.html").module
        self._macros = {f"block_{kind}": getattr(blocks, f"block_{kind}") for kind in SURFACES}
        self._macros |= {name: getattr(elements, name) for name in set(ELEMENTS.values())}

    def blocks(self, blocks: Sequence[Json], place: Place, reader: Reader) -> Markup:
        """The blocks as they stand in this place; a warning in the place of each that cannot be drawn."""
        return Sheet(self._macros, place, reader).blocks(blocks)

    def words(self, text: str, reader: Reader) -> Markup:
        """A message's text without blocks, which is mrkdwn."""
        return pieces.sendable(_WORDS % mrkdwn.block(text, reader))

    def moment(self, at: datetime, reader: Reader) -> Markup:
        """The time of day, with the whole moment in its title."""
        return pieces.moment(at, "{time}", reader)
