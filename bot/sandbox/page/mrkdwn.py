"""Slack's own markup, mrkdwn, as safe HTML.

One pass per line: code, what stands between angle brackets, addresses, shortcodes and marks are found; a mark that
closes wraps what came since the nearest mark that it closes. Whatever is not understood stays as it was typed.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup, escape

from bot.sandbox.page import links, pieces, shortcodes
from bot.sandbox.page.place import Reader

_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
_TOKEN = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w/])(?P<url>https?://(?:(?!&[lg]t;)[^\s<>|`\"])+(?<![.,:;!?)*_~'\]]))"
    rf"|{shortcodes.SHORTCODE}"
    r"|(?P<mark>(?<!\*)\*(?!\*)|(?<!_)_(?!_)|(?<!~)~(?!~))"
)
_SPECIAL = re.compile(r"[`<:*_~]")
_MARKS = {"*": "bold", "_": "italic", "~": "strike"}
_TYPED = {mark: escape(mark) for mark in _MARKS}
_QUOTE = re.compile(r"(?:>|&gt;) ?")
_QUOTE_REST = re.compile(r"(?:>|&gt;){3} ?")
_DATE = re.compile(r"!date\^(-?\d{1,15})\^([^^]+)(?:\^([^^]*))?")
_EVERYONE = ("here", "channel", "everyone")
_QUOTED = Markup("<blockquote>%s</blockquote>")
_FENCED = Markup("<pre><code>%s</code></pre>")


def block(text: str, reader: Reader, *, verbatim: bool = False) -> Markup:
    """The text with its quotes and code blocks; `verbatim` leaves bare addresses as they are."""
    if "```" not in text:
        return _lines(text, reader, verbatim)
    drawn = []
    for place, part in enumerate(_FENCE.split(text)):
        if place % 2:
            drawn.append(_FENCED % _words(part.removeprefix("\n").removesuffix("\n")))
        elif part.strip("\n"):
            drawn.append(_lines(part.removeprefix("\n").removesuffix("\n"), reader, verbatim))
    return pieces.joined(drawn)


def line(text: str, reader: Reader) -> Markup:
    """The text where only words may stand, as in a label: quotes stay typed, a code block is code."""
    if "```" in text:
        text = _FENCE.sub(lambda found: "`{}`".format(found[1].replace("`", "").replace("\n", " ")), text)
    return pieces.BREAK.join(_line(one, reader, verbatim=False) for one in text.split("\n"))


def _lines(text: str, reader: Reader, verbatim: bool) -> Markup:
    if "\n" not in text and text[:1] not in (">", "&"):
        return _line(text, reader, verbatim)
    if ">" not in text and "&gt;" not in text:
        return pieces.BREAK.join(_line(one, reader, verbatim) for one in text.split("\n"))
    drawn = []
    for quoted, run in groupby(_quotes(text.split("\n")), key=lambda one: one[0]):
        words = pieces.BREAK.join(_line(one, reader, verbatim) for _, one in run)
        drawn.append(_QUOTED % words if quoted else words)
    return pieces.joined(drawn)


def _quotes(lines: list[str]) -> Iterator[tuple[bool, str]]:
    """Whether each line is quoted, and the line without its mark; three marks quote all that follows."""
    for place, one in enumerate(lines):
        rest = _QUOTE_REST.match(one)
        if rest:
            yield True, one[rest.end() :]
            yield from ((True, later) for later in lines[place + 1 :])
            return
        mark = _QUOTE.match(one)
        yield (True, one[mark.end() :]) if mark else (False, one)


def _line(text: str, reader: Reader, verbatim: bool) -> Markup:
    if not _SPECIAL.search(text):
        return _words(text)
    drawn: list[Markup] = []
    marks: dict[str, int] = {}
    last = 0
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        if start > last:
            drawn.append(_words(text[last:start]))
        last = end
        mark = found["mark"]
        if not mark:
            drawn.append(_piece(found, reader, verbatim))
        elif mark in marks and _closes(text, start):
            _wrap(drawn, marks, mark)
        else:
            if _opens(text, start):
                marks[mark] = len(drawn)
            drawn.append(_TYPED[mark])
    if last < len(text):
        drawn.append(_words(text[last:]))
    return pieces.joined(drawn)


def _wrap(drawn: list[Markup], marks: dict[str, int], mark: str) -> None:
    """Everything since the mark is in its style; marks in between that nothing closed stay as they were typed."""
    start = marks[mark]
    drawn[start:] = [pieces.styled(pieces.joined(drawn[start + 1 :]), _MARKS[mark])]
    for one in [one for one, place in marks.items() if place >= start]:
        del marks[one]


def _opens(text: str, place: int) -> bool:
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return not before.isalnum() and bool(after) and not after.isspace()


def _closes(text: str, place: int) -> bool:
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    return not before.isspace() and not after.isalnum()


def _piece(found: re.Match[str], reader: Reader, verbatim: bool) -> Markup:
    match found.lastgroup:
        case "code":
            return pieces.styled(_words(found["code"]), "code")
        case "url":
            words = _words(found["url"])
            return words if verbatim else pieces.link(_plain(found["url"]), words)
        case "angle":
            drawn = _angle(found["angle"], reader)
            return _words(found[0]) if drawn is None else drawn
        case _:
            return pieces.smiley(found["emoji"], found["tone"] or "")


def _angle(inside: str, reader: Reader) -> Markup | None:
    """What stands between angle brackets; None when Slack knows nothing of the kind."""
    body, has_words, words = inside.partition("|")
    match body[0] if body else "":
        case "@" if len(body) > 1:
            return pieces.person(body[1:], reader)
        case "#" if len(body) > 1:
            return pieces.channel(body[1:], reader)
        case "!":
            return _command(body, words if has_words else None, reader)
    url = _plain(body)
    if not links.address(url):
        return None
    return pieces.link(url, pieces.plain(_plain(words) or url.removeprefix("mailto:")))


def _command(body: str, words: str | None, reader: Reader) -> Markup | None:
    if body[1:] in _EVERYONE:
        return pieces.everyone(body[1:])
    if body.startswith("!subteam^") and len(body) > len("!subteam^"):
        return pieces.group(body.removeprefix("!subteam^"), reader)
    date = _DATE.fullmatch(body)
    # Slack demands the fallback, and shows a date without one as it was typed.
    if date and words is not None:
        return pieces.date(int(date[1]), _plain(date[2]), _plain(date[3] or ""), _plain(words), reader)
    return None


def _words(text: str) -> Markup:
    return escape(_plain(text))


def _plain(text: str) -> str:
    """The text with Slack's three entities resolved."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
