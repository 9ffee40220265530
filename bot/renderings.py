"""What each wanted message says, read from the rows at the moment of sending."""

from dataclasses import replace

from bot import slack_answers
from bot.approval_messages import ApprovalMessages
from bot.enrollment.model.checks import Check, CheckState
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.connections import Consent, Service
from bot.enrollment.model.drafts import DraftStatus
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.messages import Message, MessageKind
from bot.enrollment.model.outages import Waiting
from bot.enrollment.receipts import is_told
from bot.receipt_messages import ReceiptMessages
from bot.rights import OperatorNames
from bot.slack_files import SlackFiles
from bot.slack_messages import Content, Posted
from bot.store import checks, consents, contacts, drafts, enrollments, held, outages, receipts, stops
from bot.store.session import Database
from bot.views import direct, files, holds, living, ping
from bot.views import outages as outage_words


class Renderings:
    """Rows in, messages out; None where nothing has to be said any more."""

    def __init__(
        self,
        db: Database,
        slack_files: SlackFiles,
        *,
        clock: Clock,
        operators: tuple[str, ...],
        names: OperatorNames,
        receipt_messages: ReceiptMessages,
        approvals: ApprovalMessages,
        syncs: str,
    ) -> None:
        self._db = db
        self._files = slack_files
        self._clock = clock
        self._operators = operators
        self._names = names
        self._syncs = syncs
        self.receipts = receipt_messages
        self.approvals = approvals

    async def living(self, enrollment_id: str) -> Content | None:
        """The living message as the enrollment stands."""
        async with self._db.begin() as s:
            enrollment = await enrollments.get(s, enrollment_id)
            if enrollment is None:
                return None
            stop = await stops.standing(s, enrollment.team_id)
            receipt = is_told(enrollment) and await receipts.get(s, enrollment_id) is not None
        facts = living.Facts(
            now=self._clock(),
            operators=await self._names(),
            link=self._page(enrollment),
            receipt=receipt,
            asked=await self.approvals.asked(enrollment),
            stop=stop,
        )
        return living.message(enrollment, facts)

    async def stop_note(self, message: Message) -> Content | None:
        """The word in the thread that everything was stopped, or resumed; its cause ends with the stop."""
        async with self._db.begin() as s:
            stop = await stops.get(s, message.cause.rpartition(":")[2])
        if stop is None:
            return None
        return holds.stopped(stop) if message.kind is MessageKind.STOPPED else holds.resumed(stop)

    async def ping(self, enrollment: Enrollment) -> Content:
        """The mention in the thread; whether one is due was decided when its row was written."""
        return ping.message(enrollment, operators=await self._names(), link=self._page(enrollment))

    async def outage(self, message: Message) -> Content | None:
        """What is out, and who waits for it now; None for one that healed before anybody was told."""
        async with self._db.begin() as s:
            outage = await outages.get(s, message.subject_id)
            waiting = await held.waiting(s, outage) if outage is not None else Waiting()
        if outage is None or (outage.healed_at is not None and not message.ts):
            return None
        return outage_words.message(outage, waiting)

    async def outage_healed(self, outage_id: str) -> Content | None:
        """The word in the thread that the outage is over."""
        async with self._db.begin() as s:
            outage = await outages.get(s, outage_id)
        return outage_words.healed(outage) if outage is not None else None

    def started(self, enrollment: Enrollment, link: str) -> Content:
        """Where to follow an enrollment that was asked for elsewhere."""
        return direct.started(enrollment, link)

    async def direct(self, message: Message) -> Content | None:
        """A message to one person."""
        match message.kind:
            case MessageKind.CHECK_DONE | MessageKind.CHECK_REFUSED:
                return await self._check(message)
            case MessageKind.CHECK_NOTE:
                return await self._check_note(message.subject_id)
            case MessageKind.CONSENT:
                return await self._consent(message)
            case MessageKind.IMPOSSIBLE_ROW:
                return direct.impossible_row(message.subject_id, message.cause.rpartition(":")[2])
            case MessageKind.ASK_OPERATOR:
                return await self._ask_operator(message)
            case _:
                return await self._of_enrollment(message)

    async def send_file(self, message: Message) -> Posted:
        """The file is in the reader's direct messages. Raises SlackUndelivered."""
        if message.kind is MessageKind.LEFT_OUT_FILE:
            found = await self._left_out(message.subject_id)
        elif message.kind is MessageKind.RECEIPT_FILE:
            found = await self.receipts.file(message.subject_id)
        else:
            found = await self._refused(message.subject_id)
        if found is None:
            return Posted(message.channel, "")
        name, content, comment = found
        try:
            conversation = await self._files.send(message.channel, name, content, comment)
        except slack_answers.UNANSWERED as error:
            raise slack_answers.undelivered(error) from error
        return Posted(conversation, "")

    # -- by kind

    async def _check(self, message: Message) -> Content | None:
        async with self._db.begin() as s:
            check = await checks.get(s, message.subject_id)
            draft = await drafts.get(s, check.draft_id) if check is not None else None
        if check is None or draft is None or draft.status is not DraftStatus.OPEN or draft.check_id != check.id:
            return None
        return _of_check(check, self._operators)

    async def _ask_operator(self, message: Message) -> Content:
        service, _, asker = message.subject_id.partition(":")
        async with self._db.begin() as s:
            draft = await drafts.open_draft(s, message.team_id, asker)
        return _for_draft(direct.ask_operator(asker, Service(service)), draft.id if draft is not None else "")

    async def _check_note(self, check_id: str) -> Content | None:
        async with self._db.begin() as s:
            check = await checks.get(s, check_id)
        return direct.check_note(check) if check is not None else None

    async def _consent(self, message: Message) -> Content | None:
        async with self._db.begin() as s:
            consent = await consents.get(s, message.subject_id)
        if consent is None:
            return None
        return direct.consent(_for_reader(consent, message))

    async def _of_enrollment(self, message: Message) -> Content | None:
        if message.kind is MessageKind.REMINDER:
            return await self.approvals.reminder(message)
        enrollment = await self._enrollment(message.subject_id)
        if enrollment is None:
            return None
        if message.kind is MessageKind.UNDELIVERED:
            return direct.undelivered(enrollment, enrollment.post_channel, message.cause.rpartition(":")[2])
        return direct.operator_note(enrollment, link=self._page(enrollment))

    async def _refused(self, enrollment_id: str) -> tuple[str, bytes, str] | None:
        async with self._db.begin() as s:
            enrollment = await enrollments.get(s, enrollment_id)
            told = await contacts.refused(s, enrollment.check_id) if enrollment is not None else []
        if not told:
            return None
        return (
            files.refused_name(enrollment_id),
            files.refused_csv(told),
            files.refused_comment(enrollment_id, len(told)),
        )

    async def _left_out(self, check_id: str) -> tuple[str, bytes, str] | None:
        async with self._db.begin() as s:
            check = await checks.get(s, check_id)
            rows = await contacts.left_out(s, check_id) if check is not None else []
        if check is None or not rows:
            return None
        return (
            files.left_out_name(check.draft_id),
            files.left_out_csv(rows),
            files.left_out_comment(check.draft_id, sum(row.rows for row in rows)),
        )

    async def _enrollment(self, enrollment_id: str) -> Enrollment | None:
        async with self._db.begin() as s:
            return await enrollments.get(s, enrollment_id)

    def _page(self, enrollment: Enrollment) -> str:
        """The sync's page at Polytomic, once there is one."""
        return f"{self._syncs}/{enrollment.sync_id}" if self._syncs and enrollment.sync_id else ""


def _of_check(check: Check, operators: tuple[str, ...]) -> Content:
    if check.state is CheckState.DONE:
        return direct.check_done(check)
    return direct.check_refused(check, operators)


def _for_draft(content: Content, draft_id: str) -> Content:
    """The same message, whose buttons say which draft waits: its owner is told when the press has led somewhere."""
    blocks = [
        {**block, "elements": [{**one, "value": draft_id} for one in block["elements"]]}
        if draft_id and block["type"] == "actions"
        else block
        for block in content["blocks"]
    ]
    return {**content, "blocks": blocks}


def _for_reader(consent: Consent, message: Message) -> Consent:
    """The consent with the draft of the person who reads: the message's cause ends with its id (`wanted`)."""
    return replace(consent, draft_id=message.cause.rpartition(":")[2] or None)
