"""The tables of what stands open on somebody's screen; like all others they are part of `tables.metadata`."""

from sqlalchemy import Boolean, Column, ForeignKey, String, Table

from bot.store.tables import metadata
from bot.store.types import UtcDateTime

homes = Table(
    "homes",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("user_id", String, primary_key=True),
    Column("opened_at", UtcDateTime, nullable=False),
)

check_views = Table(
    "check_views",
    metadata,
    Column("check_id", ForeignKey("checks.id", ondelete="CASCADE"), primary_key=True),
    Column("team_id", String, nullable=False),
    Column("root", Boolean, nullable=False),
    Column("left_out_sent", Boolean, nullable=False),
)
