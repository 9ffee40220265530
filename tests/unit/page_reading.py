"""Drawn HTML as a strict reader sees it: every tag and attribute, the words, and whether all is well-formed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.sandbox import page
from bot.sandbox.page.pen import Pen
from bot.sandbox.page.place import Conversation, Place, Reader

_VOID = frozenset({"br", "hr", "input"})
# What may hold words alone, and what is more than words (HTML: phrasing content).
_ONLY_WORDS = frozenset(
    {"a", "bdi", "button", "code", "em", "h3", "label", "legend", "p", "pre", "s", "span", "strong"}
)
_MORE_THAN_WORDS = frozenset(
    {"blockquote", "details", "div", "fieldset", "figure", "h3", "hr", "ol", "p", "pre", "table", "ul"}
)

RINA = Reader(
    id="U0REQUESTER",
    zone=ZoneInfo("Europe/Berlin"),
    now=datetime(2026, 11, 23, 14, 5, tzinfo=UTC),
    people={"U0REQUESTER": "rina", "U0OPERATOR": "olga"},
    channels={"C0REVOPS": "revops", "C0OTHER": "other"},
    groups={"S0REVOPS": "revops"},
)
MESSAGE, MODAL, HOME = Place("message", "m1"), Place("modal", "v1"), Place("home", "h1")
CONVERSATIONS = (
    Conversation("C0REVOPS", "revops"),
    Conversation("G0SECRET", "secret", is_private=True),
    Conversation("C0SHARED", "shared", is_shared=True),
    Conversation("D0BOT", "Enroll Flow", is_im=True, with_bot=True),
)


def pen() -> Pen:
    """A pen with the page's own templates."""
    return Pen(Path(page.__path__[0]) / "templates")


@dataclass(frozen=True, slots=True)
class Element:
    """A start tag."""

    tag: str
    attributes: dict[str, str]


@dataclass(slots=True)
class Drawn:
    """What was read."""

    elements: list[Element] = field(default_factory=list)
    words: str = ""
    wrong: list[str] = field(default_factory=list)

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """The attributes of every such element; `data_type` is written for data-type."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        found = [one.attributes for one in self.elements if one.tag == tag]
        return [one for one in found if wanted.items() <= one.items()]

    def one(self, tag: str, **attributes: str) -> dict[str, str]:
        """The attributes of the only such element."""
        (found,) = self.all(tag, **attributes)
        return found

    @property
    def ids(self) -> list[str]:
        """Every id, in order."""
        return [one.attributes["id"] for one in self.elements if "id" in one.attributes]


class _Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.drawn = Drawn()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len({name for name, _ in attrs}) < len(attrs):
            self.drawn.wrong.append(f"<{tag}> has an attribute twice")
        if tag in _MORE_THAN_WORDS and _ONLY_WORDS & set(self.open):
            self.drawn.wrong.append(f"<{tag}> in {self.open}")
        self.drawn.elements.append(Element(tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.drawn.wrong.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.drawn.words += data

    def handle_comment(self, data: str) -> None:
        self.drawn.wrong.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.drawn.wrong.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.drawn.wrong.append("an instruction")

    def unknown_decl(self, data: str) -> None:
        self.drawn.wrong.append("a declaration")


def read(drawn: str) -> Drawn:
    """What stands in the HTML; it has to be one that can be sent, well-formed and balanced."""
    drawn.encode()
    reader = _Strict()
    reader.feed(str(drawn))  # the parser takes it apart, and parts of Markup would be escaped anew
    reader.close()
    assert [] == reader.drawn.wrong
    assert [] == reader.open
    return reader.drawn
