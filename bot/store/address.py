"""What a DATABASE_URL names: a SQLite file for one process, or a PostgreSQL server for many."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import Misconfigured

SETTING = "DATABASE_URL"
SQLITE = "sqlite+aiosqlite"
POSTGRESQL = "postgresql+psycopg"
WORDS = f"DATABASE_URL is not a database address: it must start with {SQLITE}:// or {POSTGRESQL}://."


def parsed(url: str) -> URL:
    """The address in its parts. Raises Misconfigured for anything that is neither."""
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        raise Misconfigured(SETTING, WORDS) from None
    if found.drivername == POSTGRESQL and found.database:
        return found
    if found.drivername != SQLITE or found.database in {None, "", ":memory:"}:
        raise Misconfigured(SETTING, WORDS if found.drivername not in (SQLITE, POSTGRESQL) else _unnamed(found))
    return found


def is_postgresql(url: str) -> bool:
    """True for a server that many processes may use at once."""
    return parsed(url).drivername == POSTGRESQL


def sqlite_file(url: str) -> Path:
    """The file that this DATABASE_URL names. Raises Misconfigured for anything else."""
    found = parsed(url)
    if found.drivername != SQLITE:
        raise Misconfigured(SETTING, f"DATABASE_URL is not a database file: it must start with {SQLITE}:///.")
    return Path(str(found.database))


def server(url: str) -> str:
    """Host and port, without user or password, as people are told."""
    found = parsed(url)
    return f"{found.host or 'localhost'}:{found.port or 5432}"


def conninfo(url: str) -> str:
    """The same address as libpq takes it.

    Not the URL itself: SQLAlchemy writes a space in it as a plus sign, which libpq takes for one.
    """
    # Loaded where it is needed: one process over SQLite does without psycopg.
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    found = parsed(url)
    more = {name: value if isinstance(value, str) else ",".join(value) for name, value in found.query.items()}
    return make_conninfo(**found.translate_connect_args(username="user", database="dbname"), **more)


def _unnamed(found: URL) -> str:
    if found.drivername == POSTGRESQL:
        return f"DATABASE_URL names no database: it must look like {POSTGRESQL}://user:password@host:5432/name."
    return f"DATABASE_URL is not a database file: it must start with {SQLITE}:///."
