"""The bytes of a success become a wire model, or PolytomicOddAnswer: where the answer is odd, not what it holds."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from bot.errors import PolytomicOddAnswer
from bot.polytomic.call import Call
from bot.polytomic.tolerance import Wire
from bot.polytomic.wire import ModelAnswer, QueryPage

W = TypeVar("W", bound=Wire)


@dataclass(frozen=True, slots=True)
class Page(Generic[W]):
    """Part of a list; `next_token` is empty on its last page."""

    items: tuple[W, ...]
    next_token: str


def one(call: Call, body: bytes, kind: type[W]) -> W:
    """What the envelope's `data` holds."""
    return _read(call, _envelope(call, body).get("data"), kind, "data")


def many(call: Call, body: bytes, kind: type[W]) -> Page[W]:
    """The list in the envelope's `data`; null is an empty list, but no `data` at all is no list."""
    envelope = _envelope(call, body)
    if "data" not in envelope:
        raise PolytomicOddAnswer(call.name, "data: missing")
    try:
        items: tuple[W, ...] = _list_of(kind).validate_python(envelope["data"] or ())
    except ValidationError as problem:
        raise PolytomicOddAnswer(call.name, _where(problem, "data")) from None
    return Page(items, _next_token(envelope.get("pagination")))


def model_answer(call: Call, body: bytes) -> ModelAnswer:
    """A model, a job, or both, which stand side by side in the envelope."""
    return _read(call, _envelope(call, body), ModelAnswer, "")


def query_page(call: Call, body: bytes) -> QueryPage:
    """One page of rows. A link to a next page that cannot be followed is odd: half a list is not the list."""
    envelope = _envelope(call, body)
    page = _read(call, envelope.get("data"), QueryPage, "data")
    links = envelope.get("links")
    link = links.get("next") if isinstance(links, dict) else None
    return page.model_copy(update={"next_page": _page_of(call, link)})


@cache
def _list_of(kind: type[Wire]) -> TypeAdapter[Any]:
    """Made once for each kind: making one takes longer than reading most lists."""
    return TypeAdapter(tuple[kind, ...])  # type: ignore[valid-type]


def _envelope(call: Call, body: bytes) -> dict[str, object]:
    try:
        # pydantic's parser refuses what json.loads would let through or break on: lone surrogates, deep nesting.
        envelope = from_json(body)
    except ValueError:
        raise PolytomicOddAnswer(call.name, "not JSON") from None
    if not isinstance(envelope, dict):
        raise PolytomicOddAnswer(call.name, "not an object")
    return envelope


def _read(call: Call, value: object, kind: type[W], at: str) -> W:
    try:
        return kind.model_validate(value)
    except ValidationError as problem:
        raise PolytomicOddAnswer(call.name, _where(problem, at)) from None


def _where(problem: ValidationError, at: str) -> str:
    """Field names and kinds of mistake only; what stood there is not ours to repeat."""
    first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    return ".".join(part for part in (at, *map(str, first["loc"])) if part) + f": {first['type']}"


def _next_token(pagination: object) -> str:
    token = pagination.get("next_page_token") if isinstance(pagination, dict) else None
    return token if isinstance(token, str) else ""


def _page_of(call: Call, link: object) -> str | None:
    if not link:
        return None
    try:
        pages = parse_qs(urlsplit(str(link)).query).get("page")
    except ValueError:
        pages = None
    if not pages:
        raise PolytomicOddAnswer(call.name, "links.next: names no page")
    return pages[0]
