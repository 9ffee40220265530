"""What a policy says of somebody's request, rule by rule, as `policy explain` prints it: lines, or one object."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from bot.enrollment import hours, judging
from bot.enrollment.model.people import Standing
from bot.enrollment.model.policies import Asked, Choice, Judgement, Policy, Refused, Release, Rule

_GUESTS = {
    Standing.GUEST: "guests may not enroll",
    Standing.OUTSIDER: "people outside this workspace may not",
    Standing.BOT: "bots may not enroll",
}


class Mark(StrEnum):
    """What a rule says."""

    YES = "pass"
    ASK = "ASK"
    WAIT = "wait"
    NO = "no"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Line:
    """One rule: what it says, why, where it stands in the file, and who owns it if it says anything but yes."""

    rule: str
    mark: Mark
    words: str
    place: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks for what, and how people are called: groups by id, with their handle; `member_of` is what lists them."""

    policy: Policy
    asked: Asked
    judgement: Judgement
    standing: Standing
    member_of: str
    names: Mapping[str, str]

    def called(self, one: str) -> str:
        """A user or group as people know it, else its id."""
        return self.names.get(one, one)


@dataclass(frozen=True, slots=True)
class Explained:
    """The whole answer."""

    verdict: str
    lines: tuple[Line, ...]
    would_pass: str
    exit_code: int

    def text(self) -> str:
        """A line for each rule between the verdict and what would pass."""
        return "\n".join([self.verdict, *(_printed(line) for line in self.lines), *filter(None, [self.would_pass])])

    def as_json(self) -> str:
        """The same for machines."""
        return json.dumps(asdict(self), indent=2)


def explain(question: Question) -> Explained:
    """What the policy says of it now."""
    lines = tuple(line for rule in _RULES for line in rule(question))
    verdict, code = _verdict(question, lines)
    return Explained(verdict, lines, _would_pass(question, lines), code)


def _verdict(question: Question, lines: tuple[Line, ...]) -> tuple[str, int]:
    refused = [line.rule for line in lines if line.mark is Mark.NO]
    if refused:
        return f"not allowed: {', '.join(refused)}", 1
    tier = question.judgement.tier
    if tier is None:
        return "allowed", 0
    return f"allowed, with approval: {tier.needed} of {', '.join(question.judgement.approvers)}", 3


def _would_pass(question: Question, lines: tuple[Line, ...]) -> str:
    """What would be allowed instead; without anybody's word, when a word is all that is needed."""
    refused = {line.rule for line in lines if line.mark is Mark.NO}
    policy, asked = question.policy, question.asked
    if "people" in refused:
        return (
            f"would pass: {' or '.join(map(question.called, policy.enroll)) or 'nobody, until enroll names somebody'}"
        )
    if "flows" in refused:
        return f"would pass: flows that are called {' or '.join(policy.flows.allow) or 'otherwise'}"
    limits = [policy.request_cap, policy.day_cap, judging.free_up_to(policy, asked.flow)]
    most = min((limit for limit in limits if limit is not None), default=None)
    if most is None or asked.people <= most:
        return ""
    return f"would pass without asking: {_contacts(most)} or fewer" if most else ""


def _people(question: Question) -> Iterator[Line]:
    policy = question.policy
    if question.standing is Standing.ALLOWED:
        named = "named" if question.member_of == question.asked.requester_id else ""
        yield _line(question, "people", Mark.YES, named or f"member of {question.called(question.member_of)}")
    else:
        words = _GUESTS.get(question.standing, "not among those who may enroll")
        words = words if policy.enroll else "nobody may enroll yet"
        yield _line(question, "people", Mark.NO, words)


def _flows(question: Question) -> Iterator[Line]:
    if question.policy.flows != Choice():
        no = _refused(question, Rule.FLOWS)
        words = f"{question.asked.flow.name} is {'closed' if no else 'open'}"
        yield _line(question, "flows", Mark.NO if no else Mark.YES, words, rule=Rule.FLOWS)


def _elsewhere(question: Question) -> Iterator[Line]:
    """What depends on more than was given here."""
    policy = question.policy
    if policy.connections != Choice():
        yield _line(question, "connections", Mark.LATER, "judged in the form", rule=Rule.CONNECTIONS)
    if policy.channels != Choice():
        yield _line(question, "channels", Mark.LATER, "judged in the form", rule=Rule.CHANNELS)


def _request_cap(question: Question) -> Iterator[Line]:
    cap = question.policy.request_cap
    if cap is not None:
        mark = Mark.NO if _refused(question, Rule.REQUEST_CAP) else Mark.YES
        yield _line(question, "request cap", mark, f"{question.asked.people:,} of {cap:,}", rule=Rule.REQUEST_CAP)


def _day_cap(question: Question) -> Iterator[Line]:
    cap = question.policy.day_cap
    if cap is not None:
        mark = Mark.NO if _refused(question, Rule.DAY_CAP) else Mark.YES
        words = f"{question.asked.people:,} of {cap:,}, if none today"
        yield _line(question, "day cap", mark, words, rule=Rule.DAY_CAP)


def _opt_out(question: Question) -> Iterator[Line]:
    if question.policy.opt_out.required:
        yield _line(question, "opt-out", Mark.LATER, "judged with the query", rule=Rule.OPT_OUT)


def _approval(question: Question) -> Iterator[Line]:
    free = judging.free_up_to(question.policy, question.asked.flow)
    tier = question.judgement.tier
    if free is None:
        return
    if tier is None:
        lowest = judging.tier_for(question.policy, question.asked.flow, free + 1)
        yield _line(question, "approval", Mark.YES, f"none up to {free:,}", rule=lowest.rule if lowest else "")
    elif _refused(question, tier.rule):
        yield _line(question, "approval", Mark.NO, f"more than {tier.above:,}, nobody may approve", rule=tier.rule)
    else:
        yield _line(question, "approval", Mark.ASK, f"more than {tier.above:,}", rule=tier.rule)


def _quiet(question: Question) -> Iterator[Line]:
    quiet, until = question.policy.quiet, question.judgement.quiet_until
    if quiet is not None and until is None:
        yield _line(question, "quiet hours", Mark.YES, "not now", rule=Rule.QUIET_HOURS)
    elif quiet is not None and until is not None:
        local = until.astimezone(hours.zone_named(quiet.zone))
        yield _line(question, "quiet hours", Mark.WAIT, f"until {local:%a %H:%M} {quiet.zone}", rule=Rule.QUIET_HOURS)


def _canary(question: Question) -> Iterator[Line]:
    if question.judgement.canary_demanded:
        canary = question.policy.canary
        then = "a word" if canary.release is Release.BY_PRESS else "the rest"
        yield _line(question, "canary", Mark.WAIT, f"the first {canary.size:,}, then {then}", rule=Rule.CANARY)


_RULES: tuple[Callable[[Question], Iterator[Line]], ...] = (
    _people,
    _flows,
    _elsewhere,
    _request_cap,
    _day_cap,
    _opt_out,
    _approval,
    _quiet,
    _canary,
)


def _refused(question: Question, rule: str) -> Refused | None:
    return next((no for no in question.judgement.refused if no.rule == rule), None)


def _line(question: Question, name: str, mark: Mark, words: str, *, rule: str = Rule.PEOPLE) -> Line:
    policy = question.policy
    line = judging.rule_line(policy, rule)
    place = f"{policy.source}:{line}" if line else ""
    owned = mark in {Mark.ASK, Mark.NO} and policy.owner
    return Line(name, mark, words, place, f"owner {question.called(policy.owner[0])}" if owned else "")


def _contacts(number: int) -> str:
    return "1 contact" if number == 1 else f"{number:,} contacts"


def _printed(line: Line) -> str:
    return f"  {line.rule:<14} {line.mark:<6} {line.words:<36} {line.place}  {line.owner}".rstrip()
