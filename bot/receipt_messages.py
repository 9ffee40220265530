"""What the messages about a receipt say, read from its entry at that moment."""

from bot.enrollment import receipts as rules
from bot.enrollment.model.receipts import Receipt
from bot.rights import Names
from bot.slack_messages import Content
from bot.store import receipts
from bot.store.session import Database
from bot.views import receipt as views


class ReceiptMessages:
    """Entries in, messages out; None where there is no entry."""

    def __init__(self, db: Database, *, people: Names) -> None:
        self._db = db
        self._people = people

    async def beside(self, enrollment_id: str) -> Content | None:
        """The receipt for the thread of the living message."""
        receipt = await self._receipt(enrollment_id)
        if receipt is None:
            return None
        return views.message(receipt, await self._people(rules.people(rules.read(receipt))))

    async def file(self, enrollment_id: str) -> tuple[str, bytes, str] | None:
        """The requester's copy: its name, its content, and the sentence beside it."""
        receipt = await self._receipt(enrollment_id)
        if receipt is None:
            return None
        return views.file_name(enrollment_id), views.as_json(receipt).encode(), views.comment(receipt)

    async def _receipt(self, enrollment_id: str) -> Receipt | None:
        async with self._db.begin() as s:
            return await receipts.get(s, enrollment_id)
