"""A database that cannot be used is told in words on stderr, with exit code 2 and before anything is started."""

import socket
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import config
from bot.__main__ import dispatch
from bot.process import NOT_FOR_SQLITE
from bot.store import address, migrate, tables
from tests.postgresql import Server

NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-sandbox",
    "SLACK_SIGNING_SECRET": "sandbox-signing-secret",
    "POLYTOMIC_API_KEY": "sandbox",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty directory and the settings that are needed, and logging left as the other tests know it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.logs.configure", lambda **_: None)
    for name in config.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str, command: str = "worker") -> str:
    """What the command says on stderr when it ends with 2."""
    monkeypatch.setenv("DATABASE_URL", url)
    assert 2 == dispatch([command])
    return capsys.readouterr().err.strip()


@pytest.mark.parametrize("command", ["run", "worker", "migrate"])
def test_no_database_at_all(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """The two that there are stand beside it; what was set may hold a password and is not repeated."""
    words = "DATABASE_URL is not a database address: it must start with sqlite+aiosqlite:// or postgresql+psycopg://."
    assert words == told(monkeypatch, capsys, "mysql://u:s3cret@db/x", command)


@pytest.mark.parametrize("command", ["worker", "migrate"])
def test_a_server_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """Host and port are told, user and password are not."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Nobody listens there.
        port = taken.getsockname()[1]
        url = f"postgresql+psycopg://u:s3cret@127.0.0.1:{port}/x"
        words = f"The database at 127.0.0.1:{port} does not answer (5 s). Is it running?"
        assert words == told(monkeypatch, capsys, url, command)


def test_a_database_that_does_not_exist(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], postgresql: Server
) -> None:
    """The server answers, but knows no such name."""
    words = told(monkeypatch, capsys, postgresql.url_of("nowhere"))
    assert words.endswith("has no database of this name. Nothing was started.")


def test_an_empty_database_is_not_migrated_by_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], postgresql: Server
) -> None:
    """Others may be using it: a person or a release migrates, by the command that is named."""
    words = "The database has no tables yet. Run: python -m bot migrate. Nothing was started."
    assert words == told(monkeypatch, capsys, postgresql.url(migrated=False))


def test_a_database_of_an_older_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], postgresql: Server
) -> None:
    """Likewise."""
    url = postgresql.url()
    migrate.downgrade(url, "0002")
    words = (
        f"The database was migrated by an older version (0002; I need {tables.HEAD})."
        " Run: python -m bot migrate. Nothing was started."
    )
    assert words == told(monkeypatch, capsys, url)


@pytest.mark.parametrize("command", ["worker", "migrate"])
def test_a_database_of_a_newer_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], postgresql: Server, command: str
) -> None:
    """It is left alone, by those who serve and by those who migrate."""
    url = postgresql.url()
    with migrate.connected(url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    words = f"The database was migrated by a newer version (0999; I know {tables.HEAD}). Run the newer version."
    assert words == told(monkeypatch, capsys, url, command)


@pytest.mark.parametrize("how", ["the server says so", "the user may not"])
def test_a_database_that_can_only_be_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], postgresql: Server, how: str
) -> None:
    """Found out at the start, and not by the first person who presses."""
    url = postgresql.url()
    if how == "the server says so":
        postgresql.run(f"ALTER DATABASE {address.parsed(url).database} SET default_transaction_read_only = on")
    else:
        postgresql.run("DO $$ BEGIN CREATE ROLE reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        with migrate.connected(url) as connection:
            connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
        url = url.replace("postgres:@", "reader:@")
    words = "The database can be read but not written. Nothing was started."
    assert words == told(monkeypatch, capsys, url)


def test_a_worker_over_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A SQLite file has one process; the command that does everything in it is named."""
    assert NOT_FOR_SQLITE == told(monkeypatch, capsys, f"sqlite+aiosqlite:///{tmp_path}/a.db")
