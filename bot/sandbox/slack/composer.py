"""What a person typed into a composer and sent: a message, a command, or something that only Slackbot answers.

The words of Slackbot are Slack's own, as people quote them; where nobody does, they are ours.
"""

import re
from collections.abc import Collection

from bot.sandbox.slack import mentions
from bot.sandbox.slack.first_day import SLACKBOT
from bot.sandbox.slack.interactions import Trouble
from bot.sandbox.slack.things import Refused
from bot.sandbox.slack.workspace import Slack

_UNKNOWN = (
    "`{name}` is not a valid command. In Slack, all messages that start with the “/” character are interpreted as "
    "commands.\n\nIf you are trying to send a message and not run a command, try preceding the “/” with an empty space."
)
_IN_THREAD = "`{name}` is not supported in threads. Sorry!"
_FAILED = '`{name}` failed with the error "{error}"'
_ERRORS = {4: "http_client_error", 5: "http_service_error"}
_NOBODY = "There is nobody named “{name}” here. Nobody was invited."
_NOT_INVITED = {
    "already_in_channel": "{name} is already in this channel.",
    "cant_invite": "{name} cannot be invited here by you. Nobody was invited.",
}


async def enter(
    slack: Slack,
    user: str,
    channel: str,
    text: str,
    *,
    commands: Collection[str],
    thread_ts: str = "",
    screen: str = "",
) -> None:
    """It is posted, done, or answered to the person alone; `commands` are those of the apps, with their slash.

    A space before the slash makes it a message. Raises Refused where the person may not write.
    """
    if not text.startswith("/"):
        slack.world.say(user, channel, text, thread_ts)
        return
    place = slack.world.place_to_speak(user, channel).id
    name, _, rest = re.sub(r"\s", " ", text, count=1).partition(" ")
    if name == "/invite":
        told = _invite(slack, user, place, rest.strip())
    elif name not in commands:
        told = _UNKNOWN.format(name=mentions.resolved(name, {}))
    elif thread_ts:
        told = _IN_THREAD.format(name=name)
    else:
        told = await _command(slack, user, place, (name, rest.strip()), screen)
    if told:
        slack.world.whisper(place, user, told, [], thread_ts=thread_ts, author=SLACKBOT)


async def _command(slack: Slack, user: str, channel: str, typed: tuple[str, str], screen: str) -> str:
    """What Slackbot says of a command that did not work; nothing of one that did."""
    name, text = typed
    try:
        await slack.interactions.command(user, channel, name, text, screen=screen)
    except Trouble as trouble:
        return _FAILED.format(name=name, error=_ERRORS.get(trouble.status // 100, "dispatch_failed"))
    return ""


def _invite(slack: Slack, user: str, channel: str, named: str) -> str:
    """What Slackbot says of an invitation that came to nothing."""
    known = mentions.names(slack.world.users.values(), (), user)
    found = known.get(f"@{named.removeprefix('@')}".lower(), "")
    if not found.startswith("<@"):
        return _NOBODY.format(name=mentions.resolved(named, {}))
    invited = found.strip("<@>")
    try:
        slack.world.invite(user, channel, invited)
    except Refused as refused:
        return _NOT_INVITED[refused.error].format(name=slack.world.users[invited].real_name)
    return ""
