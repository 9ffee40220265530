"""Keeps what people type, one save at a time per draft: what arrives meanwhile is merged, and the last value wins.

Whoever hands in a value returns when it is in the database, so Slack is answered only then.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, fields, replace

from bot.enrollment.model.drafts import Draft, DraftEdit

Save = Callable[[str, DraftEdit], Awaitable[Draft]]

_MOST_DRAFTS = 1000


@dataclass(slots=True)
class _Line:
    """The saves of one draft: the edit that waits, and when each of its values was typed."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: DraftEdit | None = None
    typed_at: dict[str, str] = field(default_factory=dict)

    def merge(self, edit: DraftEdit, at: str) -> None:
        """What waits has every value of this edit that is not older than the one it has."""
        typed = {one.name: value for one in fields(edit) if (value := getattr(edit, one.name)) is not None}
        newer = {name: value for name, value in typed.items() if at >= self.typed_at.get(name, "")}
        if newer:
            self.waiting = replace(self.waiting or DraftEdit(), **newer)
            self.typed_at.update(dict.fromkeys(newer, at))


class DraftSaves:
    """The lines of the drafts that are being typed in."""

    def __init__(self, save: Save) -> None:
        self._save = save
        self._lines: dict[str, _Line] = {}

    async def keep(self, draft_id: str, edit: DraftEdit, at: str) -> None:
        """The values typed at `at` (Slack's action_ts) are in the draft, unless later ones are."""
        line = self._line(draft_id)
        line.merge(edit, at)
        async with line.lock:
            waiting, line.waiting = line.waiting, None
            if waiting is not None:
                await self._save(draft_id, waiting)

    def _line(self, draft_id: str) -> _Line:
        line = self._lines.pop(draft_id, None) or _Line()
        self._lines[draft_id] = line
        idle = [known for known, one in self._lines.items() if not one.lock.locked() and one is not line]
        for known in idle[: max(0, len(self._lines) - _MOST_DRAFTS)]:
            del self._lines[known]
        return line
