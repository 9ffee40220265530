"""What is out, told once until it heals: who joins an outage, who goes on after it, and who reads of it.

Everything here happens inside the transaction that changes an enrollment or a check; the messages that it asks for
come back to whoever nudges them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.enrollment import names, states, wanted
from bot.enrollment.model.checks import Check
from bot.enrollment.model.enrollments import Enrollment, Hold
from bot.enrollment.model.messages import Message, MessageKind
from bot.enrollment.model.outages import Outage, OutageKind
from bot.store import consents, held, messages, outages
from bot.store.session import Transaction

_KINDS = {Hold.KEY: OutageKind.KEY, Hold.GONG: OutageKind.GONG}
_LATELY = timedelta(hours=1)


def concerns(before: Enrollment, after: Enrollment) -> bool:
    """True when this change joins an outage or leaves one."""
    return before.held_for is not after.held_for


async def changed(
    s: Transaction, before: Enrollment, after: Enrollment, operators: Iterable[str], now: datetime
) -> list[Message]:
    """The messages that are wanted because an enrollment waits from now on, or waits no more."""
    asked: list[Message] = []
    if not concerns(before, after):
        return asked
    if before.held_for is not None:
        asked += await _left(s, before, after, now)
    if after.held_for is not None:
        asked += await _joined(s, after, operators, now)
    return asked


async def check_refused(s: Transaction, check: Check, operators: Iterable[str], now: datetime) -> list[Message]:
    """The messages that are wanted because Polytomic refused the key to a check.

    A check ends at once and does not wait, so what was told within the hour is not told again.
    """
    last = await outages.latest(s, check.team_id, OutageKind.KEY)
    if last is not None and (last.healed_at is None or now - last.since < _LATELY):
        return []
    reference = check.refusal.reference if check.refusal else ""
    outage = await _going(s, check.team_id, (OutageKind.KEY, ""), reference, now)
    return await _want(s, [wanted.outage(outage, reader, now) for reader in operators])


async def heal(s: Transaction, outage: Outage, now: datetime, *, told: bool = True) -> list[Message]:
    """The outage is over, and everybody who was told of it reads so; nothing when somebody was faster.

    Without `told` their message says so and no word of its own does: what was out has ceased to be.
    """
    if not await outages.heal(s, outage.id, now):
        return []
    readers = await _readers(s, outage)
    edits = [wanted.outage(outage, reader, now) for reader in readers]
    words = [wanted.outage_healed(outage, reader, now) for reader in readers] if told else []
    return await _want(s, [*edits, *words])


async def _joined(s: Transaction, after: Enrollment, operators: Iterable[str], now: datetime) -> list[Message]:
    kind, connection_id = _of(after)
    reference = after.trouble.reference if after.trouble else ""
    outage = await _going(s, after.team_id, (kind, connection_id), reference, now)
    readers = list(operators)
    if kind is OutageKind.GONG:
        given = await consents.given(s, after.team_id, connection_id)
        readers += [given.user_id] if given is not None else []
    return await _want(s, [wanted.outage(outage, reader, now) for reader in sorted(set(readers))])


async def _left(s: Transaction, before: Enrollment, after: Enrollment, now: datetime) -> list[Message]:
    kind, connection_id = _of(before)
    outage = await outages.going(s, before.team_id, kind, connection_id)
    if outage is None:
        return []
    went_on = after.state in states.OPEN and after.held_for is None and after.due_at is not None
    if went_on:
        await outages.count_resumed(s, outage.id)
        if not await held.anybody_for(s, outage):
            return await heal(s, outage, now)
    return await _want(s, [wanted.outage(outage, reader, now) for reader in await _readers(s, outage)])


async def _going(s: Transaction, team_id: str, what: tuple[OutageKind, str], reference: str, now: datetime) -> Outage:
    """The outage that goes on, noticed now if nobody has before; `what` is its kind and connection."""
    kind, connection_id = what
    going = await outages.going(s, team_id, kind, connection_id)
    if going is not None:
        return going
    given = await consents.given(s, team_id, connection_id) if kind is OutageKind.GONG else None
    outage = Outage(
        id=names.row_id(),
        team_id=team_id,
        kind=kind,
        connection_id=connection_id,
        connection_name=given.connection_name if given is not None else "",
        reference=reference or names.reference(),
        since=now,
    )
    if await outages.add(s, outage):
        return outage
    return await outages.going(s, team_id, kind, connection_id) or outage


async def _readers(s: Transaction, outage: Outage) -> list[str]:
    return [one.channel for one in await messages.about(s, outage.id, MessageKind.OUTAGE)]


async def _want(s: Transaction, asked: Sequence[Message]) -> list[Message]:
    await messages.want_all(s, asked)
    return list(asked)


def _of(enrollment: Enrollment) -> tuple[OutageKind, str]:
    if enrollment.held_for is None:
        raise ValueError("an enrollment that is not held waits for nothing")
    kind = _KINDS[enrollment.held_for]
    return kind, enrollment.gong_id if kind is OutageKind.GONG else ""
