"""The line to Polytomic: a call goes out with the key and the version, and a body or one PolytomicError comes back.

Nothing is retried here (`bot.polytomic.retry` says what may be) and no redirect is followed. httpx and httpcore log
whole URLs at INFO, which hold SQL and signed links: whoever sets up logging silences them (`bot.logs`).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import httpx
from pydantic import SecretStr

from bot.errors import PolytomicAway, PolytomicError, PolytomicLockedOut, PolytomicOddAnswer, PolytomicRefused
from bot.polytomic.call import Call
from bot.polytomic.refusals import refusal

_CONNECT_SECONDS = 5.0
_PATIENCE = 3
"""An answer that trickles in is given up after this many times the timeout."""

_LOG_FILE = Call("GET", "log file")
_LOG_FILE_BYTES = 64 * 1024 * 1024


class Line:
    """One pooled HTTP client. `home` is Polytomic's own page."""

    def __init__(
        self,
        url: str,
        api_key: SecretStr,
        *,
        version: str,
        timeout: float,
        transport: httpx.AsyncBaseTransport | None,
        clock: Callable[[], datetime],
    ) -> None:
        self.home = url.rstrip("/")
        self._api_key = api_key
        self._version = version
        self._timeout = timeout
        self._clock = clock
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS)),
            transport=transport,
            # The sandbox is on this machine, where no proxy of the environment could reach it.
            mounts={"all://127.0.0.1": None, "all://localhost": None},
            headers={"User-Agent": "enroll-flow"},
        )

    async def aclose(self) -> None:
        """No connection is open any more."""
        await self._http.aclose()

    async def ask(self, call: Call) -> bytes:
        """The body of a success. The headers are made here and not kept, so that the key is in no repr."""
        async with self._answering(call):
            response = await self._http.send(self._request(call))
        if not response.is_success:
            raise refusal(call, response.status_code, response.headers, response.content, self._clock())
        return response.content

    async def file(self, url: SecretStr) -> bytes:
        """The content of a log file. It lies with a storage host, which never sees the API key."""
        async with self._answering(_LOG_FILE), self._http.stream("GET", self._link(url)) as response:
            if not response.is_success:
                raise self._expired(response)
            content = bytearray()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > _LOG_FILE_BYTES:
                    raise PolytomicOddAnswer(_LOG_FILE.name, "the file is too large")
            return bytes(content)

    def _link(self, url: SecretStr) -> httpx.URL:
        """The address, where it is one that can be opened: https, or http where Polytomic itself is (the sandbox)."""
        try:
            link = httpx.URL(url.get_secret_value())
            if link.scheme in ("https", httpx.URL(self.home).scheme) and link.host and 0 < (link.port or 1) < 65536:
                return link
        except (httpx.InvalidURL, ValueError):
            pass
        raise PolytomicOddAnswer(_LOG_FILE.name, "the link is no https link")

    def _expired(self, response: httpx.Response) -> PolytomicError:
        error = refusal(_LOG_FILE, response.status_code, response.headers, b"", self._clock())
        # The storage host never saw the key, so its 403 says that the link is old, not that the key is wrong.
        if isinstance(error, PolytomicLockedOut):
            return PolytomicRefused(_LOG_FILE.name, status=error.status)
        return error

    def _request(self, call: Call) -> httpx.Request:
        headers = {
            b"Accept": b"application/json",
            b"Authorization": b"Bearer " + self._api_key.get_secret_value().encode(),
            b"X-Polytomic-Version": self._version.encode(),
        }
        if call.key:
            headers[b"Idempotency-Key"] = call.key.encode()
        content = call.content
        if content is not None:
            headers[b"Content-Type"] = b"application/json"
        params = dict(call.params) or None
        return self._http.build_request(
            call.method, self.home + call.path, params=params, content=content, headers=headers
        )

    @asynccontextmanager
    async def _answering(self, call: Call) -> AsyncIterator[None]:
        """Whatever keeps an answer from coming is a PolytomicError. httpx's own words may quote a URL: dropped."""
        try:
            async with asyncio.timeout(self._timeout * _PATIENCE):
                yield
        except httpx.InvalidURL:
            raise PolytomicRefused(call.name, status=414) from None
        except UnicodeEncodeError:
            # Half an emoji, such as a cut text leaves, is no text that could be sent.
            raise PolytomicRefused(call.name, status=400) from None
        except httpx.DecodingError:
            raise PolytomicOddAnswer(call.name, "encoded wrongly") from None
        except (httpx.RequestError, TimeoutError) as trouble:
            never_left = isinstance(trouble, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            raise PolytomicAway(call.name, type(trouble).__name__, recorded=False, settled=never_left) from None
