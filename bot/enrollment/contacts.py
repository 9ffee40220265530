"""What a value of the id column is: the CRM id of a contact or lead, something else, or nothing.

Salesforce ids have 15 case-sensitive characters; three more carry which of them are capitals, so that the
18-character form survives a change of case. HubSpot ids are digits. Knows nothing of queries, flows or rows.
"""

import re
import string
from dataclasses import dataclass, field

from bot.enrollment.model.checks import CrmKind

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_CAPITALS = {ord(char): "1" if char.isupper() else "0" for char in string.ascii_letters + string.digits}
_SALESFORCE = re.compile(r"(?=.*[0-9])[A-Za-z0-9]{15}(?:[A-Za-z0-5]{3})?")
_DIGITS = re.compile(r"[0-9]+")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")

_EXACT_FLOAT = 2**53
_LONGEST_NUMBER = 19
_LOWERED_LETTERS = 6
_LONGEST_EMAIL = 320

_KINDS = {"003": CrmKind.SALESFORCE_CONTACT, "00Q": CrmKind.SALESFORCE_LEAD}
# https://help.salesforce.com/s/articleView?id=000385203 (standard field record id prefixes)
_OBJECTS = {
    "001": "account",
    "003": "contact",
    "005": "user",
    "006": "opportunity",
    "00Q": "lead",
    "00T": "task",
    "00U": "event",
    "00v": "campaign member",
    "500": "case",
    "701": "campaign",
    "800": "contract",
}
_PREFIXES = {prefix.lower(): prefix for prefix in _OBJECTS}


@dataclass(frozen=True, slots=True)
class ContactId:
    """The id of a contact or lead. `short` is the 15-character form, `tidied` had spaces or the wrong case."""

    kind: CrmKind
    source_value: str = field(repr=False)
    canonical_id: str = field(repr=False)
    short: bool = False
    tidied: bool = False


@dataclass(frozen=True, slots=True)
class WrongId:
    """A value that is no contact's id. `looks_like` names its sort for counting, `detail` says it of this one."""

    looks_like: str
    detail: str


def read(value: object) -> ContactId | WrongId | None:
    """What this value is; None for a blank. The source value is kept exactly as the query gave it."""
    if isinstance(value, str):
        return _read_text(value)
    if value is None:
        return None
    if isinstance(value, bool):
        return _wrong("true or false")
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_FLOAT:
        return _read_number(str(value), str(int(value)))
    if isinstance(value, int):
        # Python refuses to print integers of more than 4,300 digits.
        return _read_number(str(value), str(value)) if abs(value) < 10**_LONGEST_NUMBER else _wrong("a long number")
    return _wrong("a number") if isinstance(value, float) else _wrong("nested data")


def checksum(body: str) -> str:
    """The three characters that make a 15-character Salesforce id one of 18: which of each five are capitals."""
    # The first of five is the lowest bit, so that each five are read backwards as a binary number.
    capitals = body.translate(_CAPITALS)[::-1]
    return "".join(_SUFFIX[int(capitals[start : start + 5], 2)] for start in (10, 5, 0))


def describe(kind: CrmKind) -> str:
    """The kind in the words that people read."""
    return _KIND_WORDS[kind]


def _read_text(value: str) -> ContactId | WrongId | None:
    text = value.strip()
    if not text:
        return None
    if _SALESFORCE.fullmatch(text) and (text[0] == "0" or not _DIGITS.fullmatch(text)):
        return _read_salesforce(value, text)
    if _DIGITS.fullmatch(text):
        return _read_number(value, text)
    return _wrong(_looks_like(text))


def _read_number(source: str, digits: str) -> ContactId | WrongId:
    if digits.startswith("-"):
        return _wrong("a negative number")
    if digits.startswith("0"):
        return _wrong("a number that starts with 0")
    if len(digits) > _LONGEST_NUMBER:
        return _wrong("a long number")
    return ContactId(CrmKind.HUBSPOT_CONTACT, source, digits, tidied=source != source.strip())


def _read_salesforce(source: str, text: str) -> ContactId | WrongId:
    short = len(text) == 15
    body = text if short else _restored(text[:15], text[15:].upper())
    if body is None:
        return WrongId("a mistyped Salesforce id", "a Salesforce id whose last 3 characters do not fit the rest")
    prefix = _PREFIXES.get(body[:3].lower(), body[:3])
    kind = _KINDS.get(prefix)
    if kind is None:
        return _wrong(f"a Salesforce {_OBJECTS.get(prefix, 'id')} ({prefix})")
    if short and _lowered(body):
        return WrongId("a lower-cased Salesforce id", "15 characters in lower case: use the 18-character id")
    canonical = body + checksum(body)
    return ContactId(kind, source, canonical, short=short, tidied=source != (body if short else canonical))


def _restored(body: str, suffix: str) -> str | None:
    """The body with the capitals that its suffix tells; None when the two contradict each other."""
    if checksum(body) == suffix:
        return body
    if body not in (body.lower(), body.upper()):
        return None
    bits = [_SUFFIX.index(suffix[at // 5]) >> (at % 5) & 1 for at in range(15)]
    restored = "".join(char.upper() if bit else char.lower() for char, bit in zip(body, bits, strict=True))
    return restored if checksum(restored) == suffix else None


def _lowered(body: str) -> bool:
    """True when the case was most likely lost: of two people whose ids differ by case alone, which one is meant?"""
    letters = [char for char in body if char.isalpha()]
    return len(letters) >= _LOWERED_LETTERS and all(char.islower() for char in letters)


def _looks_like(text: str) -> str:
    if len(text) > _LONGEST_EMAIL:
        return "text"
    shapes = ((_EMAIL, "an e-mail address"), (_UUID, "a UUID"), (_DATE, "a date"), (_NUMBER, "a number"))
    return next((words for shape, words in shapes if shape.fullmatch(text)), "text")


def _wrong(words: str) -> WrongId:
    return WrongId(words, words)


_KIND_WORDS = {
    CrmKind.SALESFORCE_CONTACT: "a Salesforce contact (003)",
    CrmKind.SALESFORCE_LEAD: "a Salesforce lead (00Q)",
    CrmKind.HUBSPOT_CONTACT: "a HubSpot contact",
}
