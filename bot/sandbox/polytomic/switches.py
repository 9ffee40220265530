"""Every doubtful behavior of the real services, each a switch that a test may flip while the world runs.

The defaults are what we hold most likely, or where that is open, what is least forgiving to a client.
"""

from dataclasses import dataclass
from typing import Literal

LATEST = "2025-09-18"
OLDER = "2024-02-08"


@dataclass(slots=True)
class Switches:
    """How this world behaves. Durations are seconds of the world's clock."""

    # ---- transport
    versions: tuple[str, ...] = (OLDER, LATEST)
    """API versions that are served; any other is refused with 400."""
    missing_version: Literal["refuse", "serve"] = "refuse"
    """Without X-Polytomic-Version, real Polytomic serves 2021-05-23, which no client of ours should speak."""
    key_scope: Literal["path", "key", "ignored"] = "path"
    """What an Idempotency-Key is unique for: one method and path, the whole organization, or nothing."""
    key_hours: float = 24
    """How long an answer is kept for its key."""
    bad_key: Literal["refuse", "ignore"] = "refuse"
    """What a key of the wrong length or characters gets: 400, or no protection."""
    record_refusals: bool = True
    """Whether answers of 4xx are kept for their key too; 401 and 429 never are."""
    old_401_body: bool = True
    """Whether 401 answers of version 2024-02-08 have `error` text and no `message`."""
    empty_lists: Literal["array", "null"] = "array"
    """How an empty list in an envelope is written."""
    unknown_body_keys: Literal["refuse", "ignore"] = "refuse"
    """What a key that the API does not know gets: 422, or silence."""
    url_limit: int = 8192
    """The longest path and query, in bytes, that is not refused with 414."""
    extra_answer_fields: bool = False
    """Whether answers have fields that nobody has documented."""

    # ---- connections and consent
    bad_credentials_status: int = 422
    """The status of creating a connection whose credentials the warehouse refuses."""
    auth_url_seconds: float = 3600
    """How long a page for consent can be used."""
    list_unsaved: bool = True
    """Whether the list of connections has those that wait for consent."""

    # ---- models and queries
    models_as_jobs: bool = False
    """Whether every model is created by a job, as with ?async=true."""
    job_seconds: float = 0.1
    """How long a job takes."""
    models_page_size: int | None = None
    """The list of models is paged by this many; None: not paged."""
    query_seconds: float = 0.02
    """How long the query runner takes."""
    query_page_size: int = 1000
    """Rows in one page of a query's results."""
    query_hours: float = 1
    """How long a query's results can be read."""
    absolute_links: bool = False
    """Whether the links between pages carry the host."""
    query_refused_at_once: bool = False
    """Whether a query that Snowflake refuses is a 400 on POST, not a status of `failed`."""

    # ---- targets and syncs
    post_target_objects: bool = False
    """Whether the list of target objects may be had by POST, as the how-to writes it."""
    flow_modes: tuple[str, ...] = ("updateOrCreate",)
    """Sync modes that flows offer."""
    fields_required: bool = True
    """Whether a sync without `fields` is refused."""
    function_case: Literal["strict", "any"] = "strict"
    """Whether `equality` is as good as `Equality`."""
    source_case: Literal["strict", "any"] = "strict"
    """Whether a source field may be named in another case than the model's."""
    default_active: bool = False
    """Whether a sync is active when nothing is said."""
    report_problems: Literal["refuse", "problems"] = "refuse"
    """Whether a required field that nothing fills is a 422, or a problem in a sync made all the same (2025-09-18)."""
    sync_page_size: int = 50
    """The most syncs in one page of the list."""

    # ---- runs
    run_seconds: float = 0.4
    """From created to the end."""
    cancel_seconds: float = 0.05
    """From canceling to canceled."""
    run_ends: Literal["completed", "failed", "interrupted", "never"] = "completed"
    """How a run started from now on ends; all but completed stop half-way through the records."""
    run_error: str = "Gong: 503 Service Unavailable"
    """The run-level message of a failed run."""
    inactive_status: int = 400
    """The status of starting a sync that is not active."""
    empty_identities: Literal["everybody", "nobody"] = "everybody"
    """What `identities: []` restricts a run to; Go programs often take an empty list for an absent one."""
    ignore_identities: bool = False
    """Whether a run moves everybody in spite of `identities`: the fault to guard against."""
    operation_counts: bool = True
    """Whether counts say insert; otherwise only upserts."""
    counts_at_end: bool = False
    """Whether counts stay absent until the run has ended."""
    retry_refused_records: bool = False
    """Whether a later run of the same sync sends refused records again."""
    completed_event_too: bool = True
    """Whether sync.completed fires beside sync.completed_with_errors."""

    # ---- logs and events
    log_url_seconds: float = 300
    """How long a signed link to a log file works."""
    log_lines_per_file: int = 500
    """Records in one log file."""
    log_format: Literal["array", "lines"] = "lines"
    """Whether a log file is one JSON array or one object a line."""
    log_shape: Literal["flat", "nested"] = "flat"
    """Flat records have `identity` and `message`; nested ones `record` and `error`."""
    events_order: Literal["newest", "oldest", "shuffled"] = "newest"
    """The order of the list of events; shuffled is an order of no meaning, the same one every time."""
    events_hours: float = 48
    """How long events are kept."""
    events_lost_every: int = 0
    """Of so many events one is never listed; 0: all are."""
    events_doubled: Literal["no", "same_id", "two_ids"] = "no"
    """Whether each event is listed twice, as the same one or under two ids."""
    events_late_seconds: float = 0
    """How long after its time an event is listed first."""
    events_whole_seconds: bool = False
    """Whether the times of events have no fractions, for whoever reads them and for the bounds."""

    # ---- Gong
    not_in_crm_percent: int = 4
    """Of a hundred contacts, how many are not (yet) mirrored from the CRM into Gong; the same ones every time."""
    already_in_flow_percent: int = 2
    """Of a hundred contacts, how many are in a flow from the first day; the same ones every time."""
    short_ids: bool = True
    """Whether Gong takes Salesforce ids of 15 characters."""
