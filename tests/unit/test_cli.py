"""The command line: exit codes, words instead of tracebacks, and only what is needed is loaded."""

import io
import json
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import config
from bot.__main__ import dispatch
from bot.cli import connect, findings, said, serve
from bot.cli.findings import Finding, Level
from bot.cli.waiting import Waiting
from bot.errors import (
    Misconfigured,
    PolytomicAway,
    PolytomicBusy,
    PolytomicError,
    PolytomicLockedOut,
    PolytomicOddAnswer,
    PolytomicRefused,
)

NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-sandbox",
    "SLACK_SIGNING_SECRET": "sandbox-signing-secret",
    "POLYTOMIC_API_KEY": "sandbox",
}
SHARED = "GET /api/me"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty directory, none of this machine's own settings, and logging left as the other tests know it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.logs.configure", lambda **_: None)
    for name in config.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("command", [["run"], ["migrate"], ["connect", "gong"]])
def test_missing_settings_are_words_and_exit_2(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    """Each setting is named on stderr; there is no traceback."""
    assert 2 == dispatch(command)
    told = capsys.readouterr().err.splitlines()
    assert ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "POLYTOMIC_API_KEY"] == [line.split()[0] for line in told]


def test_doctor_shows_missing_settings_as_failures(capsys: pytest.CaptureFixture[str]) -> None:
    """It looked and found a problem: exit code 1, a line for each, and the sums."""
    assert 1 == dispatch(["doctor"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("FAIL  SLACK_BOT_TOKEN       is not set. Find it at api.slack.com/apps")
    assert "0 ok, 0 warnings, 3 failures" == lines[-1]


def test_doctor_speaks_to_machines(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object with the findings and the sums."""
    assert 1 == dispatch(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (0, 0, 3) == (told["ok"], told["warnings"], told["failures"])
    assert ("FAIL", "SLACK_BOT_TOKEN") == (told["findings"][0]["level"], told["findings"][0]["name"])


@pytest.mark.parametrize(
    "arguments", [[], ["nothing"], ["manifest"], ["run", "--port", "http"], ["connect", "hubspot"]]
)
def test_wrong_use_is_exit_2(arguments: list[str]) -> None:
    """What cannot be meant is not guessed."""
    try:
        code: object = dispatch(arguments)
    except SystemExit as end:
        code = end.code
    assert 2 == code


def test_manifest_is_printed_as_it_is_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but the manifest is on stdout."""
    assert 0 == dispatch(["manifest", "--url", "https://bot.example.org"])
    assert capsys.readouterr().out.startswith("_metadata:\n  major_version: 2\n")


def test_a_taken_port_is_told_with_another(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 before anything is started."""
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert 2 == dispatch(["run", "--host", "127.0.0.1", "--port", str(port)])
    assert f"Port {port} is taken. Choose another: --port {serve.another(port)}.\n" == capsys.readouterr().err


@pytest.mark.parametrize("place", [0, 2])
def test_the_sandbox_names_the_port_that_is_taken(capsys: pytest.CaptureFixture[str], place: int) -> None:
    """Whichever of its four it is; exit code 2 before anything is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert 2 == dispatch(["sandbox", "--port", str(port - place)])
    words = f"Port {port} is taken. Choose another: --port {serve.another(port - place)}.\n"
    assert words == capsys.readouterr().err


def test_a_host_of_another_machine_is_named() -> None:
    """HOST is the setting to mend, not the port."""
    settings = config.given(
        slack_bot_token="xoxb-1", slack_signing_secret="s", polytomic_api_key="k", host="192.0.2.1", port=3000
    )
    with pytest.raises(Misconfigured) as refusal:
        serve.demand_free_port(settings)
    assert "HOST is not an address of this machine: 192.0.2.1." == refusal.value.words


def test_ctrl_c_is_exit_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped by a person, and silent about it."""

    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.cli.serve.main", interrupt)
    assert 130 == dispatch(["run"])


@pytest.mark.slow
def test_serving_loads_neither_typer_nor_alembic_nor_the_sandbox() -> None:
    """A serving process carries only what serves."""
    program = (
        "import sys, bot.__main__, bot.cli.serve, bot.process\n"
        "heavy = {'typer', 'alembic', 'duckdb', 'slackblocks', 'polytomic', 'bot.sandbox'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    root = Path(config.__file__).parents[1]
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert "[]\n" == run.stdout


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            PolytomicAway(SHARED, "no answer", recorded=False),
            "Polytomic did not answer. Try again: what is already there is found and used.",
        ),
        (
            PolytomicBusy(SHARED, "429", retry_after=12.0),
            "Polytomic asks to wait 12 seconds. Nothing was changed. Try again then.",
        ),
        (
            PolytomicRefused(SHARED, status=422, message="name is taken"),
            "Polytomic refused it: “name is taken”. Nothing was saved.",
        ),
        (PolytomicRefused(SHARED, status=422), "Polytomic refused it: “422”. Nothing was saved."),
        (
            PolytomicLockedOut(SHARED, status=401),
            "Polytomic refuses the key (401). Set a new POLYTOMIC_API_KEY; nothing was changed.",
        ),
        (
            PolytomicOddAnswer(SHARED, "no id"),
            "Polytomic gave an answer I do not understand, so I stopped before doing anything else.",
        ),
    ],
    ids=["away", "busy", "refused", "refused-bare", "locked-out", "odd"],
)
def test_polytomic_errors_have_words_for_the_terminal(error: PolytomicError, words: str) -> None:
    """What happened, what was not done, what to do."""
    assert words == said.polytomic(error)


def test_findings_are_lined_up_and_summed(capsys: pytest.CaptureFixture[str]) -> None:
    """A word for the state, the name, what was seen, and how to mend it; a warning alone is no failure."""
    found = [
        Finding(Level.OK, "SLACK_SIGNING_SECRET", "set"),
        Finding(Level.WARN, "Gong", "needs consent again", "python -m bot connect gong"),
    ]
    assert 0 == findings.tell(found, as_json=False)
    assert [
        "ok    SLACK_SIGNING_SECRET  set",
        "warn  Gong                  needs consent again     -> python -m bot connect gong",
        "1 ok, 1 warning, 0 failures",
    ] == capsys.readouterr().out.splitlines()


def test_waiting_without_a_terminal_is_a_line_per_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of a machine stays short."""
    clock = iter([0.0, 0.0, 59.0, 60.0, 61.0, 120.0, 600.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    stream = io.StringIO()
    with Waiting(timedelta(minutes=10), until=datetime(2026, 11, 23, 14, 35, tzinfo=UTC), stream=stream) as waiting:
        over = [waiting.over() for _ in range(6)]
    assert [False] * 5 + [True] == over
    assert ["Waiting until 14:35 UTC (Ctrl-C leaves it open)", "10%", "20%", "100%"] == stream.getvalue().splitlines()


def test_snowflake_is_asked_for_what_was_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password is always asked for, hidden, and never an option that a shell would remember."""
    asked: list[tuple[str, bool]] = []

    def prompt(question: str, *, hide_input: bool = False, **_: object) -> str:
        asked.append((question, hide_input))
        return {"Database": "CRM", "Password": "s3cret"}.get(question, "")

    monkeypatch.setattr("typer.prompt", prompt)
    assert {"account": "uc193736182", "username": "reader", "dbname": "CRM", "password": "s3cret"} == (
        connect.ask_for_snowflake("uc193736182", "reader", "", "", None)
    )
    assert [("Database", False), ("Warehouse (empty: the user's default)", False), ("Password", True)] == asked


def test_a_private_key_takes_the_place_of_a_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The key's text goes along; an empty passphrase does not."""
    key = tmp_path / "key.p8"
    key.write_text("a key", encoding="utf-8")
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "")
    assert {
        "account": "a",
        "username": "u",
        "dbname": "d",
        "warehouse": "w",
        "key_pair_auth": True,
        "private_key": "a key",
    } == connect.ask_for_snowflake("a", "u", "d", "w", key)
