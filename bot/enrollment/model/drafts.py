"""The conversation before it is confirmed: what the form holds, and what one event of it changes."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.enrollment.model.flows import FieldMapping, Flow

NO_OPT_OUT = "-"
"""What `Draft.opt_out` says when no column is to tell who has opted out; no column of Snowflake's has this name."""


class Source(StrEnum):
    """Where the query comes from; the values are those of the form's radio buttons."""

    TYPED = "typed"
    FILE = "file"


class PostTo(StrEnum):
    """Where progress is posted; the values are those of the review's radio buttons."""

    DM = "dm"
    HERE = "here"
    CHANNEL = "channel"


class DraftStatus(StrEnum):
    """A draft is open until it is confirmed, replaced by starting over, or removed for its age."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Draft:
    """The conversation before it is confirmed. Its id is the enrollment's id (ux.md section 1, Ids).

    `revision` grows with every saved change. `tries` counts checks, for external_ids that never repeat. The typed
    SQL and the file's SQL are kept side by side so that changing `source` loses neither. `opt_out` is the column that
    was chosen to tell who has opted out, empty for the one that is named like it, NO_OPT_OUT for none. `canary` is null
    as long as nobody ticked or unticked it.
    """

    id: str
    team_id: str
    user_id: str
    status: DraftStatus
    revision: int
    created_at: datetime
    updated_at: datetime
    source: Source = Source.TYPED
    sql: str = field(default="", repr=False)
    file_name: str = ""
    file_sql: str = field(default="", repr=False)
    snowflake_id: str = ""
    gong_id: str = ""
    flow: Flow | None = None
    id_column: str = ""
    opt_out: str = ""
    canary: bool | None = None
    note: str = field(default="", repr=False)
    mappings: tuple[FieldMapping, ...] = ()
    post_to: PostTo | None = None
    channel_id: str = ""
    channel_problem: str = ""
    origin_channel_id: str = ""
    origin_channel_name: str = ""
    response_url: str = field(default="", repr=False)
    view_id: str = ""
    check_id: str = ""
    tries: int = 0

    @property
    def query(self) -> str:
        """The SQL that a check would run now."""
        return self.sql if self.source is Source.TYPED else self.file_sql

    @property
    def empty(self) -> bool:
        """True when nothing was typed, attached or chosen."""
        return not (self.sql.strip() or self.file_sql or self.flow)


@dataclass(frozen=True, slots=True)
class DraftEdit:
    """What one event of a form changes; None leaves a value as it is, an empty string clears it."""

    source: Source | None = None
    sql: str | None = field(default=None, repr=False)
    file_name: str | None = None
    file_sql: str | None = field(default=None, repr=False)
    snowflake_id: str | None = None
    gong_id: str | None = None
    flow: Flow | None = None
    id_column: str | None = None
    opt_out: str | None = None
    canary: bool | None = None
    note: str | None = field(default=None, repr=False)
    mappings: tuple[FieldMapping, ...] | None = None
    post_to: PostTo | None = None
    channel_id: str | None = None
    channel_problem: str | None = None
    view_id: str | None = None
    origin_channel_id: str | None = None
    origin_channel_name: str | None = None
    response_url: str | None = field(default=None, repr=False)
