"""Log files are fetched by their signed links alone."""

from collections.abc import Callable

import httpx
import pytest
from pydantic import SecretStr

from bot.errors import PolytomicAway, PolytomicOddAnswer, PolytomicRefused
from bot.polytomic.client import PolytomicClient
from bot.polytomic.log_files import LogLine

LINK = "https://storage.example/errors.json?signature=one-time"
SAID = b'[{"identity": "003A", "message": "not found"}, {"identity": "003B", "message": "exclusive"}]'


async def _read(answer: Callable[[httpx.Request], httpx.Response], link: str = LINK) -> list[LogLine]:
    transport = httpx.MockTransport(answer)
    url = "https://polytomic.example"
    client = PolytomicClient(url, SecretStr("the-key"), version="2024-02-08", transport=transport)
    try:
        return [line async for line in client.log_lines(SecretStr(link))]
    finally:
        await client.aclose()


async def test_the_storage_host_never_sees_the_key() -> None:
    """The link is its own permission: no header of ours goes with it."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, content=SAID)

    assert [LogLine("003A", "not found"), LogLine("003B", "exclusive")] == await _read(answer)
    assert [LINK] == [str(request.url) for request in sent]
    assert {"authorization", "x-polytomic-version", "idempotency-key"}.isdisjoint(sent[0].headers)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_a_link_that_has_expired_is_refused(status: int) -> None:
    """A storage host's 403 says that the link is old, not that the bot's key is wrong."""
    with pytest.raises(PolytomicRefused) as caught:
        await _read(lambda _: httpx.Response(status, text="<Error>expired</Error>"))

    assert (status, "GET log file: refused with " + str(status)) == (caught.value.status, str(caught.value))


@pytest.mark.parametrize(
    "link",
    [
        "http://storage.example/errors.json",
        "file:///etc/passwd",
        "errors.json",
        "https:///errors.json",
        "https://storage.example:port/",
        "https://storage.example:99999/",
        "https://xn--zz/",
        "https://storage.example/\ud800",
        "https://storage.example/" + "x" * 70_000,
    ],
    ids=range(9),
)
async def test_a_link_that_is_none_is_not_followed(link: str) -> None:
    """Links come from outside, so only https ones are opened."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, content=SAID)

    with pytest.raises(PolytomicOddAnswer, match="the link is no https link"):
        await _read(answer, link)

    assert [] == sent


async def test_a_file_without_end_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size is watched while reading, because nothing says it beforehand."""
    monkeypatch.setattr("bot.polytomic.line._LOG_FILE_BYTES", 100)

    with pytest.raises(PolytomicOddAnswer, match="the file is too large"):
        await _read(lambda _: httpx.Response(200, content=SAID * 10))


async def test_a_redirect_of_the_storage_host_is_not_followed() -> None:
    """Nobody knows where it would lead."""
    with pytest.raises(PolytomicOddAnswer, match="answered 302"):
        await _read(lambda _: httpx.Response(302, headers={"Location": "https://elsewhere.example/"}))


async def test_a_storage_host_that_is_away() -> None:
    """The file may be there a moment later."""
    with pytest.raises(PolytomicAway):
        await _read(lambda _: httpx.Response(503))
