"""What guards an enrollment: approval, canary, stop, receipts; rows of an older process stay readable and writable."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STANDING = sa.text("lifted_at IS NULL")
_TIME = sa.DateTime(timezone=True)
_ADDED = {
    "drafts": ("opt_out", "canary", "note"),
    "checks": ("opt_out", "warnings", "ordered", "query_hash", "suppression_id"),
    "enrollments": (
        "canary",
        "canary_until",
        "released_by",
        "released_at",
        "terms",
        "pause",
        "fingerprint",
        "query_hash",
    ),
}


def upgrade() -> None:
    _columns()
    _words()
    _stops()
    _receipts()
    _memory()


def downgrade() -> None:
    for name in ("salts", "remembered", "receipt_chains", "receipts", "stops", "questions", "approval_words"):
        op.drop_table(name)
    op.drop_index("ix_enrollments_query_hash", "enrollments")
    for name, columns in _ADDED.items():
        with op.batch_alter_table(name) as table:
            for column in columns:
                table.drop_column(column)


def _columns() -> None:
    # Added in place, with defaults: a process of the version before may go on writing rows meanwhile.
    op.add_column("drafts", sa.Column("opt_out", sa.Text(), nullable=False, server_default=""))
    op.add_column("drafts", sa.Column("canary", sa.Boolean(), nullable=True))
    op.add_column("drafts", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("checks", sa.Column("opt_out", sa.Text(), nullable=False, server_default=""))
    op.add_column("checks", sa.Column("warnings", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("checks", sa.Column("ordered", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("checks", sa.Column("query_hash", sa.String(), nullable=False, server_default=""))
    op.add_column("checks", sa.Column("suppression_id", sa.String(), nullable=False, server_default=""))
    op.add_column("enrollments", sa.Column("canary", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("enrollments", sa.Column("canary_until", _TIME, nullable=True))
    op.add_column("enrollments", sa.Column("released_by", sa.String(), nullable=False, server_default=""))
    op.add_column("enrollments", sa.Column("released_at", _TIME, nullable=True))
    op.add_column("enrollments", sa.Column("terms", sa.JSON(), nullable=True))
    op.add_column("enrollments", sa.Column("pause", sa.JSON(), nullable=True))
    op.add_column("enrollments", sa.Column("fingerprint", sa.String(), nullable=False, server_default=""))
    op.add_column("enrollments", sa.Column("query_hash", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_enrollments_query_hash", "enrollments", ["query_hash"])


def _words() -> None:
    op.create_table(
        "approval_words",
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("enrollment_id", "user_id", name="pk_approval_words"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollments.id"], name="fk_approval_words_enrollment_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("asker_id", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollments.id"], name="fk_questions_enrollment_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_questions_enrollment_id", "questions", ["enrollment_id"])


def _stops() -> None:
    op.create_table(
        "stops",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=False),
        sa.Column("lifted_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_stops"),
    )
    op.create_index(
        "uq_stops_standing", "stops", ["team_id"], unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING
    )


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "number", name="pk_receipts"),
        sa.UniqueConstraint("enrollment_id", name="uq_receipts_enrollment_id"),
    )
    op.create_table(
        "receipt_chains",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", name="pk_receipt_chains"),
    )


def _memory() -> None:
    op.create_table(
        "remembered",
        sa.Column("enrollment_id", sa.String(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("flow_id", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("enrollment_id", "person", name="pk_remembered"),
    )
    op.create_index("ix_remembered_at", "remembered", ["at"])
    op.create_index("ix_remembered_team_id_person", "remembered", ["team_id", "person"])
    op.create_table(
        "salts",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", name="pk_salts"),
    )
