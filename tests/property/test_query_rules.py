"""What holds for the query guard whatever is typed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.enrollment.query import Query, encoded_size, guard, signed
from bot.enrollment.query_text import pieces
from bot.errors import QueryProblem, QueryRefused
from tests.unit.query_corpus import READS

SIGNS = "( ) , ; . : :: ' \" $$ /* */ -- // \n @ ? $1 [ ] { } => -> ->> = < > ! + - * % | || & ~ # \\"
NAMES = (
    """a b t "q" 'x' 1 1.5 system$x( my_udf( identifier( upper( count( object_construct( decode( trim( extract( get("""
)
GRAMMAR = """
    select from where with as null case when then else end and or not in like between is group by order having qualify
    limit union all except distinct join on using lateral flatten table values over partition within interval cast int
    call delete insert into update set show execute immediate top pivot unpivot for sample at before connect start
    nextval exclude array
"""
ODD = ["\u00a0", "\u200b", "\u2028", "\r", "\x00", "‘", "“", "；", "é", "\ud800", "\ufeff"]
WORDS = st.sampled_from([*SIGNS.split(" "), *NAMES.split(" "), *GRAMMAR.split(), *ODD])
TEXTS = st.one_of(
    st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join), st.lists(WORDS, max_size=40).map("".join)
)


def judge(text: str, limit: int = 8000) -> Query | QueryRefused:
    """What the guard says of a text."""
    try:
        return guard(text, max_bytes=limit)
    except QueryRefused as error:
        return error


@given(text=TEXTS)
@settings(max_examples=600, deadline=None)
def test_any_text_is_a_query_or_refused(text: str) -> None:
    """Nothing but QueryRefused is raised, with a place inside the text."""
    verdict = judge(text)
    if isinstance(verdict, Query):
        assert verdict.text in text
    elif verdict.line is not None:
        lines = text.split("\n")
        assert 1 <= verdict.line <= len(lines)
        assert verdict.column is not None
        assert 1 <= verdict.column <= max(len(lines[verdict.line - 1]), 1)


@given(text=TEXTS.map(lambda text: "select " + text))
@settings(max_examples=600, deadline=None)
def test_what_was_allowed_is_allowed_again_and_stays_the_same(text: str) -> None:
    """The guard has one opinion of a query, and its text is never another one."""
    verdict = judge(text)
    assert isinstance(verdict, QueryRefused) or verdict == judge(verdict.text)


@given(sql=st.sampled_from([sql for sql in READS if len(sql) < 200]), data=st.data())
@settings(max_examples=400, deadline=None)
def test_a_call_smuggled_into_a_read_is_refused(sql: str, data: st.DataObject) -> None:
    """Wherever it is put between two words outside of strings and comments, it does not pass."""
    cut = data.draw(st.sampled_from([piece for piece in pieces(sql) if piece.kind != "comment"]))
    call = data.draw(st.sampled_from(["system$x(1)", "x (a)", "snowflake.cortex.complete('a')", '"f"(1)', ":x", "@s"]))
    verdict = judge(f"{sql[: cut.start]} {call} {sql[cut.start :]}")
    # A name before a parenthesis may be the alias of a table, and :x a path into the value before it.
    assert isinstance(verdict, QueryRefused) or call in {"x (a)", ":x"} or call not in verdict.text


@given(sql=st.sampled_from(READS), size=st.integers(min_value=0, max_value=9000))
def test_nothing_longer_than_the_limit_passes(sql: str, size: int) -> None:
    """What is sent fits into the URL."""
    verdict = judge(sql, size)
    if isinstance(verdict, Query):
        assert encoded_size(signed(verdict.text, "U0REQUESTER", "E-7K2M9Q")) <= size
    else:
        assert QueryProblem.TOO_LONG is verdict.problem


@given(text=st.text())
def test_every_character_is_in_a_piece_or_is_blank(text: str) -> None:
    """Nothing can hide between the pieces."""
    try:
        found = pieces(text)
    except QueryRefused:
        return
    left = list(text)
    for piece in found:
        assert piece.text == text[piece.start : piece.end]
        left[piece.start : piece.end] = " " * len(piece.text)
    assert "" == "".join(left).strip(" \t\r\n")


@pytest.mark.parametrize("sql", READS)
def test_a_second_statement_is_always_seen(sql: str) -> None:
    """Whatever stands before it."""
    with pytest.raises(QueryRefused) as caught:
        guard(sql + "\n;\ndelete from t", max_bytes=100_000)
    assert QueryProblem.SECOND_STATEMENT is caught.value.problem
