"""Every error of this product, drawn once and defined in the order of the drawing.

An error carries facts (which flow, which setting, how long), never sentences: `bot.views.sentences` turns each
leaf into the words of its surface. None of them may carry a secret, a row, a contact id or the text of a query.

    AppError
    ├── PersonCanFix
    │   ├── QueryRefused
    │   ├── FlowNotFound
    │   ├── FieldNotMapped
    │   ├── NotAllowed
    │   ├── EnrollingStopped
    │   ├── AlreadyRunning
    │   └── DraftExpired
    ├── PolytomicError
    │   ├── PolytomicAway
    │   ├── PolytomicBusy
    │   ├── PolytomicRefused
    │   ├── PolytomicLockedOut
    │   └── PolytomicOddAnswer
    ├── SlackUndelivered
    ├── ImpossibleRow
    └── Misconfigured
"""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.enrollment.model.policies import Refused


class AppError(Exception):
    """Something this product knows how to talk about."""


class PersonCanFix(AppError):
    """The person who reads the message can mend it."""


class QueryProblem(StrEnum):
    """Why a query is not run (ux.md section 3, the table "On submit", and V7)."""

    EMPTY = "empty"
    ONLY_A_COMMENT = "only_a_comment"
    SECOND_STATEMENT = "second_statement"
    NOT_A_SELECT = "not_a_select"
    UNREADABLE = "unreadable"
    VARIABLE = "variable"
    NOT_A_TABLE = "not_a_table"
    NOT_A_FUNCTION = "not_a_function"
    TOO_LONG = "too_long"
    SNOWFLAKE_SAID_NO = "snowflake_said_no"
    TIMED_OUT = "timed_out"
    TOO_MANY_ROWS = "too_many_rows"
    SUPPRESSION = "suppression"


class QueryRefused(PersonCanFix):
    """The query was not run, or Snowflake refused to run it.

    `line` and `column` count from 1 in the text as the person wrote it. `fragment` is the offending word of the
    query, or Snowflake's own words for SNOWFLAKE_SAID_NO; it is shown to the requester only. `size` and `limit` are
    encoded bytes for TOO_LONG, rows for TOO_MANY_ROWS, seconds for TIMED_OUT.

    SUPPRESSION is about the operators' query of those who must not be mailed: Snowflake's words in `fragment`, the
    seconds after which it was not waited for in `limit`, or how many of its values are no contact ids in `size`.
    """

    def __init__(
        self,
        problem: QueryProblem,
        *,
        line: int | None = None,
        column: int | None = None,
        fragment: str = "",
        size: int = 0,
        limit: int = 0,
    ) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.line = line
        self.column = column
        self.fragment = fragment
        self.size = size
        self.limit = limit


class FlowNotFound(PersonCanFix):
    """The chosen flow is not, or no longer, a target object of the Gong connection."""

    def __init__(self, flow_name: str) -> None:
        super().__init__("flow not found")
        self.flow_name = flow_name


class FieldNotMapped(PersonCanFix):
    """The flow requires a target field that the enrollment does not fill."""

    def __init__(self, flow_name: str, field_name: str) -> None:
        super().__init__("required field not mapped")
        self.flow_name = flow_name
        self.field_name = field_name


class NotAllowed(PersonCanFix):
    """A rule says that this person may not do this.

    `standing` is why (see `enrollment.model.Standing`), or `refused` when it is not about who they are.
    """

    def __init__(self, rule: str, standing: str, refused: "Refused | None" = None) -> None:
        super().__init__(f"not allowed: rule {rule}, {standing}")
        self.rule = rule
        self.standing = standing
        self.refused = refused


class EnrollingStopped(PersonCanFix):
    """An operator has stopped everything, since `at`; nothing was started."""

    def __init__(self, at: datetime) -> None:
        super().__init__("enrolling is stopped")
        self.at = at


class AlreadyRunning(PersonCanFix):
    """A run of this sync is already going at Polytomic; none was started."""

    def __init__(self, enrollment_id: str) -> None:
        super().__init__("a run is already going")
        self.enrollment_id = enrollment_id


class DraftExpired(PersonCanFix):
    """The draft is no longer open: it was enrolled, replaced, or removed for its age."""

    def __init__(self, draft_id: str, *, ended_at: datetime | None, enrolled: bool) -> None:
        super().__init__("draft has ended")
        self.draft_id = draft_id
        self.ended_at = ended_at
        self.enrolled = enrolled


class PolytomicError(AppError):
    """Polytomic did not do what was asked. `call` is "METHOD /path/{template}", free of ids and values."""

    def __init__(self, call: str, detail: str) -> None:
        super().__init__(f"{call}: {detail}")
        self.call = call


class PolytomicAway(PolytomicError):
    """No answer, or a 5xx: what was asked may have happened.

    `recorded` is true when an answer arrived (5xx): under an Idempotency-Key that answer is replayed for 24 hours,
    so the same key can never succeed. False means that nothing is known, and the same key is safe to repeat.
    `settled` is true when the call surely is not under way any more: it was answered, or it never left.
    """

    def __init__(self, call: str, detail: str, *, recorded: bool, settled: bool | None = None) -> None:
        super().__init__(call, detail)
        self.recorded = recorded
        self.settled = recorded if settled is None else settled


class PolytomicBusy(PolytomicError):
    """Polytomic asks to wait `retry_after` seconds: 429, or 409 because something of ours is still in flight.

    `in_flight` is true when the first call under this very key is: its answer is still to come under the same key.
    Whether a 429 is recorded under its key is not documented.
    """

    def __init__(self, call: str, detail: str, *, retry_after: float, in_flight: bool = False) -> None:
        super().__init__(call, detail)
        self.retry_after = retry_after
        self.in_flight = in_flight


class PolytomicRefused(PolytomicError):
    """A 4xx with a message. `message` is Polytomic's own words: for the requester's eyes, never for logs."""

    def __init__(self, call: str, *, status: int, message: str = "", field: str = "") -> None:
        super().__init__(call, f"refused with {status}")
        self.status = status
        self.message = message
        self.field = field


class PolytomicLockedOut(PolytomicError):
    """401 or 403: the operator has to mend the key or its rights."""

    def __init__(self, call: str, *, status: int) -> None:
        super().__init__(call, f"locked out with {status}")
        self.status = status


class PolytomicOddAnswer(PolytomicError):
    """An answer that is not of the agreed shape. Nothing else is done on its strength."""


class SlackUndelivered(AppError):
    """The work is done; only the telling failed. `slack_error` is Slack's own code, such as not_in_channel."""

    def __init__(self, slack_error: str) -> None:
        super().__init__(slack_error)
        self.slack_error = slack_error


class ImpossibleRow(AppError):
    """A row that no version of this bot can have written. It is reported and left alone: never acted on.

    `kind` says what it is a row of ("enrollment"), `row_id` which one, `why` what is wrong with it, as half a sentence
    about "it": free of everything that stands in the row.
    """

    def __init__(self, kind: str, row_id: str, why: str) -> None:
        super().__init__(f"{kind} {row_id}: {why}")
        self.kind = kind
        self.row_id = row_id
        self.why = why


class Misconfigured(AppError):
    """A setting is missing or wrong. Raised at start only; `words` name the setting and how to get it right."""

    def __init__(self, setting: str, words: str) -> None:
        super().__init__(words)
        self.setting = setting
        self.words = words
