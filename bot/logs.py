"""Where log lines go and what may never be in them.

Libraries that print whole addresses, queries or payloads are silenced here, and an exception is written as its
types and places only: other people's messages quote the query, the row or the token they choked on. Our own errors
keep their words, which are made for it (see `bot.errors`).
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.errors import AppError

# httpx and httpcore write addresses (a query, a signed link), sqlglot the SQL it cannot parse, Slack's libraries
# whole payloads, asyncio the repr of what was lost, uvicorn the path of each request with its one-time codes.
# Procrastinate and psycopg tell of a database that is away at length; `jobs.distributed` says so in a line.
QUIET = {
    "aiosqlite": logging.ERROR,
    "alembic": logging.WARNING,
    "asyncio": logging.ERROR,
    "httpcore": logging.CRITICAL,
    "httpx": logging.CRITICAL,
    "procrastinate": logging.CRITICAL,
    "psycopg": logging.CRITICAL,
    "slack_bolt": logging.CRITICAL,
    "slack_sdk": logging.CRITICAL,
    "sqlalchemy": logging.ERROR,
    "sqlglot": logging.CRITICAL + 1,
    "uvicorn.access": logging.CRITICAL,
    "uvicorn.error": logging.WARNING,
}


def configure(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """From here on every line, ours or a library's, is one JSON object; on a terminal, one line to read."""
    target = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        places_only,
    ]
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(target)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, quiet in QUIET.items():
        _hush(name, quiet)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _hush(name: str, quiet: int) -> None:
    logging.getLogger(name).setLevel(quiet)
    for child in [known for known in logging.root.manager.loggerDict if known.startswith(f"{name}.")]:
        # Bolt gives loggers of its own a level when an app is made without one; they follow their parent again.
        logging.getLogger(child).setLevel(logging.NOTSET)


def quiet() -> None:
    """For commands whose output is for a person: warnings and worse only."""
    configure(level=logging.WARNING)


def places_only(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """An exception leaves the event as types and places; its message goes with it only when it is one of ours."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_told(error))
    return event


def _told(error: BaseException) -> list[str]:
    lines: list[str] = []
    told: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in told:
        told.add(id(link))
        lines += [_name(link), *_places(link.__traceback__)]
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return lines


def _name(error: BaseException) -> str:
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return f"{kind}: {error}" if isinstance(error, AppError) else kind


def _places(trace: TracebackType | None) -> list[str]:
    return [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def _renderer(stream: TextIO) -> Processor:
    if stream.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer()
