"""A policy file's text -> a `Policy`, or every mistake that is in it, each with its line."""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from pydantic import ValidationError

from bot.enrollment.model.policies import Canary, Choice, Company, OptOut, Policy, Quiet, Release, Tier
from bot.policy import places, problems
from bot.policy.contradictions import contradictions, is_group
from bot.policy.places import Path
from bot.policy.problems import Problem
from bot.policy.shape import Approval, Channels, Choosing, File

Groups = Mapping[str, str]
"""The workspace's user groups: id -> handle, without the @."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was read. `file` holds whatever of it is right; with problems no policy comes of it."""

    name: str
    file: File
    lines: Mapping[Path, int]
    problems: tuple[Problem, ...] = ()

    def groups_named(self) -> bool:
        """True when somebody is named by a user group, which only Slack knows."""
        return any(is_group(one) for _, one in _people(self.file))

    def with_groups(self, groups: Groups) -> tuple[Problem, ...]:
        """All problems, with those of user groups that Slack does not have, in the order of their lines."""
        known = {*groups, *(f"@{handle}" for handle in groups.values())}
        unknown = [
            Problem(problems.line(self.lines, path), f"Slack has no user group {one}.")
            for path, one in _people(self.file)
            if is_group(one) and one not in known
        ]
        return tuple(sorted({*self.problems, *unknown}))


def read(text: str, name: str, *, query_bytes: int) -> Read:
    """The file of this name, as far as it can be read."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Read(name, File(), {}, (problems.of_syntax(error, text),))
    lines = places.lines(text.replace("\r\n", "\n"))
    file, left, wrong, tables = _shaped(data, lines)
    # Where a key is wrong, what the others of its table mean together cannot be judged.
    meant = contradictions(file, query_bytes=query_bytes)
    found = [Problem(problems.line(left, path), words) for path, words in meant if left.get(_table(path)) not in tables]
    return Read(name, file, left, tuple(sorted({*wrong, *found})))


def policy_of(read: Read, groups: Groups, *, enroll: Sequence[str], operators: Sequence[str]) -> Policy:
    """The policy that the file describes. `enroll` and `operators` are the settings', which the file may replace."""
    file = read.file
    ids = {f"@{handle}": group for group, handle in groups.items()}

    def people(named: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(ids.get(one, one) for one in named))

    running = people(file.operators) if file.operators is not None else tuple(operators)
    return Policy(
        enroll=people(file.enroll) if file.enroll is not None else tuple(enroll),
        operators=running,
        owner=people(file.owner) or running,
        flows=_choice(file.flows),
        connections=_choice(file.connections),
        channels=_choice(file.channels),
        request_cap=file.request_cap,
        day_cap=file.day_cap,
        zone=file.time_zone,
        company=Company(file.company.cap, file.company.column) if file.company.cap and file.company.column else None,
        approvals=tuple(_tier(one, people(one.approvers), people(one.escalate_to)) for one in file.approvals),
        quiet=_quiet(file),
        cool_off_days=file.cool_off_days,
        opt_out=_opt_out(file),
        canary=_canary(file),
        sends_per_day=file.sends_per_day,
        source=read.name,
        lines=dict(_told(read)),
    )


def _shaped(
    data: dict[str, Any], lines: Mapping[Path, int]
) -> tuple[File, Mapping[Path, int], list[Problem], set[int]]:
    """The right part of the file, where it stands, what is wrong with the rest, and the lines of the tables with it."""
    try:
        return File.model_validate(data), lines, [], set()
    except ValidationError as error:
        wrong = problems.wrong_parts(error)
        # What is missing now that this is gone was told by the mistake itself.
        file, left, _, tables = _shaped(*_without(data, lines, wrong))
        return file, left, problems.of_shape(error, lines), tables | {lines.get(_table(path), 0) for path in wrong}


def _table(path: Path) -> Path:
    """The table that this is part of; one of [[approvals]] is one by itself, and the file itself is none."""
    return path[: 2 if path[0] == "approvals" else 1] if len(path) > 1 else ()


def _without(
    data: dict[str, Any], lines: Mapping[Path, int], wrong: Collection[Path]
) -> tuple[dict[str, Any], Mapping[Path, int]]:
    """The file without these parts, and where the rest of it stands: what follows in a list has moved up."""
    kept: dict[Path, int] = {}

    def less(value: Any, old: Path, new: Path) -> Any:
        if old in lines:
            kept[new] = lines[old]
        if isinstance(value, dict):
            return {key: less(one, (*old, key), (*new, key)) for key, one in value.items() if (*old, key) not in wrong}
        if isinstance(value, list):
            left = [place for place in range(len(value)) if (*old, place) not in wrong]
            return [less(value[was], (*old, was), (*new, place)) for place, was in enumerate(left)]
        return value

    return less(data, (), ()), kept


def _people(file: File) -> Iterator[tuple[Path, str]]:
    """Everybody who is named, with where."""
    named: list[tuple[Path, Sequence[str]]] = [
        (("owner",), file.owner),
        (("enroll",), file.enroll or ()),
        (("operators",), file.operators or ()),
    ]
    for place, approval in enumerate(file.approvals):
        named.append((("approvals", place, "approvers"), approval.approvers))
        named.append((("approvals", place, "escalate_to"), approval.escalate_to))
    for path, people in named:
        yield from ((((*path, place)), one) for place, one in enumerate(people))


def _told(read: Read) -> Iterator[tuple[str, int]]:
    """The lines by key, with approvals by their name: "approvals.large", "approvals.large.threshold"."""
    for path, line in read.lines.items():
        match path:
            case ("approvals", int(place), *rest) if not any(isinstance(part, int) for part in rest):
                yield problems.key(("approvals", read.file.approvals[place].name, *rest)), line
            case _ if not any(isinstance(part, int) for part in path):
                yield problems.key(path), line


def _choice(choice: Choosing | Channels) -> Choice:
    return Choice(allow=tuple(choice.allow), deny=tuple(choice.deny))


def _tier(approval: Approval, approvers: tuple[str, ...], escalate_to: tuple[str, ...]) -> Tier:
    return Tier(
        name=approval.name,
        above=approval.threshold,
        approvers=approvers,
        needed=approval.needed,
        flows=tuple(approval.flows),
        channel=approval.channel or "",
        hours=approval.expires_hours,
        escalate_to=escalate_to,
    )


def _quiet(file: File) -> Quiet | None:
    quiet = file.quiet_hours
    if quiet is None:
        return None
    start, end = quiet.start or time(), quiet.end or time()
    return Quiet(file.time_zone, start, end, weekends=quiet.weekends, days=tuple(quiet.holidays))


def _opt_out(file: File) -> OptOut:
    opt_out = file.opt_out
    columns = OptOut().columns if opt_out.columns is None else tuple(opt_out.columns)
    return OptOut(columns, suppression_query=opt_out.suppression_query, required=opt_out.required)


def _canary(file: File) -> Canary:
    canary = file.canary
    return Canary(
        size=canary.size,
        offered_from=canary.offered_from,
        ticked_from=canary.ticked_from,
        required_above=canary.required_above,
        release=Release(canary.release),
        hours=canary.expires_hours,
    )
