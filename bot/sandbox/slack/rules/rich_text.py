"""rich_text: every element that Slack knows, `date` among them, by rules of our own, since slackblocks lacks some."""

from collections.abc import Mapping

from bot.sandbox.slack.rules.objects import type_is
from bot.sandbox.slack.rules.shapes import Key, Kind, Shape, boolean, by_type, integer, many, one_of, string, url


def _style(*names: str) -> Key:
    return Key(Shape({name: Key(boolean) for name in names}))


_WORDS = _style("bold", "italic", "strike", "code", "underline")
_MENTION = _style("bold", "italic", "strike", "highlight", "client_highlight", "unlink")


def _inline(kind: str, /, **keys: Key) -> Shape:
    return Shape({"type": type_is(kind), **keys})


_TEXT = _inline("text", text=Key(string(), needed=True), style=_WORDS)
_LINK = _inline("link", url=Key(url, needed=True), text=Key(string()), unsafe=Key(boolean), style=_WORDS)

_INLINES: Mapping[str, Kind] = {
    "text": _TEXT,
    "link": _LINK,
    "emoji": _inline("emoji", name=Key(string(), needed=True), unicode=Key(string()), skin_tone=Key(integer(1, 6))),
    "user": _inline("user", user_id=Key(string(), needed=True), style=_MENTION),
    "usergroup": _inline("usergroup", usergroup_id=Key(string(), needed=True), style=_MENTION),
    "channel": _inline("channel", channel_id=Key(string(), needed=True), style=_MENTION),
    "broadcast": _inline("broadcast", range=Key(one_of("here", "channel", "everyone"), needed=True)),
    "color": _inline("color", value=Key(string(), needed=True)),
    "date": _inline(
        "date",
        timestamp=Key(integer(0), needed=True),
        format=Key(string(), needed=True),
        url=Key(url),
        fallback=Key(string()),
    ),
}
_BORDER = Key(integer(0, 1))
_SECTION = Shape({"type": type_is("rich_text_section"), "elements": Key(many(by_type(_INLINES), 0), needed=True)})

PARTS: Mapping[str, Kind] = {
    "rich_text_section": _SECTION,
    "rich_text_preformatted": Shape(
        {
            "type": type_is("rich_text_preformatted"),
            "elements": Key(many(by_type({"text": _TEXT, "link": _LINK})), needed=True),
            "border": _BORDER,
        }
    ),
    "rich_text_quote": Shape(
        {
            "type": type_is("rich_text_quote"),
            "elements": Key(many(by_type(_INLINES)), needed=True),
            "border": _BORDER,
        }
    ),
    "rich_text_list": Shape(
        {
            "type": type_is("rich_text_list"),
            "style": Key(one_of("bullet", "ordered"), needed=True),
            "elements": Key(many(by_type({"rich_text_section": _SECTION})), needed=True),
            "indent": Key(integer(0, 8)),
            "offset": Key(integer(0)),
            "border": _BORDER,
        }
    ),
}

RICH_TEXT = Shape(
    {
        "type": type_is("rich_text"),
        "block_id": Key(string(1, 255)),
        "elements": Key(many(by_type(PARTS)), needed=True),
    }
)
