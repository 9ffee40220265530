"""Procrastinate's own tables and functions, on PostgreSQL only: SQLite has a runner in its one process."""

from importlib.resources import files

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PROCRASTINATE = "3.10.0"
"""Whose schema this is; a newer package brings migrations of its own, which a migration after this one has to run."""


def upgrade() -> None:
    if _postgresql():
        schema = files("procrastinate").joinpath("sql/schema.sql").read_text(encoding="utf-8")
        # Many statements in one go, which the driver takes only when there are no parameters at all.
        op.get_bind().execution_options(no_parameters=True).exec_driver_sql(schema)


def downgrade() -> None:
    if not _postgresql():
        return
    bind = op.get_bind()
    for table in (
        "procrastinate_periodic_defers",
        "procrastinate_events",
        "procrastinate_jobs",
        "procrastinate_workers",
    ):
        op.execute(f"DROP TABLE {table} CASCADE")
    functions = sa.text(
        "SELECT oid::regprocedure FROM pg_proc WHERE proname LIKE 'procrastinate\\_%'"
        " AND pronamespace = current_schema()::regnamespace"
    )
    for (function,) in bind.execute(functions).all():
        op.execute(f"DROP FUNCTION {function}")
    for kind in ("procrastinate_job_to_defer_v1", "procrastinate_job_event_type", "procrastinate_job_status"):
        op.execute(f"DROP TYPE {kind}")


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
