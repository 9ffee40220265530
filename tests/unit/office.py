"""One enrollment's messages between a database and a Slack that answers as a test says."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.approval_messages import ApprovalMessages
from bot.enrollment import wanted
from bot.enrollment.model.enrollments import Enrollment, State
from bot.enrollment.model.messages import Message
from bot.notifications import Notifications
from bot.receipt_messages import ReceiptMessages
from bot.renderings import Renderings
from bot.slack_files import SlackFiles
from bot.slack_messages import SlackMessages
from bot.store import checks, enrollments, messages
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import NOW
from tests.unit.web_api import WebApi, web_api

EVERYWHERE: dict[str, Any] = {"ok": True, "channel": "C0REVOPS", "ts": "1.000100"}


@dataclass
class Office:
    """One enrollment's messages, a Slack that answers as told, and a clock that the test turns."""

    db: Database
    api: WebApi
    now: datetime = NOW
    told: list[tuple[str, str]] = field(default_factory=list)
    nudged: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        slack = SlackMessages(self.api.client, session=self.api.session)
        files = SlackFiles(
            self.api.client,
            session=self.api.session,
            token=SecretStr("xoxb-sandbox"),
            api_url=f"{self.api.url}api/",
            query_bytes=8000,
        )
        renderings = Renderings(
            self.db,
            files,
            clock=self.clock,
            operators=("U0OPERATOR",),
            names=self.names,
            receipt_messages=ReceiptMessages(self.db, people=self.people),
            approvals=ApprovalMessages(
                self.db, clock=self.clock, owners=self.owners, people=self.people, may_wait=False
            ),
            syncs="https://poly/syncs",
        )
        self.notifications = Notifications(
            self.db, slack, renderings, clock=self.clock, nudge=self.nudge, told=self.tell
        )

    def clock(self) -> datetime:
        return self.now

    async def names(self) -> tuple[str, ...]:
        return ("olga",)

    async def owners(self, ids: Collection[str]) -> tuple[str, ...]:
        return tuple((await self.people(ids)).values())

    async def people(self, user_ids: Collection[str]) -> dict[str, str]:
        return {user_id: user_id.removeprefix("U0").lower() for user_id in user_ids}

    async def tell(self, team_id: str, user_id: str) -> None:
        self.told.append((team_id, user_id))

    def nudge(self, chore: str, row_id: str) -> None:
        self.nudged.append((chore, row_id))

    async def has(self, enrollment: Enrollment) -> None:
        """The enrollment is in the database, with the check it came from."""
        async with self.db.begin() as s:
            await checks.add(s, stored.check(enrollment.check_id, draft_id=enrollment.id))
            await enrollments.add(s, enrollment)

    async def want(self, row: Message) -> str:
        """The message is wanted; returns its row's id."""
        async with self.db.begin() as s:
            await messages.want(s, row)
            kept = await messages.by_cause(s, row.cause)
        assert kept is not None
        return kept.id

    async def row(self, message_id: str) -> Message:
        """The message as it is kept."""
        async with self.db.begin() as s:
            found = await messages.get(s, message_id)
        assert found is not None
        return found

    async def becomes(self, state: State, **changes: Any) -> None:
        """The enrollment has moved."""
        async with self.db.begin() as s:
            await enrollments.move(s, "E-7K2M9Q", set(State), state=state, **changes)

    async def send(self, row: Message) -> Message:
        """The message is wanted and delivered; returns the row as it is afterwards."""
        message_id = await self.want(row)
        await self.notifications.deliver(message_id)
        return await self.row(message_id)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Office]:
    """An office with one launching enrollment and a Slack where everything works."""
    async with stored.opened(folder) as db, web_api() as api:
        api.answers["chat.postMessage"] = EVERYWHERE
        api.answers["chat.update"] = {"ok": True}
        api.answers["chat.getPermalink"] = {"ok": True, "permalink": "https://slack/p1"}
        yield Office(db, api)


def living() -> Message:
    """The living message of the enrollment, wanted now."""
    return wanted.living(stored.enrollment(), NOW)


def closed(channel: str, error: str) -> Any:
    """A Slack where this one channel is closed to the bot."""

    def answer(arguments: dict[str, str]) -> dict[str, Any]:
        if arguments["channel"] == channel:
            return {"ok": False, "error": error}
        return {"ok": True, "channel": "D0REQUESTER", "ts": "2.000100"}

    return answer
