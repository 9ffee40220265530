"""4.4: what an enrollment came to: lines for its thread and for the terminal, and a file for the requester."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.enrollment import receipts
from bot.enrollment.model.receipts import Receipt
from bot.views import ids, words
from bot.views.blocks import Message, actions, button, preformatted, rich

WIDE = 36
_LABEL = 12
_RUNS_MAX = 3
_HASH_SHOWN = 8

Names = Mapping[str, str]
"""User ids -> display names, as far as they are known."""


def message(receipt: Receipt, names: Names) -> Message:
    """The receipt as it stands in the thread. A channel reads it, so the query is only shown on demand."""
    show = button(
        "Show query", ids.SHOW_QUERY, value=receipt.enrollment_id, spoken=f"Show {receipt.enrollment_id}'s query"
    )
    return {
        "text": f"Receipt {receipt.enrollment_id}, entry {words.number(receipt.number)}.",
        "blocks": [rich(preformatted("\n".join(lines(receipt, names)))), actions(show)],
    }


def lines(receipt: Receipt, names: Names) -> list[str]:
    """One fact a line, or its label and it where it is long; none wider than a phone's screen."""
    about = receipts.read(receipt)
    facts = [*_people(about, names), *_flow(about), *_times(about, names), *_counts(about, names), *_ids(about)]
    facts += [("entry", words.number(receipt.number)), ("previous", _short(receipt.previous))]
    facts.append(("hash", _short(receipt.hash)))
    return [f"Receipt {receipt.enrollment_id}", *(line for label, value in facts for line in _lines(label, value))]


def file_name(enrollment_id: str) -> str:
    """What the requester's copy is called."""
    return f"{enrollment_id}-receipt.json"


def comment(receipt: Receipt) -> str:
    """The sentence beside the file."""
    return f"Receipt of {receipt.enrollment_id}, entry {words.number(receipt.number)}. Your copy."


def as_json(receipt: Receipt) -> str:
    """The whole entry, to be kept: the hash is that of `previous` and the receipt with sorted keys and no spaces."""
    whole = {
        "receipt": receipts.read(receipt),
        "entry": receipt.number,
        "previous": receipt.previous,
        "hash": receipt.hash,
    }
    return json.dumps(whole, indent=2, sort_keys=True)


def _people(about: receipts.Body, names: Names) -> Iterator[tuple[str, str]]:
    yield "requester", _name(about.get("requester"), names)
    for word in about.get("approvers") or ():
        yield str(word.get("said", "")), _name(word.get("user"), names)
        yield "", _time(word.get("at"))
    if about.get("rule"):
        yield "rule", str(about["rule"])


def _flow(about: receipts.Body) -> Iterator[tuple[str, str]]:
    flow, sender = about.get("flow") or {}, about.get("sender") or {}
    yield "flow", str(flow.get("name", ""))
    yield "flow id", str(flow.get("id", ""))
    column = f"column {sender['column']}" if sender.get("column") else "not shown"
    yield "sender", str(sender.get("email") or column)


def _times(about: receipts.Body, names: Names) -> Iterator[tuple[str, str]]:
    for label, key in (("list frozen", "frozen_at"), ("started", "started_at"), ("ended", "ended_at")):
        if about.get(key):
            yield label, _time(about[key])
    yield "state", str(about.get("state", "")).replace("_", " ")
    if about.get("canceled_by"):
        yield "canceled by", _name(about["canceled_by"], names)


def _counts(about: receipts.Body, names: Names) -> Iterator[tuple[str, str]]:
    funnel: Mapping[str, Any] = about.get("funnel") or {}
    if funnel.get("rows") is not None:
        yield "rows", words.number(funnel["rows"])
        yield "left out", words.number(sum((funnel.get("left_out") or {}).values()))
    for label in ("sent", "enrolled", "refused", "gone"):
        if funnel.get(label) or label in ("sent", "enrolled"):
            yield label, words.number(funnel.get(label) or 0)
    canary = about.get("canary")
    if funnel.get("sent", 0) < funnel.get("listed", 0):
        yield "not sent", words.number(funnel["listed"] - funnel["sent"])
    if canary:
        yield "canary", words.number(canary["contacts"])
    if canary and canary.get("released_by"):
        yield "released by", _name(canary["released_by"], names)
        yield "", _time(canary.get("released_at"))


def _ids(about: receipts.Body) -> Iterator[tuple[str, str]]:
    yield "query", f"sha256 {_short((about.get('query') or {}).get('sha256') or '')}"
    if about.get("fingerprint"):
        yield "fingerprint", str(about["fingerprint"])[:_HASH_SHOWN]
    made: Mapping[str, Any] = about.get("polytomic") or {}
    for label in ("model", "sync"):
        if made.get(label):
            yield label, str(made[label])
    runs = made.get("runs") or ()
    for run in runs[:_RUNS_MAX]:
        yield "run", str(run.get("id", ""))
    if len(runs) > _RUNS_MAX:
        yield "runs more", words.number(len(runs) - _RUNS_MAX)


def _lines(label: str, value: str) -> list[str]:
    """A fact beside its label, else below it: an id that lost its end would find nothing."""
    said = words.data(value)
    return [f"{label:<{_LABEL}}{said}"] if len(said) <= WIDE - _LABEL else [label, words.cut(said, WIDE)]


def _name(user_id: Any, names: Names) -> str:
    known = names.get(str(user_id or ""), "")
    return f"@{known}" if known else str(user_id or "")


def _short(digest: str) -> str:
    return f"{digest[:_HASH_SHOWN]}…"


def _time(iso: Any) -> str:
    try:
        return words.utc(datetime.fromisoformat(str(iso)))
    except ValueError:
        return ""
