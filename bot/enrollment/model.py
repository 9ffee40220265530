"""What an enrollment is made of: the words of design.md section 2 as frozen values.

Nothing here knows Slack's wire, HTTP or SQL. Times are aware and UTC; durations are seconds.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# ---------------------------------------------------------------------------------------------- people


class Standing(StrEnum):
    """Where a Slack user stands towards this bot (rule `people`); unknown when Slack cannot say at the moment."""

    ALLOWED = "allowed"
    NOT_LISTED = "not_listed"
    NOBODY_YET = "nobody_yet"
    GUEST = "guest"
    OUTSIDER = "outsider"
    BOT = "bot"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Person:
    """One Slack user, by ids, and what they may do now."""

    team_id: str
    user_id: str
    standing: Standing
    operator: bool = False

    @property
    def may_enroll(self) -> bool:
        return self.standing is Standing.ALLOWED


# ----------------------------------------------------------------------------------------- connections


class Service(StrEnum):
    """The two services that Polytomic connects for us; the values are Polytomic's connection types."""

    SNOWFLAKE = "snowflake"
    GONG = "gong"


@dataclass(frozen=True, slots=True)
class Connection:
    """A Polytomic connection as the form needs it."""

    id: str
    name: str
    service: Service
    healthy: bool
    status: str = ""


class ConsentState(StrEnum):
    """How far a person's connecting of a service has come (ux.md V2, V3)."""

    ASKED = "asked"
    WAITING = "waiting"
    CONNECTED = "connected"
    DENIED = "denied"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Consent:
    """One pending connection per team and service, reused until it ends.

    `url` is a bearer capability (whoever opens it binds their own account): shown to `user_id` alone, kept out of
    repr, and forgotten when the consent ends. `connection_id` is empty until Polytomic named it. `draft_id` is the
    draft to go on with, if any; `view_id` the open view to refresh, if any.
    """

    id: str
    team_id: str
    user_id: str
    service: Service
    state: ConsentState
    connection_id: str
    connection_name: str
    draft_id: str | None
    view_id: str | None
    expires_at: datetime
    created_at: datetime
    due_at: datetime | None
    attempt: int = 0
    status_error: str = ""
    reconnect: bool = False
    url: str = field(default="", repr=False)


# ----------------------------------------------------------------------------------------------- flows


@dataclass(frozen=True, slots=True)
class Flow:
    """A Gong Engage flow: a Polytomic target object. `id` is a string of 19 digits and stays a string."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class FlowMatches:
    """The answer of the flow picker: the best 100 of `total` that match, `as_of` set when the cache is stale."""

    flows: tuple[Flow, ...]
    total: int
    all_flows: int
    words: str
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class FlowField:
    """A target field that the flow requires beside the identity."""

    id: str
    name: str
    is_email: bool = False


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """How a required field is filled: from a column of the query, or with one value for everyone (exactly one)."""

    field_id: str
    field_name: str
    column: str | None = None
    value: str | None = None


# ----------------------------------------------------------------------------------------------- draft


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
    SQL and the file's SQL are kept side by side so that changing `source` loses neither.
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
    mappings: tuple[FieldMapping, ...] | None = None
    post_to: PostTo | None = None
    channel_id: str | None = None
    channel_problem: str | None = None
    view_id: str | None = None
    origin_channel_id: str | None = None
    origin_channel_name: str | None = None
    response_url: str | None = field(default=None, repr=False)


# ----------------------------------------------------------------------------------------------- check


class CrmKind(StrEnum):
    """What a CRM id points at. Only contacts are enrolled."""

    SALESFORCE_CONTACT = "salesforce_contact"
    SALESFORCE_LEAD = "salesforce_lead"
    HUBSPOT_CONTACT = "hubspot_contact"


class LeftOut(StrEnum):
    """Why a row of the query is left out; the value is the label that people read."""

    NO_ID = "no contact id"
    DUPLICATE = "same contact again"
    NOT_A_CONTACT_ID = "not a CRM contact id"
    LEAD = "lead, not a contact"


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """One line of the left-out file: `rows` rows with this value were left out for this reason."""

    reason: LeftOut
    contact_id: str = field(repr=False)
    detail: str = field(repr=False)
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Contact:
    """One person of the frozen list. `source_value` is what the query gave, `canonical_id` what we compare."""

    position: int
    source_value: str = field(repr=False)
    canonical_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Funnel:
    """rows = will_enroll + the sum of left_out. `left_out` names only reasons that occurred, in LeftOut's order."""

    rows: int
    left_out: tuple[tuple[LeftOut, int], ...]
    will_enroll: int

    @property
    def left_out_rows(self) -> int:
        return sum(count for _, count in self.left_out)


@dataclass(frozen=True, slots=True)
class Preflight:
    """Everything that one read of the query told, without the two long lists.

    `id_column` is empty when none was found. `sample` has at most 5 rows over `sample_columns` (the id column
    first). `blanks` counts, per column, the rows that will be enrolled and have no value there; `kinds` counts rows
    per CRM kind; `most_look_like` names what most wrong values look like, such as "a Salesforce account (001)".
    """

    funnel: Funnel
    columns: tuple[str, ...]
    id_column: str
    kinds: tuple[tuple[CrmKind, int], ...]
    sample_columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...] = field(repr=False)
    blanks: tuple[tuple[str, int], ...]
    short_ids: int = 0
    tidied_ids: int = 0
    most_look_like: str = ""


class CheckState(StrEnum):
    """A check runs, ends with numbers, ends with a refusal, or is abandoned because the person went back."""

    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"


class CheckStage(StrEnum):
    """The lines of the checking view, in their order."""

    QUERY = "query"
    ROWS = "rows"
    IDS = "ids"
    LEFT_OUT = "left_out"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a check ended without numbers: the error's class name and its facts, as views.sentences needs them."""

    kind: str
    problem: str = ""
    line: int | None = None
    column: int | None = None
    fragment: str = field(default="", repr=False)
    size: int = 0
    limit: int = 0
    flow_name: str = ""
    until: datetime | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One read of one query for one draft, with what was chosen when it began.

    The view that shows it has `external_id` "{draft_id}:{number}". `due_at` is when the runner looks at it again.
    """

    id: str
    team_id: str
    user_id: str
    draft_id: str
    number: int
    state: CheckState
    stage: CheckStage
    sql: str = field(repr=False)
    tables: tuple[str, ...]
    snowflake_id: str
    snowflake_name: str
    gong_id: str
    flow: Flow
    id_column: str
    created_at: datetime
    due_at: datetime | None
    rows: int | None = None
    query_id: str = ""
    attempt: int = 0
    ended_at: datetime | None = None
    preflight: Preflight | None = None
    fields: tuple[FlowField, ...] = ()
    refusal: Refusal | None = None
    telling: str = ""

    @property
    def external_id(self) -> str:
        return f"{self.draft_id}:{self.number}"


# ------------------------------------------------------------------------------------------ enrollment


class State(StrEnum):
    """The states of ux.md section 1 that exist so far; legal moves are in `enrollment.states`."""

    LAUNCHING = "launching"
    RUNNING = "running"
    NEEDS_ATTENTION = "needs_attention"
    ENROLLED = "enrolled"
    PARTLY_ENROLLED = "partly_enrolled"
    FAILED = "failed"
    CANCELED = "canceled"


class Step(StrEnum):
    """What `advance` does next. The order is that of design.md section 3."""

    CREATE_MODEL = "create_model"
    CREATE_SYNC = "create_sync"
    START_RUN = "start_run"
    WATCH_RUN = "watch_run"
    RETIRE = "retire"
    CLEAN_UP = "clean_up"


class Outcome(StrEnum):
    """What became of one contact of the frozen list; the values are the reasons of ux.md section 4.7."""

    PENDING = "pending"
    SENT = "sent"
    ENROLLED = "enrolled"
    NOT_IN_CRM = "not in the CRM linked to Gong"
    ALREADY_IN_FLOW = "already in this flow"
    EXCLUSIVE_FLOW = "in an exclusive flow"
    COOL_OFF = "in cool-off in Gong"
    DO_NOT_CONTACT = "marked do-not-contact"
    NOT_A_VALID_ID = "not a valid id"
    OTHER = "other"
    GONE = "no longer in the query's answer"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over the frozen list. enrolled + refused + gone + waiting = total; `reasons` splits `refused`."""

    total: int
    enrolled: int = 0
    refused: int = 0
    gone: int = 0
    reasons: tuple[tuple[Outcome, int], ...] = ()

    @property
    def done(self) -> int:
        return self.enrolled + self.refused + self.gone


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, as facts: `kind` is an error's class name or one of the words below, the rest its facts.

    Beside error classes: "too_many" (a run over more contacts than named: size of limit), "nobody_moved" (completed
    with 0 of n), "run_failed" (fragment: our class of cause), "all_refused", "rights_lost".
    """

    kind: str
    reference: str = ""
    fragment: str = field(default="", repr=False)
    field_name: str = ""
    what: str = ""
    size: int = 0
    limit: int = 0
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Enrollment:
    """One request to put the contacts of one query into one flow.

    `revision` grows whenever what the living message shows changes. `due_at` is null when it waits for a person or
    has nothing left to do. `attempt` counts keys used for the current step, and `asked` is true from just before its
    POST leaves until its answer is kept: whoever finds it true looks before asking again. `failures` counts tries in
    a row without an answer, since `failing_since` (null when all is well: the fact "retrying"). `post_channel` is a
    channel id, or the requester's user id for a direct message.
    """

    id: str
    team_id: str
    requester_id: str
    state: State
    step: Step
    revision: int
    check_id: str
    sql: str = field(repr=False)
    snowflake_id: str
    gong_id: str
    flow: Flow
    id_column: str
    mappings: tuple[FieldMapping, ...]
    post_channel: str
    origin_channel_id: str
    response_url: str = field(repr=False)
    batch_size: int
    tally: Tally
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    attempt: int = 0
    asked: bool = False
    batch: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    model_id: str = ""
    model_field: str = ""
    sync_id: str = ""
    trouble: Trouble | None = None
    canceled_by: str = ""
    cancel_asked_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    retired_at: datetime | None = None

    @property
    def batches(self) -> int:
        """How many batches the frozen list has."""
        return -(-self.tally.total // self.batch_size)


class RunStatus(StrEnum):
    """A run before its execution is known, while it goes, and how it ended."""

    STARTING = "starting"
    GOING = "going"
    CANCELING = "canceling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of the sync for one batch (batches count from 0)."""

    enrollment_id: str
    batch: int
    attempt: int
    status: RunStatus
    size: int
    execution_id: str = ""
    total: int = 0
    moved: int = 0
    errors: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None


# -------------------------------------------------------------------------------------------- messages


class MessageKind(StrEnum):
    """Every message the bot posts by itself. Each is a row; `notifications` brings it to Slack."""

    LIVING = "living"
    PING = "ping"
    STARTED = "started"
    REFUSED_FILE = "refused_file"
    LEFT_OUT_FILE = "left_out_file"
    CHECK_DONE = "check_done"
    CHECK_REFUSED = "check_refused"
    CONSENT = "consent"
    ASK_OPERATOR = "ask_operator"
    OPERATOR_NOTE = "operator_note"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is wanted and as it was sent.

    `cause` is unique: wanting the same message twice is wanting it once. `subject_id` is an enrollment, check or
    consent id, by kind. `channel` may be a user id (a direct message). `due_at` is null once sent equals wanted.
    """

    id: str
    team_id: str
    kind: MessageKind
    cause: str
    subject_id: str
    channel: str
    wanted_revision: int
    sent_revision: int
    created_at: datetime
    due_at: datetime | None
    ts: str = ""
    posted_channel: str = ""
    attempt: int = 0
    sent_at: datetime | None = None
    undelivered: str = ""


# ------------------------------------------------------------------------------------- passed-in things

Clock = Callable[[], datetime]
"""Returns the time now, aware, UTC. Passed in wherever time is read, so that freezegun reaches it."""

Rights = Callable[[str, str], Awaitable[Person]]
"""(team_id, user_id) -> what that person may do now."""
