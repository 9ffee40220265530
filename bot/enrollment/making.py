"""How a draft, a check and an enrollment begin: pure functions from what is known to the first row."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.enrollment import fingerprints, names
from bot.enrollment.model.approvals import Terms
from bot.enrollment.model.checks import Check, CheckStage, CheckState, Preflight
from bot.enrollment.model.drafts import Draft, DraftEdit, DraftStatus, PostTo, Source
from bot.enrollment.model.enrollments import Enrollment, State, Step, Tally
from bot.enrollment.model.flows import FieldMapping, Flow
from bot.enrollment.model.people import Person
from bot.enrollment.query import Query

# docs: plain-text input, max_length.
_BOX_HOLDS = 3000


@dataclass(frozen=True, slots=True)
class Review:
    """What the review view adds to a draft. `channel_id` is the channel that it showed, empty for PostTo.DM.

    `canary` is null where nobody has chosen whether a few begin; `note` is for the approvers.
    """

    mappings: tuple[FieldMapping, ...]
    post_to: PostTo
    channel_id: str = ""
    canary: bool | None = None
    note: str = field(default="", repr=False)


def draft(person: Person, now: datetime) -> Draft:
    """An empty draft of this person, with the id that its enrollment will have."""
    return Draft(
        id=names.enrollment_id(),
        team_id=person.team_id,
        user_id=person.user_id,
        status=DraftStatus.OPEN,
        revision=0,
        created_at=now,
        updated_at=now,
    )


def empty_again(old: Draft, person: Person, now: datetime) -> Draft:
    """An empty draft in the place of an old one: in its view, and with its way back."""
    return replace(
        draft(person, now),
        view_id=old.view_id,
        origin_channel_id=old.origin_channel_id,
        origin_channel_name=old.origin_channel_name,
        response_url=old.response_url,
    )


def draft_of(old: Enrollment, person: Person, now: datetime) -> Draft:
    """A draft that asks for what this enrollment asked for."""
    return replace(
        draft(person, now),
        sql=old.sql,
        snowflake_id=old.snowflake_id,
        gong_id=old.gong_id,
        flow=old.flow,
        id_column=old.id_column,
        mappings=old.mappings,
        origin_channel_id=old.origin_channel_id,
    )


def typed_after_the_command(sql: str) -> DraftEdit:
    """The edit that keeps this query: in the text box, or as a file when the box cannot hold it."""
    if len(sql) <= _BOX_HOLDS:
        return DraftEdit(source=Source.TYPED, sql=sql)
    return DraftEdit(source=Source.FILE, file_name="query.sql", file_sql=sql)


def check(draft: Draft, flow: Flow, query: Query, snowflake_name: str, now: datetime) -> Check:
    """A check of the draft as it is now, due at once."""
    return Check(
        id=names.row_id(),
        team_id=draft.team_id,
        user_id=draft.user_id,
        draft_id=draft.id,
        number=draft.tries + 1,
        state=CheckState.RUNNING,
        stage=CheckStage.QUERY,
        sql=query.text,
        tables=query.tables,
        snowflake_id=draft.snowflake_id,
        snowflake_name=snowflake_name,
        gong_id=draft.gong_id,
        flow=flow,
        id_column=draft.id_column,
        created_at=now,
        due_at=now,
        opt_out=draft.opt_out,
        warnings=query.warnings,
        ordered=query.ordered,
        query_hash=fingerprints.of_query(query.normalized),
    )


def enrollment(
    draft: Draft,
    check: Check,
    preflight: Preflight,
    review: Review,
    now: datetime,
    *,
    batch_size: int,
    canary: int = 0,
    terms: Terms | None = None,
) -> Enrollment:
    """The enrollment of the list that the check froze, with nothing done yet.

    It begins with `canary` of them, 0 for everybody; it waits for a word first where there are `terms`.
    """
    return Enrollment(
        id=draft.id,
        team_id=draft.team_id,
        requester_id=draft.user_id,
        state=State.LAUNCHING if terms is None else State.AWAITING_APPROVAL,
        step=Step.CREATE_MODEL,
        revision=1,
        check_id=check.id,
        sql=check.sql,
        snowflake_id=check.snowflake_id,
        gong_id=check.gong_id,
        flow=check.flow,
        id_column=preflight.id_column,
        mappings=review.mappings,
        post_channel=_post_channel(draft, review),
        origin_channel_id=draft.origin_channel_id,
        response_url=draft.response_url,
        batch_size=batch_size,
        tally=Tally(total=preflight.funnel.will_enroll),
        created_at=now,
        updated_at=now,
        due_at=now if terms is None else terms.remind_at,
        canary=canary,
        terms=terms,
        fingerprint=_fingerprint(check, preflight, review),
        query_hash=check.query_hash,
    )


def _fingerprint(check: Check, preflight: Preflight, review: Review) -> str:
    return fingerprints.fingerprint(
        query_hash=check.query_hash,
        snowflake_id=check.snowflake_id,
        gong_id=check.gong_id,
        flow_id=check.flow.id,
        id_column=preflight.id_column,
        mappings=review.mappings,
        listed=preflight.digest,
    )


def _post_channel(draft: Draft, review: Review) -> str:
    return draft.user_id if review.post_to is PostTo.DM else review.channel_id or draft.user_id
