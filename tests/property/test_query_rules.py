"""What holds for the query guard whatever is typed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.enrollment.query import SIGNATURE_BYTES, Query, encoded_size, guard, signed
from bot.enrollment.query_text import Piece, pieces
from bot.errors import QueryProblem, QueryRefused
from tests.unit.query_corpus import READS
from tests.unit.query_corpus_readings import ALIKE, APART, ORDERED, TABLES, WARNED

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

ALLOWED = sorted(
    {*READS, *(one for pair in (*ALIKE, *APART) for one in pair), *(row[1] for row in (*TABLES, *WARNED, *ORDERED))}
)
SHORT = [sql for sql in ALLOWED if len(sql) < 200]
BLANKS = st.sampled_from([" ", "\n", "\t \r\n"])
GAPS = st.one_of(BLANKS, st.sampled_from([" /* a 'b' */ ", ' -- a "b\n', " // c\n", "\n\n/* */"]))


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


@pytest.mark.slow
@given(text=TEXTS.map(lambda text: "select " + text))
@settings(max_examples=600, deadline=None)
def test_what_was_allowed_is_allowed_again_and_stays_the_same(text: str) -> None:
    """The guard has one opinion of a query, and its text is never another one."""
    verdict = judge(text)
    assert isinstance(verdict, QueryRefused) or verdict == judge(verdict.text)


@pytest.mark.slow
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


@pytest.mark.slow
@given(text=st.one_of(st.sampled_from(ALLOWED), TEXTS.map(lambda text: "select " + text)))
@settings(max_examples=200, deadline=None)
def test_the_normalized_text_is_allowed_too_and_is_its_own(text: str) -> None:
    """What is compared is a query like the one that is run, with the same tables and warnings."""
    verdict = judge(text, 100_000)
    if isinstance(verdict, Query):
        again = judge(verdict.normalized, 100_000)
        assert isinstance(again, Query)
        assert verdict.normalized == again.text == again.normalized
        assert (verdict.warnings, verdict.ordered) == (again.warnings, again.ordered)
        assert [name.upper() for name in verdict.tables] == [name.upper() for name in again.tables]


@pytest.mark.slow
@given(sql=st.sampled_from(SHORT), data=st.data())
@settings(max_examples=100, deadline=None)
def test_blanks_comments_and_the_case_of_words_do_not_count(sql: str, data: st.DataObject) -> None:
    """Between any two pieces, but within a path into a value, whose names are told apart by case."""
    first = judge(sql)
    assert isinstance(first, Query)
    code = [piece for piece in pieces(first.text) if piece.kind != "comment"]
    has_paths = not {":", "]"}.isdisjoint(piece.text for piece in code)
    respelled = ""
    before = Piece("sign", -1, "")
    for piece in code:
        # X'0F' and (+) are one thing each; so is ORDER BY to sqlglot, which refuses a comment within.
        glued = before.end == piece.start and (piece.kind == "string" or {before.text, piece.text} & {"+"})
        gaps = BLANKS if before.kind == piece.kind == "word" else GAPS
        respelled += "" if glued or not respelled else data.draw(gaps)
        on_path = before.text == ":" or (before.text == "." and has_paths)
        spell = data.draw(st.sampled_from([str.upper, str.lower, str.swapcase]))
        respelled += spell(piece.text) if piece.kind == "word" and not on_path else piece.text
        before = piece
    second = judge(respelled + data.draw(st.sampled_from(["", ";", " -- end", "\n;;\n"])), 100_000)
    assert isinstance(second, Query)
    assert first.normalized == second.normalized


@given(sql=st.sampled_from(SHORT), data=st.data())
@settings(max_examples=150, deadline=None)
def test_every_character_within_quotes_counts(sql: str, data: st.DataObject) -> None:
    """A string or a quoted name that changes makes another text, even by its case or a blank."""
    first = judge(sql)
    assert isinstance(first, Query)
    quoted = [piece for piece in pieces(first.text) if piece.literal]
    if not quoted:
        return
    piece = data.draw(st.sampled_from(quoted))
    ends = 2 if piece.kind == "raw" else 1
    at = data.draw(st.integers(piece.start + ends, piece.end - ends))
    put = data.draw(st.sampled_from([" ", "x", "X", "--", "é"]))
    second = judge(first.text[:at] + put + first.text[at:])
    assert isinstance(second, QueryRefused) or first.normalized != second.normalized


@given(text=st.one_of(st.sampled_from(ALLOWED), TEXTS.map(lambda text: "select " + text)))
@settings(max_examples=100, deadline=None)
def test_a_signature_changes_nothing_but_who_is_known_to_have_asked(text: str) -> None:
    """Signed, in parentheses or read again, it is the same query; and it is no longer than what was allowed for it."""
    verdict = judge(text, 100_000)
    if isinstance(verdict, Query):
        sent = signed(verdict.text, "U0REQUESTER", "E-7K2M9Q")
        assert verdict == judge(sent, 200_000)
        wrapped = judge(f"select * from ({sent}) as q", 200_000)
        assert isinstance(wrapped, Query) or wrapped.problem is QueryProblem.UNREADABLE
        assert sent.endswith("\n/* Enroll Flow E-7K2M9Q U0REQUESTER */")
        assert encoded_size(sent) <= encoded_size(verdict.text) + SIGNATURE_BYTES
