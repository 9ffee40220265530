"""Settings: what is missing or wrong is named, with where to get it, and no secret is ever repeated."""

from pathlib import Path

import pytest

from bot import config
from bot.errors import Misconfigured

NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-sandbox",
    "SLACK_SIGNING_SECRET": "sandbox-signing-secret",
    "POLYTOMIC_API_KEY": "sandbox",
}
SETTINGS = [name.upper() for name in config.Settings.model_fields]


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of this machine's own settings."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def load(monkeypatch: pytest.MonkeyPatch, **settings: str) -> config.Settings:
    """The settings of an environment that has these on top of the needed ones."""
    for name, value in (NEEDED | settings).items():
        monkeypatch.setenv(name, value)
    return config.load(env_file=None)


def refusal(monkeypatch: pytest.MonkeyPatch, **settings: str) -> str:
    """What is said about these settings."""
    with pytest.raises(Misconfigured) as refused:
        load(monkeypatch, **settings)
    return refused.value.words


def test_the_needed_three_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything else has a default."""
    settings = load(monkeypatch)
    assert ("sqlite+aiosqlite:///data/enroll-flow.db", 1000, 100_000, 8000, (), None) == (
        settings.database_url,
        settings.batch_size,
        settings.row_cap,
        settings.query_bytes,
        settings.enroll_users,
        settings.public_url,
    )


def test_a_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A value in .env counts unless the environment has one; what is left empty there counts as not set."""
    file = tmp_path / ".env"
    lines = [f"{name}={value}" for name, value in NEEDED.items()]
    file.write_text("\n".join([*lines, "BATCH_SIZE=7", "ROW_CAP=7", "QUERY_BYTES=", "UNKNOWN=1"]), encoding="utf-8")
    monkeypatch.setenv("ROW_CAP", "8")
    settings = config.load(env_file=str(file))
    assert (7, 8, 8000) == (settings.batch_size, settings.row_cap, settings.query_bytes)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("SLACK_BOT_TOKEN", "api.slack.com/apps > your app > OAuth & Permissions"),
        ("SLACK_SIGNING_SECRET", "api.slack.com/apps > your app > Basic Information"),
        ("POLYTOMIC_API_KEY", "app.polytomic.com > Settings > API keys"),
    ],
)
def test_a_missing_setting_says_where_to_find_it(monkeypatch: pytest.MonkeyPatch, name: str, place: str) -> None:
    """Unset and empty are the same, and both get the way."""
    assert f"{name} is not set. Find it at {place}. Example: .env.example." == refusal(monkeypatch, **{name: ""})


def test_everything_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to start three times to learn of three mistakes."""
    words = refusal(monkeypatch, SLACK_BOT_TOKEN="", PUBLIC_URL="example.com", BATCH_SIZE="many")
    assert ["SLACK_BOT_TOKEN", "PUBLIC_URL", "BATCH_SIZE"] == [line.split()[0] for line in words.splitlines()]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (
            "SLACK_BOT_TOKEN",
            "xapp-s3cret",
            "must start with xoxb-. This is an app token (xapp-): it belongs in SLACK_APP_TOKEN.",
        ),
        (
            "SLACK_APP_TOKEN",
            "xoxb-s3cret",
            "must start with xapp-. This is a bot token (xoxb-): it belongs in SLACK_BOT_TOKEN.",
        ),
        (
            "SLACK_BOT_TOKEN",
            "xoxp-s3cret",
            "must start with xoxb-. This is a user token (xoxp-): the bot never acts as a person.",
        ),
        ("SLACK_BOT_TOKEN", "s3cret", "must start with xoxb-. What is set looks like something else."),
        ("PUBLIC_URL", "example.com", "must start with https://, got “example.com”."),
        ("PUBLIC_URL", "http://{0}.example.com", "must start with https://, got “http://{0}.example.com”."),
        (
            "DATABASE_URL",
            "mysql://u:s3cret@db/x",
            "is not a database address: it must start with sqlite+aiosqlite:// or postgresql+psycopg://.",
        ),
        ("POLYTOMIC_VERSION", "latest", "must be a date such as 2024-02-08, got “latest”."),
        ("BATCH_SIZE", "many", "must be a whole number, got “many”."),
        ("BATCH_SIZE", "0", "must be 1 or more, got “0”."),
        ("BATCH_SIZE", "10001", "must be 10000 or less, got “10001”."),
        ("POLYTOMIC_TIMEOUT", "0", "must be more than 0, got “0”."),
        ("POLYTOMIC_TIMEOUT", "soon", "must be a number, got “soon”."),
        ("ENROLL_USERS", "U0ANN, @bob", "must be ids of Slack users (U…, W…) or user groups (S…), got “@bob”."),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    """The setting, what it must be, and the value only where it is no secret."""
    said = refusal(monkeypatch, **{name: value})
    assert f"{name} {words}" == said
    assert "s3cret" not in said


def test_ids_are_separated_by_commas_or_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """People write lists in both ways."""
    settings = load(monkeypatch, ENROLL_USERS="U0ANN,W0BOB  S0REVOPS,", OPERATORS="U0OPS")
    assert (("U0ANN", "W0BOB", "S0REVOPS"), ("U0OPS",)) == (settings.enroll_users, settings.operators)


def test_addresses_end_as_they_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slash too many or too few at the end makes no difference."""
    settings = load(
        monkeypatch,
        SLACK_API_URL="http://127.0.0.1:8700/api",
        POLYTOMIC_URL="http://localhost:8701/",
        PUBLIC_URL="https://bot.example.org/",
    )
    assert ("http://127.0.0.1:8700/api/", "http://localhost:8701", "https://bot.example.org") == (
        settings.slack_api_url,
        settings.polytomic_url,
        settings.public_url,
    )


def test_secrets_stay_out_of_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings can be printed without giving anything away."""
    settings = load(monkeypatch, SLACK_APP_TOKEN="xapp-sandbox")
    secrets = [*NEEDED.values(), "xapp-sandbox"]
    # "sandbox" alone would also be found in harmless places; with its quotation marks it is the key's value.
    assert [] == [secret for secret in secrets if f"'{secret}'" in repr(settings)]


def test_given_settings_hear_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox works the same on every machine."""
    monkeypatch.setenv("BATCH_SIZE", "5")
    settings = config.given(slack_bot_token="xoxb-1", slack_signing_secret="s", polytomic_api_key="k")
    assert 1000 == settings.batch_size


def test_problems_are_kept_apart_by_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor shows one line for each; none when all is well."""
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    assert {} == config.problems(env_file=None)
    monkeypatch.setenv("PORT", "http")
    assert {"PORT": "PORT must be a whole number, got “http”."} == config.problems(env_file=None)
