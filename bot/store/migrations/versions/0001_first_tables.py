"""The first tables: what a conversation, a check, an enrollment and a message need."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_OPEN = sa.text("status = 'open'")
_PENDING = sa.text("state IN ('asked', 'waiting')")


def upgrade() -> None:
    _drafts()
    _checks()
    _contacts()
    _left_out()
    _enrollments()
    _runs()
    _consents()
    _consent_askers()
    _messages()
    _indexes()


def downgrade() -> None:
    for table in (
        "messages",
        "consent_askers",
        "consents",
        "runs",
        "enrollments",
        "left_out",
        "contacts",
        "checks",
        "drafts",
    ):
        op.drop_table(table)


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sql", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sql", sa.Text(), nullable=False),
        sa.Column("snowflake_id", sa.String(), nullable=False),
        sa.Column("gong_id", sa.String(), nullable=False),
        sa.Column("flow", sa.JSON(), nullable=True),
        sa.Column("id_column", sa.Text(), nullable=False),
        sa.Column("mappings", sa.JSON(), nullable=False),
        sa.Column("post_to", sa.String(), nullable=True),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("channel_problem", sa.Text(), nullable=False),
        sa.Column("origin_channel_id", sa.String(), nullable=False),
        sa.Column("origin_channel_name", sa.Text(), nullable=False),
        sa.Column("response_url", sa.Text(), nullable=False),
        sa.Column("view_id", sa.String(), nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )


def _checks() -> None:
    op.create_table(
        "checks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("sql", sa.Text(), nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        sa.Column("snowflake_id", sa.String(), nullable=False),
        sa.Column("snowflake_name", sa.Text(), nullable=False),
        sa.Column("gong_id", sa.String(), nullable=False),
        sa.Column("flow", sa.JSON(), nullable=False),
        sa.Column("id_column", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("query_id", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("preflight", sa.JSON(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("refusal", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_checks"),
    )


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("source_value", sa.Text(), nullable=False),
        sa.Column("canonical_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name="fk_contacts_check_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("check_id", "position", name="pk_contacts"),
    )


def _left_out() -> None:
    op.create_table(
        "left_out",
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name="fk_left_out_check_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("check_id", "position", name="pk_left_out"),
    )


def _enrollments() -> None:
    op.create_table(
        "enrollments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("requester_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("sql", sa.Text(), nullable=False),
        sa.Column("snowflake_id", sa.String(), nullable=False),
        sa.Column("gong_id", sa.String(), nullable=False),
        sa.Column("flow", sa.JSON(), nullable=False),
        sa.Column("id_column", sa.Text(), nullable=False),
        sa.Column("mappings", sa.JSON(), nullable=False),
        sa.Column("post_channel", sa.String(), nullable=False),
        sa.Column("origin_channel_id", sa.String(), nullable=False),
        sa.Column("response_url", sa.Text(), nullable=False),
        sa.Column("batch_size", sa.Integer(), nullable=False),
        sa.Column("tally", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("model_id", sa.String(), nullable=False),
        sa.Column("model_field", sa.Text(), nullable=False),
        sa.Column("model_job", sa.Text(), nullable=False),
        sa.Column("sync_id", sa.String(), nullable=False),
        sa.Column("trouble", sa.JSON(), nullable=True),
        sa.Column("canceled_by", sa.String(), nullable=False),
        sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_enrollments"),
        sa.UniqueConstraint("check_id", name="uq_enrollments_check_id"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("batch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("execution_id", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollments.id"], name="fk_runs_enrollment_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("enrollment_id", "batch", "attempt", name="pk_runs"),
    )


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("connection_name", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.String(), nullable=True),
        sa.Column("view_id", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("status_error", sa.Text(), nullable=False),
        sa.Column("reconnect", sa.Boolean(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )


def _consent_askers() -> None:
    op.create_table(
        "consent_askers",
        sa.Column("consent_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name="fk_consent_askers_consent_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("consent_id", "user_id", name="pk_consent_askers"),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("wanted_revision", sa.Integer(), nullable=False),
        sa.Column("sent_revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("posted_channel", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undelivered", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("cause", name="uq_messages_cause"),
    )


def _indexes() -> None:
    op.create_index(
        "uq_drafts_open",
        "drafts",
        ["team_id", "user_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_drafts_status_updated_at", "drafts", ["status", "updated_at"])
    op.create_index("ix_checks_created_at", "checks", ["created_at"])
    op.create_index("ix_checks_draft_id_number", "checks", ["draft_id", "number"])
    op.create_index("ix_checks_due_at", "checks", ["due_at"])
    op.create_index("ix_contacts_check_id_canonical_id", "contacts", ["check_id", "canonical_id"], unique=True)
    op.create_index("ix_contacts_check_id_source_value", "contacts", ["check_id", "source_value"], unique=True)
    op.create_index(
        "ix_enrollments_team_id_requester_id_created_at",
        "enrollments",
        ["team_id", "requester_id", "created_at"],
    )
    op.create_index("ix_enrollments_due_at", "enrollments", ["due_at"])
    op.create_index(
        "uq_consents_pending",
        "consents",
        ["team_id", "service"],
        unique=True,
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )
    op.create_index("ix_consents_due_at", "consents", ["due_at"])
    op.create_index("ix_messages_due_at", "messages", ["due_at"])
    op.create_index("ix_messages_subject_id", "messages", ["subject_id"])
