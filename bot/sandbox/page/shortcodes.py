"""Slack's emoji shortcodes: the library knows most of them, and here stand those that Slack calls otherwise."""

import re
from functools import lru_cache

import emoji

SHORTCODE = r":(?P<emoji>[a-z0-9_+'-]{1,80}):(?::skin-tone-(?P<tone>[2-6]):)?"
_SHORTCODE = re.compile(SHORTCODE)
_FLAG = re.compile(r"flag-([a-z]{2})")
_FIRST_LETTER_OF_FLAGS = 0x1F1E6
_LIGHTEST_SKIN = 0x1F3FB
# Names that the library lacks, or gives to another picture than Slack does.
_SLACKS_OWN = {
    "beetle": "🪲",
    "egg": "🥚",
    "eject": "⏏️",
    "email": "✉️",
    "face_palm": "🤦",
    "first_place_medal": "🥇",
    "large_blue_square": "🟦",
    "large_brown_circle": "🟤",
    "large_brown_square": "🟫",
    "large_green_circle": "🟢",
    "large_green_square": "🟩",
    "large_orange_circle": "🟠",
    "large_orange_square": "🟧",
    "large_purple_circle": "🟣",
    "large_purple_square": "🟪",
    "large_red_square": "🟥",
    "large_yellow_circle": "🟡",
    "large_yellow_square": "🟨",
    "lightning": "🌩️",
    "octagonal_sign": "🛑",
    "rain_cloud": "🌧️",
    "satellite": "🛰️",
    "second_place_medal": "🥈",
    "simple_smile": "🙂",
    "snow_cloud": "🌨️",
    "snowman": "☃️",
    "third_place_medal": "🥉",
    "umbrella": "☂️",
}


@lru_cache(maxsize=4096)
def character(name: str, tone: str = "") -> str:
    """The emoji that Slack shows for this name without colons; empty when there is none. `tone` is 2 to 6."""
    flag = _FLAG.fullmatch(name)
    if flag:
        return "".join(chr(_FIRST_LETTER_OF_FLAGS + ord(letter) - ord("a")) for letter in flag[1])
    shown = _SLACKS_OWN.get(name) or emoji.emojize(f":{name}:", language="alias")
    if shown.startswith(":"):
        return ""
    # A tone stands in the place of the mark that asks for a picture.
    return shown.rstrip("\ufe0f") + chr(_LIGHTEST_SKIN + int(tone) - 2) if tone else shown


def spoken(name: str) -> str:
    """How the name of an emoji is read aloud."""
    return name.replace("_", " ")


def replaced(text: str) -> str:
    """The text with emoji where their shortcodes stood, for places that take no markup."""
    if ":" not in text:
        return text
    return _SHORTCODE.sub(lambda found: character(found["emoji"], found["tone"] or "") or found[0], text)
