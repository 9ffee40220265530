"""What people type into a composer becomes a message, a command, an invitation, or words of Slackbot for them alone."""

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.slack import composer, mentions
from bot.sandbox.slack.first_day import BOT, SLACKBOT
from bot.sandbox.slack.things import Message, Refused
from bot.sandbox.slack.workspace import Slack
from tests.unit.block_kit_parts import Json, context, mrkdwn, paragraph, plain, rich, section, words
from tests.unit.slack_counterpart import Room, room

RINA, CHANNEL = "U0REQUESTER", "C0REVOPS"


@pytest.fixture
def slack() -> Slack:
    """A workspace that nobody serves, for what needs no bot."""
    return Slack()


@pytest.fixture
async def here() -> AsyncIterator[Room]:
    """A workspace with a Bolt app in it."""
    async with room() as opened:
        yield opened


async def enter(slack: Slack, text: str, *, user: str = RINA, channel: str = CHANNEL, thread_ts: str = "") -> Message:
    """The newest message once this was typed and sent."""
    await composer.enter(slack, user, channel, text, commands={"/enroll-flow"}, thread_ts=thread_ts)
    return slack.world.messages[-1]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Hello.", "Hello."),
        (" /not a command ", "/not a command"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<@U0OPERATOR> <!channel>", "&lt;@U0OPERATOR&gt; &lt;!channel&gt;"),
        ("@rina, @Cole's and @enroll flow", "<@U0REQUESTER>, <@U0COLLEAGUE>'s and <@U0BOT>"),
        ("@here @channel @everyone", "<!here> <!channel> <!everyone>"),
        ("in #revops, not #revops-old", "in <#C0REVOPS>, not #revops-old"),
        ("rina@cole.example @rinaldo @gone", "rina@cole.example @rinaldo @gone"),
        ("&@olga", "&amp;<@U0OPERATOR>"),
        ("`@rina` and ```\n#revops <\n``` @ben", "`@rina` and ```\n#revops &lt;\n``` <@U0BYSTANDER>"),
        ("#secret", "<#G0SECRET>"),
    ],
)
async def test_what_is_typed_is_kept_as_slack_keeps_it(slack: Slack, typed: str, kept: str) -> None:
    """Entities first, then the names of people and channels that are there, but not in code."""
    made = await enter(slack, typed)
    assert (kept, RINA, CHANNEL, True, []) == (made.text, made.user, made.channel, made.by_person, made.blocks)


async def test_a_private_channel_cannot_be_named_by_others(slack: Slack) -> None:
    """Who is not in it does not learn its id."""
    assert "#secret" == (await enter(slack, "#secret", user="U0COLLEAGUE")).text


async def test_a_reply_stands_in_the_thread_of_its_parent(slack: Slack) -> None:
    """A reply to a reply too; to nothing there is none."""
    top = await enter(slack, "top")
    first = await enter(slack, "one", thread_ts=top.ts)
    second = await enter(slack, "two", thread_ts=first.ts)
    assert (top.ts, top.ts) == (first.thread_ts, second.thread_ts)
    with pytest.raises(Refused, match="message_not_found"):
        await enter(slack, "three", thread_ts="1.1")


@pytest.mark.parametrize("text", ["words", "/enroll-flow", "/invite @Enroll Flow", "/nothing"])
@pytest.mark.parametrize(
    ("user", "channel", "error"),
    [
        ("U0OUTSIDER", CHANNEL, "not_in_channel"),
        ("U0COLLEAGUE", "G0SECRET", "channel_not_found"),
        ("U0COLLEAGUE", "D0REQUESTER", "channel_not_found"),
        (RINA, "C0ARCHIVE", "is_archived"),
        (RINA, "C0NOWHERE", "channel_not_found"),
        ("U0GONE", CHANNEL, "account_inactive"),
    ],
)
async def test_people_write_only_where_they_are(slack: Slack, user: str, channel: str, error: str, text: str) -> None:
    """Members only, in conversations that are open; commands and invitations included, and nothing is left behind."""
    slack.world.direct(RINA)
    with pytest.raises(Refused, match=error):
        await enter(slack, text, user=user, channel=channel)
    assert [] == slack.world.messages


async def test_nothing_and_too_much_are_refused(slack: Slack) -> None:
    """Blanks are no message, and 40,000 characters are the most."""
    with pytest.raises(Refused, match="no_text"):
        await enter(slack, " \n ")
    with pytest.raises(Refused, match="msg_too_long"):
        await enter(slack, "x" * 40_001)


async def test_the_bots_direct_messages_open_when_somebody_writes(slack: Slack) -> None:
    """A person may write there before the bot ever did."""
    assert "D0COLLEAGUE" == (await enter(slack, "Hello", user="U0COLLEAGUE", channel="D0COLLEAGUE")).channel


async def test_a_known_command_reaches_the_bot(here: Room) -> None:
    """With everything after its name, over several lines; nothing is posted."""
    await composer.enter(here.slack, RINA, CHANNEL, "/enroll-flow\nSELECT 1\n  < 2 ", commands={"/enroll-flow"})
    (body,) = here.bot.got["command"]
    assert ("/enroll-flow", "SELECT 1\n  &lt; 2", CHANNEL) == (body["command"], body["text"], body["channel_id"])
    assert [] == here.slack.world.messages
    assert here.rina.view is not None


async def test_a_command_that_failed_is_told_by_slackbot(here: Room) -> None:
    """In Slack's words, to the person alone."""
    here.bot.failures = 1
    made = await enter(here.slack, "/enroll-flow")
    assert '`/enroll-flow` failed with the error "http_service_error"' == made.text
    here.slack.deliveries.to_http("http://127.0.0.1:1/slack")
    made = await enter(here.slack, "/enroll-flow")
    assert '`/enroll-flow` failed with the error "dispatch_failed"' == made.text
    assert (SLACKBOT, RINA) == (made.user, made.only_for)


async def test_an_unknown_command_is_answered_by_slackbot(slack: Slack) -> None:
    """In Slack's words, to the person alone, where they typed."""
    top = await enter(slack, "top")
    made = await enter(slack, "/enrol-flow SELECT 1", thread_ts=top.ts)
    assert made.text.startswith(
        "`/enrol-flow` is not a valid command. In Slack, all messages that start with the “/” character are interpreted"
    )
    assert (SLACKBOT, RINA, top.ts) == (made.user, made.only_for, made.thread_ts)
    assert "`/&lt;!here&gt;` is not" in (await enter(slack, "/<!here>")).text


async def test_commands_of_apps_do_not_work_in_threads(slack: Slack) -> None:
    """Slackbot says so, and the bot hears nothing."""
    top = await enter(slack, "top")
    made = await enter(slack, "/enroll-flow", thread_ts=top.ts)
    assert ("`/enroll-flow` is not supported in threads. Sorry!", top.ts) == (made.text, made.thread_ts)


@pytest.mark.parametrize("named", ["@Enroll Flow", "@enroll_flow", "enroll flow"])
async def test_an_invitation_brings_the_bot_in(slack: Slack, named: str) -> None:
    """It is a member from then on, and a line in the channel says who brought it."""
    made = await enter(slack, f"/invite {named}", channel="C0RANDOM")
    assert BOT in slack.world.channels["C0RANDOM"].members
    assert (BOT, "was added to #random by Rina.", "channel_join", "") == (
        made.user,
        made.text,
        made.subtype,
        made.only_for,
    )
    again = await enter(slack, f"/invite {named}", channel="C0RANDOM")
    assert "Enroll Flow is already in this channel." == again.text


@pytest.mark.parametrize(
    ("user", "channel", "named", "told"),
    [
        (RINA, "C0RANDOM", "@nobody", "There is nobody named “@nobody” here. Nobody was invited."),
        (RINA, "C0RANDOM", "", "There is nobody named “” here. Nobody was invited."),
        (RINA, "C0RANDOM", "@here", "There is nobody named “@here” here. Nobody was invited."),
        (RINA, "C0RANDOM", "@otto", "Otto cannot be invited here by you. Nobody was invited."),
        (RINA, "D0REQUESTER", "@cole", "Cole cannot be invited here by you. Nobody was invited."),
        ("U0GUEST", "C0RANDOM", "@Enroll Flow", "Enroll Flow cannot be invited here by you. Nobody was invited."),
    ],
)
async def test_an_invitation_that_comes_to_nothing_says_why(
    slack: Slack, user: str, channel: str, named: str, told: str
) -> None:
    """Nobody new is in the channel."""
    before = set(slack.world.channels["C0RANDOM"].members)
    made = await enter(slack, f"/invite {named}", user=user, channel=channel)
    assert (told, user, before) == (made.text, made.only_for, slack.world.channels["C0RANDOM"].members)


@pytest.mark.parametrize(
    ("text", "blocks", "notified"),
    [
        ("<@U0REQUESTER> and <@U0OPERATOR|olga>", [], {"U0REQUESTER", "U0OPERATOR"}),
        ("<!here> <!subteam^S0REVOPS> <!channel|channel>", [], {"here", "S0REVOPS", "channel"}),
        ("&lt;@U0REQUESTER&gt; <#C0REVOPS> <!date^1^{date}|x>", [], set()),
        ("t", [section("For <@U0REQUESTER>"), context(mrkdwn("<@U0OPERATOR>"))], {"U0REQUESTER", "U0OPERATOR"}),
        ("t", [{"type": "header", "text": plain("<@U0REQUESTER>")}], set()),
        ("t", [rich(paragraph(words("<@U0OPERATOR>"), {"type": "user", "user_id": RINA}))], {RINA}),
        ("t", [rich(paragraph({"type": "broadcast", "range": "everyone"}))], {"everyone"}),
        ("t", [rich(paragraph({"type": "usergroup", "usergroup_id": "S0REVOPS"}))], {"S0REVOPS"}),
        ("t", [{"type": "markdown", "text": "<@U0REQUESTER>"}], {RINA}),
    ],
)
def test_a_message_notifies_whom_it_names(text: str, blocks: list[Json], notified: set[str]) -> None:
    """In its text and in what is parsed of its blocks; plain text and the text of rich text name nobody."""
    assert notified == mentions.notified(text, blocks)


async def test_edits_notify_nobody(slack: Slack) -> None:
    """Whom a message notifies is decided when it is posted."""
    made = slack.world.post(CHANNEL, "Hello <@U0REQUESTER>", [])
    slack.world.edit(made, "Hello <@U0OPERATOR>", [])
    assert {RINA} == made.mentions
