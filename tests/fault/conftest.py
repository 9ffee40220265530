"""The same trouble on both databases: what a fault test opens its towns over."""

import functools
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.sandbox.clock import MovableClock
from tests.conftest import OpenTown, opener
from tests.fault.crossing import Base

OpenOn = Callable[[Base], OpenTown]
SPEED = 4
"""Over SQLite the bot asks its clock what is due, so that waiting can be short; over PostgreSQL it sets timers."""


@pytest.fixture
def open_on(request: pytest.FixtureRequest, tmp_path: Path) -> OpenOn:
    """Opens a town over a new database of the kind that a test names, as often as it is asked."""

    def over_sqlite() -> OpenTown:
        path = tmp_path / f"{uuid.uuid4().hex}.db"
        shutil.copy(request.getfixturevalue("migrated"), path)
        return functools.partial(opener(path), clock=MovableClock(speed=SPEED))

    def over(base: Base) -> OpenTown:
        request.getfixturevalue("logged")
        if base == "sqlite":
            return over_sqlite()
        return opener(request.getfixturevalue("postgresql").url(), workers=2)

    return over
