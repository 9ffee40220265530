"""How numbers, dates, people and other people's text are written, for every screen and message.

`data` makes text from outside harmless as plain text, `escape` makes it harmless inside mrkdwn.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

FLOW_MAX = 60
REASON_MAX = 200
LABEL_MAX = 24

# Marks that reorder what stands beside them (Unicode TR9): a flow's name must not turn the sentence around it.
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
# Controls, separators of lines, and halves of characters, which no answer to Slack could carry.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HALVES = re.compile("[\ud800-\udfff]")
_CONTROL_IN_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def data(text: str, limit: int = 0) -> str:
    """The text on one line without control or reordering characters, cut at `limit` with "…"."""
    # Nothing that is taken out is printable, and most of what is shown needs no second look.
    kept = text if text.isprintable() else _CONTROL.sub(" ", _REORDERING.sub("", text))
    line = " ".join(kept.split())
    return cut(line, limit) if limit else line


def lines(text: str) -> str:
    """The text with its line breaks and tabs, without any other control or reordering character."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL_IN_LINES.sub(" ", _REORDERING.sub("", unified))


def encodable(text: str) -> str:
    """The text as it was typed; only halves of characters, which cannot be sent at all, are replaced."""
    return _HALVES.sub("\ufffd", text)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the last one "…" when something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def escape(text: str, limit: int = 0) -> str:
    """Outside text for mrkdwn and for `text:`: one line, cut before it is escaped."""
    plain = data(text, limit)
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str, limit: int = REASON_MAX) -> str:
    """Outside text as mrkdwn code; a backtick inside would end it early."""
    return f"`{escape(text.replace('`', chr(39)), limit)}`"


def flow(name: str) -> str:
    """A flow's name inside mrkdwn."""
    return escape(name, FLOW_MAX)


def number(value: int) -> str:
    """1,225"""
    return f"{value:,}"


def count(value: int, noun: str, plural: str = "") -> str:
    """1 contact, 1,225 contacts."""
    return f"{number(value)} {noun if value == 1 else plural or noun + 's'}"


def label(verb: str, value: int, noun: str) -> str:
    """A label of at most 24 characters: the number stays whole and the noun is dropped."""
    return fitting(f"{verb} {count(value, noun)}", f"{verb} {number(value)}")


def fitting(whole: str, shorter: str) -> str:
    """The whole label where it fits, else the shorter one."""
    return whole if len(whole) <= LABEL_MAX else shorter


def percent(part: int, whole: int) -> str:
    """Rounded down; <1% when not zero; 100% only when all."""
    if part > 0 and part * 100 < whole:
        return "<1%"
    return f"{part * 100 // whole if whole else 0}%"


def bar(part: int, whole: int) -> str:
    """Ten marks, as many of them full as tenths are done."""
    full = part * 10 // whole if whole else 0
    return "▰" * full + "▱" * (10 - full)


def duration(seconds: float) -> str:
    """40 s, 4 min, 2 h 5 min."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def minutes(seconds: float) -> str:
    """30 minutes, 1 minute."""
    return count(max(1, round(seconds / 60)), "minute")


def span(seconds: float) -> str:
    """24 hours, 1 hour, 90 minutes: a whole setting, in the largest unit that says it."""
    whole = round(seconds)
    if whole and not whole % 3600:
        return count(whole // 3600, "hour")
    return count(whole // 60, "minute") if whole and not whole % 60 else count(whole, "second")


def utc(when: datetime) -> str:
    """2026-11-23 14:05 UTC, for plain text."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def date(when: datetime) -> str:
    """A date token for mrkdwn, in the reader's own time; UTC where Slack cannot (docs: formatting text, dates)."""
    return f"<!date^{int(when.timestamp())}^{{date_short_pretty}} at {{time}}|{utc(when)}>"


def time(when: datetime) -> str:
    """A time of day token for mrkdwn."""
    return f"<!date^{int(when.timestamp())}^{{time}}|{when.astimezone(UTC):%H:%M} UTC>"


def mention(user_or_group: str) -> str:
    """A token for a user (U…, W…) or a user group (S…)."""
    return f"<!subteam^{user_or_group}>" if user_or_group.startswith("S") else f"<@{user_or_group}>"


def operators(ids: Sequence[str]) -> str:
    """The operators inside a sentence; "your operator" when none are known."""
    return joined([mention(one) for one in ids[:3]], "or") or "your operator"


def named(ids: Sequence[str], names: Mapping[str, str], word: str = "or", *, noun: str = "approver") -> str:
    """@ada, @ben or 2 others: by display name, so that nobody is pinged; "3 approvers" when no name is known."""
    known = [f"@{escape(names[one], 40)}" for one in ids if names.get(one)][:5]
    rest = len(ids) - len(known)
    if not known:
        return count(rest, noun)
    return joined([*known, count(rest, "other")] if rest else known, word)


def told(ids: Sequence[str]) -> str:
    """A whole sentence: who was told."""
    if not ids:
        return "Your operator has to know."
    return f"{joined([mention(one) for one in ids[:3]], 'and')} {'was' if len(ids) == 1 else 'were'} told."


def unmarked(text: str) -> str:
    """Our own mrkdwn as plain text: dates as their fallback, code and bold without their marks."""
    bare = re.sub(r"<!date\^\d+\^[^|>]*\|([^>]*)>", r"\1", text)
    return bare.replace("`", "").replace("*", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def joined(parts: Sequence[str], word: str) -> str:
    """A, B or C; empty when there is nothing to join."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def channel(channel_id: str) -> str:
    """A token for a channel."""
    return f"<#{channel_id}>"


def link(url: str, words: str) -> str:
    """A mrkdwn link; the address can neither end the token nor start another."""
    safe = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return f"<{safe}|{words}>"


def enrolled(value: int) -> str:
    """A whole sentence: how many were enrolled."""
    if value == 0:
        return "Nobody was enrolled."
    return f"{number(value)} {'was' if value == 1 else 'were'} enrolled."
