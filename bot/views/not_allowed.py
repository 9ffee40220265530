"""What a rule of the policy refused: what, what would pass, which rule, and who owns it (ux.md section 5.3)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.enrollment.model.policies import Refused, Rule
from bot.views import words

_MOST = 3


@dataclass(frozen=True, slots=True)
class _Pen:
    """How a surface writes names, people, channels and times."""

    name: Callable[[str], str]
    code: Callable[[str], str]
    people: Callable[[Sequence[str]], str]
    channel: Callable[[str], str]
    groups: Callable[[Sequence[str]], str]
    until: Callable[..., str]
    most: int = _MOST


def who_may(enroll: Sequence[str]) -> str:
    """Mrkdwn: what somebody hears who is not among those, and which groups are."""
    groups = words.joined([words.mention(one) for one in enroll if one.startswith("S")][:_MOST], "or")
    return f"You are not among those who may enroll.{f' Members of {groups} may.' if groups else ''}"


_MRKDWN = _Pen(words.flow, words.code, words.operators, words.channel, who_may, words.date)


def sentence(refused: Refused) -> str:
    """Mrkdwn: all of it."""
    return _whole(refused, _MRKDWN)


def plain(refused: Refused, *, channels: Mapping[str, str] | None = None, brief: bool = False) -> str:
    """The same as plain text, which mentions nobody; `channels` are names by id. `brief` fits into an alert."""
    named = channels or {}

    def name(text: str) -> str:
        return words.data(text, words.FLOW_MAX)

    def channel(channel_id: str) -> str:
        return f"#{name(named[channel_id])}" if channel_id in named else "this channel"

    def people(_: Sequence[str]) -> str:
        return words.operators(())

    pen = _Pen(name, name, people, channel, lambda _: who_may(()), words.utc, most=1 if brief else _MOST)
    return _whole(refused, pen, owned=not brief)


def _whole(refused: Refused, pen: _Pen, *, owned: bool = True) -> str:
    if refused.rule not in _WHAT:
        return f"{_nobody_may_approve(refused, pen)} Rule {pen.code(refused.rule)}."
    owner = f", owner {pen.people(refused.owner)}" if owned else ""
    return f"{_WHAT[refused.rule](refused, pen)} Nothing was enrolled. Rule {pen.code(refused.rule)}{owner}."


def _people(refused: Refused, pen: _Pen) -> str:
    return pen.groups(refused.allowed)


def _flows(refused: Refused, pen: _Pen) -> str:
    way = "The list shows the flows that are open to you."
    if refused.count:
        way = f"Open to you: {words.count(refused.count, 'flow')}, shown in the list."
    return f"{pen.name(refused.refused)} is closed to this bot. {way}"


def _connections(refused: Refused, pen: _Pen) -> str:
    others = words.joined([pen.name(one) for one in refused.allowed if "*" not in one][: pen.most], "or")
    return f"{pen.name(refused.refused)} may not be used with this flow{f'; {others} may' if others else ''}."


def _channels(refused: Refused, pen: _Pen) -> str:
    others = [pen.channel(one) for one in refused.allowed][: pen.most]
    # In plain text a channel may have no name that we know: it is left out rather than called "this channel" too.
    told = words.joined([one for one in others if one != "this channel"], "or")
    return f"Enrolling from {pen.channel(refused.refused)} is not allowed{f'; from {told} it is' if told else ''}."


def _opt_out(refused: Refused, pen: _Pen) -> str:
    column = pen.code(refused.allowed[0]) if refused.allowed else "one"
    return f"The query names no opt-out column, and the policy requires one. Select {column} too."


def _request_cap(refused: Refused, _: _Pen) -> str:
    limit = words.number(refused.limit)
    return (
        f"{words.count(refused.asked, 'contact')}; the limit per request is {limit}. Split the query, ask for a higher"
        f" limit, or add ORDER BY so that the first {limit} are meant."
    )


def _day_cap(refused: Refused, pen: _Pen) -> str:
    limit, asked = words.number(refused.limit), words.number(refused.asked)
    were = "was" if refused.asked == 1 else "were"
    # Whoever asks for more than a whole day allows would wait in vain.
    wait = f"wait until {pen.until(refused.until)}" if refused.until and refused.asked <= refused.limit else ""
    if not refused.left:
        way = f"{wait[:1].upper()}{wait[1:]}." if wait else f"Ask for {limit} or fewer another day."
        return f"Today's {limit} are used up; {asked} {were} asked. {way}"
    left = words.number(refused.left)
    are = "is" if refused.left == 1 else "are"
    return (
        f"{left} of today's {limit} {are} left; {asked} {were} asked."
        f" Ask for {left} or fewer{f', or {wait}' if wait else ''}."
    )


def _nobody_may_approve(refused: Refused, pen: _Pen) -> str:
    owner = pen.people(refused.owner)
    mend = f"{owner[:1].upper()}{owner[1:]} can add {'one' if refused.count - len(refused.allowed) == 1 else 'some'}"
    free = words.count(refused.limit, "contact")
    need = "needs" if refused.limit == 1 else "need"
    unless = f"; up to {free} {need} no approval" if refused.limit else ""
    return f"Nobody may approve this: {_why_nobody(refused)}. Nothing was sent. {mend}{unless}."


def _why_nobody(refused: Refused) -> str:
    others = len(refused.allowed)
    if not others:
        return "the only approver is you" if refused.refused else "there is no approver"
    beside = " beside you" if refused.refused else ""
    return f"{refused.count} approvers are needed, and there {'is' if others == 1 else 'are'} only {others}{beside}"


_WHAT: Mapping[str, Callable[[Refused, _Pen], str]] = {
    Rule.PEOPLE: _people,
    Rule.FLOWS: _flows,
    Rule.CONNECTIONS: _connections,
    Rule.CHANNELS: _channels,
    Rule.REQUEST_CAP: _request_cap,
    Rule.DAY_CAP: _day_cap,
    Rule.OPT_OUT: _opt_out,
}
