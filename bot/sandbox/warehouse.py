"""The sandbox's Snowflake: DuckDB in memory with the sample CRM tables.

It takes Snowflake's SQL, keeps names as Snowflake does (unquoted ones are upper case, quoted ones case-sensitive) and
answers mistakes in Snowflake's words. What DuckDB cannot do is refused as such, never answered wrongly.
"""

import json
import logging
from collections import deque
from collections.abc import Iterable, Mapping
from threading import Lock

import duckdb

from bot.sandbox import sample_data
from bot.sandbox.snowflake_sql import MACROS, Refused, as_duckdb, in_snowflakes_words

__all__ = ["Refused", "Warehouse"]

Row = dict[str, object]
_REMEMBERED = 100


class Warehouse:
    """One warehouse. `query` is what a connection may do, `execute` and the rest belong to its owner.

    `history` has the newest statements of `query`, word for word, the last one last.

    Safe to call from several threads: DuckDB runs one statement at a time here.
    """

    def __init__(self, *, sample: bool = True) -> None:
        self.queries = 0
        self.history: deque[str] = deque(maxlen=_REMEMBERED)
        self._lock = Lock()
        # It logs the text of statements that it cannot parse.
        logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
        self._db = duckdb.connect(
            ":memory:",
            config={
                "enable_external_access": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        for macro in MACROS:
            self._db.execute(macro)
        if sample:
            self.fill()

    def fill(self) -> None:
        """The sample tables are there; it takes almost half a second."""
        self.create("SALESFORCE_CONTACTS", sample_data.SALESFORCE_COLUMNS)
        self.insert("SALESFORCE_CONTACTS", sample_data.salesforce_contacts())
        self.create("HUBSPOT_CONTACTS", sample_data.HUBSPOT_COLUMNS)
        self.insert("HUBSPOT_CONTACTS", sample_data.hubspot_contacts())

    def query(self, sql: str) -> tuple[tuple[str, ...], list[Row]]:
        """The columns and rows of one SELECT. Raises Refused, with the words Snowflake would use."""
        with self._lock:
            self.queries += 1
            self.history.append(sql)
            translated = as_duckdb(sql, self._names())
            cursor = self._db.cursor()
            try:
                cursor.execute(translated)
                columns = tuple(column[0] for column in cursor.description)
                return columns, [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]
            except duckdb.Error as error:
                raise in_snowflakes_words(error, sql) from None
            finally:
                cursor.close()

    def execute(self, sql: str) -> list[tuple[object, ...]]:
        """Runs any statement in DuckDB's own SQL, for whoever owns the sandbox."""
        with self._lock:
            rows: list[tuple[object, ...]] = self._db.execute(sql).fetchall()
            return rows

    def create(self, table: str, columns: Mapping[str, str]) -> None:
        """An empty table exists, with names exactly as given."""
        listed = ", ".join(f"{_quoted(name)} {kind}" for name, kind in columns.items())
        self.execute(f"CREATE TABLE {_quoted(table)} ({listed})")

    def insert(self, table: str, rows: Iterable[Mapping[str, object]]) -> None:
        """The rows are in the table; a column that a row does not name is NULL there."""
        with self._lock:
            kinds = dict(self._db.execute(_COLUMN_KINDS, [table]).fetchall())
            text = json.dumps([dict(row) for row in rows], default=str)
            self._db.execute(
                f"INSERT INTO {_quoted(table)} SELECT r.* FROM (SELECT unnest(from_json(?, ?)) AS r)",
                [text, json.dumps([kinds])],
            )

    def delete(self, table: str, column: str, values: Iterable[object]) -> None:
        """No row of the table has one of these values in the column."""
        with self._lock:
            self._db.execute(
                f"DELETE FROM {_quoted(table)} WHERE list_contains(?, {_quoted(column)})",
                [[str(value) for value in values]],
            )

    def close(self) -> None:
        """The rows and the memory are gone."""
        self._db.close()

    def _names(self) -> frozenset[str]:
        found = self._db.execute(
            "SELECT table_name FROM information_schema.tables UNION SELECT column_name FROM information_schema.columns"
        ).fetchall()
        return frozenset(name for (name,) in found)


_COLUMN_KINDS = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ?"


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
