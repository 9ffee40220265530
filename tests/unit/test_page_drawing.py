"""Everything that the bot shows, and everything that Slack takes, is drawn; text from outside stays text."""

import functools
import re
from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.page.place import Json, Place
from bot.sandbox.slack.rules.elements import ELEMENTS, IN_ACTIONS, IN_INPUT
from tests.property import view_gallery
from tests.property.test_views_hostile import HOSTILE
from tests.unit.block_kit_good import GOOD_MESSAGES, GOOD_VIEWS
from tests.unit.block_kit_parts import actions, asked, confirm, mrkdwn, option, paragraph, plain, rich, section, words
from tests.unit.page_reading import CONVERSATIONS, HOME, MESSAGE, MODAL, RINA, Drawn, pen, read

HTML = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)> <b onclick=x>bold</b><!-- --></div></p>",
    "<javascript:alert(1)|press> javascript:alert(1) <https://evil.example/\"onmouseover='x|press>",
)
_TAGS = re.compile(
    "a|bdi|blockquote|br|button|code|details|div|em|fieldset|figcaption|figure|h3|hr|input|label|legend|li|ol|optgroup"
    "|option|p|pre|s|select|span|strong|summary|table|tbody|td|textarea|th|thead|time|tr|u|ul"
)
_ATTRIBUTES = re.compile(
    "accept|autocomplete|autofocus|checked|class|datetime|dir|disabled|for|hidden|href|id|inputmode|label|maxlength"
    "|minlength|multiple|name|placeholder|rel|role|rows|scope|selected|spellcheck|start|tabindex|target|title|type"
    "|value|(data|aria)-[a-z]+"
)
_ADDRESSES = re.compile(r"/outside\?to=[\w%.~-]*|go/[A-Z0-9]+/\d+\.\d{6}|https?://(?:127\.0\.0\.1|localhost)[:/?#].*")
_PEN = pen()


@functools.lru_cache(maxsize=4096)
def judged(drawn: str) -> Drawn:
    """What was read, after it was found to be nothing but what the templates draw."""
    seen = read(drawn)
    for one in seen.elements:
        assert _TAGS.fullmatch(one.tag), one
        assert all(map(_ATTRIBUTES.fullmatch, one.attributes)), one
        for name in ("href", "data-url"):
            assert _ADDRESSES.fullmatch(one.attributes.get(name, "go/C1/1.000000")), one
    return seen


def without_warning(drawn: str) -> Drawn:
    """What was read; everything could be drawn."""
    seen = judged(drawn)
    assert [] == [one for one in seen.elements if "data-undrawn" in one.attributes]
    return seen


def drawn_whole(shown: Json, place: Place) -> Drawn:
    """A view or message without any warning, and with no id twice."""
    seen = without_warning(_PEN.blocks(shown["blocks"], place, RINA))
    assert len(seen.ids) == len(set(seen.ids))
    return seen


def place_of(view: Json) -> Place:
    """Where the view stands."""
    return Place(view["type"], "v1", conversations=CONVERSATIONS)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["Q4 Renewal", *(HOSTILE[number] for number in (0, 4, 5, 8)), *HTML])
def test_everything_the_bot_shows_is_drawn_and_outside_text_stays_text(text: str) -> None:
    """No view and no message has a block that is left out, and none a tag, attribute or address of somebody else."""
    shown = [(one, place_of(one)) for one in view_gallery.views(text, 1225)]
    shown += [(one, MESSAGE) for one in view_gallery.messages(text, 1225)]
    # Most messages differ in a block or two: each block is drawn once.
    blocks = {(place.surface, str(block)): (block, place) for one, place in shown for block in one["blocks"]}
    assert len(blocks) > 300
    for block, place in blocks.values():
        without_warning(_PEN.blocks([block], place, RINA))
    for said in {one["text"] for one, _ in shown if "text" in one}:
        judged(_PEN.words(said, RINA))


def test_no_view_of_the_bot_has_an_id_twice() -> None:
    """Labels, hints and errors name the one element that they belong to."""
    for view in view_gallery.views("Q4 Renewal", 1225):
        drawn_whole(view, place_of(view))


@pytest.mark.parametrize("view", GOOD_VIEWS.values(), ids=GOOD_VIEWS.keys())
def test_every_good_view_is_drawn(view: Json) -> None:
    """What Slack takes in a view is drawn."""
    drawn_whole(view, place_of(view))


@pytest.mark.parametrize("message", GOOD_MESSAGES.values(), ids=GOOD_MESSAGES.keys())
def test_every_good_message_is_drawn(message: Json) -> None:
    """What Slack takes in a message is drawn."""
    drawn_whole({"blocks": [], **message}, MESSAGE)


def of_kind(kind: str) -> Json:
    """An element of this kind, with what it needs."""
    more: dict[str, Json] = {
        "button": {"text": plain()},
        "image": {"image_url": "https://example.com/a.png", "alt_text": "A picture"},
        "number_input": {"is_decimal_allowed": True},
        **{name: {"options": [option()]} for name in ("static_select", "multi_static_select")},
        **{name: {"options": [option()]} for name in ("radio_buttons", "checkboxes", "overflow")},
    }
    return {"type": kind, "action_id": "act", **more.get(kind, {})}


@pytest.mark.parametrize("kind", ELEMENTS)
def test_every_element_that_slack_knows_is_drawn(kind: str) -> None:
    """Each where it may stand: in an input block, among actions, or beside words."""
    wrap: Callable[[Json], Json] = asked if kind in IN_INPUT else actions if kind in IN_ACTIONS else beside
    assert "data-undrawn" not in _PEN.blocks([wrap(of_kind(kind))], MODAL, RINA)


def beside(element: Json) -> Json:
    """A section with this accessory."""
    return section(accessory=element)


UNDRAWN: dict[str, tuple[Any, Place, str]] = {
    "an unknown block": ({"type": "carousel", "elements": []}, MESSAGE, "carousel"),
    "an alert in a message": ({"type": "alert", "text": plain()}, MESSAGE, "alert in a message"),
    "a table in a modal": ({"type": "table", "rows": []}, MODAL, "table in a modal"),
    "markdown in a Home": ({"type": "markdown", "text": "x"}, HOME, "markdown in a home"),
    "an unknown element": (actions({"type": "icon_button", "action_id": "x"}), MESSAGE, "icon_button"),
    "an unknown accessory": (beside({"type": "workflow_button"}), MESSAGE, "workflow_button"),
    "an unknown input": (asked({"type": "rich_text_input", "action_id": "x"}), MODAL, "rich_text_input"),
    "a text input among actions": (actions(of_kind("plain_text_input")), MODAL, "plain_text_input"),
    "a file input in a message": (asked(of_kind("file_input")), MESSAGE, "file_input"),
    "a number input in a Home": (asked(of_kind("number_input")), HOME, "number_input"),
    "an unknown part of rich text": (rich({"type": "rich_text_video", "elements": []}), MESSAGE, "rich_text_video"),
    "an unknown element of rich text": (rich(paragraph({"type": "tag", "text": "x"})), MESSAGE, "tag"),
    "an unknown cell": ({"type": "table", "rows": [[{"type": "raw_number", "value": 1}]]}, MESSAGE, "raw_number"),
    "a hostile type": ({"type": "<script>"}, MESSAGE, "<script>"),
}


@pytest.mark.parametrize(("block", "place", "kind"), UNDRAWN.values(), ids=UNDRAWN.keys())
def test_what_cannot_be_drawn_says_so(block: Json, place: Place, kind: str) -> None:
    """One warning, which names it, and what stands beside it is drawn all the same."""
    seen = judged(_PEN.blocks([section("before"), block, section("after")], place, RINA))
    (warning,) = [one.attributes for one in seen.elements if "data-undrawn" in one.attributes]
    assert {"class": "undrawn", "role": "alert", "data-undrawn": ""} == warning
    assert f"The sandbox cannot draw this: {kind}" in seen.words
    assert "before" in seen.words
    assert "after" in seen.words


def test_hostile_ids_and_values_stay_attributes() -> None:
    """Ids and values come back unharmed, and make different ids in the page however they look alike."""
    hostile = '"><script x="'
    blocks = [
        {**actions({**of_kind("button"), "action_id": f"a{mark}b", "confirm": confirm(text=mrkdwn(f"*{hostile}*"))})}
        | {"block_id": f"{hostile}{mark}{number}"}
        for number, mark in enumerate((":", "-", "_", " ", "é", "\ud800"))
    ]
    seen = judged(_PEN.blocks([*blocks, beside_options(hostile)], MODAL, RINA))
    assert [f"{hostile}{mark}{n}" for n, mark in enumerate((":", "-", "_", " ", "é", "\ufffd"))] == [
        one["data-block"] for one in seen.all("button")
    ]
    assert [hostile] == [one["value"] for one in seen.all("option") if one["value"]]
    assert len(seen.ids) == len(set(seen.ids))
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", one) for one in seen.ids)


def beside_options(value: str) -> Json:
    """A section with a menu of one option of this value."""
    return beside({"type": "static_select", "action_id": "pick", "options": [option(value, value)]})


def test_a_table_has_a_head_and_its_columns_are_aligned() -> None:
    """The first row names the columns; a column that nobody set stands on the left."""
    cells = [[{"type": "raw_text", "text": one} for one in row] for row in (("Reason", "Rows"), ("no id", "12"))]
    cells[1][0] = rich(paragraph(words("no id", bold=True)))
    table = {"type": "table", "rows": cells, "column_settings": [{}, {"align": "right", "is_wrapped": True}]}
    seen = judged(_PEN.blocks([table], MESSAGE, RINA))
    assert ["align-left", "align-right wrapped"] == [one["class"] for one in seen.all("th", scope="col")]
    assert ["align-left", "align-right wrapped"] == [one["class"] for one in seen.all("td")]
    assert ["Reason", "Rows", "no", "id", "12"] == seen.words.split()


def test_a_picture_is_told_and_not_fetched() -> None:
    """Its words stand for it."""
    picture = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A chart", "title": plain("May")}
    drawn = _PEN.blocks([picture], MESSAGE, RINA)
    assert "example.com" not in drawn
    assert "Picture, not fetched because nothing leaves this machine: A chart" in judged(drawn).words


def test_markdown_is_drawn_simply() -> None:
    """Headings, lists, quotes, code and what stands in lines; the rest stays typed."""
    line = "Some **bold** and *italic* `co*de*` [link](https://example.com)"
    text = f"# One\n\n{line}\n- a\n- b\n\n1. c\n> q\n```sql\n<x>\n```"
    assert (
        '<p class="md-heading md-heading-1" role="heading" aria-level="3" dir="auto">One</p>'
        '<p dir="auto">Some <strong>bold</strong> and <em>italic</em> <code>co*de*</code> '
        '<a href="/outside?to=https%3A%2F%2Fexample.com" rel="noreferrer" target="_blank"><bdi>link</bdi></a></p>'
        '<ul><li dir="auto">a</li><li dir="auto">b</li></ul>'
        '<ol><li value="1" dir="auto">c</li></ol><blockquote dir="auto">q</blockquote>'
        "<pre><code>&lt;x&gt;</code></pre>"
    ) == _PEN.blocks([{"type": "markdown", "text": text}], MESSAGE, RINA).split(">", 1)[1].removesuffix("</div>\n")
