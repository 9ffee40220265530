"""The shape of CRM ids, as the sandbox's Gong and sample data see it.

It is written apart from the product's own reading of ids on purpose: a fake that shares code with its caller proves
nothing. A Salesforce id is 15 case-sensitive characters, to which 3 may be added that encode the case.
"""

import re

CONTACT_PREFIX = "003"
_FIFTEEN = re.compile(r"[0-9A-Za-z]{15}")
_HUBSPOT = re.compile(r"[1-9][0-9]{0,19}")
_SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def with_suffix(fifteen: str) -> str:
    """The 18-character form of a 15-character id.

    https://help.salesforce.com/s/articleView?id=000383751
    """
    suffix = ""
    for start in range(0, 15, 5):
        bits = sum(1 << place for place, letter in enumerate(fifteen[start : start + 5]) if letter.isupper())
        suffix += _SUFFIX_ALPHABET[bits]
    return fifteen + suffix


def canonical(value: str) -> str | None:
    """The one form of a contact's id: 18 characters for Salesforce, digits for HubSpot; None for anything else."""
    text = value.strip()
    if _HUBSPOT.fullmatch(text) and len(text) not in (15, 18):
        return text
    if not _FIFTEEN.fullmatch(text[:15]) or not text.startswith(CONTACT_PREFIX):
        return None
    full = with_suffix(text[:15])
    return full if text in (text[:15], full) else None
