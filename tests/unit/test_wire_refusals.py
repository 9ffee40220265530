"""Every answer that is no success is exactly one leaf of PolytomicError."""

import json
from datetime import UTC, datetime

import pytest

from bot.errors import (
    PolytomicAway,
    PolytomicBusy,
    PolytomicError,
    PolytomicLockedOut,
    PolytomicOddAnswer,
    PolytomicRefused,
)
from bot.polytomic import requests
from bot.polytomic.call import Call
from bot.polytomic.refusals import refusal

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GET = requests.sync("s-1")
CREATE = requests.create_model("Enroll Flow E-7K2M9Q", "c-1", "SELECT 1", key="a-key-of-ours")
START = requests.start("s-1", ["003"], key="a-key-of-ours")
DELETE = requests.delete_sync("s-1")


def _refusal(call: Call, status: int, said: object = None, **headers: str) -> PolytomicError:
    body = b"" if said is None else json.dumps(said).encode()
    return refusal(call, status, {name.replace("_", "-"): value for name, value in headers.items()}, body, NOW)


@pytest.mark.parametrize(
    ("leaf", "status"),
    [
        (PolytomicOddAnswer, 302),
        (PolytomicOddAnswer, 307),
        (PolytomicRefused, 400),
        (PolytomicLockedOut, 401),
        (PolytomicLockedOut, 403),
        (PolytomicRefused, 404),
        (PolytomicRefused, 405),
        (PolytomicBusy, 408),
        (PolytomicRefused, 409),
        (PolytomicRefused, 414),
        (PolytomicRefused, 422),
        (PolytomicBusy, 429),
        (PolytomicAway, 500),
        (PolytomicAway, 502),
        (PolytomicAway, 503),
        (PolytomicAway, 504),
    ],
)
def test_each_status_is_one_leaf(leaf: type[PolytomicError], status: int) -> None:
    """The status alone decides, but for 409."""
    error = _refusal(GET, status)

    assert (leaf, "GET /api/syncs/{id}") == (type(error), error.call)


def test_a_5xx_is_recorded() -> None:
    """An answer arrived, and under a key it is replayed: the same key cannot succeed."""
    error = _refusal(CREATE, 500, {"message": "boom"})

    assert isinstance(error, PolytomicAway)
    assert error.recorded


RUNNING = {"key": "conflict", "message": "sync is already running", "status": 409}
LOCKED = {"message": "A request with this Idempotency-Key is already in progress", "status": 409}


@pytest.mark.parametrize(
    ("leaf", "call", "said"),
    [
        (PolytomicRefused, START, RUNNING),
        (PolytomicRefused, START, None),
        (PolytomicBusy, START, LOCKED),
        (PolytomicBusy, START, {"key": "idempotency_key_locked", "message": "wait"}),
        (PolytomicBusy, START, {"message": "the original request is still in flight"}),
        # A 409 is documented for starting a run, not for creating a model: there it can only be the key.
        (PolytomicBusy, CREATE, LOCKED),
        (PolytomicBusy, CREATE, {"message": "conflict"}),
        (PolytomicBusy, CREATE, None),
        # Without a key there is no lock.
        (PolytomicRefused, DELETE, RUNNING),
        (PolytomicRefused, DELETE, LOCKED),
    ],
    ids=range(10),
)
def test_the_meanings_of_409(leaf: type[PolytomicError], call: Call, said: object) -> None:
    """A key that is locked is waited for; a run that goes is the caller's to follow."""
    assert leaf is type(_refusal(call, 409, said))


@pytest.mark.parametrize(
    ("seconds", "headers"),
    [
        (1.0, {}),
        (30.0, {"retry_after": "30"}),
        (0.0, {"retry_after": "0"}),
        (0.0, {"retry_after": "-5"}),
        (86_400.0, {"retry_after": "1e300"}),
        (1.0, {"retry_after": "nan"}),
        (1.0, {"retry_after": "soon"}),
        (90.0, {"retry_after": "Mon, 23 Nov 2026 12:01:30 GMT"}),
        (0.0, {"retry_after": "Mon, 23 Nov 2026 11:00:00 GMT"}),
        (45.0, {"x_ratelimit_reset": str(int(NOW.timestamp()) + 45)}),
        (30.0, {"retry_after": "30", "x_ratelimit_reset": str(int(NOW.timestamp()) + 45)}),
    ],
    ids=range(11),
)
def test_how_long_polytomic_asks_to_wait(seconds: float, headers: dict[str, str]) -> None:
    """Retry-After in seconds or as a date, else X-RateLimit-Reset, else a second; never beyond a day."""
    error = _refusal(GET, 429, None, **headers)

    assert isinstance(error, PolytomicBusy)
    assert seconds == error.retry_after


@pytest.mark.parametrize(
    ("message", "field", "body"),
    [
        ("bad sql", "", b'{"key": "bad_request", "message": " bad sql ", "status": 400}'),
        ("bad", "fields", b'{"message": "bad", "metadata": {"field": "fields"}}'),
        ("nope", "name", b'{"code": 16, "context": {"field": "name"}, "error": "nope", "status": "Unauthorized"}'),
        ("plain words", "", b"plain words\n"),
        ("", "", b"<!DOCTYPE html><p>Bad gateway"),
        ("", "", b"[1]"),
        ("", "", b'{"message": {"not": "words"}, "metadata": "neither"}'),
        ("x" * 1_000, "", b'{"message": "' + b"x" * 5_000 + b'"}'),
        ("\ufffd", "", b"\xff"),
    ],
    ids=range(9),
)
def test_what_polytomic_says_for_the_requester(message: str, field: str, body: bytes) -> None:
    """Both documented bodies are read, plain words are words, and a page of HTML says nothing."""
    error = refusal(GET, 400, {}, body, NOW)

    assert isinstance(error, PolytomicRefused)
    assert (message, field) == (error.message, error.field)


def test_polytomics_words_are_not_in_the_error_itself() -> None:
    """The message may quote a query or an id: it is for the requester's eyes, never for a log."""
    error = _refusal(CREATE, 400, {"message": "private words", "metadata": {"field": "private"}})

    assert "POST /api/models: refused with 400" == str(error)
    assert "private" not in repr(error)
