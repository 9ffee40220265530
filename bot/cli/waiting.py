"""A wait that shows itself on stderr: a bar on a terminal, otherwise one line per tenth."""

import sys
import time
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self, TextIO

STEPS = 10


class Waiting:
    """Entered, it says until when; asked whether it is `over`, it moves on."""

    def __init__(self, patience: timedelta, *, until: datetime, stream: TextIO | None = None) -> None:
        self._patience = patience.total_seconds()
        self._until = until
        self._stream = stream or sys.stderr
        self._started = 0.0
        self._shown = -1

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        if not self._stream.isatty():
            self._write(f"{self._sentence()}\n")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._stream.isatty():
            self._write("\n")

    def over(self) -> bool:
        """True once the patience is used up; what is shown is as true as the moment of asking."""
        passed = time.monotonic() - self._started
        self._show(passed)
        return passed >= self._patience

    def _show(self, passed: float) -> None:
        step = min(STEPS, int(STEPS * passed / self._patience))
        if self._stream.isatty():
            self._write(f"\r{self._sentence()} {'▰' * step}{'▱' * (STEPS - step)} {passed / 60:.0f} min")
        elif step > max(self._shown, 0):
            self._write(f"{step * 100 // STEPS}%\n")
        self._shown = step

    def _sentence(self) -> str:
        return f"Waiting until {self._until:%H:%M} UTC (Ctrl-C leaves it open)"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
