"""Files in: read as text, capped while reading, and the token never leaves Slack's own hosts. Files out: to a DM."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from bot.errors import QueryRefused
from bot.slack_files import FileProblem, FileRefused, SlackFiles
from tests.unit.web_api import WebApi, web_api

SQL = "SELECT contact_id FROM salesforce_contacts -- é"


@pytest.fixture
async def api() -> AsyncIterator[WebApi]:
    """A Web API that holds one attached file."""
    async with web_api() as running:
        attach(running, "renewals.sql", SQL.encode())
        yield running


def attach(api: WebApi, name: str, content: bytes, *, status: int = 200, **info: Any) -> None:
    """The file F1 has this name and content."""
    api.files["f1"] = (status, content, {"Content-Type": "text/plain"})
    file = {"id": "F1", "name": name, "size": len(content), "url_private_download": f"{api.url}files/f1", **info}
    api.answers["files.info"] = {"ok": True, "file": file}


def files(api: WebApi) -> SlackFiles:
    """Files by the sandbox's token."""
    return SlackFiles(
        api.client,
        session=api.session,
        token=SecretStr("xoxb-sandbox"),
        api_url=f"{api.url}api/",
        query_bytes=8000,
    )


async def test_a_sql_file_is_read_as_text(api: WebApi) -> None:
    """With the bot's token, from the host of the Web API."""
    read = await files(api).read("F1")
    assert ("renewals.sql", SQL) == (read.name, read.text)
    assert [("f1", "Bearer xoxb-sandbox")] == api.downloads


async def test_a_byte_order_mark_is_no_part_of_the_query(api: WebApi) -> None:
    """Editors on Windows put one there."""
    attach(api, "renewals.TXT", b"\xef\xbb\xbf" + SQL.encode())
    assert SQL == (await files(api).read("F1")).text


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("renewals.csv", b"SELECT 1", FileProblem.WRONG_ENDING),
        ("renewals.sql", b"\xff\xfeS\x00E\x00", FileProblem.NOT_TEXT),
        ("renewals.sql", b"SELECT\x001", FileProblem.NOT_TEXT),
    ],
)
async def test_what_is_no_query_is_refused(api: WebApi, name: str, content: bytes, problem: FileProblem) -> None:
    """Wrong ending, not UTF-8."""
    attach(api, name, content)
    with pytest.raises(FileRefused) as refused:
        await files(api).read("F1")
    assert problem == refused.value.problem


@pytest.mark.parametrize("told", [300_000, 10])
async def test_a_huge_file_is_not_read_to_its_end(api: WebApi, told: int) -> None:
    """Whatever its size claims to be."""
    attach(api, "renewals.sql", b"a" * 300_000, size=told)
    with pytest.raises(QueryRefused) as refused:
        await files(api).read("F1")
    assert 8000 == refused.value.limit < refused.value.size


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/f1",
        "https://files.slack.com.example.com/f1",
        "https://notslack.com/f1",
        "http://files.slack.com/f1",
        "https://files.slack.com:8443/f1",
        "https://files.slack.com@example.com/f1",
        "https://user:secret@files.slack.com/f1",
        "https://[::1",
        "file:///etc/passwd",
        "",
    ],
)
async def test_the_token_goes_to_no_other_host(api: WebApi, url: str) -> None:
    """An address that is not Slack's is not even asked."""
    attach(api, "renewals.sql", SQL.encode(), url_private_download=url)
    with pytest.raises(FileRefused) as refused:
        await files(api).read("F1")
    assert FileProblem.UNREADABLE == refused.value.problem


@pytest.mark.parametrize("status", [302, 403, 404, 500])
async def test_no_redirect_is_followed_and_no_refusal_is_a_query(api: WebApi, status: int) -> None:
    """Only the file itself is the file."""
    attach(api, "renewals.sql", SQL.encode(), status=status)
    with pytest.raises(FileRefused):
        await files(api).read("F1")


async def test_slacks_sign_in_page_is_not_the_file(api: WebApi) -> None:
    """It comes with 200 when the token has not the right to read files."""
    api.files["f1"] = (200, b"<html>", {"Content-Type": "text/html"})
    with pytest.raises(FileRefused):
        await files(api).read("F1")


async def test_a_file_is_sent_to_the_persons_direct_messages(api: WebApi) -> None:
    """Opened first, so that it is never a channel."""
    api.answers["conversations.open"] = {"ok": True, "channel": {"id": "D0REQUESTER"}}
    api.answers["files.getUploadURLExternal"] = {"ok": True, "file_id": "F2", "upload_url": f"{api.url}api/upload"}
    api.answers["upload"] = {"ok": True}
    api.answers["files.completeUploadExternal"] = {"ok": True, "files": [{"id": "F2"}]}
    conversation = await files(api).send("U0REQUESTER", "E-7K2M9Q-refused.csv", b"contact_id\r\n", "45 refused.")
    assert "D0REQUESTER" == conversation
    assert ["U0REQUESTER"] == [call["users"] for call in api.called("conversations.open")]
    completed = api.called("files.completeUploadExternal")[0]
    assert ("D0REQUESTER", "45 refused.") == (completed["channel_id"], completed["initial_comment"])
