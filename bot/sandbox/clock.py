"""A clock that goes like any other until somebody moves it, or some times as fast from the start."""

from datetime import UTC, datetime, timedelta


class MovableClock:
    """The time now, and whatever was added to it; with a `speed`, waiting for it takes so many times less."""

    def __init__(self, *, speed: float = 1) -> None:
        self._began = datetime.now(UTC)
        self._speed = speed
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return self._began + (datetime.now(UTC) - self._began) * self._speed + self.ahead

    def on(self, **passed: float) -> None:
        """This much time has passed at once, named as `timedelta` does."""
        self.ahead += timedelta(**passed)
