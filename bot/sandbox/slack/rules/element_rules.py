"""Interactive elements: what each needs, may have, and how long (docs: block elements)."""

from collections.abc import Callable, Mapping

from bot.sandbox.slack.rules import texts
from bot.sandbox.slack.rules.problem import Json, Walk

Rule = Callable[[Walk, Json, str], None]

_COMMON = ("confirm", "focus_on_load")
_SELECT = ("action_id",)


def element(walk: Walk, value: object, pointer: str, *, allowed: frozenset[str]) -> None:
    """One element of a kind that may stand here."""
    if not isinstance(value, dict) or value.get("type") not in RULES:
        walk.problem(f"{pointer}/type", "unsupported type")
        return
    if value["type"] not in allowed:
        walk.problem(f"{pointer}/type", f"unsupported type: {value['type']} may not stand here")
        return
    if "action_id" in value:
        walk.words(value["action_id"], f"{pointer}/action_id", 255)
    if value.get("confirm") is not None:
        texts.confirm(walk, value["confirm"], f"{pointer}/confirm")
    if value.get("placeholder") is not None:
        texts.text(walk, value["placeholder"], f"{pointer}/placeholder", 150, plain=True)
    RULES[value["type"]](walk, value, pointer)


def _button(walk: Walk, value: Json, pointer: str) -> None:
    more = ("action_id", "url", "value", "style", "confirm", "accessibility_label")
    if walk.keys(value, pointer, ("text",), more):
        texts.text(walk, value["text"], f"{pointer}/text", 75, plain=True)
    for name, most in (("url", 3000), ("value", 2000), ("accessibility_label", 75)):
        if value.get(name) is not None:
            walk.words(value[name], f"{pointer}/{name}", most)
    if value.get("style") not in (None, "primary", "danger"):
        walk.problem(f"{pointer}/style", "must be primary or danger")


def _plain_text_input(walk: Walk, value: Json, pointer: str) -> None:
    more = ("initial_value", "multiline", "min_length", "max_length", "dispatch_action_config", "focus_on_load")
    walk.keys(value, pointer, _SELECT, (*more, "placeholder"))
    least, most = value.get("min_length", 0), value.get("max_length", 3000)
    if not 0 <= least <= 3000 or not 1 <= most <= 3000 or least > most:
        walk.problem(f"{pointer}/max_length", "min_length is 0 to 3000, max_length 1 to 3000 and not less")
    if value.get("initial_value") is not None:
        walk.words(value["initial_value"], f"{pointer}/initial_value", most, least=0)
    config = value.get("dispatch_action_config")
    if config is not None:
        triggers = walk.many(config.get("trigger_actions_on"), f"{pointer}/dispatch_action_config", 2)
        if not set(triggers) <= {"on_enter_pressed", "on_character_entered"}:
            walk.problem(f"{pointer}/dispatch_action_config", "unknown trigger")


def _static_select(walk: Walk, value: Json, pointer: str) -> None:
    walk.keys(value, pointer, _SELECT, (*_COMMON, "placeholder", "options", "option_groups", "initial_option"))
    offered = texts.options(walk, value, pointer, 100)
    _initial(walk, value, pointer, offered)


def _external_select(walk: Walk, value: Json, pointer: str) -> None:
    walk.keys(value, pointer, _SELECT, (*_COMMON, "placeholder", "min_query_length", "initial_option"))
    if value.get("initial_option") is not None:
        texts.option(walk, value["initial_option"], f"{pointer}/initial_option")


def _conversations_select(walk: Walk, value: Json, pointer: str) -> None:
    more = ("placeholder", "initial_conversation", "default_to_current_conversation", "filter", "response_url_enabled")
    walk.keys(value, pointer, _SELECT, (*_COMMON, *more))
    chosen = value.get("filter")
    if chosen is not None:
        allowed = {"include", "exclude_external_shared_channels", "exclude_bot_users"}
        if not chosen or not chosen.keys() <= allowed:
            walk.problem(f"{pointer}/filter", "unknown or empty filter")


def _users_select(walk: Walk, value: Json, pointer: str) -> None:
    walk.keys(value, pointer, _SELECT, (*_COMMON, "placeholder", "initial_user"))


def _radio_buttons(walk: Walk, value: Json, pointer: str) -> None:
    walk.keys(value, pointer, ("action_id", "options"), (*_COMMON, "initial_option"))
    _initial(walk, value, pointer, texts.options(walk, value, pointer, 10, mrkdwn=True))


def _checkboxes(walk: Walk, value: Json, pointer: str) -> None:
    walk.keys(value, pointer, ("action_id", "options"), (*_COMMON, "initial_options"))
    offered = texts.options(walk, value, pointer, 10, mrkdwn=True)
    for one in value.get("initial_options", []):
        if one not in offered:
            walk.problem(f"{pointer}/initial_options", "not among the options")


def _overflow(walk: Walk, value: Json, pointer: str) -> None:
    if walk.keys(value, pointer, ("action_id", "options"), ("confirm",)):
        for place, one in enumerate(walk.many(value["options"], f"{pointer}/options", 5)):
            texts.option(walk, {name: held for name, held in one.items() if name != "url"}, f"{pointer}/{place}")


def _file_input(walk: Walk, value: Json, pointer: str) -> None:
    walk.keys(value, pointer, _SELECT, ("filetypes", "max_files"))
    if not 1 <= value.get("max_files", 10) <= 10:
        walk.problem(f"{pointer}/max_files", "must be 1 to 10")


def _picker(walk: Walk, value: Json, pointer: str) -> None:
    initial = ("initial_date", "initial_time", "initial_date_time", "timezone")
    walk.keys(value, pointer, _SELECT, (*_COMMON, "placeholder", *initial))


def _initial(walk: Walk, value: Json, pointer: str, offered: list[Json]) -> None:
    if value.get("initial_option") is not None and value["initial_option"] not in offered:
        walk.problem(f"{pointer}/initial_option", "must be exactly one of the options")


RULES: Mapping[str, Rule] = {
    "button": _button,
    "checkboxes": _checkboxes,
    "conversations_select": _conversations_select,
    "datepicker": _picker,
    "datetimepicker": _picker,
    "external_select": _external_select,
    "file_input": _file_input,
    "overflow": _overflow,
    "plain_text_input": _plain_text_input,
    "radio_buttons": _radio_buttons,
    "static_select": _static_select,
    "timepicker": _picker,
    "users_select": _users_select,
}

IN_ACTIONS = frozenset(RULES) - {"plain_text_input", "file_input"}
IN_SECTION = IN_ACTIONS
IN_INPUT = frozenset(RULES) - {"button", "overflow"}
