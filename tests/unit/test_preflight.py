"""Rows in; numbers, the frozen list, and reasons out."""

from collections.abc import Sequence

import pytest

from bot.enrollment.contacts import checksum
from bot.enrollment.model.checks import Contact, CrmKind, Funnel, LeftOut, LeftOutRow, Preflight
from bot.enrollment.preflight import Findings, Reading
from bot.enrollment.preflight_columns import Columns, id_column


def long_id(number: int, prefix: str = "003") -> str:
    """An 18-character Salesforce id."""
    body = f"{prefix}5g00000A{number:04d}"
    return body + checksum(body)


def reading_of(values: Sequence[object], column: str = "CONTACT_ID") -> Findings:
    """The findings over one column of ids."""
    reading = Reading(Columns((column,), column))
    reading.add({column: value} for value in values)
    return reading.finish()


def test_a_query_without_rows_enrolls_nobody() -> None:
    """Every number is zero, and nothing is made up."""
    expected = Preflight(
        funnel=Funnel(0, (), 0),
        columns=("CONTACT_ID",),
        id_column="CONTACT_ID",
        kinds=(),
        sample_columns=("CONTACT_ID",),
        sample=(),
        blanks=(),
    )
    assert Findings(expected, (), ()) == reading_of([])


def test_every_row_is_enrolled_or_has_its_reason() -> None:
    """One of each: the funnel, the list and the file agree."""
    one, two, lead, account = long_id(1), long_id(2), long_id(3, "00Q"), long_id(4, "001")
    found = reading_of([one, None, " ", one[:15], two.lower(), f" {two}", lead, account, account, "x@y.z", lead, one])
    assert (Contact(0, one, one), Contact(1, two.lower(), two)) == found.contacts
    assert (
        LeftOutRow(LeftOut.NO_ID, "", "", 2),
        LeftOutRow(LeftOut.DUPLICATE, one[:15], "first seen in row 1", 1),
        LeftOutRow(LeftOut.DUPLICATE, f" {two}", "first seen in row 5", 1),
        LeftOutRow(LeftOut.DUPLICATE, one, "first seen in row 1", 1),
        LeftOutRow(LeftOut.NOT_A_CONTACT_ID, account, "a Salesforce account (001)", 2),
        LeftOutRow(LeftOut.NOT_A_CONTACT_ID, "x@y.z", "an e-mail address", 1),
        LeftOutRow(LeftOut.LEAD, lead, "a Salesforce lead (00Q)", 2),
    ) == found.left_out
    left_out = ((LeftOut.NO_ID, 2), (LeftOut.DUPLICATE, 3), (LeftOut.NOT_A_CONTACT_ID, 3), (LeftOut.LEAD, 2))
    assert Funnel(12, left_out, 2) == found.preflight.funnel
    assert ((CrmKind.SALESFORCE_CONTACT, 5), (CrmKind.SALESFORCE_LEAD, 2)) == found.preflight.kinds
    assert (1, 2) == (found.preflight.short_ids, found.preflight.tidied_ids)
    assert "a Salesforce lead (00Q)" == found.preflight.most_look_like


def test_the_first_of_two_forms_is_the_one_that_is_sent() -> None:
    """Polytomic matches what the query gave, so the first row's own value is kept."""
    one = long_id(1)
    found = reading_of([one[:15], one, one.lower()])
    assert (Contact(0, one[:15], one),) == found.contacts


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([51, 52, long_id(1)], ["51", "52"]),
        ([51, long_id(1), long_id(1)], [long_id(1)]),
        ([51, long_id(1)], [long_id(1)]),
    ],
)
def test_only_ids_of_one_crm_are_enrolled(values: list[object], kept: list[str]) -> None:
    """Where two CRMs appear, the one with more rows is kept, Salesforce of two equals."""
    found = reading_of(values)
    assert kept == [contact.source_value for contact in found.contacts]
    assert ((LeftOut.NOT_A_CONTACT_ID, 1),) == tuple(
        (reason, count) for reason, count in found.preflight.funnel.left_out if reason is not LeftOut.DUPLICATE
    )


def test_the_other_crms_rows_are_told_with_their_repeats() -> None:
    """A person of the other CRM who stands there twice is two rows left out, not one and a duplicate."""
    found = reading_of([51, "51", long_id(1), long_id(2), long_id(3)])
    detail = "a HubSpot contact, among more rows of a Salesforce contact (003)"
    assert (LeftOutRow(LeftOut.NOT_A_CONTACT_ID, "51", detail, 2),) == found.left_out


@pytest.mark.parametrize(
    ("expected", "columns", "chosen"),
    [
        ("CONTACT_ID", ["EMAIL", "ID", "CONTACT_ID"], ""),
        ("HS_OBJECT_ID", ["ID", "HS_OBJECT_ID"], ""),
        ("id", ["email", "id"], ""),
        ("EMAIL", ["EMAIL", "CONTACT_ID"], "EMAIL"),
        ("EMAIL", ["EMAIL", "CONTACT_ID"], "email"),
        ("CONTACT_ID", ["EMAIL", "CONTACT_ID"], "GONE"),
        ("contact_id", ["CONTACT_ID", "contact_id"], ""),
        ("", ["EMAIL", "PLAN"], ""),
        ("", [], ""),
    ],
)
def test_the_id_column_is_the_chosen_one_or_found_by_name(expected: str, columns: list[str], chosen: str) -> None:
    """A choice that the query no longer returns is as none."""
    assert expected == id_column(columns, (), chosen)


def test_without_an_id_column_rows_are_counted_and_nobody_is_enrolled() -> None:
    """The columns are known, so that a person can choose one."""
    reading = Reading(Columns(("EMAIL", "PLAN")), sample_columns=["plan"])
    reading.add([{"EMAIL": "a@b.c", "PLAN": "gold"}])
    found = reading.finish()
    assert ("", Funnel(1, (), 0)) == (found.preflight.id_column, found.preflight.funnel)
    assert (("PLAN",), (("gold",),)) == (found.preflight.sample_columns, found.preflight.sample)
    assert ((), ()) == (found.contacts, found.left_out)


def test_the_sample_has_the_id_first_and_allowed_columns_only() -> None:
    """At most 5 rows and 4 columns, in the query's order, blanks as empty text."""
    columns = ["A", "B", "Id", "C", "D", "E"]
    reading = Reading(Columns(tuple(columns), "Id"), sample_columns=["e", "D", "c", "A", "missing", "ID"])
    reading.add({"A": n, "B": "secret", "Id": None, "C": None, "D": 1.5, "E": "e"} for n in range(9))
    preflight = reading.finish().preflight
    assert ("Id", "A", "C", "D") == preflight.sample_columns
    assert tuple(("", str(n), "", "1.5") for n in range(5)) == preflight.sample


def test_blanks_are_counted_among_the_rows_that_will_be_enrolled() -> None:
    """A required field is filled from these rows alone."""
    reading = Reading(Columns(("ID", "OWNER", "PLAN"), "ID"))
    rows = [(1, "a@b.c"), (2, None), (2, "a@b.c"), (3, " "), (None, None), ("x", None)]
    reading.add({"ID": value, "OWNER": owner, "PLAN": 0} for value, owner in rows)
    assert (("OWNER", 2),) == reading.finish().preflight.blanks


def test_names_of_columns_may_differ_in_case_from_those_of_the_rows() -> None:
    """Snowflake's names are upper case; what stands between may write them lower."""
    reading = Reading(Columns(("CONTACT_ID",), "CONTACT_ID"))
    reading.add([{"contact_id": 51}])
    assert 1 == reading.finish().preflight.funnel.will_enroll


def test_values_are_no_part_of_a_repr() -> None:
    """What is logged by accident has no ids."""
    found = reading_of([long_id(1), "x@y.z", long_id(1)])
    assert long_id(1)[:15] not in repr(found)
    assert "x@y.z" not in repr(found)
