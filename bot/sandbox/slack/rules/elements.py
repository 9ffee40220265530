"""The interactive elements: their keys, their slackblocks classes, and what slackblocks lets through and Slack not."""

from typing import Any

import slackblocks as sb

from bot.sandbox.slack.rules.objects import (
    CONFIRM,
    DISPATCH,
    FILTER,
    ONLY_PLAIN,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    RICH_OPTION,
    initial_is_offered,
    options_once,
    type_is,
)
from bot.sandbox.slack.rules.shapes import Json, Key, Kind, Notes, Shape, boolean, integer, many, one_of, string, url

_ACTION = {"action_id": Key(string(1, 255))}
_CONFIRM = {"confirm": Key(CONFIRM)}
_FOCUS = {"focus_on_load": Key(boolean)}
_HINT = {"placeholder": Key(ONLY_PLAIN)}
_DISPATCH = {"dispatch_action_config": Key(DISPATCH)}
_MOST = {"max_selected_items": Key(integer(1))}
_COMMON = _ACTION | _CONFIRM | _FOCUS
_SELECT = _COMMON | _HINT
# slackblocks compares initial options by identity, and wants a group where there are groups: checked here instead.
_INITIAL = {"initial_option": Key(OPTION, to=None)}
_INITIALS = {"initial_options": Key(many(OPTION), to=None)}
_OPTIONS = {"options": Key(many(OPTION, 1, 100)), "option_groups": Key(many(OPTION_GROUP, 1, 100))}


def _element(name: str, make: Any, *parts: dict[str, Key], also: Any = None, **keys: Key) -> Shape:
    listed: dict[str, Key] = {"type": type_is(name)}
    for part in parts:
        listed |= part
    return Shape(listed | keys, make, also)


def _fits(value: Json, pointer: str, notes: Notes) -> None:
    """Slack refuses a value to begin with that could not be typed."""
    size = len(value.get("initial_value", ""))
    if size > value.get("max_length", 3000):
        notes.wrong(f"{pointer}/initial_value", "must be less than max_length")
    if size and size < value.get("min_length", 0):
        notes.wrong(f"{pointer}/initial_value", "must be more than min_length")


def _multi_static(options: Any = None, option_groups: Any = None, **more: Any) -> Any:
    # slackblocks wants `options` always; groups are judged by their own shape.
    offered = options or [one for group in option_groups or [] for one in group.options]
    return sb.StaticMultiSelectMenu(options=offered[:100], **more)


_INPUTS = _ACTION | _FOCUS | _HINT | _DISPATCH
_VALUE = {"initial_value": Key(string(0, 3000))}

ELEMENTS: dict[str, Kind] = {
    "button": _element(
        "button",
        sb.Button,
        _ACTION,
        _CONFIRM,
        text=Key(ONLY_PLAIN, needed=True),
        url=Key(url),
        value=Key(string(1, 2000)),
        style=Key(one_of("primary", "danger")),
        accessibility_label=Key(string(1, 75)),
    ),
    "plain_text_input": _element(
        "plain_text_input",
        sb.PlainTextInput,
        _INPUTS,
        _VALUE,
        also=_fits,
        multiline=Key(boolean),
        min_length=Key(integer(0, 3000)),
        max_length=Key(integer(1, 3000)),
    ),
    "number_input": _element(
        "number_input",
        sb.NumberInput,
        _INPUTS,
        _VALUE,
        is_decimal_allowed=Key(boolean, needed=True),
        min_value=Key(string()),
        max_value=Key(string()),
    ),
    "email_text_input": _element("email_text_input", sb.EmailInput, _INPUTS, _VALUE),
    "url_text_input": _element("url_text_input", sb.URLInput, _INPUTS, _VALUE),
    "file_input": _element(
        "file_input",
        sb.FileInput,
        _ACTION,
        filetypes=Key(many(string())),
        max_files=Key(integer(1, 10)),
    ),
    "static_select": _element("static_select", sb.StaticSelectMenu, _SELECT, _OPTIONS, _INITIAL, also=options_once),
    "external_select": _element(
        "external_select", sb.ExternalSelectMenu, _SELECT, _INITIAL, min_query_length=Key(integer(0))
    ),
    "multi_static_select": _element(
        "multi_static_select", _multi_static, _SELECT, _MOST, _OPTIONS, _INITIALS, also=options_once
    ),
    "multi_external_select": _element(
        "multi_external_select",
        sb.ExternalMultiSelectMenu,
        _SELECT,
        _MOST,
        _INITIALS,
        min_query_length=Key(integer(0)),
    ),
    "conversations_select": _element(
        "conversations_select",
        sb.ConversationSelectMenu,
        _SELECT,
        initial_conversation=Key(string()),
        default_to_current_conversation=Key(boolean),
        response_url_enabled=Key(boolean),
        filter=Key(FILTER),
    ),
    "channels_select": _element(
        "channels_select",
        sb.ChannelSelectMenu,
        _SELECT,
        initial_channel=Key(string()),
        response_url_enabled=Key(boolean),
    ),
    "users_select": _element("users_select", sb.UserSelectMenu, _SELECT, initial_user=Key(string())),
    "radio_buttons": _element(
        "radio_buttons",
        sb.RadioButtonGroup,
        _COMMON,
        also=initial_is_offered,
        options=Key(many(RICH_OPTION, 1, 10), needed=True),
        initial_option=Key(RICH_OPTION, to=None),
    ),
    "checkboxes": _element(
        "checkboxes",
        sb.CheckboxGroup,
        _COMMON,
        also=initial_is_offered,
        options=Key(many(RICH_OPTION, 1, 10), needed=True),
        initial_options=Key(many(RICH_OPTION), to=None),
    ),
    "overflow": _element(
        "overflow", sb.OverflowMenu, _ACTION, _CONFIRM, options=Key(many(OVERFLOW_OPTION, 1, 5), needed=True)
    ),
    "datepicker": _element("datepicker", sb.DatePicker, _SELECT, initial_date=Key(string(10, 10))),
    "timepicker": _element(
        "timepicker", sb.TimePicker, _SELECT, initial_time=Key(string(5, 5)), timezone=Key(string())
    ),
    "datetimepicker": _element(
        "datetimepicker",
        sb.DateTimePicker,
        _COMMON,
        initial_date_time=Key(integer(10**9, 10**10 - 1), to="initial_datetime"),
    ),
    "image": _element("image", sb.Image, image_url=Key(url, needed=True), alt_text=Key(string(1, 2000), needed=True)),
}

_SELECTS = {"static_select", "external_select", "conversations_select", "channels_select", "users_select"}
_MULTIS = {"multi_static_select", "multi_external_select"}
_PICKERS = {"radio_buttons", "checkboxes", "datepicker", "timepicker"}
_TYPED = {"plain_text_input", "number_input", "email_text_input", "url_text_input", "file_input"}


def _these(names: set[str]) -> dict[str, Kind]:
    return {name: ELEMENTS[name] for name in names}


IN_ACTIONS = _these(_SELECTS | _PICKERS | {"button", "overflow", "datetimepicker"})
IN_SECTION = _these(_SELECTS | _MULTIS | _PICKERS | {"button", "overflow", "image"})
IN_INPUT = _these(_SELECTS | _MULTIS | _PICKERS | _TYPED | {"datetimepicker"})
