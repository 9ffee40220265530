"""The same trouble on both databases: what a fault test opens its towns over."""

from collections.abc import Callable

import pytest

from tests.conftest import OpenTown
from tests.fault.crossing import Base

OpenOn = Callable[[Base], OpenTown]
_FIXTURES: dict[Base, str] = {"sqlite": "open_here", "postgresql": "open_on_postgresql"}


@pytest.fixture
def open_on(request: pytest.FixtureRequest) -> OpenOn:
    """Opens towns over the database that a test names."""

    def opener(base: Base) -> OpenTown:
        opening: OpenTown = request.getfixturevalue(_FIXTURES[base])
        return opening

    return opener
