"""One read of one query: who would be enrolled, who not, and why."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.enrollment.model.flows import Flow, FlowField
from bot.enrollment.model.policies import Refused
from bot.enrollment.model.queries import QueryWarning


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
    OPTED_OUT = "opted out"
    SUPPRESSED = "on the suppression list"
    ENROLLED_LATELY = "enrolled here lately"
    COMPANY_CAP = "over the cap per company"
    REQUEST_CAP = "over the cap per request"


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


COLLISION_DAYS = 30
"""How far back other flows are looked at, whatever the cool-off of a flow is."""


@dataclass(frozen=True, slots=True)
class Collision:
    """So many of the list were enrolled by this enrollment, lately, by this person, into another flow."""

    enrollment_id: str
    contacts: int
    user_id: str
    flow_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Preflight:
    """Everything that one read of the query told, without the two long lists.

    `id_column` is empty when none was found. `sample` has at most 5 rows over `sample_columns` (the id column
    first). `blanks` counts, per column, the rows that will be enrolled and have no value there; `kinds` counts rows
    per CRM kind; `most_look_like` names what most wrong values look like, such as "a Salesforce account (001)".
    `opt_out_column` is empty when no column tells who has opted out; `suppressed` is true when a suppression query
    told it. `company_cap` and `request_cap` are those that applied, 0 for none. `digest` is the hash of the frozen
    list (`fingerprints.of_list`).
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
    opt_out_column: str = ""
    suppressed: bool = False
    company_cap: int = 0
    request_cap: int = 0
    collisions: tuple[Collision, ...] = ()
    digest: str = ""


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
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One read of one query for one draft, with what was chosen when it began.

    The view that shows it has `external_id` "{draft_id}:{number}". `due_at` is when the runner looks at it again.
    `opt_out` is as the draft has it; `ordered` is true when the query says in which order its rows come;
    `suppression_id` is Polytomic's id of the running suppression query.
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
    opt_out: str = ""
    warnings: tuple[QueryWarning, ...] = ()
    ordered: bool = False
    query_hash: str = ""
    suppression_id: str = ""

    @property
    def external_id(self) -> str:
        return f"{self.draft_id}:{self.number}"
