"""Idempotency keys, by Polytomic's rules: the first outcome of a key is its outcome, errors included.

https://docs.polytomic.com "Idempotent requests". What the guide leaves open is in `Switches`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.polytomic.answers import Answer, Refusal
from bot.sandbox.polytomic.switches import Switches

_SHAPE = re.compile(r"[A-Za-z0-9_-]{8,255}")
_NEVER_RECORDED = (401, 429)
LOCKED = Refusal(
    409, "idempotency_key_in_use", "A request with this Idempotency-Key is still in progress; retry it later."
)


@dataclass(slots=True)
class _Outcome:
    at: datetime
    answer: Answer | None = None


class Keys:
    """What each key has led to; an outcome without an answer is in flight."""

    def __init__(self, clock: Callable[[], datetime], switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._outcomes: dict[str, _Outcome] = {}

    def name(self, key: str | None, method: str, path: str) -> str | None:
        """What the outcome is kept under; None when this call has no protection. Raises Refusal for a bad key."""
        if key is None or self._switches.key_scope == "ignored":
            return None
        if not _SHAPE.fullmatch(key):
            if self._switches.bad_key == "ignore":
                return None
            raise Refusal(400, "invalid_idempotency_key", "Idempotency-Key must be 8-255 of A-Z a-z 0-9 - _")
        return key if self._switches.key_scope == "key" else f"{method} {path} {key}"

    def begin(self, name: str | None) -> Answer | None:
        """The recorded answer, or None: this call is the first, and the key is locked until it ends."""
        if name is None:
            return None
        self._forget_old()
        outcome = self._outcomes.get(name)
        if outcome is None:
            self._outcomes[name] = _Outcome(self._clock())
            return None
        if outcome.answer is None:
            raise LOCKED
        return outcome.answer

    def end(self, name: str | None, answer: Answer) -> None:
        """The answer is what this key will get from now on, unless it is of a kind that is not kept."""
        if name is None:
            return
        refused = 400 <= answer.status < 500
        if answer.status in _NEVER_RECORDED or (refused and not self._switches.record_refusals):
            self.release(name)
        else:
            self._outcomes[name].answer = answer

    def release(self, name: str | None) -> None:
        """The key counts as never used."""
        if name is not None:
            self._outcomes.pop(name, None)

    def _forget_old(self) -> None:
        oldest = self._clock() - timedelta(hours=self._switches.key_hours)
        self._outcomes = {name: kept for name, kept in self._outcomes.items() if kept.at > oldest}
