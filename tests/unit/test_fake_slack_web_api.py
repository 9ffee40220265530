"""The sandbox's Web API answers as Slack does: tokens, channels, messages, people, files, rate limits and faults."""

from collections.abc import AsyncIterator

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack.things import Fault
from tests.unit.block_kit_parts import section
from tests.unit.slack_counterpart import Room, room


@pytest.fixture
async def here() -> AsyncIterator[Room]:
    """A workspace with a Bolt app in it."""
    async with room() as opened:
        yield opened


async def refused(here: Room, method: str, **arguments: object) -> str:
    """The error code of this call."""
    with pytest.raises(SlackApiError) as raised:
        await here.client.api_call(method, json=arguments)
    return str(raised.value.response["error"])


async def ask(here: Room, method: str, token: str, **fields: str) -> dict[str, object]:
    """A form-encoded call with any token."""
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            f"{here.slack.world.base_url}/api/{method}", data=fields, headers={"Authorization": f"Bearer {token}"}
        )
        found: dict[str, object] = answer.json()
        return found


async def test_the_token_says_who_one_is(here: Room) -> None:
    """auth.test names the bot and its workspace."""
    answer = await here.client.auth_test()
    assert ("T0SANDBOX", "U0BOT") == (answer["team_id"], answer["user_id"])


@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        ("auth.test", "xoxb-other", "invalid_auth"),
        ("auth.test", "xapp-sandbox", "invalid_auth"),
        ("apps.connections.open", "xoxb-sandbox", "invalid_auth"),
        ("chat.postMassage", "xoxb-sandbox", "unknown_method"),
    ],
)
async def test_wrong_tokens_and_methods_are_refused(here: Room, method: str, token: str, error: str) -> None:
    """Each method wants its own kind of token."""
    assert {"ok": False, "error": error} == await ask(here, method, token)


async def test_form_fields_work_as_well_as_json(here: Room) -> None:
    """Blocks then come as JSON inside a field."""
    answer = await ask(
        here, "chat.postMessage", "xoxb-sandbox", channel="C0REVOPS", text="t", blocks='[{"type": "divider"}]'
    )
    assert answer["ok"]
    assert "divider" == here.rina.messages("C0REVOPS")[0].blocks[0]["type"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0RANDOM", "not_in_channel"),
        ("C0ARCHIVE", "is_archived"),
        ("G0SECRET", "channel_not_found"),
        ("C0NOWHERE", "channel_not_found"),
        ("U0GONE", "user_disabled"),
        ("U0BOT", "cannot_dm_bot"),
    ],
)
async def test_the_bot_posts_only_where_it_may(here: Room, channel: str, error: str) -> None:
    """Membership, archives and private channels hold for bots too."""
    assert error == await refused(here, "chat.postMessage", channel=channel, text="t")


async def test_an_invitation_lets_the_bot_in(here: Room) -> None:
    """Afterwards it may post there, below the line that says who brought it."""
    here.rina.invite_bot("C0RANDOM")
    await here.client.chat_postMessage(channel="C0RANDOM", text="Here")
    assert "was added to #random by Rina.\n---\nHere" == here.rina.reads(here.rina.messages("C0RANDOM"))


async def test_a_user_id_means_their_direct_messages(here: Room) -> None:
    """Nobody else reads them."""
    await here.client.chat_postMessage(channel="U0REQUESTER", text="Only you")
    assert "Only you" == here.rina.reads(here.rina.dms())
    assert [] == here.rina.messages("C0REVOPS")


async def test_messages_are_threaded_edited_and_deleted(here: Room) -> None:
    """An edit keeps the ts and the history; a deleted message is not found."""
    first = await here.client.chat_postMessage(channel="C0REVOPS", text="one")
    reply = await here.client.chat_postMessage(channel="C0REVOPS", text="two", thread_ts=first["ts"])
    await here.client.chat_update(channel="C0REVOPS", ts=first["ts"], text="uno", blocks=[section("uno")])
    top, below = here.rina.messages("C0REVOPS")
    assert (["one"], "uno", 1) == (top.was, top.text, top.edits)
    assert first["ts"] == below.thread_ts
    await here.client.chat_delete(channel="C0REVOPS", ts=reply["ts"])
    assert "message_not_found" == await refused(here, "chat.update", channel="C0REVOPS", ts=reply["ts"], text="x")
    assert "message_not_found" == await refused(here, "chat.postMessage", channel="C0REVOPS", text="x", thread_ts="1.1")


async def test_an_edit_without_blocks_keeps_the_old_ones(here: Room) -> None:
    """Only an empty list takes them away."""
    posted = await here.client.chat_postMessage(channel="C0REVOPS", text="t", blocks=[section("kept")])
    await here.client.api_call("chat.update", json={"channel": "C0REVOPS", "ts": posted["ts"], "text": "u"})
    assert "kept" == here.rina.reads(here.rina.messages("C0REVOPS"))


async def test_bad_blocks_are_refused(here: Room) -> None:
    """With Slack's code for messages."""
    blocks = [{"type": "alert", "text": {"type": "plain_text", "text": "x"}}]
    assert "invalid_blocks" == await refused(here, "chat.postMessage", channel="C0REVOPS", text="t", blocks=blocks)
    assert "msg_too_long" == await refused(here, "chat.postMessage", channel="C0REVOPS", text="x" * 40_001)


async def test_a_whisper_is_for_one_person(here: Room) -> None:
    """Only members can be whispered to, and it cannot be edited."""
    said = await here.client.chat_postEphemeral(channel="C0REVOPS", user="U0REQUESTER", text="psst")
    assert "psst" == here.rina.reads(here.rina.whispers())
    assert "user_not_in_channel" == await refused(
        here, "chat.postEphemeral", channel="C0REVOPS", user="U0OUTSIDER", text="x"
    )
    assert "message_not_found" == await refused(
        here, "chat.update", channel="C0REVOPS", ts=said["message_ts"], text="x"
    )
    top = await here.client.chat_postMessage(channel="C0REVOPS", text="t")
    await here.client.chat_postEphemeral(channel="C0REVOPS", user="U0REQUESTER", text="psst", thread_ts=top["ts"])
    assert top["ts"] == here.rina.whispers()[-1].thread_ts


async def test_people_and_groups_are_told(here: Room) -> None:
    """Guests, strangers and those who left are marked."""
    assert "Enroll Flow" == (await here.client.users_info(user="U0BOT"))["user"]["real_name"]
    assert (await here.client.users_info(user="U0GUEST"))["user"]["is_restricted"]
    assert "T0OTHER" == (await here.client.users_info(user="U0OUTSIDER"))["user"]["team_id"]
    assert (await here.client.users_info(user="U0GONE"))["user"]["deleted"]
    members = (await here.client.usergroups_users_list(usergroup="S0REVOPS"))["users"]
    assert ["U0REQUESTER", "U0COLLEAGUE"] == members
    assert "user_not_found" == await refused(here, "users.info", user="U0NOBODY")


async def test_channels_are_told(here: Room) -> None:
    """Membership, sharing with others, and nothing about private channels the bot is not in."""
    assert (await here.client.conversations_info(channel="C0SHARED"))["channel"]["is_ext_shared"]
    assert not (await here.client.conversations_info(channel="C0RANDOM"))["channel"]["is_member"]
    assert "U0BOT" in (await here.client.conversations_members(channel="C0REVOPS"))["members"]
    assert "channel_not_found" == await refused(here, "conversations.info", channel="G0SECRET")


async def test_a_permalink_leads_to_the_message(here: Room) -> None:
    """It holds the channel and the ts without its dot."""
    posted = await here.client.chat_postMessage(channel="C0REVOPS", text="t")
    link = (await here.client.chat_getPermalink(channel="C0REVOPS", message_ts=posted["ts"]))["permalink"]
    assert link.endswith(f"/archives/C0REVOPS/p{posted['ts'].replace('.', '')}")
    reply = await here.client.chat_postMessage(channel="C0REVOPS", text="u", thread_ts=posted["ts"])
    link = (await here.client.chat_getPermalink(channel="C0REVOPS", message_ts=reply["ts"]))["permalink"]
    assert link.endswith(f"/p{reply['ts'].replace('.', '')}?thread_ts={posted['ts']}&cid=C0REVOPS")


async def test_what_a_person_wrote_is_not_the_bots_to_change(here: Room) -> None:
    """It can neither edit nor delete it."""
    said = here.slack.world.say("U0REQUESTER", "C0REVOPS", "mine")
    assert "cant_update_message" == await refused(here, "chat.update", channel="C0REVOPS", ts=said.ts, text="x")
    assert "cant_delete_message" == await refused(here, "chat.delete", channel="C0REVOPS", ts=said.ts)


async def test_a_file_reaches_the_person_it_was_sent_to(here: Room) -> None:
    """Uploaded in three steps, and read by its name."""
    dm = (await here.client.conversations_open(users="U0REQUESTER"))["channel"]["id"]
    await here.client.files_upload_v2(filename="a.csv", content=b"a,b\r\n", channel=dm, initial_comment="Yours.")
    assert b"a,b\r\n" == here.rina.download("a.csv")
    assert "Yours.\na.csv" == here.rina.reads(here.rina.dms())


async def test_a_file_that_was_not_uploaded_is_not_found(here: Room) -> None:
    """Completing needs the bytes, and a conversation, not a person."""
    made = await here.client.api_call("files.getUploadURLExternal", params={"filename": "a.csv", "length": 3})
    files = [{"id": made["file_id"], "title": "a"}]
    assert "channel_not_found" == await refused(
        here, "files.completeUploadExternal", files=files, channel_id="U0REQUESTER"
    )
    assert "file_not_found" == await refused(here, "files.completeUploadExternal", files=files)


async def test_a_private_file_wants_the_bots_token(here: Room) -> None:
    """Whoever comes without it gets a page to sign in, with status 200, as at Slack."""
    await here.client.files_upload_v2(filename="a.csv", content=b"secret", channel="C0REVOPS")
    (held,) = here.slack.world.files.values()
    url = (await here.client.files_info(file=held.id))["file"]["url_private"]
    async with httpx.AsyncClient(trust_env=False) as http:
        assert "text/html" in (await http.get(url)).headers["content-type"]
        allowed = await http.get(url, headers={"Authorization": "Bearer xoxb-sandbox"})
        assert b"secret" == allowed.content


async def test_a_response_url_answers_five_times_within_thirty_minutes(here: Room) -> None:
    """Then it says that it was used up; later, that it is too old."""
    used = here.slack.world.response_url("C0RANDOM", "U0REQUESTER")
    late = here.slack.world.response_url("C0RANDOM", "U0REQUESTER")
    async with httpx.AsyncClient(trust_env=False) as http:
        statuses = [(await http.post(used, json={"text": "psst"})).status_code for _ in range(6)]
        assert [200] * 5 + [404] == statuses
        assert 5 == len(here.rina.whispers())
        here.clock.go(1801)
        assert "expired_url" == (await http.post(late, json={"text": "psst"})).text


async def test_calls_meet_the_faults_they_were_given(here: Room) -> None:
    """Rate limits with their seconds, error codes, cut lines, and each only as often as asked."""
    here.slack.world.faults.append(Fault("chat.postMessage", retry_after=7))
    with pytest.raises(SlackApiError) as raised:
        await here.client.chat_postMessage(channel="C0REVOPS", text="t")
    assert (429, "7") == (raised.value.response.status_code, raised.value.response.headers["Retry-After"])
    here.slack.world.faults.append(Fault("chat.postMessage", error="fatal_error"))
    assert "fatal_error" == await refused(here, "chat.postMessage", channel="C0REVOPS", text="t")
    await here.client.chat_postMessage(channel="C0REVOPS", text="t")
    assert 1 == len(here.rina.messages("C0REVOPS"))


async def test_a_line_can_be_cut_after_the_work_was_done(here: Room) -> None:
    """The message stands there, and the bot cannot know."""
    here.slack.world.faults.append(Fault("chat.postMessage", cut=True, after=True))
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.post(
                f"{here.slack.world.base_url}/api/chat.postMessage",
                json={"channel": "C0REVOPS", "text": "t"},
                headers={"Authorization": "Bearer xoxb-sandbox"},
            )
    assert 1 == len(here.rina.messages("C0REVOPS"))
