"""The tables. A column has the name of the field it keeps (see `bot.enrollment.model`), and every table its team.

Change them only together with a new file in `migrations/versions` and HEAD.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, false, text

from bot.enrollment.model.approvals import Terms
from bot.enrollment.model.checks import CheckStage, CheckState, LeftOut, Preflight, Refusal
from bot.enrollment.model.connections import ConsentState, Service
from bot.enrollment.model.drafts import DraftStatus, PostTo, Source
from bot.enrollment.model.enrollments import Hold, Outcome, Pause, RunStatus, State, Step, Tally, Trouble, Verdict
from bot.enrollment.model.flows import FieldMapping, Flow, FlowField
from bot.enrollment.model.messages import MessageKind
from bot.enrollment.model.outages import OutageKind
from bot.enrollment.model.queries import QueryWarning
from bot.store.types import Nested, Text, UtcDateTime, Word

HEAD = "0004"
"""The newest migration, known here because processes that serve do not import Alembic."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ONE_OPEN = text("status = 'open'")
_PENDING = text("state IN ('asked', 'waiting')")
_NOT_HEALED = text("healed_at IS NULL")

drafts = Table(
    "drafts",
    metadata,
    Column("id", String, primary_key=True),
    Column("team_id", String, nullable=False),
    Column("user_id", String, nullable=False),
    Column("status", Word(DraftStatus), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("source", Word(Source), nullable=False),
    Column("sql", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sql", Text, nullable=False),
    Column("snowflake_id", String, nullable=False),
    Column("gong_id", String, nullable=False),
    Column("flow", Nested(Flow)),
    Column("id_column", Text, nullable=False),
    Column("opt_out", Text, nullable=False, server_default=""),
    Column("canary", Boolean),
    Column("note", Text, nullable=False, server_default=""),
    Column("mappings", Nested(tuple[FieldMapping, ...]), nullable=False),
    Column("post_to", Word(PostTo)),
    Column("channel_id", String, nullable=False),
    Column("channel_problem", Text, nullable=False),
    Column("origin_channel_id", String, nullable=False),
    Column("origin_channel_name", Text, nullable=False),
    Column("response_url", Text, nullable=False),
    Column("view_id", String, nullable=False),
    Column("check_id", String, nullable=False),
    Column("tries", Integer, nullable=False),
    # One open draft per person and workspace, whatever two devices do at once.
    Index("uq_drafts_open", "team_id", "user_id", unique=True, sqlite_where=_ONE_OPEN, postgresql_where=_ONE_OPEN),
    Index(None, "status", "updated_at"),
)

checks = Table(
    "checks",
    metadata,
    Column("id", String, primary_key=True),
    Column("team_id", String, nullable=False),
    Column("user_id", String, nullable=False),
    Column("draft_id", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Word(CheckState), nullable=False),
    Column("stage", Word(CheckStage), nullable=False),
    Column("sql", Text, nullable=False),
    Column("tables", Nested(tuple[str, ...]), nullable=False),
    Column("snowflake_id", String, nullable=False),
    Column("snowflake_name", Text, nullable=False),
    Column("gong_id", String, nullable=False),
    Column("flow", Nested(Flow), nullable=False),
    Column("id_column", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("due_at", UtcDateTime, index=True),
    Column("rows", Integer),
    Column("query_id", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("preflight", Nested(Preflight)),
    Column("fields", Nested(tuple[FlowField, ...]), nullable=False),
    Column("refusal", Nested(Refusal)),
    Column("opt_out", Text, nullable=False, server_default=""),
    Column("warnings", Nested(tuple[QueryWarning, ...]), nullable=False, server_default="[]"),
    Column("ordered", Boolean, nullable=False, server_default=false()),
    Column("query_hash", String, nullable=False, server_default=""),
    Column("suppression_id", String, nullable=False, server_default=""),
    Index(None, "draft_id", "number"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("check_id", ForeignKey("checks.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("team_id", String, nullable=False),
    Column("source_value", Text, nullable=False),
    Column("canonical_id", String, nullable=False),
    Column("outcome", Word(Outcome), nullable=False),
    Column("message", Text, nullable=False),
    # One person is in a frozen list once, and outcomes are found by the value that Polytomic was given.
    Index(None, "check_id", "canonical_id", unique=True),
    Index(None, "check_id", "source_value", unique=True),
)

left_out = Table(
    "left_out",
    metadata,
    Column("check_id", ForeignKey("checks.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("team_id", String, nullable=False),
    Column("reason", Word(LeftOut), nullable=False),
    Column("contact_id", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("rows", Integer, nullable=False),
)

enrollments = Table(
    "enrollments",
    metadata,
    Column("id", String, primary_key=True),
    Column("team_id", String, nullable=False),
    Column("requester_id", String, nullable=False),
    Column("state", Word(State), nullable=False),
    Column("step", Word(Step), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("check_id", String, nullable=False, unique=True),
    Column("sql", Text, nullable=False),
    Column("snowflake_id", String, nullable=False),
    Column("gong_id", String, nullable=False),
    Column("flow", Nested(Flow), nullable=False),
    Column("id_column", Text, nullable=False),
    Column("mappings", Nested(tuple[FieldMapping, ...]), nullable=False),
    Column("post_channel", String, nullable=False),
    Column("origin_channel_id", String, nullable=False),
    Column("response_url", Text, nullable=False),
    Column("batch_size", Integer, nullable=False),
    Column("tally", Nested(Tally), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, index=True),
    Column("attempt", Integer, nullable=False),
    Column("asked", Boolean, nullable=False),
    Column("asked_at", UtcDateTime),
    Column("batch", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", UtcDateTime),
    Column("model_id", String, nullable=False),
    Column("model_field", Text, nullable=False),
    Column("model_job", Text, nullable=False),
    Column("sync_id", String, nullable=False),
    Column("trouble", Nested(Trouble)),
    Column("canceled_by", String, nullable=False),
    Column("cancel_asked_at", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("retired_at", UtcDateTime),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("held_for", Word(Hold), index=True),
    Column("held_since", UtcDateTime),
    Column("verdict", Word(Verdict)),
    Column("verdict_by", String, nullable=False, server_default=""),
    Column("canary", Integer, nullable=False, server_default="0"),
    Column("canary_until", UtcDateTime),
    Column("released_by", String, nullable=False, server_default=""),
    Column("released_at", UtcDateTime),
    Column("terms", Nested(Terms)),
    Column("pause", Nested(Pause)),
    Column("fingerprint", String, nullable=False, server_default=""),
    Column("query_hash", String, nullable=False, server_default="", index=True),
    Index(None, "team_id", "requester_id", "created_at"),
)

runs = Table(
    "runs",
    metadata,
    Column("enrollment_id", ForeignKey("enrollments.id", ondelete="CASCADE"), primary_key=True),
    Column("batch", Integer, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("team_id", String, nullable=False),
    Column("status", Word(RunStatus), nullable=False),
    Column("size", Integer, nullable=False),
    Column("execution_id", String, nullable=False),
    Column("total", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("errors", Integer, nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("looked_at", UtcDateTime),
    Column("changed_at", UtcDateTime),
    # Events name executions, and those that go are looked at when they have been quiet for long.
    Index(None, "execution_id"),
    Index(None, "status", "looked_at"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", String, primary_key=True),
    Column("team_id", String, nullable=False),
    Column("user_id", String, nullable=False),
    Column("service", Word(Service), nullable=False),
    Column("state", Word(ConsentState), nullable=False),
    Column("connection_id", String, nullable=False),
    Column("connection_name", Text, nullable=False),
    Column("draft_id", String),
    Column("view_id", String),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, index=True),
    Column("attempt", Integer, nullable=False),
    Column("status_error", Text, nullable=False),
    Column("reconnect", Boolean, nullable=False),
    Column("url", Text, nullable=False),
    # One pending connection per organization and service: a second person joins it instead of making another.
    Index("uq_consents_pending", "team_id", "service", unique=True, sqlite_where=_PENDING, postgresql_where=_PENDING),
)

consent_askers = Table(
    "consent_askers",
    metadata,
    Column("consent_id", ForeignKey("consents.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String, primary_key=True),
    Column("team_id", String, nullable=False),
    Column("draft_id", String, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String, primary_key=True),
    Column("team_id", String, nullable=False),
    Column("kind", Word(MessageKind), nullable=False),
    Column("cause", Text, nullable=False, unique=True),
    Column("subject_id", String, nullable=False, index=True),
    Column("channel", String, nullable=False),
    Column("wanted_revision", Integer, nullable=False),
    Column("sent_revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, index=True),
    Column("ts", String, nullable=False),
    Column("posted_channel", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("undelivered", Text, nullable=False),
    # A fingerprint of what was sent last, so that no process sends again what stands there.
    Column("standing", String, nullable=False, server_default=""),
)

outages = Table(
    "outages",
    metadata,
    Column("id", String, primary_key=True),
    Column("team_id", String, nullable=False),
    Column("kind", Word(OutageKind), nullable=False),
    Column("connection_id", String, nullable=False),
    Column("connection_name", Text, nullable=False),
    Column("reference", String, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("healed_at", UtcDateTime),
    Column("resumed", Integer, nullable=False),
    # What is out is told once until it heals, whoever notices first.
    Index(
        "uq_outages_going",
        "team_id",
        "kind",
        "connection_id",
        unique=True,
        sqlite_where=_NOT_HEALED,
        postgresql_where=_NOT_HEALED,
    ),
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", String, primary_key=True),
    Column("team_id", String, primary_key=True),
    Column("at", UtcDateTime),
    Column("looked_at", UtcDateTime),
    Column("not_before", UtcDateTime),
)
