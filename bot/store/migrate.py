"""Bringing the tables from one version to another. The only module that imports Alembic: those that serve do not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event

from bot.store import address, schema, session

# A lock of PostgreSQL's that ends with its transaction; the number is ours alone.
_TAKE_TURN = "SELECT pg_advisory_xact_lock(4719060223)"


def upgrade(url: str) -> None:
    """The database has the newest tables, or is as it was. Raises Misconfigured when it is newer than we are."""
    with connected(url) as connection:
        schema.refuse_newer(schema.read_version(connection))
        command.upgrade(_config(connection), "head")


def downgrade(url: str, version: str) -> None:
    """The database has the tables of that version; "base" is none at all."""
    with connected(url) as connection:
        command.downgrade(_config(connection), version)


def current(url: str) -> str | None:
    """The newest migration that the database has had."""
    with connected(url) as connection:
        return schema.read_version(connection)


def head() -> str:
    """The newest migration there is."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One transaction over a synchronous connection. Raises Misconfigured when the database cannot be reached."""
    engine = _postgresql(url) if address.is_postgresql(url) else _sqlite(url)
    try:
        with schema.told(url), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _sqlite(url: str) -> Engine:
    session.prepare(address.sqlite_file(url))
    engine = create_engine(address.parsed(url).set(drivername="sqlite"), hide_parameters=True)
    event.listen(engine, "connect", session.set_up)
    event.listen(engine, "begin", session.take_turn)
    return engine


def _postgresql(url: str) -> Engine:
    engine = create_engine(address.parsed(url), hide_parameters=True, connect_args={"connect_timeout": 5})
    # Two releases at once take turns: the second finds everything done.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(_TAKE_TURN))
    return engine


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
