"""What an enrollment came to, as one value that nobody can change unseen: canonical JSON, chained by hash.

Pure. It names people who asked and allowed, and counts everybody else: no contact's id and no query is in it. Whoever
changes, removes or reorders entries has to write every later one and the chain's end anew; and a requester has a copy.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot.enrollment.model.approvals import Word
from bot.enrollment.model.checks import Check
from bot.enrollment.model.enrollments import Enrollment, Run
from bot.enrollment.model.receipts import Chain, Receipt

BEFORE_THE_FIRST = "0" * 64
POLICY = "policy"
"""Who released a canary, when no person did."""

Body = Mapping[str, Any]


class Wrong(StrEnum):
    """What can be wrong with a chain."""

    MISSING = "missing"
    ALTERED = "altered"
    OUT_OF_PLACE = "out_of_place"
    END = "end"
    NEVER_WRITTEN = "never_written"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong: with the entries from `first` to `last`, or with the receipt of an enrollment."""

    wrong: Wrong
    first: int = 0
    last: int = 0
    enrollment_id: str = ""


def is_told(enrollment: Enrollment) -> bool:
    """True when people read its receipt by themselves: a run of it was started. Any other is there to be asked for."""
    return enrollment.started_at is not None


def body(enrollment: Enrollment, check: Check | None, words: Sequence[Word], runs: Sequence[Run]) -> Body:
    """Everything that there is to say of an enrollment that has ended; times are UTC."""
    return {
        "enrollment": enrollment.id,
        "team": enrollment.team_id,
        "requester": enrollment.requester_id,
        "rule": enrollment.terms.rule if enrollment.terms else None,
        "approvers": [{"user": word.user_id, "said": word.decision.value, "at": iso(word.at)} for word in words],
        "flow": {"id": enrollment.flow.id, "name": enrollment.flow.name},
        "sender": _sender(enrollment, check),
        "frozen_at": iso(check.ended_at if check else None),
        "confirmed_at": iso(enrollment.created_at),
        "started_at": iso(enrollment.started_at),
        "ended_at": iso(enrollment.ended_at),
        "state": enrollment.state.value,
        "cause": enrollment.trouble.kind if enrollment.trouble else None,
        "canceled_by": enrollment.canceled_by or None,
        "funnel": _funnel(enrollment, check, runs),
        "canary": _canary(enrollment),
        "query": {"sha256": sha256(enrollment.sql), "normalized_sha256": enrollment.query_hash or None},
        "fingerprint": enrollment.fingerprint or None,
        "polytomic": {
            "model": enrollment.model_id or None,
            "sync": enrollment.sync_id or None,
            "runs": [{"id": run.execution_id, "batch": run.batch, "contacts": run.size} for run in runs],
        },
    }


def entry(chain: Chain, about: Body, now: datetime) -> Receipt:
    """The entry that follows on the end of this chain."""
    number = chain.number + 1
    text = canonical({**about, "entry": number, "written_at": iso(now)})
    return Receipt(
        team_id=chain.team_id,
        number=number,
        enrollment_id=str(about["enrollment"]),
        body=text,
        previous=chain.hash,
        hash=chained(text, chain.hash),
        created_at=now,
    )


def canonical(about: Body) -> str:
    """The one way to write this: sorted keys, no spaces, and nothing but ASCII, which every database keeps as it is."""
    return json.dumps(about, sort_keys=True, separators=(",", ":"))


def chained(text: str, previous: str) -> str:
    """The hash of an entry, which holds it to the one before."""
    return sha256(previous + text)


def sha256(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def read(receipt: Receipt) -> Body:
    """What the entry says; empty when that cannot be read."""
    try:
        about = json.loads(receipt.body)
    except ValueError:
        return {}
    return about if isinstance(about, dict) else {}


def people(about: Body) -> list[str]:
    """The ids of everybody whom the entry names."""
    named = [about.get("requester"), about.get("canceled_by"), (about.get("canary") or {}).get("released_by")]
    named += [word.get("user") for word in about.get("approvers") or ()]
    return sorted({str(one) for one in named if one and one != POLICY})


def iso(when: datetime | None) -> str | None:
    """A time in UTC as JSON has it."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z") if when is not None else None


def verify(entries: Iterable[Receipt], chain: Chain | None, ended: Collection[str]) -> list[Flaw]:
    """Everything that is wrong with a team's entries, given in the order of their numbers; empty when all is well.

    `ended` are the enrollments that must have one.
    """
    kept = list(entries)
    written = {one.enrollment_id for one in kept}
    return [
        *_links(kept, chain),
        *(Flaw(Wrong.NEVER_WRITTEN, enrollment_id=one) for one in ended if one not in written),
    ]


def _links(kept: Sequence[Receipt], chain: Chain | None) -> Iterator[Flaw]:
    number, previous = 0, BEFORE_THE_FIRST
    for one in kept:
        if not _is_itself(one):
            known = one.number if _is_after(one.number, 0) else 0
            yield Flaw(Wrong.ALTERED, known, known, one.enrollment_id)
        if not _is_after(one.number, number):
            continue
        if one.number > number + 1:
            yield Flaw(Wrong.MISSING, number + 1, one.number - 1)
        elif one.previous != previous:
            yield Flaw(Wrong.OUT_OF_PLACE, one.number, one.number, one.enrollment_id)
        number, previous = one.number, one.hash
    yield from _end(number, previous, chain)


def _end(number: int, newest: str, chain: Chain | None) -> Iterator[Flaw]:
    if chain is None:
        if number:
            yield Flaw(Wrong.END, number, number)
    elif _is_after(chain.number, number):
        yield Flaw(Wrong.MISSING, number + 1, chain.number)
    elif (chain.number, chain.hash) != (number, newest):
        yield Flaw(Wrong.END, number, number)


def _is_after(number: object, before: int) -> bool:
    """True for a number behind this one; a hand may have written anything into a column of numbers."""
    return isinstance(number, int) and number > before


def _is_itself(one: Receipt) -> bool:
    """True while an entry says what it said when it was written, in every column."""
    about = read(one)
    told = (about.get("team"), about.get("entry"), about.get("enrollment"), about.get("written_at"))
    columns = (one.team_id, one.number, one.enrollment_id, iso(one.created_at))
    return told == columns and one.hash == chained(one.body, one.previous)


def _sender(enrollment: Enrollment, check: Check | None) -> Mapping[str, str] | None:
    """Under whose name mail goes out, where a field of the flow says so; None where Polytomic does not show it."""
    emails = {field.id for field in check.fields if field.is_email} if check else set()
    for mapping in enrollment.mappings:
        if mapping.field_id in emails:
            return {"email": mapping.value} if mapping.value else {"column": mapping.column or ""}
    return None


def _funnel(enrollment: Enrollment, check: Check | None, runs: Sequence[Run]) -> Body:
    read_once = check.preflight.funnel if check and check.preflight else None
    newest = {run.batch: run.size for run in runs}
    tally = enrollment.tally
    return {
        "rows": read_once.rows if read_once else None,
        "left_out": {reason.value: count for reason, count in read_once.left_out} if read_once else None,
        "listed": tally.total,
        "sent": sum(newest.values()),
        "enrolled": tally.enrolled,
        "refused": tally.refused,
        "refused_because": {reason.value: count for reason, count in tally.reasons},
        "gone": tally.gone,
    }


def _canary(enrollment: Enrollment) -> Body | None:
    if not enrollment.canary:
        return None
    released = enrollment.released_at is not None
    return {
        "contacts": min(enrollment.canary, enrollment.tally.total),
        # Without anybody's id it was the policy that let the rest go.
        "released_by": (enrollment.released_by or POLICY) if released else None,
        "released_at": iso(enrollment.released_at),
    }
