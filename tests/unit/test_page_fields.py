"""Elements in the page carry what the page's script and assistive technology go by, and show what they hold."""

import json
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox.page.place import Json, Place
from bot.sandbox.slack.elements import values_of
from tests.unit.block_kit_parts import actions, asked, button, confirm, modal, mrkdwn, option, plain, section, typed
from tests.unit.page_reading import CONVERSATIONS, MODAL, RINA, Drawn, pen, read

_PEN = pen()


def drawn(*blocks: Json, place: Place = MODAL) -> Drawn:
    """The blocks, each named b0, b1, … unless it has a name."""
    named = [{"block_id": f"b{number}", **block} for number, block in enumerate(blocks)]
    return read(_PEN.blocks(named, place, RINA))


def held(element: Json, block: Json | None = None, **state: object) -> Drawn:
    """The element in an input block, holding this."""
    given = block or asked(element)
    values = {("b0", element["action_id"]): {"type": element["type"], **state}}
    return drawn(given, place=replace(MODAL, values=values, conversations=CONVERSATIONS))


def of_type(kind: str, **more: object) -> Json:
    """An element."""
    return {"type": kind, "action_id": "act", **more}


def chosen(seen: Drawn, tag: str, mark: str) -> list[str]:
    """The values of what is marked as chosen."""
    return [one["value"] for one in seen.all(tag) if mark in one]


def test_a_button() -> None:
    """It says what is pressed, what is asked first and where it leads; screen readers may get other words."""
    ask = confirm(title=plain("Sure?"), text=mrkdwn("*Stop* <!date^1795442700^{time}|x> :x:"), style="danger")
    seen = drawn(
        actions(button(style="primary", accessibility_label="Cancel E-1", confirm=ask)),
        actions(button(url="http://127.0.0.1:3000/consent"), button(action_id="b", url="javascript:alert(1)")),
    )
    pressed, link, nowhere = seen.all("button", type="button", data_press="")
    assert ("btn btn-primary", "Cancel E-1") == (pressed["class"], pressed["aria-label"])
    assert ("b0", "press", "button") == tuple(pressed[f"data-{name}"] for name in ("block", "action", "type"))
    asking = {"title": "Sure?", "text": "Stop 15:05 ❌", "confirm": "Yes", "deny": "No", "style": "danger"}
    assert asking == json.loads(pressed["data-confirm"])
    assert "http://127.0.0.1:3000/consent" == link["data-url"]
    assert {"data-url", "data-confirm", "aria-label", "data-dispatch"}.isdisjoint(nowhere)


def test_an_overflow_menu() -> None:
    """A menu that opens by itself, one button for each option."""
    menu = of_type("overflow", options=[option("Edit", "e"), option("Open", "o", url="https://x.example")])
    seen = drawn(section(accessory=menu))
    assert "act" == seen.one("details", data_type="overflow")["data-action"]
    assert "More actions" == seen.one("summary")["aria-label"]
    assert [("e", None), ("o", "/outside?to=https%3A%2F%2Fx.example")] == [
        (one["data-option"], one.get("data-url")) for one in seen.all("button")
    ]


def test_a_field_is_named_and_told_about() -> None:
    """Label, hint and error belong to the field by their ids; what is needed and what is wrong is said to everybody."""
    place = replace(MODAL, errors={"b0": "Type <SELECT>.", "b9": "nowhere"})
    seen = drawn(asked(typed(focus_on_load=True), hint=plain("One SELECT")), asked(typed(), optional=True), place=place)
    first, second = seen.all("input", type="text")
    assert first["id"] == seen.all("label")[0]["for"]
    assert [f"{first['id']}-hint {first['id']}-error", "true", "true", ""] == [
        first[name] for name in ("aria-describedby", "aria-invalid", "aria-required", "autofocus")
    ]
    assert "alert" == seen.one("p", class_="error", id=f"{first['id']}-error")["role"]
    assert seen.one("p", class_="hint", id=f"{first['id']}-hint")
    assert {"aria-describedby", "aria-invalid", "aria-required", "autofocus"}.isdisjoint(second)
    assert ["field has-error", "field"] == [one["class"] for one in seen.all("div")]
    assert "Type <SELECT>." in seen.words
    assert 1 == seen.words.count("(optional)")
    assert "nowhere" not in seen.words


def test_what_is_told_to_the_bot_at_once() -> None:
    """Everything outside of input blocks, and input blocks that say so; typing tells when it is told."""
    config = {"trigger_actions_on": ["on_enter_pressed", "on_character_entered"]}
    seen = drawn(
        asked(typed()),
        asked(typed(dispatch_action_config=config), dispatch_action=True),
        section(accessory=of_type("datepicker")),
    )
    quiet, telling, beside = seen.all("input")
    assert ("data-dispatch" in quiet, quiet["data-on"]) == (False, "on_enter_pressed")
    assert ("data-dispatch" in telling, telling["data-on"]) == (True, "on_enter_pressed on_character_entered")
    assert "data-dispatch" in beside


def test_what_was_typed_is_shown() -> None:
    """Over several lines with the empty first one, within its lengths; the initial value until something is typed."""
    many = typed(multiline=True, initial_value="old", min_length=2, max_length=9, placeholder=plain("P"))
    for value, shown in (("\nnew <b>", "\nnew &lt;b&gt;"), (None, ""), ("", "")):
        values = {("b0", "type"): {"value": value}}
        html = _PEN.blocks([{**asked(many), "block_id": "b0"}], replace(MODAL, values=values), RINA)
        # A browser drops the first line break of a text area.
        assert f">\n{shown}</textarea>" in html
        area = read(html).one("textarea")
        assert ("2", "9", "P") == (area["minlength"], area["maxlength"], area["placeholder"])
    assert "old" in drawn(asked(many)).words
    assert "new" == held(typed(initial_value="old"), value="new").one("input")["value"]


def test_fields_of_their_own_kind() -> None:
    """Numbers, addresses, days and times; a day and time is one of the reader's own clock."""
    number = of_type("number_input", is_decimal_allowed=False, min_value="1", max_value="9")
    seen = held(number, value="5").one("input", type="text", inputmode="numeric", value="5")
    assert ("1", "9") == (seen["data-least"], seen["data-most"])
    assert held(of_type("email_text_input"), value="a@b.c").one("input", type="email", value="a@b.c")
    assert held(of_type("url_text_input"), value="http://x").one("input", type="url", value="http://x")
    assert held(of_type("datepicker"), selected_date="2026-11-23").one("input", type="date", value="2026-11-23")
    assert held(of_type("timepicker"), selected_time="14:05").one("input", type="time", value="14:05")
    later = held(of_type("datetimepicker"), selected_date_time=1795442700).one("input", type="datetime-local")
    assert ("2026-11-23T15:05", "Europe/Berlin") == (later["value"], later["data-zone"])
    there = replace(RINA, zone=ZoneInfo("America/New_York"))
    first = asked(of_type("datetimepicker", initial_date_time=1795442700))
    assert 'value="2026-11-23T09:05"' in _PEN.blocks([first], MODAL, there)


@pytest.mark.parametrize(("optional", "marks"), [(False, {"disabled", "selected"}), (True, {"selected"})])
def test_a_menu_that_nothing_was_chosen_in(optional: bool, marks: set[str]) -> None:
    """It shows its placeholder, which can be chosen again only where nothing has to be chosen."""
    menu = of_type("static_select", options=[option("One", "1")], placeholder=plain("Pick :x:"))
    seen = held(menu, asked(menu, optional=optional), selected_option=None)
    empty, one = seen.all("option")
    assert ({"value", *marks}, {"value"}) == (set(empty), set(one))
    assert "Pick ❌" in seen.words


def test_a_menu_with_groups() -> None:
    """Groups are told, descriptions stand behind the words, and what is held is chosen."""
    groups = [
        {"label": plain("First"), "options": [option("One", "1", description=plain("the one"))]},
        {"label": plain("Second"), "options": [option("Two", "2")]},
    ]
    seen = held(of_type("static_select", option_groups=groups), selected_option=option("Two", "2"))
    assert ["First", "Second"] == [one["label"] for one in seen.all("optgroup")]
    assert "One · the one" in seen.words
    assert ["2"] == chosen(seen, "option", "selected")


PEOPLE = {
    "users_select": ["U0OPERATOR", "U0REQUESTER"],
    "conversations_select": ["C0REVOPS", "G0SECRET", "C0SHARED", "D0BOT"],
    "channels_select": ["C0REVOPS", "C0SHARED"],
}
FILTERS = (
    ({"include": ["public", "private"]}, ["C0REVOPS", "G0SECRET", "C0SHARED"]),
    ({"include": ["public"], "exclude_external_shared_channels": True}, ["C0REVOPS"]),
    ({"include": ["im"]}, ["D0BOT"]),
    ({"exclude_bot_users": True}, ["C0REVOPS", "G0SECRET", "C0SHARED"]),
)


@pytest.mark.parametrize(("kind", "offered"), PEOPLE.items())
def test_menus_of_the_workspace(kind: str, offered: Sequence[str]) -> None:
    """They offer who and what there is."""
    seen = held(of_type(kind))
    assert ["", *offered] == [one["value"] for one in seen.all("option")]
    assert ("#secret (private)" in seen.words) == (kind == "conversations_select")


@pytest.mark.parametrize(("wanted", "offered"), FILTERS)
def test_menus_of_some_conversations(wanted: Json, offered: Sequence[str]) -> None:
    """A filter leaves the others out."""
    seen = held(of_type("conversations_select", filter=wanted))
    assert ["", *offered] == [one["value"] for one in seen.all("option")]


def test_a_chosen_channel_that_is_not_offered_is_shown() -> None:
    """What the bot will be told is what is seen."""
    seen = held(of_type("conversations_select"), selected_conversation="C0OTHER")
    assert ["C0OTHER"] == chosen(seen, "option", "selected")
    assert "#other" in seen.words


def test_a_menu_that_asks_the_bot() -> None:
    """It is a combobox with a list of its own, and shows the words of what it holds."""
    seen = held(of_type("external_select", min_query_length=0), selected_option=option("Q4 <b>", "9"))
    box = seen.one("input", role="combobox", aria_expanded="false", autocomplete="off")
    assert ("Q4 <b>", "9") == (box["value"], box["data-value"])
    assert box["aria-controls"] == seen.one("div", role="listbox", hidden="")["id"]
    assert "0" == seen.one("div", class_="combo", data_combo="")["data-least"]
    assert "3" == drawn(asked(of_type("external_select"))).one("div", data_combo="")["data-least"]
    many = held(of_type("multi_external_select", max_selected_items=2), selected_options=[option("A", "a")])
    assert ["a"] == [one["data-value"] for one in many.all("li")]
    assert "2" == many.one("div", data_combo="", data_many="")["data-most"]


def test_groups_of_boxes_have_a_legend() -> None:
    """Radio buttons and checkboxes are one group each, with words in mrkdwn, and what is held is ticked."""
    options = [{"text": mrkdwn("*A*"), "value": "a", "description": mrkdwn("`d`")}, option("B", "b")]
    radio = held(of_type("radio_buttons", options=options, focus_on_load=True), selected_option=options[1])
    group = radio.one("fieldset", role="radiogroup", aria_required="true", data_type="radio_buttons")
    assert [group["id"]] * 2 == [one["name"] for one in radio.all("input", type="radio")]
    assert ["b"] == chosen(radio, "input", "checked")
    assert ["a"] == chosen(radio, "input", "autofocus")
    assert [1, 1, 1] == [len(radio.all(tag)) for tag in ("legend", "strong", "code")]
    boxes = held(of_type("checkboxes", options=options), selected_options=options)
    assert ["a", "b"] == chosen(boxes, "input", "checked")
    assert {"data-many", "data-action"} <= set(boxes.one("fieldset"))
    many = of_type("multi_static_select", options=[option("B", "b")], max_selected_items=1)
    assert ["b"] == chosen(held(many, selected_options=[option("B", "b")]), "input", "checked")
    assert "1" == held(many).one("fieldset", data_many="")["data-most"]


def test_files() -> None:
    """What may be chosen, how many, and what is attached already."""
    one = of_type("file_input", filetypes=["sql", "txt"], max_files=1)
    seen = held(one, files=[{"id": "F1", "name": "renewals.sql", "size": 4210}])
    field = seen.one("input", type="file")
    assert (".sql,.txt", False) == (field["accept"], "multiple" in field)
    assert "renewals.sql, 4,210 bytes" in seen.words
    assert "multiple" in drawn(asked(of_type("file_input"))).one("input")


def test_what_stands_alone_has_a_name() -> None:
    """An element without a label is named by the words beside it, or by those in it, or by its kind."""
    menu = of_type("static_select", options=[option()])
    seen = drawn(
        section(accessory=menu),
        actions({**menu, "placeholder": plain("Pick")}, of_type("datepicker") | {"action_id": "day"}),
        {"type": "section", "fields": [plain()], "accessory": of_type("checkboxes", options=[option()])},
    )
    first, second = seen.all("select")
    assert first["aria-labelledby"] == seen.all("div", class_="words")[0]["id"]
    assert "Pick" == second["aria-label"]
    assert "Date" == seen.one("input", type="date")["aria-label"]
    assert "Choose" == seen.one("fieldset")["aria-label"]


def test_values_of_a_view_are_those_it_was_opened_with() -> None:
    """Drawn from the state that the sandbox's Slack keeps, a view shows what it shows without any."""
    view = modal(
        {**asked(typed(initial_value="a")), "block_id": "one"},
        {**asked(of_type("datepicker", initial_date="2026-11-23")), "block_id": "two"},
        {**asked(of_type("radio_buttons", options=[option()], initial_option=option())), "block_id": "three"},
    )
    kept = replace(MODAL, values=values_of(view))
    assert _PEN.blocks(view["blocks"], MODAL, RINA) == _PEN.blocks(view["blocks"], kept, RINA)


@pytest.mark.parametrize("level", ["default", "info", "warning", "error", "success"])
def test_an_alert_has_an_icon_and_a_word(level: str) -> None:
    """Its color is not all that tells it; an error is told at once."""
    seen = drawn({"type": "alert", "level": level, "text": plain("Text")})
    words = {"default": "Note", "info": "Information"}.get(level, level.title())
    assert seen.one("span", class_="alert-icon", aria_hidden="true")
    assert f"{words}:" in seen.words
    assert ("alert" if level == "error" else "note") == seen.one("div", class_=f"alert alert-{level}")["role"]
