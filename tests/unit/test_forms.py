"""A view's state becomes typed values, or one message per field (ux.md "On submit" and "refused at submit")."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.enrollment.making import Review
from bot.enrollment.model.connections import Connection
from bot.enrollment.model.drafts import Draft, PostTo, Source
from bot.enrollment.model.flows import FieldMapping, Flow, FlowField
from bot.views import compose, fields, ids, review
from bot.views.review_facts import Facts
from handlers import forms
from tests.unit import view_builders as some
from tests.unit.view_builders import FLOW, GONG, SNOWFLAKE, block, draft

OWNER = FlowField("owner", "Owner email", is_email=True)
PLAN = FlowField("plan", "Plan")


def known(*connections: Connection, flows: tuple[Flow, ...] = (FLOW,), listed: bool = True) -> forms.Known:
    """What is in memory: both connections, one flow."""
    return forms.Known(
        connections=connections or (SNOWFLAKE, GONG),
        flow=lambda gong_id, flow_id: next((one for one in flows if one.id == flow_id), None),
        lists_flows=lambda gong_id: listed,
        max_bytes=8000,
    )


def filled(view: dict[str, Any], **typed: Any) -> dict[str, Any]:
    """The view as Slack sends it, with what was typed by block stem; inputs begin with their initial values."""
    values = {}
    for one in view["blocks"]:
        if one["type"] != "input":
            continue
        element = one["element"]
        held = {
            "value": element.get("initial_value"),
            "selected_option": element.get("initial_option"),
            "selected_conversation": element.get("initial_conversation"),
            "files": [],
        }
        for name in (ids.stem(one["block_id"]), one["block_id"].replace(":", "_")):
            held |= typed.get(name, {})
        values[one["block_id"]] = {element["action_id"]: held}
    return {**view, "state": {"values": values}}


def option(value: str, text: str = "") -> dict[str, Any]:
    """A chosen option."""
    return {"selected_option": {"value": value, "text": {"type": "plain_text", "text": text or value}}}


def form(held: Draft, *, gongs: tuple[Connection, ...] = (GONG,), **typed: Any) -> dict[str, Any]:
    """The form for this draft, with something typed."""
    return filled(compose.view(compose.Facts(held, (SNOWFLAKE,), gongs)), **typed)


def errors(view: Mapping[str, Any], held: Draft, what: forms.Known | None = None) -> dict[str, str]:
    """The messages by block stem; every key is an input of the view."""
    found = forms.validate_compose(view, held, what or known())
    inputs = {one["block_id"] for one in view["blocks"] if one["type"] == "input"}
    assert set(found) <= inputs
    return {ids.stem(key): words for key, words in found.items()}


def test_what_is_typed_is_read_with_the_connections_it_would_use() -> None:
    """The listed name of the flow, not the text of its option."""
    view = form(draft(), sql={"value": "SELECT 1"}, flow=option(FLOW.id, "Q4 Renewal · id …482913"))
    edit = forms.read_compose(view, draft(), known())
    assert ("SELECT 1", Source.TYPED, FLOW) == (edit.sql, edit.source, edit.flow)
    assert ("sf-1", "gong-1") == (edit.snowflake_id, edit.gong_id)


def test_a_block_that_is_not_shown_changes_nothing() -> None:
    """The typed query survives a look at the file picker; an emptied box is empty."""
    hidden = forms.read_compose(form(draft(source=Source.FILE, sql="SELECT 1")), draft(), known())
    assert (None, Source.FILE) == (hidden.sql, hidden.source)
    emptied = forms.read_compose(form(draft(sql="SELECT 1"), sql={"value": None}), draft(), known())
    assert "" == emptied.sql


def test_a_good_form_has_no_errors() -> None:
    """A typed query and a listed flow."""
    view = form(draft(), sql={"value": "SELECT contact_id FROM t"}, flow=option(FLOW.id))
    assert {} == errors(view, draft())


@pytest.mark.parametrize(
    ("expected", "sql"),
    [
        ("Write a SELECT here, or choose “A .sql file” above.", None),
        ("There is only a comment here. Write one SELECT.", "-- hello"),
        ("Line 1, column 1: DELETE is not a SELECT. I only run queries that read; nothing was run.", "DELETE FROM t"),
    ],
)
def test_a_bad_query_is_told_on_its_field(expected: str, sql: str | None) -> None:
    """With line and column."""
    view = form(draft(), sql={"value": sql}, flow=option(FLOW.id))
    assert {"sql": expected} == errors(view, draft())


@pytest.mark.parametrize(
    ("expected", "chosen", "what"),
    [
        ("Choose a flow.", {}, known()),
        (
            "The flow list could not be loaded, so nothing is chosen. Type a word to try again.",
            option("!"),
            known(),
        ),
        ("This flow is no longer in Gong. Choose another; your query is kept.", option("9"), known()),
    ],
)
def test_a_flow_has_to_be_listed(expected: str, chosen: dict[str, Any], what: forms.Known) -> None:
    """Unless no list was ever read."""
    view = form(draft(), sql={"value": "SELECT contact_id FROM t"}, flow=chosen)
    assert {"flow": expected} == errors(view, draft(), what)
    if chosen == option("9"):
        assert {} == errors(view, draft(), known(listed=False))


@pytest.mark.parametrize(
    ("expected", "names"),
    [
        ("Choose a .sql file.", []),
        ("One file at a time.", ["a.sql", "b.sql"]),
        ("Choose a file that ends in .sql or .txt.", ["a.pdf"]),
        (None, ["A.SQL"]),
    ],
)
def test_a_file_is_judged_by_its_name_before_it_is_read(expected: str | None, names: list[str]) -> None:
    """No network call before the acknowledgement."""
    held = draft(source=Source.FILE)
    view = form(held, sql_file={"files": [{"id": "F1", "name": name} for name in names]}, flow=option(FLOW.id))
    assert ({"sql_file": expected} if expected else {}) == errors(view, held)
    assert names == [file["name"] for file in forms.attached(view)]


def test_a_kept_file_is_judged_at_once() -> None:
    """Its query is already here."""
    held = draft(source=Source.FILE, file_name="a.sql", file_sql="SELECT contact_id FROM t")
    assert {} == errors(form(held, flow=option(FLOW.id)), held)
    bad = replace(held, file_sql="DROP TABLE t")
    assert errors(form(bad, flow=option(FLOW.id)), bad)["sql_file"].startswith("Line 1, column 1: DROP is not")


def test_a_connection_that_does_not_work_is_refused_on_its_field() -> None:
    """Or on the query's, where it was not asked for."""
    broken = replace(GONG, id="gong-2", name="Second", healthy=False, status="unhealthy")
    view = form(draft(), gongs=(GONG, broken), gong=option("gong-2"), sql={"value": "SELECT contact_id FROM t"})
    said = "Second is not working: unhealthy. Choose another, or ask your operator."
    assert said == errors(view, draft(), known(SNOWFLAKE, GONG, broken))["gong"]
    off = replace(SNOWFLAKE, healthy=False, status="down")
    view = form(draft(), sql={"value": "SELECT contact_id FROM t"}, flow=option(FLOW.id))
    said = "Warehouse is not working: down. Choose another, or ask your operator."
    assert {"sql": said} == errors(view, draft(), known(off, GONG))


def test_what_is_missing_is_told_on_top() -> None:
    """There is no field for it."""
    assert () == forms.missing(known())
    both = forms.missing(known(replace(GONG, healthy=False)))
    assert (compose.SNOWFLAKE_MISSING, compose.GONG_MISSING) == both
    away = forms.missing(replace(known(), connections=(), reachable=False))
    assert ["Polytomic did not answer. Nothing was enrolled; your draft is kept."] == [one.words for one in away]


def reviewed(people: int = 5, held: Draft | None = None, needed: tuple[FlowField, ...] = (), **typed: Any) -> Any:
    """What a submit of this review gives."""
    check = replace(some.enrolling(people, blanks=(("PLAN", 14),)), fields=needed)
    held = held or draft()
    view = filled(review.view(Facts(check, held)), **typed)
    answer = forms.read_review(view, check, held)
    if isinstance(answer, dict):
        inputs = {one["block_id"] for one in view["blocks"] if one["type"] == "input"}
        assert set(answer) <= inputs
        return {ids.stem(key): words for key, words in answer.items()}
    return answer


def test_a_confirmed_review_is_a_choice() -> None:
    """Columns by their names, values as typed."""
    kept = draft(mappings=(FieldMapping("owner", "Owner email", value=""),))
    mail = {"value": " a@b.example "}
    choice = reviewed(5, kept, (OWNER,), value=mail, post_to=option("dm"))
    owner = FieldMapping("owner", "Owner email", value="a@b.example")
    assert Review((owner,), PostTo.DM, "") == choice


@pytest.mark.parametrize(
    ("expected", "held", "needed", "typed"),
    [
        (
            {"field": "This flow needs Owner email. Choose a column or type a value."},
            draft(),
            (OWNER,),
            {},
        ),
        (
            {"value": "This is not an e-mail address."},
            draft(mappings=(FieldMapping("owner", "Owner email", value=""),)),
            (OWNER,),
            {"value": {"value": "nobody"}},
        ),
        (
            {"field": "14 rows have no PLAN. Choose another column, or leave those rows out in the query."},
            draft(),
            (PLAN,),
            {},
        ),
        (
            {"field": "This flow needs Owner email. Choose a column or type a value."},
            draft(),
            (OWNER,),
            {"field": option(fields.SAME_FOR_EVERYONE)},
        ),
        ({"channel": "Choose a channel."}, draft(post_to=PostTo.CHANNEL), (), {}),
        (
            {"channel": "This channel is archived."},
            draft(post_to=PostTo.CHANNEL, channel_id="C1", channel_problem="is_archived"),
            (),
            {},
        ),
    ],
)
def test_a_review_is_refused_on_its_fields(
    expected: dict[str, str], held: Draft, needed: tuple[FlowField, ...], typed: dict[str, Any]
) -> None:
    """Each message where it can be mended."""
    assert expected == reviewed(5, held, needed, **typed)


def test_a_channel_that_was_not_looked_up_is_not_taken_on_trust() -> None:
    """Slack may not have said yet whether another company reads there."""
    held = draft(post_to=PostTo.CHANNEL, channel_id="C1", channel_problem="is_archived")
    unknown = "Slack has not said yet whether I may post in this channel. Choose it again, or another."
    assert {"channel": unknown} == reviewed(5, held, channel={"selected_conversation": "C2"})


@pytest.mark.parametrize("typed", ["1225", "1,225", " 1 225 "])
def test_a_typed_number_may_have_commas(typed: str) -> None:
    """As it reads on the screen."""
    assert isinstance(reviewed(1225, draft(canary=False), typed_number={"value": typed}), Review)


@pytest.mark.parametrize("typed", [None, "", "1224", "12 25x"])
def test_a_wrong_number_starts_nothing(typed: str | None) -> None:
    """It is told without a comma, as the label has it."""
    assert {"typed_number": "That is not 1225. Nothing was started."} == reviewed(
        1225, draft(canary=False), typed_number={"value": typed}
    )


def test_many_fields_are_read_in_their_own_view() -> None:
    """And judged on the review's one sure input when they are not filled."""
    many = tuple(FlowField(f"f{n}", f"Field {n}") for n in range(5))
    assert {"post_to": "This flow needs Field 4. Choose a column or type a value."} == reviewed(5, None, many)
    check = replace(some.check(), fields=many)
    facts = Facts(check, draft())
    view = filled(review.fields_view(facts), field=option("column:1"))
    told = forms.read_fields(view, check, draft())
    assert tuple(FieldMapping(one.id, one.name, column="EMAIL") for one in many) == told
    unfilled = forms.read_fields(filled(review.fields_view(facts)), check, draft())
    assert isinstance(unfilled, dict)
    assert 5 == len(unfilled)


def test_choices_are_kept_before_they_are_good() -> None:
    """A draft may hold a field without its value."""
    check = replace(some.check(), fields=(OWNER,))
    view = filled(review.view(Facts(check, draft())), field=option(fields.SAME_FOR_EVERYONE))
    edit = forms.read_choices(view, check, draft())
    assert (FieldMapping("owner", "Owner email", value=""),) == edit.mappings
    shown = review.view(Facts(check, draft(mappings=edit.mappings or ())))
    assert "Owner email for everyone" == block(shown, "value")["label"]["text"]


@pytest.mark.parametrize(("expected", "value"), [("EMAIL", "1"), (None, "7"), (None, "-1"), (None, "x"), (None, "²")])
def test_only_columns_that_were_offered_can_be_chosen(expected: str | None, value: str) -> None:
    """Slack's payload is not trusted further than that."""
    assert expected == forms.read_id_column(value, some.check())
