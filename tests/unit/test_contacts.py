"""What a value of the id column is taken for."""

import json

import pytest

from bot.enrollment.contacts import ContactId, WrongId, checksum, read
from bot.enrollment.model.checks import CrmKind

CONTACT, LEAD, HUBSPOT = CrmKind.SALESFORCE_CONTACT, CrmKind.SALESFORCE_LEAD, CrmKind.HUBSPOT_CONTACT
BODY = "0035g00000AbCdE"
LONG = BODY + checksum(BODY)


def test_the_checksum_is_salesforces() -> None:
    """Salesforce's own example, and the two ends of the alphabet."""
    assert "IAZ" == checksum("001D000000IqhSL")
    assert "AAA" == checksum("000000000000000")
    assert "555" == checksum("AAAAAAAAAAAAAAA")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (BODY, ContactId(CONTACT, BODY, LONG, short=True)),
        (LONG, ContactId(CONTACT, LONG, LONG)),
        (LONG.lower(), ContactId(CONTACT, LONG.lower(), LONG, tidied=True)),
        (LONG.upper(), ContactId(CONTACT, LONG.upper(), LONG, tidied=True)),
        (BODY + LONG[15:].lower(), ContactId(CONTACT, BODY + LONG[15:].lower(), LONG, tidied=True)),
        (f" {LONG}\n", ContactId(CONTACT, f" {LONG}\n", LONG, tidied=True)),
        (f"\u00a0{BODY}", ContactId(CONTACT, f"\u00a0{BODY}", LONG, short=True, tidied=True)),
        ("003000000000001", ContactId(CONTACT, "003000000000001", "003000000000001AAA", short=True)),
        (
            "00Q5g00000AbCdE",
            ContactId(LEAD, "00Q5g00000AbCdE", "00Q5g00000AbCdE" + checksum("00Q5g00000AbCdE"), short=True),
        ),
        ("51", ContactId(HUBSPOT, "51", "51")),
        (" 51 ", ContactId(HUBSPOT, " 51 ", "51", tidied=True)),
        (51, ContactId(HUBSPOT, "51", "51")),
        (51.0, ContactId(HUBSPOT, "51.0", "51")),
        ("123456789012345", ContactId(HUBSPOT, "123456789012345", "123456789012345")),
        (json.loads("9007199254740993"), ContactId(HUBSPOT, "9007199254740993", "9007199254740993")),
    ],
)
def test_one_person_has_one_canonical_id(value: object, expected: ContactId) -> None:
    """The source value stays as the query gave it; the canonical id is what is compared."""
    assert expected == read(value)


@pytest.mark.parametrize("value", [None, "", "  ", "\t\n", "\u00a0"])
def test_a_blank_is_nothing(value: object) -> None:
    """No value, or only spaces."""
    assert read(value) is None


@pytest.mark.parametrize(
    ("value", "looks_like"),
    [
        ("001D000000IqhSLIAZ", "a Salesforce account (001)"),
        ("001d000000iqhsliaz", "a Salesforce account (001)"),
        ("0055g00000AbCdE", "a Salesforce user (005)"),
        ("0065g00000AbCdE", "a Salesforce opportunity (006)"),
        ("5005g00000AbCdE", "a Salesforce case (500)"),
        ("a0B5g00000AbCdE", "a Salesforce id (a0B)"),
        (BODY + "AAA", "a mistyped Salesforce id"),
        (BODY.lower() + "555", "a mistyped Salesforce id"),
        ("0035gabcdefghij", "a lower-cased Salesforce id"),
        ("anna@example.com", "an e-mail address"),
        ("8f14e45f-ceea-467f-a9d1-1f2e3d4c5b6a", "a UUID"),
        ("2026-11-23", "a date"),
        ("2026-11-23 10:00:00", "a date"),
        ("12.5", "a number"),
        ("12.0", "a number"),
        ("+4912345", "a number"),
        (0.25, "a number"),
        (float("nan"), "a number"),
        (float("inf"), "a number"),
        (2.0**53, "a number"),
        (-5, "a negative number"),
        (-5.0, "a negative number"),
        (0, "a number that starts with 0"),
        ("007", "a number that starts with 0"),
        ("1" * 20, "a long number"),
        pytest.param(10**5000, "a long number", id="5000 digits"),
        (True, "true or false"),
        (False, "true or false"),
        ("Anna Smith", "text"),
        ("internationaliz", "text"),
        ("x" * 100_000, "text"),
        ("５１", "text"),
        ("00З5g00000AbCdE", "text"),  # its third character is Cyrillic
        (BODY[:-1], "text"),
        (["51"], "nested data"),
        ({"id": 51}, "nested data"),
    ],
)
def test_anything_else_is_said_for_what_it_looks_like(value: object, looks_like: str) -> None:
    """The words stand in the view and in the file of those left out."""
    found = read(value)
    assert isinstance(found, WrongId)
    assert looks_like == found.looks_like
    assert found.detail


def test_an_id_is_no_part_of_a_repr() -> None:
    """What is logged by accident says only the kind."""
    assert BODY not in repr(read(BODY))
    assert "anna" not in repr(read("anna@example.com"))
