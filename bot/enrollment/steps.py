"""The steps of one enrollment at Polytomic, in the order and the words of Polytomic's how-to.

Each makes at most one POST, under a key that the same enrollment, step, batch and attempt always give. A step that
may have been asked before (`enrollment.asked`) looks for what that made, by name, before it asks again, and does not
ask again (`may_ask` false, UnderWay raised) while a call that was never answered may still be under way: duplicates
stay 0 whatever the scope of Polytomic's keys is (docs: Idempotent requests).
"""

from collections.abc import Collection, Sequence

from bot.enrollment import names
from bot.enrollment.checking import required_fields
from bot.enrollment.model.enrollments import Enrollment, Step
from bot.enrollment.query import signed
from bot.errors import FieldNotMapped, FlowNotFound, PolytomicBusy, PolytomicRefused
from bot.polytomic.client import PolytomicClient
from bot.polytomic.requests import SyncSpec
from bot.polytomic.wire import Execution, Job, Model, Sync, TargetField, TargetFields

_NOT_FOUND = 404
_CONFLICT = 409
_KEPT_IN_FLIGHT = 2.0


class UnderWay(Exception):
    """Nothing is asked for yet: a call that was never answered may still do it."""


async def create_model(polytomic: PolytomicClient, enrollment: Enrollment, *, may_ask: bool) -> Model | Job | None:
    """Step 3: the model over the frozen query, with its columns; until it has them, the job that makes it, if any."""
    name = names.model_name(enrollment.id)
    if enrollment.model_job:
        kind, _, job_id = enrollment.model_job.partition("/")
        job = await _making(polytomic, kind, job_id)
        if job.status != "done":
            return job
    if enrollment.asked:
        found = await polytomic.find_model(name)
        if found is not None:
            whole = found if found.fields else await polytomic.model(found.id)
            return whole if whole.fields else None
    _demand(may_ask)
    sql = signed(enrollment.sql, enrollment.requester_id, enrollment.id)
    answer = await polytomic.create_model(name, enrollment.snowflake_id, sql, key=_key(enrollment))
    if answer.model is not None and answer.model.fields:
        return answer.model
    return await _making(polytomic, answer.job.type, answer.job.id) if answer.job is not None else None


async def _making(polytomic: PolytomicClient, kind: str, job_id: str) -> Job:
    job = await polytomic.job(kind, job_id)
    if job.status == "failed":
        raise PolytomicRefused("POST /api/models", status=400, message=job.error or "")
    return job


async def look_at_flow(polytomic: PolytomicClient, enrollment: Enrollment) -> TargetFields:
    """Step 5: the flow's fields as they are now; raises FlowNotFound, or FieldNotMapped for one that nothing fills."""
    try:
        target = await polytomic.target_fields(enrollment.gong_id, enrollment.flow.id, refresh=True)
    except PolytomicRefused as error:
        if error.status != _NOT_FOUND:
            raise
        raise FlowNotFound(enrollment.flow.name) from error
    filled = {mapping.field_id for mapping in enrollment.mappings}
    for field in required_fields(target):
        if field.id not in filled:
            raise FieldNotMapped(enrollment.flow.name, field.name)
    return target


async def create_sync(polytomic: PolytomicClient, enrollment: Enrollment, *, may_ask: bool) -> Sync:
    """Step 6: one active sync of the model into the flow, with a manual schedule: by itself nobody moves."""
    name = names.sync_name(enrollment.id)
    if enrollment.asked:
        found = await polytomic.find_sync(name)
        if found is not None:
            return found
    _demand(may_ask)
    target = await look_at_flow(polytomic, enrollment)
    identity = _identity(target)
    columns = await _columns(polytomic, enrollment)
    spec = SyncSpec(
        name=name,
        model_id=enrollment.model_id,
        source_field=enrollment.model_field,
        target_connection_id=enrollment.gong_id,
        target_object=enrollment.flow.id,
        identity_target=identity.id if identity else "Id",
        identity_function=_equality(identity),
        fields=tuple(
            (mapping.field_id, column_named(mapping.column, columns) or mapping.column)
            for mapping in enrollment.mappings
            if mapping.column
        ),
        override_fields=tuple(
            (mapping.field_id, mapping.value) for mapping in enrollment.mappings if mapping.value and not mapping.column
        ),
    )
    return await polytomic.create_sync(spec, key=_key(enrollment))


async def start_run(
    polytomic: PolytomicClient,
    enrollment: Enrollment,
    identities: Sequence[str],
    known: Collection[str],
    *,
    may_ask: bool,
) -> Execution:
    """Step 7: one execution over exactly these identities.

    The sync is ours alone, so an execution of it that is not among the `known` ones is the one that was asked for.
    Raises PolytomicBusy when another execution is going that belongs to an earlier batch.
    """
    # A batch that is started once more, under whatever key, is looked for like one that was asked for a moment ago.
    asked_before = enrollment.asked or enrollment.attempt > 0
    if asked_before and (found := await find_run(polytomic, enrollment, known)) is not None:
        return found
    _demand(may_ask)
    try:
        return await polytomic.start(enrollment.sync_id, identities, key=_key(enrollment))
    except PolytomicRefused as error:
        if error.status != _CONFLICT:
            raise
        status = await polytomic.status(enrollment.sync_id)
        going = _newest_unknown([one for one in (status.current, status.last) if one is not None], known)
        if going is not None:
            return going
        raise PolytomicBusy(error.call, "a run is going", retry_after=_KEPT_IN_FLIGHT) from error


async def find_run(polytomic: PolytomicClient, enrollment: Enrollment, known: Collection[str]) -> Execution | None:
    """The execution that an unanswered start made, if it made one."""
    return _newest_unknown(await polytomic.executions(enrollment.sync_id), known)


async def watch_run(polytomic: PolytomicClient, enrollment: Enrollment, execution_id: str) -> Execution:
    """Step 8: the execution as it is now."""
    return await polytomic.execution(enrollment.sync_id, execution_id)


async def cancel_run(polytomic: PolytomicClient, enrollment: Enrollment, execution_id: str) -> None:
    """Polytomic was asked to end the run; who is in the flow already stays there."""
    # The run is part of the key: an answer that was given for another run of the same batch would end nothing.
    key = names.key(enrollment.id, "cancel", execution_id, enrollment.attempt)
    try:
        await polytomic.cancel(enrollment.sync_id, key=key)
    except PolytomicRefused as error:
        if error.status not in {_NOT_FOUND, _CONFLICT}:
            raise


async def retire(polytomic: PolytomicClient, enrollment: Enrollment) -> None:
    """Step 9: the sync, if there is one, is inactive: one click in Polytomic can no longer enroll newcomers."""
    sync_id = enrollment.sync_id or await _made_unnoticed(polytomic, enrollment)
    if not sync_id:
        return
    try:
        await polytomic.activate(sync_id, False, key=names.key(enrollment.id, "retire", enrollment.attempt))
    except PolytomicRefused as error:
        if error.status != _NOT_FOUND:
            raise


async def clean_up(polytomic: PolytomicClient, enrollment: Enrollment) -> None:
    """Sync, then model, are deleted: the other way round would leave a broken sync (polytomic-api.md trap 25)."""
    sync_id = enrollment.sync_id or await _made_unnoticed(polytomic, enrollment)
    if sync_id:
        await polytomic.delete_sync(sync_id)
    model = await polytomic.find_model(names.model_name(enrollment.id))
    model_id = enrollment.model_id or (model.id if model else "")
    if model_id:
        await polytomic.delete_model(model_id)


def column_named(wanted: str | None, columns: Sequence[str]) -> str | None:
    """The column as the model calls it: Snowflake upper-cases what was not quoted (polytomic-api.md trap 9)."""
    if wanted is None or wanted in columns:
        return wanted
    return next((column for column in columns if column.casefold() == wanted.casefold()), None)


def columns_of(model: Model) -> tuple[str, ...]:
    """The names of the model's columns, as mappings use them."""
    return tuple(field.name for field in model.fields)


async def _columns(polytomic: PolytomicClient, enrollment: Enrollment) -> tuple[str, ...]:
    if not any(mapping.column for mapping in enrollment.mappings):
        return ()
    return columns_of(await polytomic.model(enrollment.model_id))


async def _made_unnoticed(polytomic: PolytomicClient, enrollment: Enrollment) -> str:
    # A create that was never answered may have happened all the same.
    if not enrollment.model_id:
        return ""
    found = await polytomic.find_sync(names.sync_name(enrollment.id))
    return found.id if found else ""


def _demand(may_ask: bool) -> None:
    if not may_ask:
        raise UnderWay


def _newest_unknown(executions: Sequence[Execution], known: Collection[str]) -> Execution | None:
    return next((one for one in executions if one.id not in known), None)


def _identity(target: TargetFields) -> TargetField | None:
    able = [field for field in target.fields if field.supports_identity]
    return next((field for field in able if field.id == "Id"), able[0] if able else None)


def _equality(identity: TargetField | None) -> str:
    offered = [function.id for function in identity.identity_functions] if identity else []
    return next((one for one in offered if one.casefold() == "equality"), "Equality")


def _key(enrollment: Enrollment) -> str:
    batch = enrollment.batch if enrollment.step is Step.START_RUN else ""
    return names.key(enrollment.id, enrollment.step, batch, enrollment.attempt)
