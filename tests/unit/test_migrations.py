"""Migrations: they make the tables that the code knows, can be undone, and never touch what is newer."""

import subprocess
import sys
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Table, insert, inspect, select, text

from bot.errors import Misconfigured
from bot.store import drafts, guard_tables, migrate, rows, schema, screen_tables, tables
from bot.store.session import Database
from tests.postgresql import Server
from tests.unit import stored

# Loaded for what they add to the metadata of all.
ADDED = (guard_tables, screen_tables)

LATER = {
    "checks": frozenset({"opt_out", "warnings", "ordered", "query_hash", "suppression_id"}),
    "enrollments": frozenset(
        {
            *("version", "asked_at", "held_for", "held_since", "verdict", "verdict_by"),
            *("canary", "canary_until", "released_by", "released_at", "terms", "pause", "fingerprint", "query_hash"),
        }
    ),
    "runs": frozenset({"looked_at", "changed_at"}),
    "messages": frozenset({"standing"}),
}
"""The columns that migration 0001 did not have."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The DATABASE_URL of a database without any table, of each kind."""
    if request.param == "sqlite":
        return stored.url(tmp_path)
    server: Server = request.getfixturevalue("postgresql")
    return server.url(migrated=False)


def stored_row(table: Table, thing: Any) -> dict[str, Any]:
    """What the row of this thing holds."""
    return {name: value for name, value in rows.values(thing).items() if name in table.c}


def ours(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Whether Alembic should compare this: Procrastinate's tables are its own business."""
    table = thing if kind == "table" else getattr(thing, "table", None)
    return table is None or not str(table.name).startswith("procrastinate_")


def test_the_migrations_make_the_tables(url: str) -> None:
    """Nothing is left for Alembic to find, and the version that the code names is the newest one."""
    migrate.upgrade(url)
    with migrate.connected(url) as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert [] == compare_metadata(context, tables.metadata)
    assert (tables.HEAD, tables.HEAD) == (migrate.head(), migrate.current(url))


def test_a_process_of_the_version_before_goes_on(url: str) -> None:
    """It writes rows without the columns that came later, and what we read of them is what it meant."""
    migrate.upgrade(url)
    engine_rows = {
        "checks": stored_row(tables.checks, stored.check(due_at=None)),
        "enrollments": stored_row(tables.enrollments, stored.enrollment(check_id="check")),
        "runs": stored_row(tables.runs, stored.run()) | {"team_id": stored.TEAM},
        "messages": stored_row(tables.messages, stored.message()),
    }
    with migrate.connected(url) as connection:
        for name, row in engine_rows.items():
            table = tables.metadata.tables[name]
            connection.execute(insert(table).values({key: row[key] for key in row if key not in LATER[name]}))
        kept = connection.execute(select(tables.enrollments)).mappings().one()
    assert dict(engine_rows["enrollments"]) == {key: kept[key] for key in engine_rows["enrollments"]}


def test_going_back_a_version_keeps_the_rows(url: str) -> None:
    """A release that turns out wrong can be undone without losing an enrollment."""
    migrate.upgrade(url)
    with migrate.connected(url) as connection:
        connection.execute(insert(tables.checks).values(stored_row(tables.checks, stored.check())))
        row = stored_row(tables.enrollments, stored.enrollment(check_id="check"))
        connection.execute(insert(tables.enrollments).values(row))
    migrate.downgrade(url, "0001")
    migrate.upgrade(url)
    with migrate.connected(url) as connection:
        kept = connection.execute(select(tables.enrollments)).mappings().one()
    assert row == {key: kept[key] for key in row}


def test_procrastinate_s_schema_is_that_of_the_package() -> None:
    """Another version of the package would need a migration of its own."""
    migration = import_module("bot.store.migrations.versions.0003_procrastinate")
    assert migration.PROCRASTINATE == metadata.version("procrastinate")


async def test_partial_indexes_are_migrated_too(tmp_path: Path) -> None:
    """Alembic does not compare their conditions, so the statements are compared here."""
    migrate.upgrade(stored.url(tmp_path))
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
    with migrate.connected(stored.url(tmp_path)) as connection:
        migrated = connection.execute(query).all()
    with migrate.connected(stored.url(tmp_path / "other")) as connection:
        tables.metadata.create_all(connection)
        assert connection.execute(query).all() == migrated


def test_the_migrations_can_be_undone_and_done_again(url: str) -> None:
    """Down to no table, function or type at all, and up again."""
    migrate.upgrade(url)
    migrate.downgrade(url, "base")
    with migrate.connected(url) as connection:
        assert ["alembic_version"] == inspect(connection).get_table_names()
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


@pytest.mark.slow
def test_what_serves_does_not_load_alembic() -> None:
    """It costs memory in every process for a job that is done before they start."""
    look = (
        "import sys, bot.store.schema, bot.store.enrollments, bot.store.drafts, bot.store.checks, bot.store.contacts\n"
        "import bot.store.messages, bot.store.consents, bot.store.runs, bot.jobs.embedded, bot.background\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'alembic'])"
    )
    assert subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout == "[]\n"
