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
class _Beside:
    opened: OpenView
    said: Said = NOTHING
    offered: dict[tuple[str, str], dict[str, Json]] = field(default_factory=dict)


class Desk:
    """One for the whole page. What it says of a view is over as soon as the bot shows something else there."""

    def __init__(self) -> None:
        self.marks = Marks()
        self._views: dict[str, _Beside] = {}

    def say(self, opened: OpenView, *, under: dict[str, str] | None = None, above: str = "") -> None:
        """These words stand in the view from now on, and no others."""
        self._beside(opened).said = Said(opened.hash, under or {}, above)

    def said(self, opened: OpenView) -> Said:
        """The words that stand in the view."""
        found = self._views[opened.id].said if opened.id in self._views else NOTHING
        return found if found.hash == opened.hash else NOTHING

    def offer(self, opened: OpenView, block_id: str, action_id: str, options: list[Json]) -> None:
        """The bot offered these; one of them may be chosen."""
        known = self._beside(opened).offered.setdefault((block_id, action_id), {})
        known.update({option["value"]: option for option in options})

    def offered(self, opened: OpenView, block_id: str, action_id: str) -> list[Json]:
        """Everything that was offered there so far."""
        return list(self._beside(opened).offered.get((block_id, action_id), {}).values())

    def _beside(self, opened: OpenView) -> _Beside:
        """What is kept for the view; of those that were closed nothing is."""
        self._views = {name: one for name, one in self._views.items() if one.opened.is_open}
        return self._views.setdefault(opened.id, _Beside(opened))
