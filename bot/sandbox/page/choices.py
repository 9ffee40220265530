"""What a menu or a group of boxes offers, whether it stands in the element or is known to the workspace."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.sandbox.page.controls import Control, flat
from bot.sandbox.page.place import Conversation, Json, Place, Reader

_SORTS = ("im", "mpim", "private", "public")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose; `option` is the option object, None for people and conversations."""

    value: str
    words: str
    is_chosen: bool
    option: Json | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Choices under one heading; without words for those that stand alone."""

    words: str
    choices: Sequence[Choice]


def offered(control: Control, place: Place, reader: Reader) -> list[Group]:
    """Everything that can be chosen, in groups; what is chosen already is among it."""
    element = control.element
    match control.kind:
        case "users_select":
            people = sorted(reader.people.items(), key=lambda one: one[1])
            return [Group("", _known(people, control, str))]
        case "conversations_select" | "channels_select":
            listed = [(one.id, _name(one)) for one in place.conversations if _fits(one, control)]
            return [Group("", _known(listed, control, lambda one: f"#{reader.channels.get(one, one)}"))]
        case _ if "option_groups" in element:
            groups = element["option_groups"]
            return [Group(flat(one["label"], reader), _options(one["options"], control, reader)) for one in groups]
        case _:
            return [Group("", _options(element.get("options", ()), control, reader))]


def _options(options: Iterable[Json], control: Control, reader: Reader) -> list[Choice]:
    chosen = control.chosen
    return [Choice(one["value"], _words(one, reader), is_chosen=one["value"] in chosen, option=one) for one in options]


def _words(option: Json, reader: Reader) -> str:
    words = flat(option["text"], reader)
    return f"{words} · {flat(option['description'], reader)}" if option.get("description") else words


def _known(listed: Iterable[tuple[str, str]], control: Control, named: Callable[[str], str]) -> list[Choice]:
    """The people or conversations of these ids and names, and whoever was chosen without being among them."""
    chosen = control.chosen
    found = [Choice(one, words, is_chosen=one in chosen) for one, words in listed]
    missing = set(chosen) - {one.value for one in found}
    return [*found, *(Choice(one, named(one), is_chosen=True) for one in chosen if one in missing)]


def _fits(one: Conversation, control: Control) -> bool:
    """Whether the element asks for conversations of this kind (docs: filter object for conversation lists)."""
    if control.kind == "channels_select":
        return _sort(one) == "public"
    wanted = control.element.get("filter") or {}
    return (
        _sort(one) in wanted.get("include", _SORTS)
        and not (one.is_shared and wanted.get("exclude_external_shared_channels"))
        and not (one.with_bot and wanted.get("exclude_bot_users"))
    )


def _sort(one: Conversation) -> str:
    if one.is_im or one.is_mpim:
        return "im" if one.is_im else "mpim"
    return "private" if one.is_private else "public"


def _name(one: Conversation) -> str:
    if one.is_im or one.is_mpim:
        return one.name
    marks = [word for word, is_so in (("private", one.is_private), ("shared", one.is_shared)) if is_so]
    return f"#{one.name} ({', '.join(marks)})" if marks else f"#{one.name}"
