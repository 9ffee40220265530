"""The query guard: what may run, what may not, and where it says so."""

import contextlib
import logging
from urllib.parse import quote

import httpx
import pytest

from bot.enrollment import query_rules
from bot.enrollment.query import SIGNATURE_BYTES, encoded_size, guard, signed
from bot.errors import QueryProblem, QueryRefused
from tests.unit.query_corpus import CATEGORIES, PLACED, READS, REFUSED
from tests.unit.query_corpus_readings import TABLES

LIMIT = 8000


def refusal(sql: str, limit: int = LIMIT) -> QueryRefused:
    """The error with which the guard answers this text."""
    with pytest.raises(QueryRefused) as caught:
        guard(sql, max_bytes=limit)
    return caught.value


def test_the_corpus_is_large_and_has_no_statement_twice() -> None:
    """At least 200 statements, each judged once, in categories that say what they defend."""
    statements = [*READS, *(row[1] for row in PLACED), *(row[1] for row in REFUSED)]
    assert len(statements) >= 200
    assert len(set(statements)) == len(statements)
    assert {} == {one.name: one.why for one in CATEGORIES if not (one.why.endswith(".") and (one.reads or one.refused))}


@pytest.mark.parametrize("sql", READS)
def test_a_plain_read_is_allowed_word_for_word(sql: str) -> None:
    """What runs is a piece of what was written, and nothing is missing but what stands behind the query."""
    text = guard(sql, max_bytes=100_000).text
    assert text in sql
    assert sql.strip().startswith(text)


@pytest.mark.parametrize(("problem", "sql", "line", "column", "fragment"), PLACED)
def test_a_refusal_names_the_place_and_the_word(
    problem: QueryProblem, sql: str, line: int | None, column: int | None, fragment: str
) -> None:
    """Lines and columns count from 1 in the text as it was written."""
    error = refusal(sql)
    assert (problem, line, column, fragment) == (error.problem, error.line, error.column, error.fragment)


@pytest.mark.parametrize(("problem", "sql"), REFUSED)
def test_anything_else_is_refused(problem: QueryProblem | None, sql: str) -> None:
    """Nothing but one plain read passes, and the reason is the one that helps."""
    error = refusal(sql, 100_000)
    assert problem in {None, error.problem}


def test_the_trailing_semicolon_and_comment_go_and_the_leading_comment_stays() -> None:
    """A line comment at the end would hide whatever is written behind the text."""
    assert (
        "-- why\nselect a -- all\nfrom t"
        == guard("\n-- why\nselect a -- all\nfrom t -- end\n; -- x\n", max_bytes=LIMIT).text
    )


def test_a_byte_order_mark_is_no_part_of_the_query() -> None:
    """Files written on Windows begin with one."""
    assert "select 1" == guard("\ufeffselect 1", max_bytes=LIMIT).text


@pytest.mark.parametrize(("tables", "sql"), TABLES)
def test_tables_are_named_as_written_without_those_of_with(tables: tuple[str, ...], sql: str) -> None:
    """The names of a WITH are seen where it is in force, and only there."""
    assert tables == guard(sql, max_bytes=LIMIT).tables


def test_too_long_is_said_before_anything_is_read() -> None:
    """100 kB of anything is answered with its size and the limit."""
    error = refusal("(" * 100_000)
    assert (QueryProblem.TOO_LONG, 300_000 + SIGNATURE_BYTES, LIMIT) == (error.problem, error.size, error.limit)


def test_the_limit_is_the_last_size_that_passes() -> None:
    """The trailing semicolon is not sent, so it does not count; the longest signature is, so it does."""
    sql = "select a from t"
    size = encoded_size(sql) + SIGNATURE_BYTES
    assert sql == guard(f"  {sql};\n", max_bytes=size).text
    assert size == encoded_size(signed(sql, "U" * 24, "E" * 24))
    error = refusal(sql, size - 1)
    assert (QueryProblem.TOO_LONG, size, size - 1) == (error.problem, error.size, error.limit)


def test_a_signature_names_the_enrollment_and_the_person() -> None:
    """In a comment of its own behind the text, which a line comment within the text cannot reach."""
    sql = "select a -- all\nfrom t"
    assert sql + "\n/* Enroll Flow E-7K2M9Q U0REQUESTER */" == signed(sql, "U0REQUESTER", "E-7K2M9Q")


@pytest.mark.parametrize("given", ["", "*/ drop table t", "U1\n", "u0requester", "U" * 25, "Ü"])
def test_nothing_but_an_id_is_signed_with(given: str) -> None:
    """Nothing can end the comment, or take more room than the guard has left."""
    with pytest.raises(ValueError, match="not an id"):
        signed("select 1", given, "E-7K2M9Q")
    with pytest.raises(ValueError, match="not an id"):
        signed("select 1", "U0REQUESTER", given)


@pytest.mark.parametrize("sql", ["select 'ä €' from t", "a+b % c/d?e&f=~'\"\n\t", "日本" * 50, "", "x" * 99])
def test_the_encoded_size_is_that_of_the_url_that_httpx_sends(sql: str) -> None:
    """The query runner takes the text in the query string."""
    url = httpx.Request("POST", "http://polytomic.test/q", params={"query": sql}).url
    assert len(url.query) - len("query=") == encoded_size(sql)


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """sqlglot logs what it cannot parse; no statement of the corpus reaches a log."""
    caplog.set_level(logging.DEBUG)
    for sql in (*(row[1] for row in REFUSED), *(row[1] for row in PLACED)):
        refusal(sql)
    for sql in (*READS, "select get_path(a, '$$[') from t", "select a:b[x] from t"):
        with contextlib.suppress(QueryRefused):
            guard(sql, max_bytes=100_000)
    assert [] == caplog.records
    assert not logging.getLogger("sqlglot").disabled


def test_a_refusal_carries_facts_and_no_text() -> None:
    """What is logged of an error is its class and its problem."""
    error = refusal("select secret_udf('x') from t")
    assert "not_a_function" == str(error)
    assert "secret" not in repr(error)
    assert "secret" not in repr(guard("select 'secret' from t", max_bytes=LIMIT))
    assert refusal("select secret form t where").__context__ is None


@pytest.mark.parametrize(
    "repeated", ["(", "'", '"', "a.", "select ", "/*", "--", "a:", "case ", "x,", "\\'", "''", "((a)", "t join "]
)
def test_eight_kilobytes_of_anything_have_a_verdict(repeated: str) -> None:
    """No text that fits makes the guard think for ever: the suite's timeout would end it."""
    text = "select " + repeated * (7900 // len(repeated))
    verdict = ""
    with contextlib.suppress(QueryRefused):
        verdict = guard(text, max_bytes=100_000).text
    assert verdict in text


@pytest.mark.parametrize("name", sorted(query_rules.FUNCTIONS - query_rules.TABLE_FUNCTIONS))
def test_every_allowed_function_can_be_called(name: str) -> None:
    """The list is of names; what sqlglot makes of each of them is on the list of shapes too."""
    arguments = [
        "",
        "a",
        "a, b",
        "a, b, c",
        "a as int",
        "a, x -> x",
        "a, 0, (x, y) -> x + y",
        "day, 1, a",
        "1, 2, 3, 4, 5, 6",
    ]
    verdicts: list[QueryProblem | None] = []
    for given in arguments:
        try:
            guard(f"select {name}({given}) from t", max_bytes=LIMIT)
        except QueryRefused as error:
            verdicts.append(error.problem)
        else:
            verdicts.append(None)
    assert None in verdicts
    assert {None, QueryProblem.UNREADABLE} >= set(verdicts)


def test_quoting_of_the_url_is_no_looser_than_the_standard() -> None:
    """Nothing that must be escaped in a URL counts as one byte."""
    assert encoded_size("#&=%") == len(quote("#&=%", safe=""))
