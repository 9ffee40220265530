"""`policy check` and `policy explain` as an operator meets them, against the sandbox's Slack over HTTP."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from freezegun import freeze_time

from bot import config
from bot.__main__ import dispatch
from bot.cli import policy as looked_at
from bot.config import PolicyAlone
from bot.sandbox.serve import serve
from bot.sandbox.slack.workspace import Slack

POLICY = """
operators = ["U0OPERATOR"]
enroll = ["@revops"]
request_cap = 2000
time_zone = "Europe/Berlin"

[flows]
deny = ["*internal*"]

[[approvals]]
name = "large"
threshold = 500
approvers = ["U0APPROVER", "@revops"]

[quiet_hours]
start = 19:00:00
end = 09:00:00
"""


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    """The workspace, which answers."""
    made = Slack()
    async with serve(made.app) as served:
        made.world.base_url = served.url
        yield made


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A directory with this policy and no settings."""
    monkeypatch.chdir(tmp_path)
    for name in config.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    return tmp_path


@pytest.fixture
def settings(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> PolicyAlone:
    """The settings of somebody who has the bot's token, and nothing else."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", slack.world.bot_token)
    monkeypatch.setenv("SLACK_API_URL", f"{slack.world.base_url}/api/")
    return looked_at.settings_of(None)


def test_check_without_a_token_says_what_it_did_not_do(capsys: pytest.CaptureFixture[str]) -> None:
    """A file can be checked where there are no secrets; its groups are another matter."""
    assert 0 == dispatch(["policy", "check"])
    assert "ok, but its user groups were not looked up: SLACK_BOT_TOKEN is not set\n" == capsys.readouterr().out


def test_check_tells_every_mistake(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """A line each, exit code 2."""
    (folder / "other.toml").write_text('request_cap = "many"\n[canary]\nsize = 0\n', encoding="utf-8")
    assert 2 == dispatch(["policy", "check", "--file", "other.toml"])
    assert [
        'other.toml:1: request_cap must be a whole number, got "many".',
        "other.toml:3: canary.size must be 1 or more, got 0.",
    ] == capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "gone.toml, and there is no such file. Nothing was started."),
        (b"owner = '\xff'", "gone.toml is not UTF-8 text. Nothing was started."),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    capsys: pytest.CaptureFixture[str], folder: Path, content: bytes | None, words: str
) -> None:
    """One that is named has to be there."""
    if content is not None:
        (folder / "gone.toml").write_bytes(content)
    assert 2 == dispatch(["policy", "check", "--file", "gone.toml"])
    assert capsys.readouterr().err.endswith(f"{words}\n")


def test_no_policy_at_all_is_fine(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """The file with the default name need not be there."""
    (folder / "policy.toml").unlink()
    assert 0 == dispatch(["policy", "check"])
    assert "ok: there is no policy.toml; ENROLL_USERS and OPERATORS alone hold\n" == capsys.readouterr().out


async def test_check_asks_slack_for_groups(
    settings: PolicyAlone, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that is not there is told with its line."""
    assert 0 == await looked_at.check(settings)
    (folder / "policy.toml").write_text(POLICY.replace("@revops", "@revopps"), encoding="utf-8")
    assert 2 == await looked_at.check(settings)
    assert [
        "ok",
        "policy.toml:3: Slack has no user group @revopps.",
        "policy.toml:13: Slack has no user group @revopps.",
    ] == capsys.readouterr().out.splitlines()


async def test_explain_goes_through_the_rules(settings: PolicyAlone, capsys: pytest.CaptureFixture[str]) -> None:
    """In the form of ux.md section 7, with where each rule stands and who owns those that ask; exit code 3."""
    with freeze_time("2026-11-27 20:00", real_asyncio=True):
        assert 3 == await looked_at.explain_to(settings, "U0REQUESTER", "Q4 Renewal", 1225, as_json=False)
    assert (
        """\
allowed, with approval: 1 of U0APPROVER, U0COLLEAGUE
  people         pass   member of @revops                    policy.toml:3
  flows          pass   Q4 Renewal is open                   policy.toml:7
  request cap    pass   1,225 of 2,000                       policy.toml:4
  approval       ASK    more than 500                        policy.toml:10  owner @Olga
  quiet hours    wait   until Mon 09:00 Europe/Berlin        policy.toml:15
would pass without asking: 500 contacts or fewer
"""
        == capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("user", "flow", "people", "code", "told"),
    [
        ("U0COLLEAGUE", "Q4 Renewal", 500, 0, ["allowed", "  approval       pass   none up to 500"]),
        ("U0BYSTANDER", "Q4 Renewal", 1, 1, ["not allowed: people", "would pass: @revops"]),
        ("U0GUEST", "Q4 Renewal", 1, 1, ["not allowed: people", "guests may not enroll"]),
        ("U0COLLEAGUE", "internal test", 1, 1, ["not allowed: flows", "would pass: flows that are called otherwise"]),
        (
            "U0COLLEAGUE",
            "Q4 Renewal",
            2412,
            1,
            ["not allowed: request cap", "  request cap    no     2,412 of 2,000", "500 contacts or fewer"],
        ),
    ],
)
async def test_explain_answers_for_each(
    settings: PolicyAlone,
    capsys: pytest.CaptureFixture[str],
    user: str,
    flow: str,
    people: int,
    code: int,
    told: list[str],
) -> None:
    """0 allowed, 1 refused: with the rule that says so, and what would pass."""
    assert code == await looked_at.explain_to(settings, user, flow, people, as_json=False)
    out = capsys.readouterr().out
    assert [] == [words for words in told if words not in out]


async def test_explain_speaks_to_machines(settings: PolicyAlone, capsys: pytest.CaptureFixture[str]) -> None:
    """One object with the same."""
    assert 3 == await looked_at.explain_to(settings, "U0REQUESTER", "Q4 Renewal", 1225, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert ["people", "flows", "request cap", "approval", "quiet hours"] == [line["rule"] for line in told["lines"]]
    assert 3 == told["exit_code"]


def test_explain_without_a_token_needs_names(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Who is in a group only Slack knows; users who are named can be judged without it."""
    explain = ["policy", "explain", "U0REQUESTER", "Q4 Renewal", "10"]
    assert 2 == dispatch(explain)
    assert "SLACK_BOT_TOKEN is not set, so user groups cannot be looked up.\n" == capsys.readouterr().err
    (folder / "policy.toml").write_text(POLICY.replace("@revops", "U0REQUESTER"), encoding="utf-8")
    assert 0 == dispatch(explain)
    assert "people         pass   named" in capsys.readouterr().out
