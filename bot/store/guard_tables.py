"""The tables of what guards an enrollment: words of approvers, stops, receipts, and the memory of who was enrolled.

Like all others they are part of `tables.metadata`.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from bot.enrollment.model.approvals import Decision
from bot.store.tables import metadata
from bot.store.types import Text, UtcDateTime, Word

_STANDING = text("lifted_at IS NULL")

approval_words = Table(
    "approval_words",
    metadata,
    # One word per approver: the first one counts.
    Column("enrollment_id", ForeignKey("enrollments.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String, primary_key=True),
    Column("team_id", String, nullable=False),
    Column("decision", Word(Decision), nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
)

questions = Table(
    "questions",
    metadata,
    Column("id", String, primary_key=True),
    Column("enrollment_id", ForeignKey("enrollments.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("team_id", String, nullable=False),
    Column("asker_id", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("answer", Text, nullable=False),
    Column("answered_by", String, nullable=False),
    Column("answered_at", UtcDateTime),
)

stops = Table(
    "stops",
    metadata,
    Column("id", String, primary_key=True),
    Column("team_id", String, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("lifted_by", String, nullable=False),
    Column("lifted_at", UtcDateTime),
    # Everything is stopped once, whoever says so first.
    Index("uq_stops_standing", "team_id", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING),
)

receipts = Table(
    "receipts",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # No foreign key: a receipt outlives what it tells of.
    Column("enrollment_id", String, nullable=False, unique=True),
    Column("body", Text, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

receipt_chains = Table(
    "receipt_chains",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("hash", String, nullable=False),
)

remembered = Table(
    "remembered",
    metadata,
    # Who was sent into which flow by which enrollment: a salted hash of the CRM id, which outlives the list itself.
    Column("enrollment_id", String, primary_key=True),
    Column("person", LargeBinary, primary_key=True),
    Column("team_id", String, nullable=False),
    Column("flow_id", String, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Index(None, "team_id", "person"),
)

salts = Table(
    "salts",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
)
