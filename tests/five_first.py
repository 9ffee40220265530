"""Enrollments of a SQLite file that begin with a canary of five, whatever was chosen in the review."""

import sqlite3
from contextlib import closing
from pathlib import Path


def let(database: Path) -> None:
    """Whatever is confirmed from now on starts with the first five."""
    with closing(sqlite3.connect(database)) as file:
        file.execute(
            "CREATE TRIGGER five_first AFTER INSERT ON enrollments"
            " BEGIN UPDATE enrollments SET canary = 5 WHERE id = NEW.id; END"
        )
