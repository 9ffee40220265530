"""Writing down what a step changed, with the messages it asks for, in one transaction."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import timedelta

import structlog

from bot.enrollment import chains, chores, marking, names, outages, receipts, states, wanted, wanted_approval
from bot.enrollment.chores import Nudge
from bot.enrollment.holding import LOCKED_OUT
from bot.enrollment.model.checks import Check
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, State
from bot.enrollment.model.messages import Message
from bot.enrollment.model.people import Operators
from bot.store import checks, enrollments, messages
from bot.store.session import Database

_UNSEEN = frozenset(
    {
        "revision",
        "version",
        "updated_at",
        "due_at",
        "attempt",
        "asked",
        "asked_at",
        "retired_at",
        "failures",
        "model_field",
        "model_job",
        "verdict",
        "verdict_by",
    }
)
_WISHES = ("cancel_asked_at", "canceled_by", "verdict", "verdict_by", "released_at", "released_by")
_ODD = "PolytomicOddAnswer"
_QUIET_CANCEL = timedelta(minutes=1)


class Keeping:
    """The only writer of an enrollment after it is confirmed, beside the wish to cancel; also ends refused checks."""

    def __init__(self, db: Database, *, clock: Clock, operators: Operators, nudge: Nudge) -> None:
        self._db = db
        self._clock = clock
        self._operators = operators
        self._nudge = nudge
        self._log = structlog.get_logger()

    async def keep(self, before: Enrollment, after: Enrollment) -> Enrollment | None:
        """The row is as `after` says, and as is returned, if nobody wrote it since `before` was read; else None.

        A wish that arrived meanwhile (to cancel, or an operator's word) is not overwritten, and makes the row due at
        once.
        """
        if before.state is not after.state and not states.may_move(before.state, after.state):
            raise ValueError(f"{before.state} may not become {after.state}")
        now = self._clock()
        changes = {
            field.name: getattr(after, field.name)
            for field in fields(Enrollment)
            if getattr(after, field.name) != getattr(before, field.name)
        }
        seen = before.state in states.OPEN and bool(changes.keys() - _UNSEEN)
        # Asked before the transaction: Slack may have to be asked who they are.
        must_know = before.state is not after.state and _operators_must_know(after)
        tell = await self._operators() if must_know or outages.concerns(before, after) else ()
        asked: list[Message] = []
        async with self._db.begin() as s:
            current = await enrollments.current(s, before.id)
            if current is None or not _is_as_read(current, before) or await marking.waits_for_nothing(s, after):
                return None
            if _wishes(current) != _wishes(before) and after.state in states.OPEN:
                changes = {name: value for name, value in changes.items() if name not in _WISHES} | {"due_at": now}
            whole = replace(after, canceled_by=current.canceled_by or after.canceled_by)
            if seen:
                changes["revision"] = current.revision + 1
            kept = await enrollments.keep(s, current, updated_at=now, **changes)
            if seen:
                asked = self._messages(before, whole)
                asked += [wanted.operator_note(whole, operator, now) for operator in tell if must_know]
            await messages.want_all(s, asked)
            asked += await outages.changed(s, before, after, tell, now)
            if before.state in states.OPEN and after.state in states.ENDED:
                await chains.close(s, whole, now)
        self._deliver(asked)
        return kept

    async def report(self, enrollment_id: str, why: str) -> None:
        """Every operator is told, once, of a row that cannot be right; nothing else is done about it."""
        operators, now = await self._operators(), self._clock()
        async with self._db.begin() as s:
            team_id = await enrollments.team_of(s, enrollment_id)
            notes = [wanted.impossible_row(enrollment_id, team_id, why, operator, now) for operator in operators]
            fresh = await messages.want_all(s, notes)
        for note in fresh:
            self._nudge(chores.MESSAGE, note.id)
        if fresh:
            reference = names.reference_of(enrollment_id, why)
            self._log.error("enrollment.impossible", enrollment=enrollment_id, reference=reference, why=why)

    async def keep_refused(self, check: Check) -> bool:
        """The check has ended as refused, and operators hear of what only they can mend; False when nobody waits."""
        kind = check.refusal.kind if check.refusal else ""
        now = self._clock()
        tell = await self._operators() if kind in {LOCKED_OUT, _ODD} else ()
        notes = [wanted.check_note(check, operator, now) for operator in tell if kind == _ODD]
        async with self._db.begin() as s:
            if not await checks.save(s, check):
                return False
            await messages.want_all(s, notes)
            if kind == LOCKED_OUT:
                notes += await outages.check_refused(s, check, tell, now)
        self._deliver(notes)
        return True

    def _deliver(self, asked: Iterable[Message]) -> None:
        for message in asked:
            self._nudge(chores.MESSAGE, message.id)

    def _messages(self, before: Enrollment, after: Enrollment) -> list[Message]:
        now = self._clock()
        asked = [wanted.living(after, now), *wanted_approval.moved(before, after, now)]
        if before.state is after.state:
            return asked
        if after.state in states.ENDED and not self._canceled_by_requester_lately(after):
            asked.append(wanted.ping(after, now))
        if after.state in states.ENDED and (after.tally.refused or after.tally.gone):
            asked.append(wanted.refused_file(after, after.requester_id, now))
        if after.state in states.ENDED and receipts.is_told(after):
            asked += [wanted.receipt(after, now), wanted.receipt_file(after, now)]
        if after.state in {State.NEEDS_ATTENTION, State.CANARY}:
            asked.append(wanted.ping(after, now))
        return asked

    def _canceled_by_requester_lately(self, after: Enrollment) -> bool:
        if after.state is not State.CANCELED or after.canceled_by != after.requester_id:
            return False
        return after.cancel_asked_at is not None and self._clock() - after.cancel_asked_at < _QUIET_CANCEL


def _is_as_read(current: Enrollment, before: Enrollment) -> bool:
    """True while nobody else has brought it on; a wish may have come."""
    return (current.version, current.state) == (before.version, before.state)


def _wishes(enrollment: Enrollment) -> tuple[object, ...]:
    return tuple(getattr(enrollment, name) for name in _WISHES)


def _operators_must_know(after: Enrollment) -> bool:
    if after.state is State.NEEDS_ATTENTION:
        return True
    kind = after.trouble.kind if after.trouble else ""
    # Of a key that is refused they know by the outage.
    return after.state is State.FAILED and kind == _ODD
