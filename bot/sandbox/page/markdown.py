"""The markdown block, in its plainest form: headings, lists, quotes, code, and bold, italic, strike and links in lines.

Tables, pictures and what else Markdown has stay as they were typed.
"""

import re
from itertools import groupby

from markupsafe import Markup, escape

from bot.sandbox.page import pieces

_FENCE = re.compile(r"^```[^\n`]*\n(.*?)^```[ ]*$", re.DOTALL | re.MULTILINE)
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_HEADING = re.compile(r"(#{1,6}) +(.+)")
_ITEM = re.compile(r"\s*(?:[-*+]|(?P<number>\d{1,9})[.)]) +(?P<words>.*)")
_QUOTE = re.compile(r"> ?(.*)")
_RULE = re.compile(r"(?:-{3,}|\*{3,}|_{3,}) *")
_INLINE = re.compile(
    r"`(?P<code>[^`]{1,2000})`"
    r"|\[(?P<words>[^\[\]]{1,500})\]\((?P<url>[^()\s]{1,2000})\)"
    r"|\*\*(?P<bold>\S(?:.{0,500}?\S)?)\*\*"
    r"|~~(?P<strike>\S(?:.{0,500}?\S)?)~~"
    r"|(?<!\w)(?P<mark>[*_])(?P<italic>[^\s*_](?:.{0,500}?[^\s*_])?)(?P=mark)(?!\w)"
)
_STYLES = ("bold", "strike", "italic")
_DEEPEST = 3
_HEADED = Markup('<p class="md-heading md-heading-%d" role="heading" aria-level="%d" dir="auto">%s</p>')
_BULLET = Markup('<li dir="auto">%s</li>')
_NUMBERED = Markup('<li value="%d" dir="auto">%s</li>')
_FENCED = Markup("<pre><code>%s</code></pre>")
_RULED = Markup('<hr class="divider">')
_NOTHING = Markup("")
# What holds a run of lines of one kind, and what stands between them.
_RUNS = {
    "whole": (Markup("%s"), _NOTHING),
    "words": (Markup('<p dir="auto">%s</p>'), pieces.BREAK),
    "quote": (Markup('<blockquote dir="auto">%s</blockquote>'), pieces.BREAK),
    "bullets": (Markup("<ul>%s</ul>"), _NOTHING),
    "numbers": (Markup("<ol>%s</ol>"), _NOTHING),
}


def block(text: str) -> Markup:
    """The text of a markdown block."""
    drawn = []
    for place, part in enumerate(_FENCE.split(text)):
        if place % 2:
            drawn.append(_FENCED % escape(part.removesuffix("\n")))
        else:
            drawn += [_paragraph(one) for one in _EMPTY_LINE.split(part)]
    return pieces.joined(drawn)


def _paragraph(text: str) -> Markup:
    """What stands between two empty lines: each run of lines of one kind becomes one element."""
    drawn = []
    lines = [_line(one) for one in text.split("\n") if one.strip()]
    for kind, run in groupby(lines, key=lambda one: one[0]):
        around, between = _RUNS[kind]
        drawn.append(around % between.join(words for _, words in run))
    return pieces.joined(drawn)


def _line(line: str) -> tuple[str, Markup]:
    """The kind of run that a line belongs to, and what it adds to it."""
    if _RULE.fullmatch(line):
        return "whole", _RULED
    if heading := _HEADING.fullmatch(line):
        level = len(heading[1])
        return "whole", _HEADED % (level, min(level + 2, 6), _words(heading[2].rstrip(" #")))
    if quote := _QUOTE.fullmatch(line):
        return "quote", _words(quote[1])
    item = _ITEM.fullmatch(line)
    if item and item["number"]:
        return "numbers", _NUMBERED % (int(item["number"]), _words(item["words"]))
    if item:
        return "bullets", _BULLET % _words(item["words"])
    return "words", _words(line)


def _words(text: str, depth: int = 0) -> Markup:
    if depth == _DEEPEST:
        return pieces.plain(text)
    drawn, last = [], 0
    for found in _INLINE.finditer(text):
        drawn += [pieces.plain(text[last : found.start()]), _inline(found, depth + 1)]
        last = found.end()
    return pieces.joined([*drawn, pieces.plain(text[last:])])


def _inline(found: re.Match[str], depth: int) -> Markup:
    if found["code"]:
        return pieces.styled(escape(found["code"]), "code")
    if found["url"]:
        return pieces.link(found["url"], _words(found["words"], depth))
    style = next(one for one in _STYLES if found[one])
    return pieces.styled(_words(found[style], depth), style)
