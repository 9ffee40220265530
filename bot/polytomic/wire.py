"""What Polytomic answers: one frozen model per thing it speaks of. Enums are open, so every status is a string.

Only an id is ever required. Whatever may hold a secret, a row, a contact id or someone's words stays out of repr.
"""

from typing import Any, Self

from pydantic import AliasChoices, AliasPath, Field, SecretStr, ValidationError, model_validator

from bot.polytomic.tolerance import Id, IdOf, Text, Texts, Time, Wire

ENDED = frozenset({"completed", "canceled", "failed"})
"""The statuses in which an execution stays. `interrupted` is not among them: it may be resumed."""

# ----------------------------------------------------------------------------- identity and connections


class Me(Wire):
    """Who the API key belongs to."""

    id: str = ""
    organization_id: str = ""
    organization_name: str = ""
    is_user: bool = False
    is_organization: bool = False
    is_partner: bool = False
    is_system: bool = False
    email: str = Field(default="", repr=False)


class Connection(Wire):
    """A connection. `auth_url` comes with create and reconnect only, and is a bearer capability."""

    id: Id
    name: str = ""
    type: IdOf = ""
    status: str = ""
    status_error: str = Field(default="", repr=False)
    saved: bool | None = None
    auth_url: SecretStr | None = None

    @property
    def healthy(self) -> bool:
        """True for the one status that is documented as ready."""
        return self.status.casefold() == "healthy"


class ConnectSession(Wire):
    """A page on which a person makes one connection; the answer calls it redirect_url."""

    url: SecretStr = Field(validation_alias="redirect_url", min_length=1)


# --------------------------------------------------------------------------------------------- models


class ModelField(Wire):
    """A column of a model. Mappings speak of it by `name`."""

    name: str = ""
    label: str = ""
    type: str = ""


class Model(Wire):
    """A model over a query. `fields` may be empty while Polytomic still discovers them."""

    id: Id
    name: str = ""
    connection_id: str = ""
    fields: tuple[ModelField, ...] = ()


class Job(Wire):
    """Work in the background: created, running, done or failed."""

    id: Id = Field(validation_alias=AliasChoices("job_id", "id"))
    type: str = ""
    status: str = ""
    error: str = Field(default="", repr=False)
    result: object = Field(default=None, repr=False)

    @property
    def model(self) -> Model | None:
        """The model that a finished createmodel job made, where its result is readable as one."""
        if self.status != "done" or not isinstance(self.result, dict):
            return None
        for found in (self.result, self.result.get("model"), self.result.get("data")):
            try:
                return Model.model_validate(found)
            except ValidationError:
                continue
        return None


class ModelAnswer(Wire):
    """A created model, the job that still makes it, or both; never neither."""

    model: Model | None = Field(default=None, validation_alias="data")
    job: Job | None = None

    @model_validator(mode="before")
    @classmethod
    def _empty_is_absent(cls, value: Any) -> Any:
        return {name: inner for name, inner in value.items() if inner} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _is_something(self) -> Self:
        if self.model is None and self.job is None:
            raise ValueError("neither a model nor a job")
        return self


# ------------------------------------------------------------------------------------------ query runs


class QueryStatus(Wire):
    """A query handed to the query runner: created, running, done, failed or unknown."""

    id: Id
    status: str = ""


class QueryPage(Wire):
    """One page of a query's rows. `error` is Snowflake's own words; `next_page` is None on the last page."""

    status: str = ""
    count: int | None = None
    error: str = Field(default="", repr=False)
    fields: Texts = ()
    results: tuple[dict[str, object], ...] = Field(default=(), repr=False)
    next_page: str | None = None


# --------------------------------------------------------------------------------------------- targets


class TargetObject(Wire):
    """Something Gong can be written to; every flow is one. The id is a string whatever it looks like.

    There may be thousands, so what nobody asks for, such as the modes of each, is not read.
    """

    id: Id
    name: str = ""


class IdentityFunction(Wire):
    """A way of matching source and target, such as Equality."""

    id: Id
    label: str = ""


class TargetField(Wire):
    """A field of a target object. A sync has to fill it when it is `required`."""

    id: Id
    name: str = ""
    type: str = ""
    required: bool = False
    supports_identity: bool = False
    identity_functions: tuple[IdentityFunction, ...] = ()


class TargetProperties(Wire):
    """What a target as a whole needs and tells."""

    mappings_not_required: bool = False
    requires_configuration: bool = False
    does_not_report_operation_counts: bool = False


class TargetFields(Wire):
    """The fields and properties of one target object."""

    id: str = ""
    name: str = ""
    fields: tuple[TargetField, ...] = ()
    properties: TargetProperties = TargetProperties()


# ---------------------------------------------------------------------------------------- syncs, runs


class SyncProblem(Wire):
    """Why a sync as it stands cannot run; it comes with a 200."""

    code: str = ""
    path: str = ""
    message: str = Field(default="", repr=False)


class Sync(Wire):
    """A sync, whole or as the light item of a list."""

    id: Id
    name: str = ""
    active: bool = False
    mode: str = ""
    target_connection_id: Text = Field(
        default="", validation_alias=AliasChoices("target_connection_id", AliasPath("target", "connection_id"))
    )
    target_object: Text = Field(
        default="", validation_alias=AliasChoices("target_object", AliasPath("target", "object"))
    )
    problems: tuple[SyncProblem, ...] = ()


class Counts(Wire):
    """How many records an execution handled, by what became of them. `upserts` may stand alone."""

    total: int = 0
    insert: int = 0
    update: int = 0
    upserts: int = 0
    delete: int = 0
    error: int = 0
    warnings: int = 0


class Execution(Wire):
    """One run of a sync. `errors` are about the run; what befell single records is in the log files."""

    id: Id
    status: str = ""
    type: str = ""
    created_at: Time = None
    started_at: Time = None
    completed_at: Time = None
    counts: Counts = Counts()
    errors: Texts = Field(default=(), repr=False)

    @property
    def ended(self) -> bool:
        """True when the status is one that stays."""
        return self.status in ENDED


class SyncStatus(Wire):
    """The run that goes and the run before it, where there are such."""

    current: Execution | None = Field(default=None, validation_alias="current_execution")
    last: Execution | None = Field(default=None, validation_alias="last_execution")


class Activation(Wire):
    """Whether a sync may run now."""

    active: bool


class LogUrls(Wire):
    """Signed links to log files; whoever holds one may read the file until it expires."""

    urls: tuple[SecretStr, ...] = ()


class EventBody(Wire):
    """What an event is about, as far as all of them agree."""

    sync_id: str = ""
    execution_id: str = ""
    status: str = ""


class Event(Wire):
    """Something that happened to a sync, such as sync.completed."""

    id: Id
    type: str = ""
    created_at: Time = None
    event: EventBody = EventBody()
