"""What the windows keep beside the workspace: what was seen, the words under fields, the options last offered."""

from dataclasses import dataclass, field

from bot.sandbox.page.marks import Marks
from bot.sandbox.slack.things import Json, OpenView


@dataclass(frozen=True, slots=True)
class Said:
    """What stands in a view until it changes: words by block_id, and words about the view as a whole."""

    hash: str
    under: dict[str, str] = field(default_factory=dict)
    above: str = ""


NOTHING = Said("")


@dataclass(slots=True)
class Desk:
    """One for the whole page. What it says of a view is over as soon as the bot shows something else there."""

    marks: Marks = field(default_factory=Marks)
    _said: dict[str, Said] = field(default_factory=dict)
    _offered: dict[tuple[str, str, str], list[Json]] = field(default_factory=dict)

    def say(self, opened: OpenView, *, under: dict[str, str] | None = None, above: str = "") -> None:
        """These words stand in the view from now on, and no others."""
        self._said[opened.id] = Said(opened.hash, under or {}, above)

    def said(self, opened: OpenView) -> Said:
        """The words that stand in the view."""
        found = self._said.get(opened.id, NOTHING)
        return found if found.hash == opened.hash else NOTHING

    def offer(self, opened: OpenView, block_id: str, action_id: str, options: list[Json]) -> None:
        """The bot offered these; one of them may be chosen."""
        known = self._offered.setdefault((opened.id, block_id, action_id), [])
        fresh = {option["value"] for option in options}
        known[:] = [option for option in known if option["value"] not in fresh] + options

    def offered(self, opened: OpenView, block_id: str, action_id: str) -> list[Json]:
        """Everything that was offered there so far."""
        return self._offered.get((opened.id, block_id, action_id), [])
