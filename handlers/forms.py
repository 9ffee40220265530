"""A view's state -> typed values, or a message per field. Pure: what is known of the world is passed in.

Errors are keyed by block ids that stand in the view: Slack answers any other key with an error of its own
(docs: response_action errors).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.enrollment import query
from bot.enrollment.making import Review
from bot.enrollment.model.checks import Check
from bot.enrollment.model.connections import Connection, Service
from bot.enrollment.model.drafts import NO_OPT_OUT, Draft, DraftEdit, PostTo, Source
from bot.enrollment.model.flows import FieldMapping, Flow
from bot.enrollment.model.policies import Policy
from bot.errors import QueryRefused
from bot.views import compose, ids, review_choices, sentences, words
from bot.views.compose import chosen
from bot.views.flow_options import NO_FLOWS_VALUE
from bot.views.modal import Notice
from bot.views.place import CHANNEL_PROBLEMS
from handlers import form_state
from handlers.form_fields import bad_fields, read_mappings
from handlers.form_rules import bad_places
from handlers.form_state import View

Errors = dict[str, str]

_ENDINGS = (".sql", ".txt")

NO_FILE = "Choose a .sql file."
WRONG_ENDING = "Choose a file that ends in .sql or .txt."
TWO_FILES = "One file at a time."
NO_FLOW = "Choose a flow."
NO_FLOW_LIST = "The flow list could not be loaded, so nothing is chosen. Type a word to try again."
NO_CHANNEL = "Choose a channel."


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the form, from memory: no call is made before the acknowledgement.

    `flow` gives a listed flow by connection and id; `lists_flows` says whether a connection's list was ever read;
    `reachable` is false while Polytomic does not answer, so that what is not known is not called disconnected.
    `open_flows` is how many flows of a connection the policy allows.
    """

    connections: tuple[Connection, ...]
    flow: Callable[[str, str], Flow | None]
    lists_flows: Callable[[str], bool]
    max_bytes: int
    reachable: bool = True
    policy: Policy = field(default_factory=Policy)
    open_flows: Callable[[str], int] = lambda _: 0

    def of(self, service: Service) -> tuple[Connection, ...]:
        """The connections of one service."""
        return tuple(one for one in self.connections if one.service is service)


# ------------------------------------------------------------------------------------------------ V1


def read_compose(view: View, draft: Draft, known: Known) -> DraftEdit:
    """What the form holds now, with the connections that it would use; a block that is not shown changes nothing."""
    source = form_state.picked(view, ids.SOURCE, ids.PICK_SOURCE)
    snowflake = _connection(view, draft.snowflake_id, known, Service.SNOWFLAKE)
    gong = _connection(view, draft.gong_id, known, Service.GONG)
    return DraftEdit(
        source=Source(source) if source in set(Source) else None,
        sql=form_state.typed(view, ids.SQL, ids.TYPE_SQL),
        snowflake_id=snowflake.id if snowflake else None,
        gong_id=gong.id if gong else None,
        flow=_flow(view, gong.id if gong else draft.gong_id, known),
    )


def attached(view: View) -> tuple[Mapping[str, Any], ...]:
    """The files attached to the form, as Slack describes them."""
    element = form_state.element(view, ids.SQL_FILE, ids.ATTACH_SQL) or {}
    return tuple(element.get("files") or ())


def missing(known: Known) -> tuple[Notice, ...]:
    """What keeps a form without a wrong field from being checked."""
    if not known.reachable and not known.connections:
        return (Notice("error", sentences.AWAY),)
    notices = []
    if not known.of(Service.SNOWFLAKE):
        notices.append(compose.SNOWFLAKE_MISSING)
    if not any(one.healthy for one in known.of(Service.GONG)):
        notices.append(compose.GONG_MISSING)
    return tuple(notices)


def refused_by_memory(view: View, draft: Draft, known: Known) -> bool:
    """True when a connection or a flow keeps the form from being checked: another process may know better by now."""
    edit = read_compose(view, draft, known)
    bad_connections = _bad_connections(view, draft, known, edit.source or draft.source)
    return bool(missing(known) or bad_connections or sentences.FLOW_GONE in _bad_flow(view, edit, known).values())


def validate_compose(view: View, draft: Draft, known: Known) -> Errors:
    """A message per field that keeps the query from being checked; empty when it may be."""
    edit = read_compose(view, draft, known)
    source = edit.source or draft.source
    errors = _not_allowed(view, draft, edit, known, source)
    errors |= _bad_connections(view, draft, known, source)
    errors |= _bad_flow(view, edit, known)
    errors |= _bad_file(view, draft, known) if source is Source.FILE else _bad_sql(view, edit.sql or "", known)
    return errors


def _not_allowed(view: View, draft: Draft, edit: DraftEdit, known: Known, source: Source) -> Errors:
    used = (edit.snowflake_id, edit.gong_id)
    return bad_places(
        view,
        draft,
        known.policy,
        flow=edit.flow,
        connections=[connection for connection in known.connections if connection.id in used],
        open_flows=known.open_flows(edit.gong_id or ""),
        carrier=ids.present(view, ids.SQL_FILE if source is Source.FILE else ids.SQL),
    )


def _bad_sql(view: View, sql: str, known: Known) -> Errors:
    try:
        query.guard(sql, max_bytes=known.max_bytes)
    except QueryRefused as refused:
        return {ids.present(view, ids.SQL): sentences.field(refused)}
    return {}


def _bad_file(view: View, draft: Draft, known: Known) -> Errors:
    """A new file is read after the acknowledgement; one kept from the draft is judged at once."""
    block_id = ids.present(view, ids.SQL_FILE)
    files = attached(view)
    if len(files) > 1:
        return {block_id: TWO_FILES}
    if files:
        right = str(files[0].get("name") or "").casefold().endswith(_ENDINGS)
        return {} if right else {block_id: WRONG_ENDING}
    if not draft.file_sql:
        return {block_id: NO_FILE}
    try:
        query.guard(draft.file_sql, max_bytes=known.max_bytes)
    except QueryRefused as refused:
        return {block_id: sentences.field(refused)}
    return {}


def _bad_flow(view: View, edit: DraftEdit, known: Known) -> Errors:
    block_id = ids.present(view, ids.FLOW)
    if not form_state.stands(view, ids.FLOW):
        return {}
    value = form_state.picked(view, ids.FLOW, ids.SEARCH_FLOW)
    if value == NO_FLOWS_VALUE:
        return {block_id: NO_FLOW_LIST}
    if not value:
        return {block_id: NO_FLOW}
    gong_id = edit.gong_id or ""
    if known.lists_flows(gong_id) and known.flow(gong_id, value) is None:
        return {block_id: sentences.FLOW_GONE}
    return {}


def _bad_connections(view: View, draft: Draft, known: Known, source: Source) -> Errors:
    errors: Errors = {}
    carrier = ids.present(view, ids.SQL_FILE if source is Source.FILE else ids.SQL)
    wanted = ((Service.SNOWFLAKE, ids.SNOWFLAKE, draft.snowflake_id), (Service.GONG, ids.GONG, draft.gong_id))
    for service, block, kept in wanted:
        connection = _connection(view, kept, known, service)
        if connection is None or connection.healthy:
            continue
        if form_state.stands(view, block):
            errors[ids.present(view, block)] = _not_working(connection)
        elif service is Service.SNOWFLAKE:
            errors[carrier] = _not_working(connection)  # The only one is not asked for, so it has no field.
    return errors


def _not_working(connection: Connection) -> str:
    name = words.data(connection.name, words.FLOW_MAX)
    status = words.data(connection.status, words.REASON_MAX) or "unhealthy"
    return f"{name} is not working: {status}. Choose another, or ask your operator."


def _connection(view: View, kept: str, known: Known, service: Service) -> Connection | None:
    block, action = {
        Service.SNOWFLAKE: (ids.SNOWFLAKE, ids.PICK_SNOWFLAKE),
        Service.GONG: (ids.GONG, ids.PICK_GONG),
    }[service]
    return chosen(known.of(service), form_state.picked(view, block, action) or kept)


def _flow(view: View, gong_id: str, known: Known) -> Flow | None:
    option = (form_state.element(view, ids.FLOW, ids.SEARCH_FLOW) or {}).get("selected_option") or {}
    value = str(option.get("value") or "")
    if not value or value == NO_FLOWS_VALUE:
        return None
    # The option's text may carry a mark that tells flows of one name apart, so the listed name comes first.
    return known.flow(gong_id, value) or Flow(value, str((option.get("text") or {}).get("text") or value))


# ------------------------------------------------------------------------------------------ V5, V5f


def read_id_column(value: str, check: Check) -> str | None:
    """The column that an option of `pick_id_column` stands for; None for a value we never offered."""
    columns = check.preflight.columns if check.preflight else ()
    return columns[int(value)] if value.isascii() and value.isdigit() and int(value) < len(columns) else None


def read_opt_out(value: str, check: Check) -> str | None:
    """What an option of `pick_opt_out` stands for: a column, or none at all; None for a value we never offered."""
    return value if value == NO_OPT_OUT else read_id_column(value, check)


def read_choices(view: View, check: Check, draft: Draft) -> DraftEdit:
    """What the review, or the fields beside it, holds now; good enough to keep, not yet to start."""
    post_to = form_state.picked(view, ids.POST_TO, ids.PICK_POST_TO)
    channel = form_state.element(view, ids.CHANNEL, ids.PICK_CHANNEL)
    return DraftEdit(
        mappings=read_mappings(view, check, draft),
        post_to=PostTo(post_to) if post_to in set(PostTo) else None,
        channel_id=str(channel.get("selected_conversation") or "") if channel is not None else None,
        canary=form_state.ticked(view, ids.TICKS, ids.TICK_OPTIONS, review_choices.CANARY),
        note=form_state.typed(view, ids.NOTE, ids.TYPE_NOTE),
    )


def read_review(view: View, check: Check, draft: Draft) -> Review | Errors:
    """What is confirmed, or a message per field that keeps it from starting."""
    edit = read_choices(view, check, draft)
    mappings = edit.mappings or ()
    post_to = edit.post_to or PostTo.DM
    shown = ids.argument(ids.present(view, ids.POST_TO))
    choice = Review(
        mappings,
        post_to,
        shown if post_to is PostTo.HERE else edit.channel_id or "",
        canary=draft.canary if edit.canary is None else edit.canary,
        note=(draft.note if edit.note is None else edit.note).strip(),
    )
    errors = {
        **bad_fields(view, check, mappings, ids.present(view, ids.POST_TO)),
        **_bad_channel(view, choice, draft),
        **_bad_number(view, check),
    }
    return errors or choice


def read_fields(view: View, check: Check, draft: Draft) -> tuple[FieldMapping, ...] | Errors:
    """The mappings of V5f, or a message per field."""
    mappings = read_mappings(view, check, draft)
    return bad_fields(view, check, mappings, "") or mappings


def _bad_channel(view: View, choice: Review, draft: Draft) -> Errors:
    if choice.post_to is not PostTo.CHANNEL:
        return {}
    block_id = ids.present(view, form_state.nearest(view, ids.CHANNEL, ids.POST_TO))
    if not choice.channel_id:
        return {block_id: NO_CHANNEL}
    problem = draft.channel_problem if choice.channel_id == draft.channel_id else "unknown"
    return {block_id: CHANNEL_PROBLEMS.get(problem, CHANNEL_PROBLEMS["not_in_channel"])} if problem else {}


def _bad_number(view: View, check: Check) -> Errors:
    if not form_state.stands(view, ids.TYPED_NUMBER):
        return {}  # Whether it has to be typed is on the button: one that says something else is not pressed.
    people = check.preflight.funnel.will_enroll if check.preflight else 0
    typed = form_state.typed(view, ids.TYPED_NUMBER, ids.TYPE_NUMBER) or ""
    if re.sub(r"[\s,]", "", typed) == str(people):
        return {}
    return {ids.present(view, ids.TYPED_NUMBER): f"That is not {people}. Nothing was started."}
