"""The smallest parts of what people read, as safe HTML: words, emoji, links, mentions and moments.

Text from outside becomes part of a page here and in the templates only, and always escaped. Names and the words of
links are isolated (`bdi`), so that letters written from right to left do not reorder what stands beside them.
"""

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from bot.sandbox.page import dates, links, shortcodes
from bot.sandbox.page.place import Reader

BREAK = Markup("<br>")
_EMOJI = Markup('<span class="emoji" role="img" aria-label="%s">%s</span>')
_LINK = Markup('<a href="%s" rel="noreferrer" target="_blank"><bdi>%s</bdi></a>')
_OWN_LINK = Markup('<a href="%s"><bdi>%s</bdi></a>')
_MENTION = Markup('<span class="mention"><bdi>%s</bdi></span>')
_MENTION_ME = Markup('<span class="mention mention-me"><bdi>%s</bdi></span>')
_CHANNEL = Markup('<span class="channel" data-channel="%s"><bdi>#%s</bdi></span>')
_MOMENT = Markup('<time datetime="%s" title="%s">%s</time>')
_UNDRAWN = Markup('<p class="undrawn" role="alert" data-undrawn>The sandbox cannot draw this: <bdi>%s</bdi></p>')
_UNDRAWN_INLINE = Markup(
    '<span class="undrawn" role="alert" data-undrawn>The sandbox cannot draw this: <bdi>%s</bdi></span>'
)
_STYLES = {
    "bold": Markup("<strong>%s</strong>"),
    "italic": Markup("<em>%s</em>"),
    "strike": Markup("<s>%s</s>"),
    "underline": Markup("<u>%s</u>"),
    "code": Markup("<code>%s</code>"),
}
_SHORTCODE = re.compile(shortcodes.SHORTCODE)
_TAG = re.compile(r"<[^>]*>")
_HALVES = re.compile("[\ud800-\udfff]")


def joined(drawn: Iterable[Markup]) -> Markup:
    """What was drawn, one after the other. Only Markup may come in, as mypy sees to: it is not escaped once more."""
    return Markup("".join(drawn))  # noqa: S704


def text(words: str) -> Markup:
    """The words as they are, line by line."""
    return escape(words).replace("\n", BREAK) if "\n" in words else escape(words)


def plain(words: str, *, emoji: bool = True) -> Markup:
    """The words of a plain_text object: nothing but shortcodes means anything in them."""
    if not emoji or ":" not in words:
        return text(words)
    drawn, last = [], 0
    for found in _SHORTCODE.finditer(words):
        drawn += [text(words[last : found.start()]), smiley(found["emoji"], found["tone"] or "")]
        last = found.end()
    drawn.append(text(words[last:]))
    return joined(drawn)


@lru_cache(maxsize=4096)
def smiley(name: str, tone: str = "") -> Markup:
    """The emoji of this name; an unknown name as it was typed."""
    shown = shortcodes.character(name, tone)
    if not shown:
        return escape(f":{name}:" + (f":skin-tone-{tone}:" if tone else ""))
    return _EMOJI % (shortcodes.spoken(name), shown)


def styled(words: Markup, style: str) -> Markup:
    """The words in bold, italic, strike, underline or code."""
    return _STYLES[style] % words


def link(url: str, words: Markup) -> Markup:
    """The words, leading to the url where it is one that may be followed."""
    found = links.address(url)
    if not found:
        return words
    return (_OWN_LINK if links.stays(found) else _LINK) % (found, words)


def person(user_id: str, reader: Reader) -> Markup:
    """A mention of somebody, who may be the reader."""
    return (_MENTION_ME if user_id == reader.id else _MENTION) % f"@{reader.people.get(user_id, user_id)}"


def group(group_id: str, reader: Reader) -> Markup:
    """A mention of a user group."""
    return _MENTION % f"@{reader.groups.get(group_id, group_id)}"


def everyone(whom: str) -> Markup:
    """A mention of everybody who is here, in the channel, or in the workspace: the reader among them."""
    return _MENTION_ME % f"@{whom}"


def channel(channel_id: str, reader: Reader) -> Markup:
    """The name of a channel."""
    return _CHANNEL % (channel_id, reader.channels.get(channel_id, channel_id))


def moment(at: datetime, tokens: str, reader: Reader) -> Markup:
    """A moment as the date tokens have it."""
    local = at.astimezone(reader.zone)
    words = dates.shown(tokens, local, reader.now.astimezone(reader.zone))
    return _MOMENT % (local.isoformat(), _whole(at, reader.zone), words)


def date(seconds: int, tokens: str, url: str, fallback: str, reader: Reader) -> Markup:
    """A date token, by its seconds since 1970; its fallback when there is no such day."""
    try:
        words = moment(datetime.fromtimestamp(seconds, UTC), tokens, reader)
    except (OverflowError, ValueError, OSError):
        words = text(fallback)
    return link(url, words) if url else words


def undrawn(kind: object, *, inline: bool = False) -> Markup:
    """The warning in the place of what cannot be drawn."""
    return (_UNDRAWN_INLINE if inline else _UNDRAWN) % str(kind)


def bare(drawn: Markup) -> str:
    """The words of what was drawn, without any markup, for attributes and dialogs."""
    return html.unescape(_TAG.sub("", drawn.replace(BREAK, Markup("\n"))))


def sendable(drawn: Markup) -> Markup:
    """The same, without the halves of characters that no answer could carry."""
    try:
        drawn.encode()
    except UnicodeEncodeError:
        return Markup(_HALVES.sub("\ufffd", drawn))  # noqa: S704
    return drawn


# The same moment is drawn again whenever anything on the page changes.
@lru_cache(maxsize=4096)
def _whole(at: datetime, zone: ZoneInfo) -> str:
    return dates.whole(at.astimezone(zone))
