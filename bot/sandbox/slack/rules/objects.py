"""Composition objects: texts, options, confirm dialogs, and the rule that an initial option is among the options."""

from typing import Any

import slackblocks as sb

from bot.sandbox.slack.rules.shapes import Json, Key, Kind, Notes, Shape, boolean, by_type, many, one_of, string, url


def _plain(text: str, emoji: bool = False) -> Any:
    return sb.Text(text, type_=sb.TextType.PLAINTEXT, emoji=emoji)


def _mrkdwn(text: str, verbatim: bool = False) -> Any:
    return sb.Text(text, type_=sb.TextType.MARKDOWN, verbatim=verbatim)


def type_is(name: str) -> Key:
    """The key `type`, which a constructor does not take."""
    return Key(one_of(name), needed=True, to=None)


PLAIN = Shape(
    {"type": type_is("plain_text"), "text": Key(string(), needed=True), "emoji": Key(boolean)},
    _plain,
)
MRKDWN = Shape(
    {"type": type_is("mrkdwn"), "text": Key(string(), needed=True), "verbatim": Key(boolean)},
    _mrkdwn,
)
TEXT: Kind = by_type({"plain_text": PLAIN, "mrkdwn": MRKDWN})
ONLY_PLAIN: Kind = by_type({"plain_text": PLAIN})

CONFIRM = Shape(
    {
        "title": Key(ONLY_PLAIN, needed=True),
        "text": Key(TEXT, needed=True),
        "confirm": Key(ONLY_PLAIN, needed=True),
        "deny": Key(ONLY_PLAIN, needed=True),
        "style": Key(one_of("primary", "danger")),
    },
    sb.ConfirmationDialogue,
)


def _option(text: Kind, **more: Key) -> Shape:
    return Shape(
        {
            "text": Key(text, needed=True),
            "value": Key(string(1, 150), needed=True),
            "description": Key(text),
            **more,
        },
        _make_option,
    )


def _make_option(text: Any, value: str, description: Any = None, **more: Any) -> Any:
    # slackblocks makes every description plain; in radio buttons and checkboxes it may be mrkdwn.
    plain = None if description is None else description.text
    return sb.Option(text, value, description=plain, **more)


OPTION = _option(ONLY_PLAIN)
RICH_OPTION = _option(TEXT)
OVERFLOW_OPTION = _option(ONLY_PLAIN, url=Key(url))
OPTION_GROUP = Shape(
    {"label": Key(ONLY_PLAIN, needed=True), "options": Key(many(OPTION, 1, 100), needed=True)},
    sb.OptionGroup,
)
FILTER = Shape(
    {
        "include": Key(many(one_of("im", "mpim", "private", "public"))),
        "exclude_external_shared_channels": Key(boolean),
        "exclude_bot_users": Key(boolean),
    },
    sb.ConversationFilter,
)
DISPATCH = Shape(
    {"trigger_actions_on": Key(many(one_of("on_enter_pressed", "on_character_entered"), 1, 2), needed=True)},
    sb.DispatchActionConfiguration,
)


def initial_is_offered(value: Json, pointer: str, notes: Notes) -> None:
    """What is chosen from the beginning equals one of the options, in every key."""
    offered = list(value.get("options", []))
    offered += [option for group in value.get("option_groups", []) for option in group["options"]]
    if "initial_option" in value and value["initial_option"] not in offered:
        notes.wrong(f"{pointer}/initial_option", "must be one of the provided options")
    for index, chosen in enumerate(value.get("initial_options", [])):
        if chosen not in offered:
            notes.wrong(f"{pointer}/initial_options/{index}", "must be one of the provided options")


def options_once(value: Json, pointer: str, notes: Notes) -> None:
    """A select has options or groups of them, and its initial option is one of them."""
    if ("options" in value) == ("option_groups" in value):
        notes.wrong(pointer, "exactly one of options and option_groups is needed")
        return
    initial_is_offered(value, pointer, notes)
