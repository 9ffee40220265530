"""Log lines: one object each, and never anybody's query, row or secret."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from bot.errors import PolytomicAway

SECRET = "SELECT email FROM customers"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged from here on; afterwards logging is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def logged(stream: io.StringIO) -> list[dict[str, str]]:
    """Every line as an object."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_object(lines: io.StringIO) -> None:
    """Name, level, time and facts, ready for a machine."""
    structlog.get_logger().info("check.ended", enrollment="E-7K2M9Q", rows=365)
    (line,) = logged(lines)
    assert {"event": "check.ended", "level": "info", "enrollment": "E-7K2M9Q", "rows": 365} == {
        name: value for name, value in line.items() if name not in {"timestamp", "logger"}
    }
    assert line["timestamp"].endswith("Z")


def test_an_exception_leaves_its_places_and_not_its_message(lines: io.StringIO) -> None:
    """Whatever a library quoted in its message stays out, along the whole chain."""
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise RuntimeError(f"near {SECRET}") from error
    except RuntimeError:
        structlog.get_logger().exception("work.failed")
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    assert SECRET not in lines.getvalue()
    for line in logged(lines):
        told = line["exception"].splitlines()
        assert ["builtins.RuntimeError", "builtins.ValueError"] == [name for name in told if not name.startswith(" ")]
        assert all(place.endswith("test_an_exception_leaves_its_places_and_not_its_message") for place in told[1::2])


def test_our_own_errors_keep_their_words(lines: io.StringIO) -> None:
    """They are written to be logged."""
    error = PolytomicAway("GET /api/syncs/{id}", "no answer", recorded=False)
    structlog.get_logger().error("advance.failed", exc_info=error)
    assert "bot.errors.PolytomicAway: GET /api/syncs/{id}: no answer" == logged(lines)[0]["exception"]


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "sqlglot", "slack_sdk.web", "slack_bolt.AsyncApp"])
def test_libraries_that_quote_are_silent(lines: io.StringIO, name: str) -> None:
    """Addresses, queries and payloads are what they would print."""
    logging.getLogger(name).error(SECRET)
    assert "" == lines.getvalue()


def test_quiet_is_for_people(lines: io.StringIO) -> None:
    """A command that talks to a person prints no progress of its own to the log."""
    logs.quiet()
    assert logging.WARNING == logging.getLogger().level
    assert "" == lines.getvalue()
