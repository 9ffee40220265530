"""A rich_text block as safe HTML: its four kinds of parts, and the elements in them."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from markupsafe import Markup

from bot.sandbox.page import pieces
from bot.sandbox.page.place import Json, Reader

_SECTION = Markup('<p class="rich-section" dir="auto">%s</p>')
_QUOTE = Markup('<blockquote class="rich-quote%s" dir="auto">%s</blockquote>')
_PREFORMATTED = Markup('<pre class="rich-preformatted%s" dir="auto"><code>%s</code></pre>')
_BULLETS = Markup('<ul class="rich-list indent-%d%s">%s</ul>')
_NUMBERS = Markup('<ol class="rich-list indent-%d%s" start="%d">%s</ol>')
_ITEM = Markup('<li dir="auto">%s</li>')
_COLOR = Markup('<span class="color" data-color="%s">%s</span>')


def parts(elements: Sequence[Json], reader: Reader) -> Markup:
    """The parts of the block, one after the other."""
    return pieces.joined(_part(one, reader) for one in elements)


def _part(part: Json, reader: Reader) -> Markup:
    draw = _PARTS.get(part["type"])
    return draw(part, reader) if draw else pieces.undrawn(part["type"])


def _section(part: Json, reader: Reader) -> Markup:
    return _SECTION % _inlines(part["elements"], reader)


def _quote(part: Json, reader: Reader) -> Markup:
    return _QUOTE % (_border(part), _inlines(part["elements"], reader))


def _preformatted(part: Json, reader: Reader) -> Markup:
    return _PREFORMATTED % (_border(part), _inlines(part["elements"], reader).replace(pieces.BREAK, "\n"))


def _list(part: Json, reader: Reader) -> Markup:
    items = pieces.joined(_ITEM % _item(one, reader) for one in part["elements"])
    indent = part.get("indent", 0)
    if part.get("style") == "ordered":
        return _NUMBERS % (indent, _border(part), part.get("offset", 0) + 1, items)
    return _BULLETS % (indent, _border(part), items)


def _item(item: Json, reader: Reader) -> Markup:
    if item["type"] != "rich_text_section":
        return pieces.undrawn(item["type"], inline=True)
    return _inlines(item["elements"], reader)


def _border(part: Json) -> str:
    return " with-border" if part.get("border") else ""


def _inlines(elements: Iterable[Json], reader: Reader) -> Markup:
    return pieces.joined(_inline(one, reader) for one in elements)


def _inline(element: Json, reader: Reader) -> Markup:
    draw = _INLINES.get(element["type"])
    if draw is None:
        return pieces.undrawn(element["type"], inline=True)
    drawn = draw(element, reader)
    for style, wanted in (element.get("style") or {}).items():
        if wanted and style in _STYLES:
            drawn = pieces.styled(drawn, style)
    return drawn


def _emoji(element: Json, _reader: Reader) -> Markup:
    tone = element.get("skin_tone", 1)
    return pieces.smiley(element["name"], str(tone) if tone > 1 else "")


def _date(element: Json, reader: Reader) -> Markup:
    fallback = element.get("fallback", "")
    return pieces.date(element["timestamp"], element["format"], element.get("url", ""), fallback, reader)


def _link(element: Json, _reader: Reader) -> Markup:
    return pieces.link(element["url"], pieces.text(element.get("text") or element["url"]))


def _color(element: Json, _reader: Reader) -> Markup:
    return _COLOR % (element["value"], element["value"])


# Slack draws the styles of a mention too; highlights of the author's own client are nothing to others.
_STYLES = frozenset({"bold", "italic", "strike", "underline", "code"})
_PARTS: Mapping[str, Callable[[Json, Reader], Markup]] = {
    "rich_text_list": _list,
    "rich_text_preformatted": _preformatted,
    "rich_text_quote": _quote,
    "rich_text_section": _section,
}
_INLINES: Mapping[str, Callable[[Json, Reader], Markup]] = {
    "broadcast": lambda element, _reader: pieces.everyone(element["range"]),
    "channel": lambda element, reader: pieces.channel(element["channel_id"], reader),
    "color": _color,
    "date": _date,
    "emoji": _emoji,
    "link": _link,
    "text": lambda element, _reader: pieces.text(element["text"]),
    "user": lambda element, reader: pieces.person(element["user_id"], reader),
    "usergroup": lambda element, reader: pieces.group(element["usergroup_id"], reader),
}
