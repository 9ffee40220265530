"""What an element holds once a person has typed or chosen: from plain words to the state that Slack would send."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.sandbox.slack.elements import HOLDS, options_of
from bot.sandbox.slack.things import Json

_OF_OPTIONS = frozenset({"selected_option", "selected_options"})


def held(element: Json, chosen: Sequence[str], zone: ZoneInfo, offered: Sequence[Json] = ()) -> Json:
    """The state of the element, by the name of what it holds; nothing chosen empties it.

    Options are named by their values, in the element or among those `offered` for it. Raises ValueError for others.
    """
    if element["type"] == "overflow":
        return {"selected_option": _options(element, chosen, offered)[0]}
    name, _ = HOLDS[element["type"]]
    if name in _OF_OPTIONS:
        found = _options(element, chosen, offered)
        return {name: found if name == "selected_options" else (found[0] if found else None)}
    return {name: _simple(name, chosen[0], zone) if chosen and chosen[0] else None}


def _simple(name: str, word: str, zone: ZoneInfo) -> str | int:
    if name != "selected_date_time":
        return word
    moment = datetime.fromisoformat(word)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())


def _options(element: Json, chosen: Sequence[str], offered: Sequence[Json]) -> list[Json]:
    known = {option["value"]: option for option in [*options_of(element), *offered]}
    missing = [one for one in chosen if one not in known]
    if missing:
        raise ValueError(f"{missing[0]!r} is not offered")
    return [known[one] for one in chosen]
