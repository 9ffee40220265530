"""Migrations: they make the tables that the code knows, can be undone, and never touch what is newer."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from bot.errors import Misconfigured
from bot.store import drafts, migrate, schema, tables
from bot.store.session import Database
from tests.unit import stored


def test_the_migrations_make_the_tables(tmp_path: Path) -> None:
    """Nothing is left for Alembic to find, and the version that the code names is the newest one."""
    migrate.upgrade(stored.url(tmp_path))
    with migrate.connected(stored.url(tmp_path)) as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    assert (tables.HEAD, tables.HEAD) == (migrate.head(), migrate.current(stored.url(tmp_path)))


async def test_partial_indexes_are_migrated_too(tmp_path: Path) -> None:
    """Alembic does not compare their conditions, so the statements are compared here."""
    migrate.upgrade(stored.url(tmp_path))
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
    with migrate.connected(stored.url(tmp_path)) as connection:
        migrated = connection.execute(query).all()
    with migrate.connected(stored.url(tmp_path / "other")) as connection:
        tables.metadata.create_all(connection)
        assert connection.execute(query).all() == migrated


def test_the_migrations_can_be_undone_and_done_again(tmp_path: Path) -> None:
    """Down to no table at all, and up again."""
    url = stored.url(tmp_path)
    migrate.upgrade(url)
    migrate.downgrade(url, "base")
    with migrate.connected(url) as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    migrate.upgrade(url)
    assert tables.HEAD == migrate.current(url)


async def test_migrating_what_is_current_changes_nothing(tmp_path: Path) -> None:
    """Rows stay; so it can be run before every start."""
    async with stored.opened(tmp_path) as db:
        assert await schema.is_current(db)
        async with db.begin() as s:
            await drafts.add(s, stored.draft())
        await db.close()
        migrate.upgrade(stored.url(tmp_path))
        async with db.begin() as s:
            assert stored.draft() == await drafts.get(s, "E-7K2M9Q")


async def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    """It is a new one: it has to be migrated first."""
    db = Database(stored.url(tmp_path))
    assert (await schema.version(db), await schema.is_current(db)) == (None, False)
    await db.close()
    assert migrate.current(stored.url(tmp_path)) is None


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    """Also on SQLite: the next try does not trip over half of the tables."""
    with migrate.connected(stored.url(tmp_path)) as connection:
        connection.execute(text("CREATE TABLE messages (id INTEGER)"))
    with pytest.raises(Exception, match="already exists"):
        migrate.upgrade(stored.url(tmp_path))
    with migrate.connected(stored.url(tmp_path)) as connection:
        assert inspect(connection).get_table_names() == ["messages"]


async def test_a_newer_database_is_left_alone_in_words(tmp_path: Path) -> None:
    """By the process that serves and by the one that migrates."""
    words = f"The database was migrated by a newer version (0999; I know {tables.HEAD}). Run the newer version."
    async with stored.opened(tmp_path) as db:
        async with db.begin() as s:
            await s.execute(text("UPDATE alembic_version SET version_num = '0999'"))
        with pytest.raises(Misconfigured) as refused:
            await schema.is_current(db)
        assert ("DATABASE_URL", words) == (refused.value.setting, refused.value.words)
    with pytest.raises(Misconfigured, match="newer version"):
        migrate.upgrade(stored.url(tmp_path))


def test_what_serves_does_not_load_alembic() -> None:
    """It costs memory in every process for a job that is done before they start."""
    look = (
        "import sys, bot.store.schema, bot.store.enrollments, bot.store.drafts, bot.store.checks, bot.store.contacts\n"
        "import bot.store.messages, bot.store.consents, bot.store.runs, bot.jobs.embedded, bot.background\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'alembic'])"
    )
    assert subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout == "[]\n"
