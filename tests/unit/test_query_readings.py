"""What the guard tells of a query that may run: warnings with their words, its order, and its normalized text."""

import pytest

from bot.enrollment.model.queries import QueryWarning
from bot.enrollment.query import guard
from bot.views.query_words import WARNINGS
from tests.unit.query_corpus_readings import ALIKE, APART, ORDERED, WARNED

LIMIT = 8000


@pytest.mark.parametrize(("expected", "sql"), WARNED)
def test_a_query_is_warned_of_for_what_it_does(expected: tuple[QueryWarning, ...], sql: str) -> None:
    """Every warning that holds, each once, in one order, and no other."""
    assert expected == guard(sql, max_bytes=LIMIT).warnings


def test_every_warning_has_its_words() -> None:
    """Those of ux.md V5."""
    assert {
        QueryWarning.READS_EVERY_COLUMN: "SELECT * reads every column.",
        QueryWarning.NO_WHERE: "No WHERE: this is the whole table.",
        QueryWarning.UNORDERED_LIMIT: "LIMIT without ORDER BY can pick other people each time.",
        QueryWarning.ROWS_MULTIPLY: "This join has no condition: rows multiply.",
    } == dict(WARNINGS)
    assert set(QueryWarning) == set(WARNINGS)


@pytest.mark.parametrize(("expected", "sql"), ORDERED)
def test_a_query_is_ordered_by_what_the_outermost_one_says(expected: bool, sql: str) -> None:
    """In parentheses or behind a WITH; an order within it, or one of chance, is none."""
    assert expected is guard(sql, max_bytes=LIMIT).ordered


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_spellings_that_snowflake_reads_alike_have_one_normalized_text(one: str, other: str) -> None:
    """Comments, blanks, semicolons and the case of words are no difference."""
    assert guard(one, max_bytes=LIMIT).normalized == guard(other, max_bytes=LIMIT).normalized


@pytest.mark.parametrize(("one", "other"), APART)
def test_queries_that_snowflake_reads_differently_stay_apart(one: str, other: str) -> None:
    """What stands in quotes, and the names on a path into a value, are told apart by every character."""
    assert guard(one, max_bytes=LIMIT).normalized != guard(other, max_bytes=LIMIT).normalized


def test_the_normalized_text_is_one_line_of_words_and_signs() -> None:
    """It can be compared by eye, too."""
    written = "-- gold\nselect t.a, raw:plan::string\nfrom db.s.t t -- all\nwhere b = 'x  y' and c = u.c (+);"
    assert (
        "SELECT T.A , RAW : plan :: STRING FROM DB.S.T T WHERE B = 'x  y' AND C = U.C (+)"
        == guard(written, max_bytes=LIMIT).normalized
    )
