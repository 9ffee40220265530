"""A clock that goes like any other until a test moves it."""

from datetime import UTC, datetime, timedelta


class MovableClock:
    """The time now, and whatever was added to it."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def on(self, **passed: float) -> None:
        """This much time has passed at once, named as `timedelta` does."""
        self._ahead += timedelta(**passed)
