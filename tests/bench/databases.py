"""The two databases under the bench: with which processes the bot runs over each, and how statements are counted."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.store import migrate
from tests import postgresql
from tests.bench import counted, processes

_EXECUTED = re.compile(rb"^LOG:  (?:statement|execute [^:]+): |\bLOG:  (?:statement|execute [^:]+): ", re.MULTILINE)


class Under(Protocol):
    """A database with everything that depends on its kind."""

    name: str
    roles: Sequence[str]
    url: str

    @property
    def command(self) -> Sequence[str]:
        """What starts the bot, before the command that names its role."""
        ...

    @property
    def bot_url(self) -> str:
        """The DATABASE_URL of the processes that are measured."""
        ...

    def statements(self) -> int:
        """How many statements the measured processes have had executed since they started, or before that."""
        ...

    def server_seconds(self) -> float | None:
        """The seconds of a core that a server has taken for them; None without one."""
        ...


@dataclass(slots=True)
class Sqlite:
    """A file, and one process that does everything."""

    url: str
    counter: Path
    name: str = "SQLite"
    roles: Sequence[str] = ("run",)

    @property
    def bot_url(self) -> str:
        return self.url

    @property
    def command(self) -> Sequence[str]:
        return "-m", "tests.bench.counted", str(self.counter)

    def statements(self) -> int:
        return counted.read(self.counter)

    def server_seconds(self) -> float | None:
        return None


@dataclass(slots=True)
class Postgresql:
    """A database on a server, a process that answers and one that works."""

    url: str
    server: postgresql.Server
    name: str = "PostgreSQL"
    roles: Sequence[str] = ("web", "worker")

    @property
    def command(self) -> Sequence[str]:
        return "-m", "bot"

    @property
    def bot_url(self) -> str:
        # The server writes down what these processes alone have it do.
        return f"{self.url}{'&' if '?' in self.url else '?'}options=-clog_statement%3Dall"

    def statements(self) -> int:
        return len(_EXECUTED.findall(self.server.log.read_bytes()))

    def server_seconds(self) -> float | None:
        return processes.seconds_of_all(self.server.pid)


@contextmanager
def sqlite(folder: Path) -> Iterator[Under]:
    """A new file with the newest tables."""
    url = f"sqlite+aiosqlite:///{folder / 'enroll-flow.db'}"
    migrate.upgrade(url)
    yield Sqlite(url, folder / "statements")


@contextmanager
def on_postgresql(_: Path) -> Iterator[Under]:
    """A new server, and a database with the newest tables."""
    with postgresql.served() as server:
        yield Postgresql(server.url(), server)


KINDS = {"sqlite": sqlite, "postgresql": on_postgresql}
