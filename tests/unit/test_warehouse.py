"""The sandbox's warehouse takes what a RevOps person types, and says no in Snowflake's words."""

from collections import Counter

import pytest

from bot.sandbox.crm_ids import canonical
from bot.sandbox.warehouse import Refused, Warehouse
from tests.unit.warehouse_statements import STATEMENTS

HOW_TO = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'gold'"


@pytest.fixture(scope="module")
def warehouse() -> Warehouse:
    """One warehouse for all that only read."""
    return Warehouse()


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_ordinary_statement_runs(warehouse: Warehouse, statement: str) -> None:
    """Every one of these is Snowflake's SQL, and is answered."""
    columns, _ = warehouse.query(statement.replace("\\n", "\n"))
    assert columns


def test_there_are_enough_ordinary_statements() -> None:
    """Sixty is the least; a shorter table proves less than it says."""
    assert len(set(STATEMENTS)) >= 60


def test_the_how_tos_query_has_every_kind_of_row(warehouse: Warehouse) -> None:
    """365 rows: 312 people, blanks, people seen again (some as 15 characters), and ids of other things."""
    columns, rows = warehouse.query(HOW_TO)
    values = [str(row["CONTACT_ID"] or "").strip() for row in rows]
    people = Counter(canonical(value) for value in values if canonical(value))
    assert ("CONTACT_ID",) == columns
    assert 365 == len(rows)
    assert 12 == values.count("")
    assert 312 == len(people)
    assert 37 == people.total() - len(people)
    assert 9 == sum(len(value) == 15 for value in values)
    assert {"001", "00Q"} == {value[:3] for value in values if value and not canonical(value)}


def test_the_tables_are_as_large_as_they_are_said_to_be(warehouse: Warehouse) -> None:
    """5,000 rows of Salesforce; the HubSpot table has ids of digits only."""
    assert [{"COUNT(*)": 5000}] == warehouse.query("select count(*) from salesforce_contacts")[1]
    _, rows = warehouse.query("select hs_object_id from hubspot_contacts where hs_object_id is not null")
    assert all(str(row["HS_OBJECT_ID"]).isdigit() for row in rows)


def test_the_sample_is_the_same_every_time() -> None:
    """Two warehouses agree row by row."""
    whole = "select * from salesforce_contacts order by contact_id, email, last_touched"
    assert Warehouse().query(whole) == Warehouse().query(whole)


@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        ("SELECT contact_id, Email FROM salesforce_contacts LIMIT 1", ("CONTACT_ID", "EMAIL")),
        ('SELECT contact_id AS "Contact Id" FROM salesforce_contacts LIMIT 1', ("Contact Id",)),
        ("SELECT COUNT(*), lower(title) FROM salesforce_contacts GROUP BY 2 LIMIT 1", ("COUNT(*)", "LOWER(TITLE)")),
        ("SELECT contact_id AS who FROM salesforce_contacts UNION SELECT 'x'", ("WHO",)),
        ("SELECT * FROM hubspot_contacts LIMIT 1", (
            "HS_OBJECT_ID", "EMAIL", "COMPANY", "LIFECYCLE_STAGE", "UNSUBSCRIBED", "LAST_CONTACTED"
        )),
    ],
)  # fmt: skip
def test_columns_are_named_as_snowflake_names_them(
    warehouse: Warehouse, statement: str, columns: tuple[str, ...]
) -> None:
    """Unquoted names are upper case, quoted ones stay, expressions are named by their text."""
    assert columns == warehouse.query(statement)[0]


@pytest.mark.parametrize("statement", ["SELECT COUNT(*)", "SELECT 1", HOW_TO, "(SELECT UPPER('a'))"])
def test_a_comment_behind_the_statement_changes_nothing(warehouse: Warehouse, statement: str) -> None:
    """Neither what the columns are called nor the rows; and the whole may stand in another query."""
    commented = f"{statement}\n/* Enroll Flow E-7K2M9Q U0REQUESTER */"
    columns, rows = warehouse.query(statement)
    assert (columns, rows) == warehouse.query(commented)
    assert commented == warehouse.history[-1]
    assert len(rows) == len(warehouse.query(f"SELECT * FROM ({commented}) AS q")[1])


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT contact_id FROM nope", "SQL compilation error:\nObject 'NOPE' does not exist or not authorized."),
        ("SELECT x FROM other.t", "SQL compilation error:\nObject 'OTHER.T' does not exist or not authorized."),
        (
            'SELECT 1 FROM "salesforce_contacts"',
            "SQL compilation error:\nObject '\"salesforce_contacts\"' does not exist or not authorized.",
        ),
        (
            "SELECT email,\n nope FROM salesforce_contacts",
            "SQL compilation error: error line 2 at position 1\ninvalid identifier 'NOPE'",
        ),
        (
            'SELECT "contact_id" FROM salesforce_contacts',
            "SQL compilation error: error line 1 at position 7\ninvalid identifier '\"contact_id\"'",
        ),
        (
            "SELECT s.nope FROM salesforce_contacts s",
            "SQL compilation error: error line 1 at position 9\ninvalid identifier 'NOPE'",
        ),
        (
            "SELECT title, COUNT(*) FROM salesforce_contacts",
            "SQL compilation error:\n'TITLE' is not a valid group by expression",
        ),
        (
            "SELECT email FROM salesforce_contacts a, hubspot_contacts b",
            "SQL compilation error:\nambiguous column name 'EMAIL'",
        ),
        ("SELECT 'abc'::int", "Numeric value 'abc' is not recognized"),
        ("SELEC 1", "SQL compilation error:\nsyntax error line 1 at position 6 unexpected '1'."),
        ("SELECT 1; SELECT 2", "Actual statement count 2 did not match the desired statement count 1."),
        ("  ", "SQL compilation error:\nEmpty SQL statement."),
        ("SELECT 'abc", "SQL compilation error:\nparse error: the statement cannot be read."),
        ("DROP TABLE salesforce_contacts", "the sandbox cannot run this: it only reads, with one SELECT"),
        ("SELECT AI_COMPLETE('x')", "the sandbox cannot run this: it has no function AI_COMPLETE"),
    ],
)
def test_a_mistake_is_answered_in_snowflakes_words(warehouse: Warehouse, statement: str, words: str) -> None:
    """What cannot be run is refused, and what only the sandbox cannot run says so."""
    with pytest.raises(Refused) as refused:
        warehouse.query(statement)
    assert words == str(refused.value)


def test_nothing_outside_the_warehouse_can_be_read(warehouse: Warehouse) -> None:
    """A function that reads files finds none."""
    with pytest.raises(Refused, match="the sandbox cannot run this"):
        warehouse.query("SELECT * FROM read_csv('/etc/hostname')")


def test_its_owner_may_add_and_remove_rows() -> None:
    """What tests do between two looks is seen by the next query."""
    warehouse = Warehouse()
    warehouse.insert("SALESFORCE_CONTACTS", [{"CONTACT_ID": "003A", "SUBSCRIPTION_PLAN": "new", "SEATS": 3}])
    warehouse.execute("UPDATE SALESFORCE_CONTACTS SET TITLE = 'CFO' WHERE SUBSCRIPTION_PLAN = 'new'")
    found = "SELECT contact_id, title, seats, email FROM salesforce_contacts WHERE subscription_plan = 'new'"
    assert [{"CONTACT_ID": "003A", "TITLE": "CFO", "SEATS": 3, "EMAIL": None}] == warehouse.query(found)[1]
    warehouse.delete("SALESFORCE_CONTACTS", "CONTACT_ID", ["003A"])
    assert [] == warehouse.query(found)[1]
    assert 2 == warehouse.queries


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("003000000000001", "003000000000001AAA"),
        ("003Hs0000ABCDEf", "003Hs0000ABCDEfIQP"),
        ("003Hs0000ABCDEfIQP", "003Hs0000ABCDEfIQP"),
        ("003Hs0000ABCDEfIAA", None),
        ("00QHs0000ABCDEf", None),
        ("12345", "12345"),
        ("", None),
        ("not an id", None),
    ],
)
def test_the_sandbox_knows_the_canonical_form_of_an_id(given: str, expected: str | None) -> None:
    """18 characters with the right suffix, or digits; anything else is no contact."""
    assert expected == canonical(given)
