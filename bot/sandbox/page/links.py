"""Where a link of the page leads: within the page, to this machine, or to the page that says what lies outside."""

import re
from functools import lru_cache
from urllib.parse import quote

_LINK = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
# Only what every reader of addresses takes for this machine: no user before the host, no backslash.
_LOOPBACK = re.compile(r"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?(?:[/?#].*)?", re.IGNORECASE)
_PERMALINK = re.compile(r"https://sandbox\.slack\.com/archives/([A-Z0-9]+)/p(\d+)(\d{6})(?:\?.*)?")


@lru_cache(maxsize=4096)
def address(url: str) -> str:
    """What a link to this url has as its address on the page; empty for what may not become a link.

    Links to messages are relative to a window, whose person they keep.
    """
    if not _LINK.fullmatch(url):
        return ""
    message = _PERMALINK.fullmatch(url)
    if message:
        return f"go/{message[1]}/{message[2]}.{message[3]}"
    if _LOOPBACK.fullmatch(url) or url[:7].lower() == "mailto:":
        return url
    return f"/outside?to={quote(url, safe='', errors='replace')}"


def stays(found: str) -> bool:
    """Whether this address is one of the page's own conversations, so that no new window is needed."""
    return found.startswith("go/")
