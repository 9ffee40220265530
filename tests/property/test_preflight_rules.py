"""What holds for every reading, whatever the query returns."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.enrollment.contacts import ContactId, checksum, read
from bot.enrollment.model.checks import CrmKind, LeftOut
from bot.enrollment.preflight import Findings, Reading
from bot.enrollment.preflight_columns import Columns
from bot.enrollment.preflight_opt_outs import opted_out
from bot.enrollment.preflight_sieve import Caps, Known

BODIES = st.integers(0, 30).map(lambda n: f"003{'aZb'[n % 3]}g0000{'QxY'[n % 2]}{n:05d}")
FORMS = st.sampled_from(
    [
        lambda body: body,
        lambda body: body + checksum(body),
        lambda body: (body + checksum(body)).lower(),
        lambda body: (body + checksum(body)).upper(),
        lambda body: f"  {body} ",
    ]
)
CONTACTS = st.builds(lambda form, body: form(body), FORMS, BODIES)
OTHERS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.integers(1, 9),
    st.integers(1, 9).map(str),
    st.sampled_from(["", " ", "00Q5g00000AbCdE", "001D000000IqhSLIAZ", "a@b.co", "003"]),
    st.lists(st.integers(), max_size=2),
)
VALUES = st.lists(st.one_of(CONTACTS, OTHERS), max_size=60)


OUTS = st.one_of(st.sampled_from([None, False, 0, "no", True, "2026-11-20", "y"]), st.text(max_size=3))
ROWS = st.lists(st.tuples(st.one_of(CONTACTS, OTHERS), OUTS, st.sampled_from([None, "a", "A ", "b", ""])), max_size=40)
PEOPLE = st.sets(BODIES.map(lambda body: body + checksum(body)))
KNOWN = st.builds(Known, st.none() | PEOPLE, PEOPLE.map(lambda people: dict.fromkeys(people, "lately")))
CAPS = st.builds(Caps, st.integers(0, 3), st.integers(0, 9), ordered=st.booleans())
Rows = list[tuple[object, object, object]]


def sieved(rows: Rows, known: Known, caps: Caps) -> Findings:
    """The findings over an id, an opt-out and a company."""
    reading = Reading(Columns(("ID", "OUT", "CO"), "ID", ("OUT",), "CO"))
    reading.add({"ID": one, "OUT": out, "CO": company} for one, out, company in rows)
    return reading.finish(known, caps)


@given(rows=ROWS, known=KNOWN, caps=CAPS)
def test_whatever_is_known_the_buckets_sum_to_the_rows(rows: Rows, known: Known, caps: Caps) -> None:
    """Every row is told once, in the numbers and in the file."""
    found = sieved(rows, known, caps)
    funnel = found.preflight.funnel
    assert len(rows) == funnel.rows == funnel.will_enroll + funnel.left_out_rows
    assert len(found.contacts) == funnel.will_enroll
    for reason in LeftOut:
        assert dict(funnel.left_out).get(reason, 0) == sum(r.rows for r in found.left_out if r.reason is reason)


@given(rows=ROWS, known=KNOWN, caps=CAPS)
def test_nobody_is_enrolled_who_is_out(rows: Rows, known: Known, caps: Caps) -> None:
    """Distinct people, in the order of the query, none of whom any row or list speaks against, within the caps."""
    found = [contact.canonical_id for contact in sieved(rows, known, caps).contacts]
    read_rows = [(read(one), out, str(company or "").strip().casefold()) for one, out, company in rows]
    named = [(one.canonical_id, out, company) for one, out, company in read_rows if isinstance(one, ContactId)]
    assert len(set(found)) == len(found)
    assert [one for one in dict.fromkeys(one for one, _, _ in named) if one in found] == found
    assert not {one for one, out, _ in named if opted_out(out)} & set(found)
    assert not set(found) & (known.suppressed or set())
    assert not set(found) & known.lately.keys()
    first = {one: company for one, _, company in reversed(named)}
    for company in {first[one] for one in found} - {""}:
        assert not caps.company or [first[one] for one in found].count(company) <= caps.company
    assert not (caps.request and caps.ordered) or len(found) <= caps.request


@pytest.mark.slow
@given(rows=ROWS, known=KNOWN, seed=st.integers())
def test_the_order_of_rows_decides_of_nothing_but_caps(rows: Rows, known: Known, seed: int) -> None:
    """Without caps the same people are enrolled, and the same numbers told."""
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    one, other = sieved(rows, known, Caps()), sieved(shuffled, known, Caps())
    assert {c.canonical_id for c in one.contacts} == {c.canonical_id for c in other.contacts}
    assert one.preflight.funnel == other.preflight.funnel


def findings(values: list[object], pages: int = 1) -> Findings:
    """The findings over one column, read in so many pages."""
    reading = Reading(Columns(("ID",), "ID"))
    size = max(len(values) // pages, 1)
    for start in range(0, len(values), size):
        reading.add({"ID": value} for value in values[start : start + size])
    return reading.finish()


@given(values=VALUES)
def test_the_buckets_always_sum_to_the_rows(values: list[object]) -> None:
    """Nobody is lost, and nobody is counted twice."""
    found = findings(values)
    funnel = found.preflight.funnel
    assert len(values) == funnel.rows == funnel.will_enroll + funnel.left_out_rows
    assert len(found.contacts) == funnel.will_enroll
    for reason in LeftOut:
        assert dict(funnel.left_out).get(reason, 0) == sum(r.rows for r in found.left_out if r.reason is reason)
    assert sum(count for _, count in found.preflight.kinds) <= len(values)


@given(values=VALUES)
def test_the_frozen_list_holds_each_person_once_in_the_words_of_the_query(values: list[object]) -> None:
    """Canonical ids are distinct and of one CRM; positions count from 0; every source value was in a row."""
    found = findings(values)
    canonical = [contact.canonical_id for contact in found.contacts]
    assert len(set(canonical)) == len(canonical)
    assert list(range(len(canonical))) == [contact.position for contact in found.contacts]
    assert {contact.source_value for contact in found.contacts} <= {str(value) for value in values}
    kinds = {known.kind for known in map(read, canonical) if isinstance(known, ContactId)}
    assert kinds in ({CrmKind.SALESFORCE_CONTACT}, {CrmKind.HUBSPOT_CONTACT}, set())


@given(values=VALUES, seed=st.integers())
def test_the_order_of_rows_changes_neither_people_nor_numbers(values: list[object], seed: int) -> None:
    """Only which form of an id comes first may differ."""
    shuffled = list(values)
    random.Random(seed).shuffle(shuffled)
    one, other = findings(values), findings(shuffled)
    assert {c.canonical_id for c in one.contacts} == {c.canonical_id for c in other.contacts}
    assert (one.preflight.funnel, one.preflight.kinds) == (other.preflight.funnel, other.preflight.kinds)


@given(values=VALUES, pages=st.integers(1, 7))
def test_pages_change_nothing(values: list[object], pages: int) -> None:
    """A reading does not know where one page ends."""
    assert repr(findings(values)) == repr(findings(values, pages))
    assert findings(values).contacts == findings(values, pages).contacts


@given(body=BODIES, form=FORMS)
def test_every_form_of_an_id_means_the_same_person(body: str, form: object) -> None:
    """15 or 18 characters, in any case that its checksum can mend, with spaces or not."""
    assert callable(form)
    found = read(form(body))
    assert isinstance(found, ContactId)
    assert body + checksum(body) == found.canonical_id


@given(body=BODIES, at=st.integers(0, 14), letter=st.sampled_from("aBcXyZ"))
def test_a_changed_capital_is_seen(body: str, at: int, letter: str) -> None:
    """The checksum of a mixed-case id tells that a letter's case is not the one it was made of."""
    original = body[:at] + letter + body[at + 1 :]
    swapped = body[:at] + letter.swapcase() + body[at + 1 :]
    found = read(swapped + checksum(original))
    if isinstance(found, ContactId):
        assert original + checksum(original) == found.canonical_id
