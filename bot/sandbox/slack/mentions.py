"""How people, channels and everybody are named in messages: what typing becomes, and whom a message notifies."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.sandbox.slack.things import Channel, Json, User

_BROADCASTS = ("here", "channel", "everyone")
_NOTIFYING = re.compile(r"<(@[UW]\w+|!here|!channel|!everyone|!subteam\^S\w+)(?:\|[^>]*)?>")
_CODE = r"```.*?```|`[^`\n]+`"


def names(users: Iterable[User], channels: Iterable[Channel], typist: str) -> dict[str, str]:
    """What this person may type -> what it becomes: everybody who is still here, and the channels that they can see."""
    found = {f"@{word}": f"<!{word}>" for word in _BROADCASTS}
    for user in users:
        if not user.deleted:
            found |= {f"@{name}".lower(): f"<@{user.id}>" for name in (user.name, user.real_name)}
    for channel in channels:
        if not channel.is_im and (typist in channel.members or not channel.is_private):
            found[f"#{channel.name}"] = f"<#{channel.id}>"
    return found


def resolved(typed: str, known: Mapping[str, str]) -> str:
    """The text as Slack keeps it: & < > escaped, then every known name that does not stand in code."""
    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    longest_first = sorted(known, key=len, reverse=True)
    alternatives = "|".join(re.escape(name) for name in longest_first)
    # What stands in code is taken first, and left as it is.
    pattern = re.compile(rf"{_CODE}|(?<![\w@#&/.])({alternatives})(?!\w|-\w)", re.DOTALL | re.IGNORECASE)

    def become(match: re.Match[str]) -> str:
        name = match.group(1)
        return known[name.lower()] if name else match.group()

    return pattern.sub(become, escaped)


def notified(text: str, blocks: Iterable[Json]) -> frozenset[str]:
    """Whom a message notifies: user ids, user group ids, and here, channel or everyone."""
    found = [text, *_texts(list(blocks))]
    marks = {mark for one in found for mark in _NOTIFYING.findall(one)}
    return frozenset(mark.removeprefix("!subteam^").lstrip("@!") for mark in marks)


def _texts(value: Any) -> Iterator[str]:
    """Every text of these blocks that Slack parses, and what rich text names, written the same way."""
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from _own_text(value)
        for one in value.values():
            yield from _texts(one)


def _own_text(held: Json) -> Iterator[str]:
    match held.get("type"):
        case "mrkdwn" | "markdown":
            yield str(held.get("text", ""))
        case "user":
            yield f"<@{held.get('user_id')}>"
        case "usergroup":
            yield f"<!subteam^{held.get('usergroup_id')}>"
        case "broadcast":
            yield f"<!{held.get('range')}>"
