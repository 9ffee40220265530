"""An enrollment on its way, its runs, and what became of its contacts. Times are aware and UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.enrollment.model.approvals import Terms
from bot.enrollment.model.flows import FieldMapping, Flow


class State(StrEnum):
    """The states of ux.md section 1; legal moves are in `enrollment.states`.

    CANARY is a canary that has run and waits for a word: while it runs, the enrollment is RUNNING at batch 0.
    """

    LAUNCHING = "launching"
    AWAITING_APPROVAL = "awaiting_approval"
    AWAITING_GONG = "awaiting_gong"
    CANARY = "canary"
    RUNNING = "running"
    ON_HOLD = "on_hold"
    NEEDS_ATTENTION = "needs_attention"
    ENROLLED = "enrolled"
    PARTLY_ENROLLED = "partly_enrolled"
    FAILED = "failed"
    DENIED = "denied"
    CANCELED = "canceled"
    EXPIRED = "expired"


class Hold(StrEnum):
    """Whose mending an enrollment waits for: the operator's new key, or a person's consent at Gong."""

    KEY = "key"
    GONG = "gong"


class PauseKind(StrEnum):
    """Why nothing starts although everybody said yes: a person stopped it, or the clock does not allow it yet."""

    STOP = "stop"
    QUIET_HOURS = "quiet_hours"
    DAY_CAP = "day_cap"


@dataclass(frozen=True, slots=True)
class Pause:
    """What an enrollment on hold waits for: an operator's word (`until` is null) or the clock.

    `by` and `reason` are those of a stop; `limit` is a day's cap; `zone` is the policy's.
    """

    kind: PauseKind
    since: datetime
    until: datetime | None = None
    by: str = ""
    reason: str = field(default="", repr=False)
    limit: int = 0
    zone: str = ""


class Verdict(StrEnum):
    """What an operator said of a run that nobody can see any more (ux.md 4.6)."""

    ENDED = "ended"
    NEVER_RAN = "never_ran"


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
    with 0 of n), "silent" and "interrupted" (a run without a sign of life since `since`), "run_failed" (fragment: our
    class of cause), "all_refused", "rights_lost", "rights_unknown" (Slack does not say who the requester is),
    "gong_lost" (to be connected again within `limit` seconds, by `until`), "denied" (by the approver `by`, fragment:
    why), "unapproved" and "unreleased" (nobody decided, or released the canary, within `limit` seconds),
    "rules_changed" (the policy says no by now: what names the rule), "voided" (it is not the request that was
    confirmed any more).
    `unanswered` is when a call last went without an answer: it may still be under way.
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
    by: str = ""
    unanswered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Enrollment:
    """One request to put the contacts of one query into one flow.

    `revision` grows whenever what the living message shows changes. `due_at` is null when it waits for a person or
    has nothing left to do. `attempt` counts keys used for the current step, and `asked` is true from just before its
    POST leaves until its answer is kept: whoever finds it true looks before asking again. `asked_at` is when the
    call left that has had no answer yet; null once it was answered, or surely never arrived. `failures` counts tries
    in a row without an answer, since `failing_since` (null when all is well: the fact "retrying"). `post_channel` is a
    channel id, or the requester's user id for a direct message. `model_job` is "type/id" of the job by which
    Polytomic makes the model, where it needs one. `version` grows with every write of whoever brings the enrollment
    on: only the holder of the newest one may write, so a process that was taken for dead changes nothing any more.
    `held_for` says whose mending it waits for since `held_since`; `verdict` is what the operator `verdict_by` said.

    `canary` is how many the first batch has (0: there is none), `canary_until` when the rest expires, and `released_by`
    let the rest go. `terms` say whose word it needs, null where nobody's. `pause` is why it is on hold. `fingerprint`
    is over everything that decides who is enrolled and how, `query_hash` over the normalized query.
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
    asked_at: datetime | None = None
    batch: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    model_id: str = ""
    model_field: str = ""
    model_job: str = ""
    sync_id: str = ""
    trouble: Trouble | None = None
    canceled_by: str = ""
    cancel_asked_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    retired_at: datetime | None = None
    version: int = 0
    held_for: Hold | None = None
    held_since: datetime | None = None
    verdict: Verdict | None = None
    verdict_by: str = ""
    canary: int = 0
    canary_until: datetime | None = None
    released_by: str = ""
    released_at: datetime | None = None
    terms: Terms | None = None
    pause: Pause | None = None
    fingerprint: str = ""
    query_hash: str = ""

    @property
    def batches(self) -> int:
        """How many batches the frozen list has, the canary included."""
        rest = self.tally.total - self.canary
        return -(-rest // self.batch_size) + (self.canary > 0)

    def slice(self, batch: int) -> tuple[int, int]:
        """The first position of a batch, and the one after its last."""
        if self.canary and not batch:
            return 0, min(self.canary, self.tally.total)
        first = self.canary + (batch - (self.canary > 0)) * self.batch_size
        return first, min(first + self.batch_size, self.tally.total)


class RunStatus(StrEnum):
    """While a run goes, and how it ended. An interrupted one may be taken up again by Polytomic, or never be."""

    GOING = "going"
    INTERRUPTED = "interrupted"
    CANCELING = "canceling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of the sync for one batch (batches count from 0).

    `looked_at` is when Polytomic was last asked about it; `changed_at` when its status or counts last changed.
    """

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
    looked_at: datetime | None = None
    changed_at: datetime | None = None
