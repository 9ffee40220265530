"""What many processes, long waits and an operator's word need; rows of an older process stay readable and writable."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NOT_HEALED = sa.text("healed_at IS NULL")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _columns()
    _outages()
    _cursors()
    _homes()
    _check_views()


def downgrade() -> None:
    for name in ("check_views", "homes", "cursors", "outages"):
        op.drop_table(name)
    with op.batch_alter_table("messages") as table:
        table.drop_column("standing")
    op.drop_index("ix_runs_status_looked_at", "runs")
    op.drop_index("ix_runs_execution_id", "runs")
    with op.batch_alter_table("runs") as table:
        table.drop_column("changed_at")
        table.drop_column("looked_at")
    op.drop_index("ix_enrollments_held_for", "enrollments")
    with op.batch_alter_table("enrollments") as table:
        for column in ("verdict_by", "verdict", "held_since", "held_for", "asked_at", "version"):
            table.drop_column(column)


def _columns() -> None:
    # Added in place, with defaults: a process of the version before may go on writing rows meanwhile.
    op.add_column("enrollments", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("enrollments", sa.Column("asked_at", _TIME, nullable=True))
    op.add_column("enrollments", sa.Column("held_for", sa.String(), nullable=True))
    op.add_column("enrollments", sa.Column("held_since", _TIME, nullable=True))
    op.add_column("enrollments", sa.Column("verdict", sa.String(), nullable=True))
    op.add_column("enrollments", sa.Column("verdict_by", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_enrollments_held_for", "enrollments", ["held_for"])
    op.add_column("runs", sa.Column("looked_at", _TIME, nullable=True))
    op.add_column("runs", sa.Column("changed_at", _TIME, nullable=True))
    op.create_index("ix_runs_execution_id", "runs", ["execution_id"])
    op.create_index("ix_runs_status_looked_at", "runs", ["status", "looked_at"])
    op.add_column("messages", sa.Column("standing", sa.String(), nullable=False, server_default=""))


def _outages() -> None:
    op.create_table(
        "outages",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("connection_name", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("healed_at", _TIME, nullable=True),
        sa.Column("resumed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outages"),
    )
    op.create_index(
        "uq_outages_going",
        "outages",
        ["team_id", "kind", "connection_id"],
        unique=True,
        sqlite_where=_NOT_HEALED,
        postgresql_where=_NOT_HEALED,
    )


def _cursors() -> None:
    op.create_table(
        "cursors",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=True),
        sa.Column("looked_at", _TIME, nullable=True),
        sa.Column("not_before", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("name", "team_id", name="pk_cursors"),
    )


def _homes() -> None:
    op.create_table(
        "homes",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "user_id", name="pk_homes"),
    )


def _check_views() -> None:
    op.create_table(
        "check_views",
        sa.Column("check_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("root", sa.Boolean(), nullable=False),
        sa.Column("left_out_sent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("check_id", name="pk_check_views"),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name="fk_check_views_check_id", ondelete="CASCADE"),
    )
