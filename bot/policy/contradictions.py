"""What no policy can mean, though every key by itself is right: each told at the key that is to be changed."""

from collections import Counter
from collections.abc import Iterator

from bot.enrollment import hours, query
from bot.errors import QueryRefused
from bot.policy.places import Path
from bot.policy.problems import key
from bot.policy.shape import Approval, Channels, Choosing, File
from bot.views.query_words import query_refused

Found = Iterator[tuple[Path, str]]


def contradictions(file: File, *, query_bytes: int) -> Found:
    """All of them, each with its key."""
    for check in (_zone, _choices, _company, _approvals, _quiet, _canary):
        yield from check(file)
    yield from _opt_out(file, query_bytes)


def _zone(file: File) -> Found:
    try:
        hours.zone_named(file.time_zone)
    except ValueError:
        yield ("time_zone",), f'there is no time zone "{file.time_zone}"; they are named as in Europe/Berlin.'


def _choices(file: File) -> Found:
    named: tuple[tuple[str, Choosing | Channels], ...] = (
        ("flows", file.flows),
        ("connections", file.connections),
        ("channels", file.channels),
    )
    for name, choice in named:
        allowed = {pattern.casefold() for pattern in choice.allow}
        for place, pattern in enumerate(choice.deny):
            if pattern.casefold() in allowed:
                yield (name, "deny", place), f'"{pattern}" is both allowed and denied in {name}.'
            elif pattern.strip("*") == "":
                yield (name, "deny", place), f'"{pattern}" denies all of {name}: nobody could enroll.'


def _company(file: File) -> Found:
    cap, column = file.company.cap, file.company.column
    if cap is not None and column is None:
        yield ("company", "cap"), "company.cap needs company.column, which names the column that tells the company."
    if cap is None and column is not None:
        yield ("company", "column"), "company.column is of no use without company.cap."


def _approvals(file: File) -> Found:
    names = Counter(approval.name for approval in file.approvals)
    for place, approval in enumerate(file.approvals):
        at: Path = ("approvals", place)
        if names[approval.name] > 1 and approval.name in {one.name for one in file.approvals[:place]}:
            yield (*at, "name"), f'there is another of approvals named "{approval.name}".'
        if any(_alike(approval, other) for other in file.approvals[:place]):
            yield (*at, "threshold"), f"another of approvals has threshold {approval.threshold} for the same flows."
        users = {one for one in approval.approvers if not is_group(one)}
        if len(users) == len(set(approval.approvers)) < approval.needed:
            listed = f"{len(users)} is listed" if len(users) == 1 else f"{len(users)} are listed"
            yield (*at, "needed"), f"{approval.needed} approvers are needed but only {listed}."


def _alike(one: Approval, other: Approval) -> bool:
    return one.threshold == other.threshold and _folded(one) == _folded(other)


def _folded(approval: Approval) -> frozenset[str]:
    return frozenset(flow.casefold() for flow in approval.flows)


def _quiet(file: File) -> Found:
    quiet = file.quiet_hours
    if quiet is None:
        return
    if (quiet.start is None) != (quiet.end is None):
        there, missing = ("start", "end") if quiet.end is None else ("end", "start")
        yield ("quiet_hours", there), f"quiet_hours.{there} needs quiet_hours.{missing}."
    elif quiet.start == quiet.end and not quiet.weekends and not quiet.holidays:
        yield ("quiet_hours",), "quiet_hours names no hours, no weekends and no holidays."
    for name in ("start", "end"):
        moment = getattr(quiet, name)
        if moment is not None and moment.tzinfo is not None:
            yield ("quiet_hours", name), f"quiet_hours.{name} is a time in time_zone, and takes no zone of its own."


def _canary(file: File) -> Found:
    canary = file.canary
    if canary.size >= canary.offered_from:
        words = f"canary.size is {canary.size}, but a canary is offered from {canary.offered_from} contacts on."
        yield _named(file, "size", "offered_from"), words
    if canary.ticked_from < canary.offered_from:
        words = f"canary.ticked_from is {canary.ticked_from}, but a canary is offered from {canary.offered_from} on."
        yield _named(file, "ticked_from", "offered_from"), words


def _named(file: File, *names: str) -> Path:
    """The first of these keys that the file itself says: a default has no line."""
    return ("canary", next((name for name in names if name in file.canary.model_fields_set), names[0]))


def _opt_out(file: File, query_bytes: int) -> Found:
    opt_out = file.opt_out
    if opt_out.required and opt_out.columns == [] and not opt_out.suppression_query:
        at: Path = ("opt_out", "required")
        yield at, f"{key(at)} is true, but there is neither a column nor a suppression_query that could tell."
    if opt_out.suppression_query:
        try:
            query.guard(opt_out.suppression_query, max_bytes=query_bytes)
        except QueryRefused as refused:
            yield ("opt_out", "suppression_query"), f"opt_out.suppression_query: {query_refused(refused)}"


def is_group(one: str) -> bool:
    """True for a user group's id or @handle."""
    return one.startswith(("S", "@"))
