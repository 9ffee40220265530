"""Who of the people named by a query is left out: opted out, suppressed, enrolled lately, over a cap; in this order."""

from collections.abc import Sequence

import pytest

from bot.enrollment.model.checks import Funnel, LeftOut, LeftOutRow
from bot.enrollment.model.drafts import NO_OPT_OUT
from bot.enrollment.preflight import Findings, Reading
from bot.enrollment.preflight_columns import Columns, id_column, opt_out_columns
from bot.enrollment.preflight_opt_outs import opted_out
from bot.enrollment.preflight_sieve import Caps, Known
from tests.unit.test_preflight import long_id

NAMES = ("ID", "OUT", "ACCOUNT")
KNOWN = ("opted_out", "has_opted_out_of_email", "do_not_contact")
ONE, TWO, THREE, FOUR, FIVE, SIX = (long_id(number) for number in range(1, 7))


def sorted_out(rows: Sequence[tuple[object, ...]], known: Known | None = None, caps: Caps | None = None) -> Findings:
    """The findings over rows of an id, an opt-out and a company; what is not given is null."""
    reading = Reading(Columns(NAMES, "ID", ("OUT",), "ACCOUNT"))
    reading.add(dict(zip(NAMES, (*row, None, None), strict=False)) for row in rows)
    return reading.finish(known or Known(), caps or Caps())


def enrolled(found: Findings) -> list[str]:
    """The frozen list."""
    return [contact.canonical_id for contact in found.contacts]


@pytest.mark.parametrize("value", [None, "", "  ", False, 0, 0.0, "false", "F", " No ", "n", "0", "FALSE"], ids=repr)
def test_a_plain_no_is_no_opt_out(value: object) -> None:
    """Blank, false, zero, and the words for them."""
    assert "" == opted_out(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("true", True),
        ("true", 1),
        ("true", "Yes"),
        ("true", " t "),
        ("a date", "2026-11-20"),
        ("a date", "2026-11-20T09:00:00Z"),
        ("a number", 7),
        ("a number", -1.5),
        ("a number", "0.0"),
        ("text", "unsubscribed by mail"),
        ("text", "null"),
        ("nested data", {"email": False}),
        ("a number", float("nan")),
    ],
    ids=repr,
)
def test_anything_else_is_an_opt_out(kind: str, value: object) -> None:
    """A date in such a column is the day somebody opted out, and an unknown word is taken for the worst."""
    assert kind == opted_out(value)


def test_each_reason_has_its_row_and_the_first_one_counts() -> None:
    """Somebody who is out for everything is out for what their row says."""
    known = Known(frozenset({ONE, TWO}), {ONE: "lately", TWO: "lately", THREE: "enrolled 2026-11-20 by E-5T8N2C"})
    rows = [(ONE, True, "a"), (TWO, None, "a"), (THREE, 0, "a"), (FOUR, "", "a"), (FIVE, None, " A "), (SIX, None, "b")]
    found = sorted_out(rows, known, Caps(company=1, request=1, ordered=True))
    assert [FOUR] == enrolled(found)
    assert (
        LeftOutRow(LeftOut.OPTED_OUT, ONE, "OUT has true"),
        LeftOutRow(LeftOut.SUPPRESSED, TWO, "named by the operators' suppression query"),
        LeftOutRow(LeftOut.ENROLLED_LATELY, THREE, "enrolled 2026-11-20 by E-5T8N2C"),
        LeftOutRow(LeftOut.COMPANY_CAP, FIVE, "company already has 1"),
        LeftOutRow(LeftOut.REQUEST_CAP, SIX, "after the first 1"),
    ) == found.left_out
    told = found.preflight
    assert Funnel(6, tuple((reason, 1) for reason in list(LeftOut)[4:]), 1) == told.funnel
    assert ("OUT", True, 1, 1) == (told.opt_out_column, told.suppressed, told.company_cap, told.request_cap)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_row_that_says_so_is_enough(at: int) -> None:
    """Whichever of a person's rows it is, and in whatever form it has the id."""
    rows = [(form, "2026-01-01" if at == place else None) for place, form in enumerate((ONE, ONE[:15], ONE.lower()))]
    found = sorted_out([*rows, (TWO,)])
    assert [TWO] == enrolled(found)
    assert ((LeftOut.DUPLICATE, 2), (LeftOut.OPTED_OUT, 1)) == found.preflight.funnel.left_out
    assert LeftOutRow(LeftOut.OPTED_OUT, ONE, "OUT has a date") == found.left_out[-1]


def test_what_a_cell_says_is_told_by_its_kind() -> None:
    """The file of those left out has no words of the CRM's."""
    assert "secret" not in str([row.detail for row in sorted_out([(ONE, "secret")]).left_out])


def test_whoever_is_left_out_takes_no_place_of_a_company() -> None:
    """Companies are compared as people write them; without one there is no cap."""
    rows = [(ONE, True, "Acme"), (TWO, None, "acme "), (THREE, None, "ACME"), (FOUR,), (FIVE,), (SIX, None, " ")]
    found = sorted_out(rows, caps=Caps(company=1))
    assert [TWO, FOUR, FIVE, SIX] == enrolled(found)


def test_the_first_of_the_querys_order_stay_under_the_request_cap() -> None:
    """Without an order nobody is left out for it: somebody has to say who is meant."""
    rows = [(FIVE,), (ONE,), (THREE, True), (TWO,)]
    assert [FIVE, ONE] == enrolled(sorted_out(rows, caps=Caps(request=2, ordered=True)))
    assert [FIVE, ONE, TWO] == enrolled(sorted_out(rows, caps=Caps(request=2)))


def test_blanks_are_counted_among_those_who_stay() -> None:
    """What the flow requires is filled from their rows alone."""
    found = sorted_out([(ONE, True, None), (TWO, None, "a"), (THREE, None, None)])
    assert (("OUT", 2), ("ACCOUNT", 1)) == found.preflight.blanks


@pytest.mark.parametrize(
    ("expected", "names", "chosen"),
    [
        (("OPTED_OUT",), ["ID", "OPTED_OUT"], ""),
        (("opted_out", "Do_Not_Contact"), ["Do_Not_Contact", "opted_out"], ""),
        (("UNSUBSCRIBED",), ["OPTED_OUT", "UNSUBSCRIBED"], "unsubscribed"),
        (("OPTED_OUT",), ["OPTED_OUT"], "GONE"),
        ((), ["OPTED_OUT"], NO_OPT_OUT),
        ((), ["ID"], ""),
    ],
)
def test_the_opt_out_column_is_the_chosen_one_or_all_that_are_named_so(
    expected: tuple[str, ...], names: list[str], chosen: str
) -> None:
    """Two columns that speak of it are both heard; a choice that is gone is as none."""
    assert expected == opt_out_columns(names, KNOWN, chosen)


@pytest.mark.parametrize(
    ("expected", "rows"),
    [
        ("WHO", [{"MAIL": "a@b.co", "WHO": ONE}, {"MAIL": "c@d.co", "WHO": None}]),
        ("WHO", [{"OWNER": ONE, "WHO": ONE}, {"OWNER": ONE, "WHO": TWO}]),
        ("", [{"WHO": ONE, "MAIL": "x"}, {"WHO": "x", "MAIL": "x"}]),
        ("", [{"WHO": long_id(1, "001"), "LEAD": long_id(1, "00Q")}]),
        ("", [{"SEATS": 51, "COUNT": "52"}]),
        ("HUBSPOT_ID", [{"SEATS": 51, "PAID": 7, "HUBSPOT_ID": "52"}]),
        ("", []),
    ],
)
def test_without_a_name_the_ids_are_known_by_their_shape(expected: str, rows: list[dict[str, object]]) -> None:
    """Most values have to be ids of contacts, and the column with more people wins; a number alone has no shape."""
    assert expected == id_column(tuple(rows[0]) if rows else ("A", "B"), rows)


def test_the_column_named_like_ids_is_believed_before_shapes() -> None:
    """A name was written by somebody."""
    assert "ID" == id_column(("WHO", "ID"), [{"WHO": ONE, "ID": "x"}])
