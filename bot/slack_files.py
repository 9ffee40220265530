"""Files between Slack and us: a `.sql` file in, a `.csv` file out.

The bot's token goes to Slack's own hosts only (and to the origin of SLACK_API_URL, which is the sandbox when there is
one); redirects are not followed; what is read is capped while reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot import slack_answers
from bot.errors import QueryProblem, QueryRefused

# Far above the limit of a query, so that its true size can be told; far below what hurts.
_LARGEST_READ = 262_144
_ENDINGS = (".sql", ".txt")


class FileProblem(StrEnum):
    """Why an attached file holds no query (ux.md section 3, the table "On submit")."""

    NOT_TEXT = "not_text"
    WRONG_ENDING = "wrong_ending"
    UNREADABLE = "unreadable"


class FileRefused(Exception):
    """The attached file cannot be read as a query."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class SqlFile:
    """A file that a person attached, read."""

    name: str
    text: str = field(repr=False)


class SlackFiles:
    """Reads what people attach and uploads what they asked for."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        session: aiohttp.ClientSession,
        token: SecretStr,
        api_url: str,
        query_bytes: int,
        timeout: float = 20,
    ) -> None:
        self._client = client
        self._session = session
        self._token = token
        self._api_origin = _origin(api_url)
        self._query_bytes = query_bytes
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def read(self, file_id: str) -> SqlFile:
        """The attached file as text. Raises FileRefused, and QueryRefused when it is far too long."""
        info = await self._info(file_id)
        name = str(info.get("name") or "")
        if not name.lower().endswith(_ENDINGS):
            raise FileRefused(FileProblem.WRONG_ENDING)
        size = info.get("size")
        if isinstance(size, int) and size > _LARGEST_READ:
            raise self._too_long(size)
        content = await self._content(str(info.get("url_private_download") or info.get("url_private") or ""))
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FileRefused(FileProblem.NOT_TEXT) from error
        if "\x00" in text:
            raise FileRefused(FileProblem.NOT_TEXT)
        return SqlFile(name, text)

    async def send(self, user_id: str, name: str, content: bytes, comment: str) -> str:
        """The file is in the person's direct messages with the bot; returns that conversation's id."""
        opened = await self._client.conversations_open(users=user_id)
        channel: Mapping[str, Any] = opened.get("channel", {})
        conversation = str(channel.get("id", user_id))
        await self._client.files_upload_v2(
            filename=name, title=name, content=content, channel=conversation, initial_comment=comment
        )
        return conversation

    async def _info(self, file_id: str) -> Mapping[str, Any]:
        try:
            answer = await self._client.files_info(file=file_id)
        except slack_answers.UNANSWERED as error:
            raise FileRefused(FileProblem.UNREADABLE) from error
        info: Mapping[str, Any] = answer.get("file", {})
        return info

    async def _content(self, url: str) -> bytes:
        if not self._ours(url):
            raise FileRefused(FileProblem.UNREADABLE)
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}"}
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False, timeout=self._timeout) as answer:
                # Slack answers a token without files:read with its sign-in page instead of the file.
                if answer.status != 200 or answer.content_type == "text/html":
                    raise FileRefused(FileProblem.UNREADABLE)
                return await self._capped(answer.content)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise FileRefused(FileProblem.UNREADABLE) from error

    async def _capped(self, stream: aiohttp.StreamReader) -> bytes:
        content = bytearray()
        async for chunk in stream.iter_any():
            content += chunk
            if len(content) > _LARGEST_READ:
                raise self._too_long(len(content))
        return bytes(content)

    def _ours(self, url: str) -> bool:
        """True when the token may be sent there."""
        origin = _origin(url)
        if origin == self._api_origin:
            return True
        scheme, host, port = origin
        return scheme == "https" and port == 443 and (host == "slack.com" or host.endswith(".slack.com"))

    def _too_long(self, size: int) -> QueryRefused:
        return QueryRefused(QueryProblem.TOO_LONG, size=size, limit=self._query_bytes)


def _origin(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ("", "", 0)
    if parts.username or parts.password:
        return ("", "", 0)
    return (parts.scheme, (parts.hostname or "").lower(), port or {"https": 443, "http": 80}.get(parts.scheme, 0))
