"""Whatever comes back, our client gives a value or one leaf of PolytomicError, and gives nothing away."""

import asyncio
import json
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.errors import (
    PolytomicAway,
    PolytomicBusy,
    PolytomicError,
    PolytomicLockedOut,
    PolytomicOddAnswer,
    PolytomicRefused,
)
from bot.polytomic.client import PolytomicClient
from tests.contract.test_client_requests import PAIRS

KEY = "a-key-of-ours"
LINK = SecretStr("https://storage.example/errors.json?signature=private")
LEAVES = {PolytomicAway, PolytomicBusy, PolytomicRefused, PolytomicLockedOut, PolytomicOddAnswer}
Answer = Callable[[httpx.Request], httpx.Response]


def _client(answer: Answer, url: str = "https://polytomic.example") -> PolytomicClient:
    transport = httpx.MockTransport(answer)
    return PolytomicClient(url, SecretStr("private-key"), version="2024-02-08", transport=transport)


async def _lines(client: PolytomicClient) -> list[object]:
    return [line async for line in client.log_lines(LINK)]


async def _leaf(answer: Answer, call: Callable[[PolytomicClient], Awaitable[Any]]) -> PolytomicError:
    client = _client(answer)
    with pytest.raises(PolytomicError) as caught:
        await call(client)
    await client.aclose()
    return caught.value


def _failing(trouble: httpx.RequestError) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise trouble

    return answer


CALLS: list[Callable[[PolytomicClient], Awaitable[Any]]] = [pair.ours for pair in PAIRS] + [_lines]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "job", "links", "pagination", "id", "job_id", "name", "next", "message", "status"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
BODIES = st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode())
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Retry-After": st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12),
        "X-RateLimit-Reset": st.text(st.characters(min_codepoint=48, max_codepoint=57), max_size=30),
        "Location": st.just("https://elsewhere.example/"),
        "Content-Encoding": st.sampled_from(["gzip", "deflate", "identity", "mist"]),
    },
)


@given(st.sampled_from(CALLS), st.sampled_from([*range(200, 600)]), BODIES, HEADERS)
@example(CALLS[0], 200, b"[" * 100_000, {})
@example(CALLS[0], 400, b"{" * 100_000, {})
@example(CALLS[0], 200, b'{"data": {"id": ' + b"9" * 10_000 + b"}}", {})
@example(CALLS[0], 429, b"", {"Retry-After": "Mon, 99 Nov 99999 99:99:99 GMT"})
async def test_any_answer_is_a_value_or_one_leaf(
    call: Callable[[PolytomicClient], Awaitable[Any]], status: int, body: bytes, headers: dict[str, str]
) -> None:
    """No status, body or header makes the client raise anything but PolytomicError's leaves."""
    client = _client(lambda _: httpx.Response(status, headers=headers, stream=httpx.ByteStream(body)))
    leaf: type | None = None
    try:
        await call(client)
    except PolytomicError as error:
        leaf = type(error)
    await client.aclose()

    assert leaf is None or leaf in LEAVES


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("private"),
        httpx.ConnectTimeout("private"),
        httpx.ReadTimeout("private"),
        httpx.WriteError("private"),
        httpx.PoolTimeout("private"),
        httpx.RemoteProtocolError("private"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
@pytest.mark.parametrize("call", CALLS, ids=[f"{n:02}" for n in range(len(CALLS))])
async def test_no_answer_is_away_and_not_recorded(
    call: Callable[[PolytomicClient], Awaitable[Any]], trouble: httpx.RequestError
) -> None:
    """Nothing is known, so the same call under the same key is safe."""
    error = await _leaf(_failing(trouble), call)

    assert isinstance(error, PolytomicAway)
    assert (False, type(trouble).__name__) == (error.recorded, str(error).rpartition(": ")[2])


async def test_an_answer_that_trickles_in_is_given_up() -> None:
    """The timeout of httpx starts anew with each byte; ours does not."""

    class Trickle(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            while True:
                await asyncio.sleep(0.005)
                yield b" "

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Trickle()))
    url = "https://polytomic.example"
    client = PolytomicClient(url, SecretStr("k"), version="2024-02-08", timeout=0.02, transport=transport)

    with pytest.raises(PolytomicAway, match="GET /api/me: TimeoutError"):
        await client.me()
    await client.aclose()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(status: int) -> None:
    """A redirect could turn a POST into a GET, or take the key elsewhere."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(status, headers={"Location": "https://elsewhere.example/"})

    error = await _leaf(answer, lambda c: c.connect_session("Gong", "https://bot.example", key=KEY))

    assert (PolytomicOddAnswer, ["polytomic.example"]) == (type(error), asked)


async def test_nothing_is_repeated() -> None:
    """Whether a call may be repeated is for the caller to decide, who knows its key."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        return httpx.Response(503, headers={"Retry-After": "0"})

    error = await _leaf(answer, lambda c: c.start("s-1", ["003"], key=KEY))

    assert isinstance(error, PolytomicAway)
    assert (True, ["POST"]) == (error.recorded, asked)


@pytest.mark.parametrize(("status", "sql"), [(414, "x" * 70_000), (400, "SELECT '\ud83d'")], ids=["long", "half"])
async def test_a_query_that_cannot_be_sent_is_refused(status: int, sql: str) -> None:
    """Such a call never leaves this machine."""
    read = await _leaf(lambda _: httpx.Response(200), lambda c: c.run_query("c-1", sql, key=KEY))
    made = await _leaf(lambda _: httpx.Response(400), lambda c: c.create_model("E-1", "c-1", sql, key=KEY))

    assert isinstance(read, PolytomicRefused)
    assert (status, "POST /api/connections/{id}/query") == (read.status, read.call)
    assert isinstance(made, PolytomicRefused)


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        ([["", "a"], ["a", "b"], ["b", ""]], "m-b"),
        ([["", "a"], ["a", "a"]], None),
    ],
    ids=["three pages", "a page that names itself"],
)
async def test_pages_are_followed_to_their_end(pages: list[list[str]], found: str | None) -> None:
    """Each page names the next; one that names itself would go on for ever."""
    following = dict(pages)

    def answer(request: httpx.Request) -> httpx.Response:
        token = request.url.params.get("page_token", "")
        models = [{"id": f"m-{token or 0}", "name": "Enroll Flow" if token == "b" else "Other"}]
        return httpx.Response(200, json={"data": models, "pagination": {"next_page_token": following[token]}})

    client = _client(answer)
    if found is None:
        with pytest.raises(PolytomicOddAnswer, match="the pages do not end"):
            await client.find_model("Enroll Flow")
    else:
        assert found == getattr(await client.find_model("Enroll Flow"), "id", None)
    await client.aclose()


SAYING = json.dumps({"message": "private", "metadata": {"field": "private"}, "data": {"id": {"private": 1}}}).encode()


@pytest.mark.parametrize("status", [200, 302, 400, 401, 409, 422, 429, 500])
@pytest.mark.parametrize("call", CALLS, ids=[f"{n:02}" for n in range(len(CALLS))])
async def test_nothing_private_is_in_what_is_raised(
    call: Callable[[PolytomicClient], Awaitable[Any]], status: int
) -> None:
    """Neither the key, the SQL, a signed link, a secret nor Polytomic's words are in an error or its traceback."""
    client = _client(lambda _: httpx.Response(status, content=SAYING))
    said = repr(client)
    try:
        await call(client)
    except PolytomicError as error:
        said += f"{error!r} {error} {error.call} " + "".join(traceback.format_exception(error))
    finally:
        await client.aclose()

    for secret in ("private", "s3cret", "salesforce_contacts", "0035g00000AbCdEAAV", "ann@example.com"):
        assert secret not in said.replace("nothing_private", "")


def test_nothing_private_is_in_the_clients_own_values() -> None:
    """What a debugger or a log of local variables would print holds no key."""
    client = _client(lambda _: httpx.Response(200))
    line = vars(client)["_line"]

    assert "private-key" not in f"{client!r} {vars(client)} {line!r} {vars(line)} {vars(vars(line)['_http'])}"
