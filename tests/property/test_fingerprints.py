"""Fingerprints are equal if and only if the same people would be enrolled the same way."""

import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.enrollment.fingerprints import ListDigest, fingerprint, of_list, of_query
from bot.enrollment.model.flows import FieldMapping

texts = st.text(alphabet=st.characters(), max_size=6)
people = st.lists(st.tuples(texts, texts), max_size=8)
mappings = st.lists(
    st.builds(FieldMapping, texts, texts, column=st.none() | texts, value=st.none() | texts),
    max_size=4,
    unique_by=lambda one: one.field_id,
)
requests = st.fixed_dictionaries(
    {
        "query": texts,
        "snowflake_id": texts,
        "gong_id": texts,
        "flow_id": texts,
        "id_column": texts,
        "mappings": mappings,
        "people": people,
    }
)


def printed(request: dict[str, Any]) -> str:
    """The fingerprint of a request."""
    parts = dict(request)
    return fingerprint(query_hash=of_query(parts.pop("query")), listed=of_list(parts.pop("people")), **parts)


def meaning(request: dict[str, Any]) -> Any:
    """What decides who is enrolled and how, in a form that compares: fields have no order, and names of no weight."""
    fields = {(one.field_id, one.column, one.value) for one in request["mappings"]}
    return {**request, "mappings": fields}


@given(requests, requests)
def test_two_requests_are_alike_only_if_they_mean_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Wherever the border between two texts lies."""
    assert (meaning(one) == meaning(other)) == (printed(one) == printed(other))


@given(requests, st.data())
def test_any_single_change_gives_another(request: dict[str, Any], data: st.DataObject) -> None:
    """One text, one person, one field."""
    part = data.draw(st.sampled_from(sorted(request)))
    drawn = {"mappings": mappings, "people": people}.get(part, texts)
    changed = {**request, part: data.draw(drawn)}
    assert (meaning(changed) == meaning(request)) == (printed(changed) == printed(request))


@pytest.mark.slow
@given(requests, st.randoms())
def test_the_order_of_fields_is_of_no_weight(request: dict[str, Any], chance: random.Random) -> None:
    """Nor is what a field is called; the order of people is who goes first."""
    shuffled = [replace(one, field_name="Another name") for one in request["mappings"]]
    chance.shuffle(shuffled)
    assert printed(request) == printed({**request, "mappings": shuffled})
    backwards = request["people"][::-1]
    assert (backwards == request["people"]) == (printed(request) == printed({**request, "people": backwards}))


@given(people, st.lists(st.integers(0, 8), max_size=4))
def test_a_list_has_one_hash_however_it_is_cut(listed: list[tuple[str, str]], cuts: list[int]) -> None:
    """So that it can be read piece by piece."""
    digest = ListDigest()
    for first, end in pairwise(sorted({0, len(listed), *(min(cut, len(listed)) for cut in cuts)})):
        digest.add(listed[first:end])
    assert of_list(listed) == digest.hexdigest()


@pytest.mark.slow
@given(people, texts, texts)
def test_nobody_is_nothing(listed: list[tuple[str, str]], source: str, canonical: str) -> None:
    """One more person is another list, even without an id."""
    assert of_list(listed) != of_list([*listed, (source, canonical)])
