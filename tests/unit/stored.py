"""A real SQLite file for the tests of the store, and rows for it: values of the model, changed by what a test says."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.enrollment.model.checks import Check, CheckStage, CheckState, Contact
from bot.enrollment.model.connections import Consent, ConsentState, Service
from bot.enrollment.model.drafts import Draft, DraftStatus
from bot.enrollment.model.enrollments import Enrollment, Run, RunStatus, State, Step, Tally
from bot.enrollment.model.flows import Flow
from bot.enrollment.model.messages import Message, MessageKind
from bot.store import migrate
from bot.store.session import Database

NOW = datetime(2026, 11, 23, 14, 5, 0, 250_000, tzinfo=UTC)
TEAM = "T0SANDBOX"
REQUESTER = "U0REQUESTER"
FLOW = Flow("7013485924137204000", "Q4 Renewal")


def url(folder: Path) -> str:
    """A DATABASE_URL in this folder."""
    return f"sqlite+aiosqlite:///{folder}/data/enroll-flow.db"


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Database]:
    """A new database with all its tables."""
    migrate.upgrade(url(folder))
    db = Database(url(folder))
    try:
        yield db
    finally:
        await db.close()


def draft(draft_id: str = "E-7K2M9Q", **changes: Any) -> Draft:
    """An open, empty draft."""
    made = Draft(draft_id, TEAM, REQUESTER, DraftStatus.OPEN, revision=0, created_at=NOW, updated_at=NOW)
    return replace(made, **changes)


def check(check_id: str = "check", **changes: Any) -> Check:
    """A running check, due now."""
    made = Check(
        id=check_id,
        team_id=TEAM,
        user_id=REQUESTER,
        draft_id="E-7K2M9Q",
        number=1,
        state=CheckState.RUNNING,
        stage=CheckStage.QUERY,
        sql="SELECT contact_id FROM contacts",
        tables=("contacts",),
        snowflake_id="snowflake",
        snowflake_name="Snowflake Connection",
        gong_id="gong",
        flow=FLOW,
        id_column="",
        created_at=NOW,
        due_at=NOW,
    )
    return replace(made, **changes)


def contacts(count: int) -> Sequence[Contact]:
    """A list of so many people."""
    return [Contact(position, f"003{position:012d}", f"003{position:012d}AAA") for position in range(count)]


def enrollment(enrollment_id: str = "E-7K2M9Q", **changes: Any) -> Enrollment:
    """An enrollment that was confirmed a moment ago; its check is its own."""
    made = Enrollment(
        id=enrollment_id,
        team_id=TEAM,
        requester_id=REQUESTER,
        state=State.LAUNCHING,
        step=Step.CREATE_MODEL,
        revision=1,
        check_id=f"check of {enrollment_id}",
        sql="SELECT contact_id FROM contacts",
        snowflake_id="snowflake",
        gong_id="gong",
        flow=FLOW,
        id_column="CONTACT_ID",
        mappings=(),
        post_channel="C0REVOPS",
        origin_channel_id="C0REVOPS",
        response_url="",
        batch_size=1000,
        tally=Tally(total=1225),
        created_at=NOW,
        updated_at=NOW,
        due_at=NOW,
    )
    return replace(made, **changes)


def run(**changes: Any) -> Run:
    """The first run of the enrollment."""
    return replace(Run("E-7K2M9Q", batch=0, attempt=0, status=RunStatus.GOING, size=1000), **changes)


def consent(consent_id: str = "consent", **changes: Any) -> Consent:
    """A consent that was asked for and not relayed yet."""
    made = Consent(
        id=consent_id,
        team_id=TEAM,
        user_id=REQUESTER,
        service=Service.GONG,
        state=ConsentState.ASKED,
        connection_id="",
        connection_name="Gong Connection",
        draft_id="E-7K2M9Q",
        view_id=None,
        expires_at=NOW,
        created_at=NOW,
        due_at=NOW,
    )
    return replace(made, **changes)


def message(kind: MessageKind = MessageKind.LIVING, **changes: Any) -> Message:
    """A message about the enrollment that was never sent."""
    made = Message(
        id=f"message {kind}",
        team_id=TEAM,
        kind=kind,
        cause=f"{kind}:E-7K2M9Q",
        subject_id="E-7K2M9Q",
        channel="C0REVOPS",
        wanted_revision=1,
        sent_revision=0,
        created_at=NOW,
        due_at=NOW,
    )
    return replace(made, **changes)
