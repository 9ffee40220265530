"""The settings: read once, from the environment and a `.env` file, and never changed afterwards.

Whatever is missing or malformed is said in words that name the setting and where to get it; a value is quoted
only where it cannot be a secret.
"""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.enrollment.limits import Limits
from bot.errors import Misconfigured

SQLITE = "sqlite+aiosqlite://"
POSTGRESQL = "postgresql+psycopg://"
LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)")
SLACK_ID = re.compile(r"[UWS][A-Z0-9]{2,}")
TOKENS = {
    "xoxb-": ("a bot token", "it belongs in SLACK_BOT_TOKEN."),
    "xapp-": ("an app token", "it belongs in SLACK_APP_TOKEN."),
    "xoxp-": ("a user token", "the bot never acts as a person."),
    "xoxe-": ("a refresh token", "the bot does not rotate tokens."),
}

# What the settings that hold no secret must look like, by pydantic's name for the mistake.
SHAPES = {
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "greater_than_equal": "{ge} or more",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "{le} or less",
    "string_pattern_mismatch": "a date such as 2024-02-08",
}


def _words_of(text: object) -> object:
    """Commas and spaces both separate; whatever is not text is left to pydantic."""
    return tuple(text.replace(",", " ").split()) if isinstance(text, str) else text


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words_of)]
"""Names in one variable, separated by commas or spaces."""


def _wrong(words: str) -> PydanticCustomError:
    # Custom errors carry our sentence alone; pydantic's own would bring the value with them. Braces are its syntax.
    return PydanticCustomError("wrong", "{words}", {"words": words})


def _must_start(prefix: str, value: SecretStr) -> SecretStr:
    given = value.get_secret_value()
    if given.startswith(prefix):
        return value
    for other, (name, place) in TOKENS.items():
        if given.startswith(other):
            raise _wrong(f"must start with {prefix}. This is {name} ({other}): {place}")
    raise _wrong(f"must start with {prefix}. What is set looks like something else.")


def _address(value: str) -> str:
    if not value.startswith("https://") and not LOOPBACK.match(value):
        raise _wrong(f"must start with https://, got “{value}”.")
    return value.rstrip("/")


class PolicySettings(BaseSettings):
    """What the policy needs to be read and judged: it can be looked at where the bot itself could not run."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    slack_api_url: str = "https://slack.com/api/"
    enroll_users: Names = ()
    operators: Names = ()
    policy_file: str = "policy.toml"
    query_bytes: int = Field(8000, ge=100)

    @field_validator("slack_api_url")
    @classmethod
    def _is_slacks_address(cls, value: str) -> str:
        return f"{_address(value)}/"  # slack_sdk joins it with the method's name

    @field_validator("enroll_users", "operators")
    @classmethod
    def _are_slack_ids(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not SLACK_ID.fullmatch(name):
                raise _wrong(f"must be ids of Slack users (U…, W…) or user groups (S…), got “{name}”.")
        return value


class Settings(PolicySettings):
    """Everything that is configured. `description` says where a setting that has no default is found."""

    slack_bot_token: SecretStr = Field(description="api.slack.com/apps > your app > OAuth & Permissions")
    slack_signing_secret: SecretStr = Field(description="api.slack.com/apps > your app > Basic Information")
    slack_app_token: SecretStr | None = None
    polytomic_api_key: SecretStr = Field(description="app.polytomic.com > Settings > API keys")
    polytomic_url: str = "https://app.polytomic.com"
    polytomic_version: str = Field("2024-02-08", pattern=r"^\d{4}-\d\d-\d\d$")
    database_url: str = "sqlite+aiosqlite:///data/enroll-flow.db"
    public_url: str | None = None
    batch_size: int = Field(1000, ge=1, le=10_000)
    row_cap: int = Field(100_000, ge=1, le=1_000_000)
    query_timeout: int = Field(600, ge=1)
    check_valid: int = Field(1800, ge=60)
    consent_deadline: int = Field(1800, ge=60)
    polytomic_timeout: float = Field(20, gt=0)
    retry_deadline: int = Field(21_600, ge=60)
    run_silent: int = Field(3600, ge=60)
    hold_deadline: int = Field(86_400, ge=60)
    retention_days: int = Field(30, ge=0)
    draft_days: int = Field(30, ge=1)
    memory_days: int = Field(365, ge=1)
    sample_columns: Names = ()
    flows_ttl: int = Field(300, ge=0)
    host: str = "0.0.0.0"  # noqa: S104  # Slack has to reach it; in a container that means every address
    port: int = Field(3000, ge=1, le=65_535)

    @field_validator("slack_bot_token")
    @classmethod
    def _is_a_bot_token(cls, value: SecretStr) -> SecretStr:
        return _must_start("xoxb-", value)

    @field_validator("slack_app_token")
    @classmethod
    def _is_an_app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return value and _must_start("xapp-", value)

    @field_validator("polytomic_url", "public_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        return value and _address(value)

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        if not value.startswith((SQLITE, POSTGRESQL)):
            raise _wrong(f"is not a database address: it must start with {SQLITE} or {POSTGRESQL}.")
        return value

    def limits(self) -> Limits:
        """The numbers that the use cases need."""
        return Limits(
            batch_size=self.batch_size,
            row_cap=self.row_cap,
            query_bytes=self.query_bytes,
            query_timeout=self.query_timeout,
            check_valid=self.check_valid,
            check_patience=self.polytomic_timeout,
            consent_deadline=self.consent_deadline,
            retry_deadline=self.retry_deadline,
            run_silent=self.run_silent,
            hold_deadline=self.hold_deadline,
            under_way=self.polytomic_timeout * 3,
            retention_days=self.retention_days,
            draft_days=self.draft_days,
            memory_days=self.memory_days,
            sample_columns=self.sample_columns,
        )


class PolicyAlone(PolicySettings):
    """The settings of whoever only looks at the policy: with a token Slack is asked about people, without it not."""

    slack_bot_token: SecretStr | None = None


class _Given(Settings):
    """Settings that a program states: neither the environment nor a file has a say."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def load(env_file: str | None = ".env") -> Settings:
    """The settings of this process. Raises Misconfigured with a line for every setting that is missing or wrong."""
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg]  # the fields come from the environment
    except ValidationError as error:
        raise _misconfigured(error) from None


def load_for_policy(env_file: str | None = ".env") -> PolicyAlone:
    """What the policy needs of them, whatever else is missing. Raises Misconfigured when one of these is wrong."""
    try:
        return PolicyAlone(_env_file=env_file)  # type: ignore[call-arg]  # as in `load`
    except ValidationError as error:
        raise _misconfigured(error) from None


def given(**values: object) -> Settings:
    """Settings out of these values and the defaults alone, for the sandbox and for tests."""
    try:
        return _Given(**values)  # type: ignore[arg-type]  # pydantic looks at every one of them
    except ValidationError as error:
        raise _misconfigured(error) from None


def problems(env_file: str | None = ".env") -> dict[str, str]:
    """What is wrong with each setting, in words; empty when the bot can start."""
    try:
        Settings(_env_file=env_file)  # type: ignore[call-arg]  # as in `load`
    except ValidationError as error:
        return _words(error)
    return {}


def _misconfigured(error: ValidationError) -> Misconfigured:
    words = _words(error)
    return Misconfigured(next(iter(words)), "\n".join(words.values()))


def _words(error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        setting = str(detail["loc"][0]).upper()
        found.setdefault(setting, f"{setting} {_sentence(detail)}")
    return found


def _sentence(detail: ErrorDetails) -> str:
    kind, limits = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        place = Settings.model_fields[str(detail["loc"][0])].description
        return f"is not set. Find it at {place}. Example: .env.example."
    if kind == "wrong":
        return detail["msg"]
    shape = SHAPES.get(kind, "text").format_map(limits)
    return f"must be {shape}, got “{detail['input']}”."
