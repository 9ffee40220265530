"""The time, passed in wherever it is read."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Returns the time now, aware, UTC. Passed in wherever time is read, so that freezegun reaches it."""
