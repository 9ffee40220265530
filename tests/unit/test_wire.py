"""Answers are read tolerantly, and an answer that cannot be read is odd without being quoted."""

import json
from datetime import UTC, datetime

import pytest

from bot.errors import PolytomicOddAnswer
from bot.polytomic import answers, wire
from bot.polytomic.call import Call

CALL = Call("GET", "/api/things/{id}", ("t-1",))


def _body(**envelope: object) -> bytes:
    return json.dumps(envelope).encode()


def test_null_is_the_same_as_absent() -> None:
    """Polytomic writes null where it has nothing to say."""
    said = {"id": "e-1", "status": None, "counts": None, "errors": None, "started_at": None}

    assert wire.Execution(id="e-1") == answers.one(CALL, _body(data=said), wire.Execution)


def test_unknown_fields_and_words_are_let_through() -> None:
    """Fields may be added and enums are open."""
    said = {"id": "e-1", "status": "meditating", "karma": {"a": 1}, "counts": {"total": 3, "vibes": 1}}

    read = answers.one(CALL, _body(data=said), wire.Execution)

    assert ("meditating", False, 3) == (read.status, read.ended, read.counts.total)


@pytest.mark.parametrize(
    ("ended", "status"),
    [(True, "completed"), (True, "canceled"), (True, "failed"), (False, "interrupted"), (False, "canceling")],
)
def test_when_an_execution_has_ended(ended: bool, status: str) -> None:
    """An interrupted execution may be resumed, so it has not ended."""
    assert ended is wire.Execution(id="e-1", status=status).ended


@pytest.mark.parametrize("empty", [None, []], ids=repr)
def test_an_empty_list_may_be_null(empty: object) -> None:
    """Arrays in envelopes may come as null."""
    assert () == answers.many(CALL, _body(data=empty), wire.Connection).items


def test_a_list_without_data_is_odd() -> None:
    """An answer that lists nothing at all is not taken for "there are none"."""
    with pytest.raises(PolytomicOddAnswer, match="data: missing"):
        answers.many(CALL, _body(message="later"), wire.Connection)


def test_ids_keep_every_digit() -> None:
    """Gong's flow ids have 19 digits, which a float would round."""
    said = [{"id": 7421936500012345678, "name": "A"}, {"id": "7421936500012345679", "name": "B"}]

    read = answers.many(CALL, _body(data=said), wire.TargetObject).items

    assert ["7421936500012345678", "7421936500012345679"] == [flow.id for flow in read]


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 11, 23, 12, 0, tzinfo=UTC), "2026-11-23T12:00:00Z"),
        (datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC), "2026-11-23T14:00:00.123456789+02:00"),
        (datetime(2026, 11, 23, 12, 0, tzinfo=UTC), "2026-11-23T12:00:00"),
        (None, "0001-01-01T00:00:00+14:00"),
        (None, "yesterday"),
        (None, 17),
    ],
)
def test_times_are_aware_or_absent(moment: datetime | None, said: object) -> None:
    """A time is for showing, so one that cannot be read spoils nothing."""
    read = answers.one(CALL, _body(data={"id": "e-1", "started_at": said}), wire.Execution)

    assert moment == read.started_at


@pytest.mark.parametrize("kind", [{"id": "gong", "name": "Gong", "operations": []}, "gong"], ids=["object", "word"])
def test_a_connections_type_is_one_word(kind: object) -> None:
    """The type of a connection comes as an object and is used as a word."""
    read = answers.one(CALL, _body(data={"id": "c-1", "type": kind, "status": "Healthy"}), wire.Connection)

    assert ("gong", True) == (read.type, read.healthy)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (("c-2", "742"), {"target": {"connection_id": "c-2", "object": "742"}}),
        (("c-2", "742"), {"target_connection_id": "c-2", "target_object": "742"}),
        (("c-2", ""), {"target": {"connection_id": "c-2", "object": None}}),
        (("", ""), {"target": None}),
    ],
)
def test_a_sync_is_read_whole_or_light(target: tuple[str, str], said: dict[str, object]) -> None:
    """Lists of the newer version give the target flat, everything else gives it nested."""
    read = answers.one(CALL, _body(data={"id": "s-1"} | said), wire.Sync)

    assert target == (read.target_connection_id, read.target_object)


@pytest.mark.parametrize(
    ("model_id", "job_id", "envelope"),
    [
        ("m-1", None, {"data": {"id": "m-1"}}),
        ("m-1", "j-1", {"data": {"id": "m-1"}, "job": {"job_id": "j-1", "type": "createmodel", "status": "done"}}),
        (None, "j-1", {"data": None, "job": {"job_id": "j-1"}}),
        (None, "j-1", {"data": {}, "job": {"job_id": "j-1"}}),
        (None, "j-1", {"job": {"job_id": "j-1"}}),
    ],
)
def test_a_created_model_may_be_a_job(model_id: str | None, job_id: str | None, envelope: dict[str, object]) -> None:
    """Creating a model answers with the model, a job, or both."""
    read = answers.model_answer(CALL, _body(**envelope))

    assert (model_id, job_id) == (read.model and read.model.id, read.job and read.job.id)


@pytest.mark.parametrize("envelope", [{}, {"data": None}, {"data": {}, "job": {}}], ids=repr)
def test_a_created_model_that_is_nothing_is_odd(envelope: dict[str, object]) -> None:
    """Neither a model nor a job: nothing may be done on the strength of that."""
    with pytest.raises(PolytomicOddAnswer):
        answers.model_answer(CALL, _body(**envelope))


@pytest.mark.parametrize(
    ("model_id", "status", "result"),
    [
        ("m-1", "done", {"id": "m-1", "fields": [{"name": "CONTACT_ID"}]}),
        ("m-1", "done", {"model": {"id": "m-1"}}),
        ("m-1", "done", {"data": {"id": "m-1"}}),
        (None, "done", {"rows": 3}),
        (None, "done", "m-1"),
        (None, "running", {"id": "m-1"}),
    ],
)
def test_the_model_in_a_jobs_result(model_id: str | None, status: str, result: object) -> None:
    """The shape of a job's result is not documented, so the likely ones are tried."""
    job = wire.Job.model_validate({"job_id": "j-1", "type": "createmodel", "status": status, "result": result})

    assert model_id == (job.model and job.model.id)


@pytest.mark.parametrize(
    ("page", "link"),
    [
        (None, None),
        (None, ""),
        ("abc", "/api/queries/q-1?page=abc"),
        ("a b=", "https://app.polytomic.com/api/queries/q-1?x=1&page=a%20b%3D"),
    ],
)
def test_the_next_page_of_a_query(page: str | None, link: object) -> None:
    """Links may be relative to the host; what counts is the page they name."""
    read = answers.query_page(CALL, _body(data={"id": "q-1", "status": "done"}, links={"next": link}))

    assert page == read.next_page


@pytest.mark.parametrize("link", ["/api/queries/q-1", "//[", 7])
def test_a_next_page_that_cannot_be_found_is_odd(link: object) -> None:
    """Half the rows must not pass for all of them."""
    with pytest.raises(PolytomicOddAnswer, match=r"links\.next"):
        answers.query_page(CALL, _body(data={"id": "q-1", "status": "done"}, links={"next": link}))


@pytest.mark.parametrize(
    ("where", "body"),
    [
        ("not JSON", b"<html>private words</html>"),
        ("not JSON", b""),
        ("not JSON", b"[" * 100_000),
        ("not JSON", b'{"data": {"id": "\\ud800"}}'),
        ("not an object", b'["private words"]'),
        ("data: model_type", b'{"data": "private words"}'),
        ("data: model_type", b"{}"),
        ("data.id: missing", b'{"data": {"status": "private words"}}'),
        ("data.id: string_too_short", b'{"data": {"id": ""}}'),
        ("data.counts.total: int_parsing", b'{"data": {"id": "e-1", "counts": {"total": "private words"}}}'),
    ],
    ids=range(10),
)
def test_an_odd_answer_says_where_and_not_what(where: str, body: bytes) -> None:
    """The evidence is the place and the kind of the mistake; what stood there stays where it was."""
    with pytest.raises(PolytomicOddAnswer) as caught:
        answers.one(CALL, body, wire.Execution)

    assert f"GET /api/things/{{id}}: {where}" == str(caught.value)


def test_nothing_private_is_in_a_repr() -> None:
    """Links, rows, words and values are kept out of what a log or a traceback might print."""
    said = [
        wire.Connection.model_validate({"id": "c-1", "auth_url": "https://x/private", "status_error": "private"}),
        wire.ConnectSession.model_validate({"redirect_url": "https://x/private"}),
        wire.LogUrls.model_validate({"urls": ["https://x/private"]}),
        wire.Job.model_validate({"job_id": "j-1", "error": "private", "result": {"id": "private"}}),
        wire.QueryPage.model_validate({"error": "private", "results": [{"A": "private"}]}),
        wire.Execution.model_validate({"id": "e-1", "errors": ["private"]}),
        wire.Sync.model_validate({"id": "s-1", "problems": [{"message": "private"}]}),
        wire.Me.model_validate({"email": "private@example.com"}),
    ]

    assert "private" not in f"{said!r} {[str(each) for each in said]}"
