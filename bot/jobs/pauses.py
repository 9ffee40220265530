"""Rows whose work failed, and for how long each is left alone: what breaks must neither spin nor stop the rest."""

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import structlog

from bot.enrollment import names
from bot.jobs.chore import Key

_LONGEST = 60.0


@dataclass(slots=True)
class _Failing:
    times: int = 0
    not_before: float = 0.0


class Pauses:
    """Remembers what failed in this process: pauses of 1, 2, 4 … 60 seconds, ended by the first success."""

    def __init__(self) -> None:
        self._failing: dict[Key, _Failing] = {}
        self._log = structlog.get_logger()

    def failed(self, key: Key, error: Exception) -> None:
        """The row is left alone for a while; the cause is in the log under a reference."""
        failing = self._failing.setdefault(key, _Failing())
        pause = min(2.0**failing.times, _LONGEST)
        failing.times += 1
        failing.not_before = asyncio.get_running_loop().time() + pause
        # How an exception is written without the values it quotes is the business of `bot.logs`.
        self._log.error(
            "job.failed", chore=key[0], row=key[1], reference=names.reference(), again_in=pause, exc_info=error
        )

    def succeeded(self, key: Key) -> None:
        """Nothing is held against the row any more."""
        self._failing.pop(key, None)

    def paused(self, key: Key) -> bool:
        """True while the row is to be left alone."""
        failing = self._failing.get(key)
        return failing is not None and asyncio.get_running_loop().time() < failing.not_before

    def known(self, chore: str) -> int:
        """How many rows of this chore are remembered."""
        return Counter(name for name, _ in self._failing)[chore]

    def forget(self, chore: str, found: Collection[str]) -> None:
        """What failed and wants nothing any more is not remembered for ever; `found` is what still wants something."""
        for key in [key for key in self._failing if key[0] == chore and key[1] not in found and not self.paused(key)]:
            del self._failing[key]
