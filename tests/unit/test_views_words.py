"""Numbers, dates and other people's text are written one way everywhere."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.enrollment.model.checks import Funnel, LeftOut
from bot.views import funnel, words
from bot.views.blocks import plain
from tests.unit.view_builders import DATE, NOW, preflight


@pytest.mark.parametrize(
    ("expected", "verb", "value"),
    [
        ("Enroll 0 contacts", "Enroll", 0),
        ("Enroll 1 contact", "Enroll", 1),
        ("Enroll 1,225 contacts", "Enroll", 1225),
        ("Enroll 100,000 contacts", "Enroll", 100_000),
        ("Enroll 1,000,000", "Enroll", 1_000_000),
        ("Review 100,000 contacts", "Review", 100_000),
    ],
)
def test_a_label_keeps_the_number_whole_and_drops_the_noun(expected: str, verb: str, value: int) -> None:
    """24 characters are what Slack gives a title or a submit button."""
    assert expected == words.label(verb, value, "contact")
    assert len(expected) <= 24


@pytest.mark.parametrize(
    ("expected", "part", "whole"),
    [
        ("0%", 0, 1225),
        ("<1%", 1, 1225),
        ("44%", 540, 1225),
        ("99%", 1224, 1225),
        ("100%", 1225, 1225),
        ("0%", 0, 0),
    ],
)
def test_percent_is_rounded_down(expected: str, part: int, whole: int) -> None:
    """100% is said only when all are done."""
    assert expected == words.percent(part, whole)


def test_the_bar_has_ten_marks() -> None:
    """As many full ones as tenths are done."""
    assert ["▱" * 10, "▰" * 4 + "▱" * 6, "▰" * 10] == [words.bar(part, 1225) for part in (0, 540, 1225)]


def test_dates_are_tokens_with_a_fallback_in_utc() -> None:
    """The same moment reads the same, whatever zone it was given in."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5)))
    assert DATE == words.date(elsewhere)
    assert "2026-11-23 14:05 UTC" == words.utc(elsewhere)
    assert int(datetime(2026, 11, 23, 14, 5, tzinfo=UTC).timestamp()) == 1795442700


@pytest.mark.parametrize(
    ("expected", "seconds"), [("40 s", 40), ("4 min", 240), ("1 h", 3600), ("2 h 5 min", 7500), ("0 s", -1)]
)
def test_durations_are_short(expected: str, seconds: float) -> None:
    """An end is told in one unit, two at most."""
    assert expected == words.duration(seconds)


def test_outside_text_cannot_leave_its_line_or_start_a_token() -> None:
    """Controls become spaces, marks that reorder text go, and what mrkdwn parses is escaped."""
    hostile = "<!channel>\n&\x00 \u202eevil\u202c \ud800"
    assert "&lt;!channel&gt; &amp; evil" == words.escape(hostile)
    assert "<!channel> & evil" == plain(hostile)["text"]
    assert "`a'b`" == words.code("a`b")


def test_outside_text_is_cut_before_it_is_escaped() -> None:
    """An entity is never cut in two."""
    assert "&amp;" * 59 + "…" == words.flow("&" * 75)


def test_a_link_cannot_be_ended_early() -> None:
    """The address keeps its meaning and loses its power."""
    assert "<https://x/?a=1&amp;b=%3E%7C|open>" == words.link("https://x/?a=1&b=>|", "open")


def test_operators_are_mentioned_or_called_yours() -> None:
    """Users and groups have different tokens; three are enough."""
    assert "your operator" == words.operators(())
    assert "<@U1> or <!subteam^S2>" == words.operators(("U1", "S2"))
    assert "<@U1>, <@U2> or <@U3>" == words.operators(("U1", "U2", "U3", "U4"))
    assert "<@U1> was told." == words.told(("U1",))
    assert "<@U1> and <@U2> were told." == words.told(("U1", "U2"))


def test_our_own_mrkdwn_reads_well_as_plain_text() -> None:
    """An alert shows no tokens."""
    assert "It ended 2026-11-23 14:05 UTC: <b>, now" == words.unmarked(f"It `ended` {DATE}: &lt;b&gt;, *now*")


def test_the_funnel_is_that_of_the_copy() -> None:
    """Zero rows are not shown, numbers stand under each other."""
    counted = Funnel(1412, ((LeftOut.NO_ID, 12), (LeftOut.DUPLICATE, 88), (LeftOut.LEAD, 0)), 1312)
    expected = """\
Rows from the query        1,412
- no contact id               12
- same contact again          88
= will be enrolled         1,312"""
    assert expected == funnel.funnel_lines(counted)


def test_the_funnel_names_the_caps_that_applied() -> None:
    """A cap whose number would not fit on a phone is named without it."""
    counted = Funnel(99, ((LeftOut.COMPANY_CAP, 9), (LeftOut.REQUEST_CAP, 80)), 10)
    lines = funnel.funnel_lines(counted, company_cap=5, request_cap=2000).splitlines()
    assert ["- over 5 per company           9", "- over 2,000 per request      80"] == lines[1:3]
    vast = funnel.funnel_lines(counted, company_cap=1_000_000).splitlines()
    assert ["- over the cap per company     9", "- over the cap per request    80"] == vast[1:3]


@pytest.mark.parametrize("rows", [0, 1, 100_000, 1_000_000])
def test_the_funnel_fits_a_phone_whatever_the_numbers(rows: int) -> None:
    """36 characters, and label and number never touch."""
    counted = Funnel(rows * 5, tuple((reason, rows) for reason in LeftOut), rows)
    for line in funnel.funnel_lines(counted).splitlines():
        assert len(line) <= 36
        assert " " in line


@pytest.mark.parametrize(
    ("expected", "rows", "out"),
    [
        ("187 of 1,412 rows are left out.", 1412, 187),
        ("1 of 2 rows is left out.", 2, 1),
        ("No row is left out.", 3, 0),
    ],
)
def test_the_sum_is_said_in_words(expected: str, rows: int, out: int) -> None:
    """A screen reader reads no columns."""
    assert expected == funnel.left_out_words(Funnel(rows, ((LeftOut.NO_ID, out),), rows - out))


def test_the_sample_is_cut_to_fit() -> None:
    """Four columns, five rows, cells of at most 16, a dash for nothing, 36 characters in all."""
    wide = preflight(
        sample_columns=("CONTACT_ID", "A_VERY_LONG_COLUMN_NAME", "C", "D", "E"),
        sample=tuple(("0035g00000AbCdEAAV", "x" * 300, "", "4", "5") for _ in range(9)),
    )
    lines = funnel.sample_lines(wide).splitlines()
    assert 6 == len(lines)
    assert "CONTACT_ID      A_VERY_LONG_C…  C  D" == lines[0]
    assert "0035g00000AbC…  xxxxxxxxxxxxx…  –  4" == lines[1]
    assert all(len(line) <= 36 for line in lines)
