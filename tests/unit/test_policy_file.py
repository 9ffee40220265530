"""A policy file becomes a policy, or every mistake in it is told with its line."""

import re
from datetime import date, time
from pathlib import Path

import pytest

from bot.enrollment.model.policies import Canary, Choice, Company, OptOut, Policy, Quiet, Release, Tier
from bot.policy.loading import told
from bot.policy.reading import policy_of, read
from bot.policy.shape import Table

GROUPS = {"S0REVOPS": "revops"}


def mistakes(text: str) -> list[str]:
    """What is told of this file."""
    found = read(text, "policy.toml", query_bytes=8000)
    return told(found, found.with_groups(GROUPS))


def policy(text: str) -> Policy:
    """The policy of this file."""
    assert [] == mistakes(text)
    found = read(text, "policy.toml", query_bytes=8000)
    return policy_of(found, GROUPS, enroll=("U0SET",), operators=("U0OPERATOR",))


def test_an_empty_file_leaves_the_settings_as_they_are() -> None:
    """Nothing is limited, and the operators own every rule."""
    made = policy("")
    assert (("U0SET",), ("U0OPERATOR",), ("U0OPERATOR",)) == (made.enroll, made.operators, made.owner)
    assert Policy(enroll=made.enroll, operators=made.operators, owner=made.owner, source="policy.toml") == made


def test_every_key_has_its_place_in_the_policy() -> None:
    """Groups may be named by handle, times and dates in quotes or as TOML has them; lines are kept by key."""
    made = policy(
        """
enroll = ["@revops", "U0ONE"]
operators = ["U0TWO"]
owner = ["S0REVOPS"]
request_cap = 2000
day_cap = 5_000
time_zone = "Europe/Berlin"
cool_off_days = 14
sends_per_day = 50
flows = { allow = ["Q*"], deny = ["*internal*"] }
connections.deny = ["Sandbox"]
[channels]
allow = ["C0REVOPS"]
[company]
cap = 5
column = "account_id"
[[approvals]]
name = "large"
threshold = 500
approvers = ["@revops"]
[[approvals]]
name = "huge"
threshold = 2000
approvers = ["U0ONE", "U0TWO"]
needed = 2
flows = ["Q4*"]
channel = "C0APPROVALS"
expires_hours = 1.5
escalate_to = ["U0THREE"]
[quiet_hours]
start = 19:00:00
end = "08:30"
weekends = false
holidays = [2026-12-24, "2026-12-25"]
[opt_out]
columns = ["no_mail"]
suppression_query = "SELECT email FROM suppressed"
required = true
[canary]
size = 10
offered_from = 50
ticked_from = 100
required_above = 1000
release = "automatic"
expires_hours = 12
"""
    )
    assert (
        Policy(
            enroll=("S0REVOPS", "U0ONE"),
            operators=("U0TWO",),
            owner=("S0REVOPS",),
            flows=Choice(("Q*",), ("*internal*",)),
            connections=Choice(deny=("Sandbox",)),
            channels=Choice(("C0REVOPS",)),
            request_cap=2000,
            day_cap=5000,
            zone="Europe/Berlin",
            company=Company(5, "account_id"),
            approvals=(
                Tier("large", 500, ("S0REVOPS",)),
                Tier("huge", 2000, ("U0ONE", "U0TWO"), 2, ("Q4*",), "C0APPROVALS", 1.5, ("U0THREE",)),
            ),
            quiet=Quiet(
                "Europe/Berlin", time(19), time(8, 30), weekends=False, days=(date(2026, 12, 24), date(2026, 12, 25))
            ),
            cool_off_days=14,
            opt_out=OptOut(("no_mail",), "SELECT email FROM suppressed", required=True),
            canary=Canary(10, 50, 100, 1000, Release.BY_ITSELF, 12),
            sends_per_day=50,
            source="policy.toml",
            lines=made.lines,
        )
        == made
    )
    assert (2, 5, 10, 17, 21, 25) == tuple(
        made.lines[key]
        for key in ("enroll", "request_cap", "flows.deny", "approvals.large", "approvals.huge", "approvals.huge.needed")
    )


APPROVAL = '[[approvals]]\nname = "large"\nthreshold = 500\napprovers = ["U0ONE", "U0TWO"]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The words of ux.md 5.4.
        (
            APPROVAL.replace("threshold", "threshhold"),
            "3: approvals.threshhold is not a setting; did you mean threshold?",
        ),
        ('\n\nrequest_cap = "many"', '3: request_cap must be a whole number, got "many".'),
        ('enroll = [\n  "@revops",\n  "@revopps"]', "3: Slack has no user group @revopps."),
        (f"{APPROVAL}needed = 3", "5: 3 approvers are needed but only 2 are listed."),
        # Keys and kinds.
        ("[nonsense]\na = 1", "1: nonsense is not a setting."),
        ("[opt_out]\n\ncolums = []", "3: opt_out.colums is not a setting; did you mean columns?"),
        (
            APPROVAL.replace("threshold = 500\n", ""),
            "1: approvals.threshold is not set; every one of approvals needs it.",
        ),
        ("request_cap = 0", "1: request_cap must be 1 or more, got 0."),
        ("request_cap = 1.5", "1: request_cap must be a whole number, got 1.5."),
        ("request_cap = true", "1: request_cap must be a whole number, got true."),
        ("cool_off_days = [1]", "1: cool_off_days must be a whole number, got a list."),
        ('flows = "Q4"', '1: flows must be a table of its own, got "Q4".'),
        ('[flows]\nallow = "Q4"', '2: flows.allow must be a list in brackets, got "Q4".'),
        ("[quiet_hours]\nweekends = 1", "2: quiet_hours.weekends must be true or false, got 1."),
        (f"[flows]\nallow = [\n'a', {7}]", "3: each of flows.allow must be text in quotes, got 7."),
        ('[canary]\nrelease = "never"', '2: canary.release must be "press" or "automatic", got "never".'),
        (f"{APPROVAL}expires_hours = 0", "5: approvals.expires_hours must be more than 0, got 0."),
        (
            APPROVAL.replace('["U0ONE", "U0TWO"]', "[]"),
            "4: approvals.approvers must be a list that names at least one, got an empty list.",
        ),
        # People, channels, times.
        (
            'enroll = ["rina"]',
            '1: each of enroll must be a Slack id (U…, W…, S…) or a user group\'s @handle, got "rina".',
        ),
        ('owner = ["S0NOBODY"]', "1: Slack has no user group S0NOBODY."),
        (
            '[channels]\nallow = ["#revops"]',
            (
                "2: each of channels.allow must be a channel's id (C…, G…), which Slack shows below its details,"
                ' got "#revops".'
            ),
        ),
        ('[quiet_hours]\nstart = "25:00"', '2: quiet_hours.start must be a time such as 19:00, got "25:00".'),
        (
            '[quiet_hours]\nholidays = ["24.12."]',
            '2: each of quiet_hours.holidays must be a date such as 2026-12-24, got "24.12.".',
        ),
        ('time_zone = "Berlin"', '1: there is no time zone "Berlin"; they are named as in Europe/Berlin.'),
        ('time_zone = "../etc"', '1: there is no time zone "../etc"; they are named as in Europe/Berlin.'),
        # Contradictions.
        ('[quiet_hours]\nstart = "19:00"', "2: quiet_hours.start needs quiet_hours.end."),
        ('[quiet_hours]\nend = "19:00"', "2: quiet_hours.end needs quiet_hours.start."),
        (
            "\n[quiet_hours]\nweekends = false",
            "2: quiet_hours names no hours, no weekends and no holidays.",
        ),
        ("[company]\ncap = 5", "2: company.cap needs company.column, which names the column that tells the company."),
        ('[company]\ncolumn = "a"', "2: company.column is of no use without company.cap."),
        ('[flows]\nallow = ["Q4"]\ndeny = ["q4"]', '3: "q4" is both allowed and denied in flows.'),
        ('[flows]\ndeny = ["*"]', '2: "*" denies all of flows: nobody could enroll.'),
        (APPROVAL + APPROVAL.replace("500", "600"), '6: there is another of approvals named "large".'),
        (
            APPROVAL + APPROVAL.replace("large", "huge"),
            "7: another of approvals has threshold 500 for the same flows.",
        ),
        (
            "[opt_out]\ncolumns = []\nrequired = true",
            "3: opt_out.required is true, but there is neither a column nor a suppression_query that could tell.",
        ),
        (
            "[opt_out]\nsuppression_query = '''DELETE\nFROM x'''",
            (
                "2: opt_out.suppression_query: Line 1, column 1: DELETE is not a SELECT. I only run queries that read;"
                " nothing was run."
            ),
        ),
        ("[canary]\nsize = 20", "2: canary.size is 20, but a canary is offered from 20 contacts on."),
        ("[canary]\nticked_from = 10", "2: canary.ticked_from is 10, but a canary is offered from 20 on."),
        # No TOML at all.
        ("a = 1\nb =", "2: this is not TOML: invalid value, at the end."),
        ("request_cap = 1\nrequest_cap = 2", "2: this is not TOML: cannot overwrite a value, at the end."),
        ("[flows\nallow = []", "1: this is not TOML: expected ']' at the end of a table declaration, column 7."),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, expected: str) -> None:
    """What is wrong, and how it is right; nothing else is told beside it."""
    assert [f"policy.toml:{expected}"] == mistakes(text)


def test_all_mistakes_are_told_at_once() -> None:
    """In the order of their lines; what follows from another mistake is not told."""
    text = """request_cap = "many"
enroll = ["@revopps", "U0ONE", "rina"]
[[approvals]]
threshhold = 5
[[approvals]]
name = "large"
threshold = 500
approvers = ["U0ONE", "ada"]
needed = 2
[[approvals]]
name = "huge"
threshold = 5000
approvers = ["U0ONE"]
needed = 2
[quiet_hours]
start = 19:00:00
end = "late"
"""
    assert [
        'policy.toml:1: request_cap must be a whole number, got "many".',
        "policy.toml:2: Slack has no user group @revopps.",
        'policy.toml:2: each of enroll must be a Slack id (U…, W…, S…) or a user group\'s @handle, got "rina".',
        "policy.toml:3: approvals.approvers is not set; every one of approvals needs it.",
        "policy.toml:3: approvals.name is not set; every one of approvals needs it.",
        "policy.toml:4: approvals.threshhold is not a setting; did you mean threshold?",
        (
            "policy.toml:8: each of approvals.approvers must be a Slack id (U…, W…, S…) or a user group's @handle,"
            ' got "ada".'
        ),
        "policy.toml:14: 2 approvers are needed but only 1 is listed.",
        'policy.toml:17: quiet_hours.end must be a time such as 19:00, got "late".',
    ] == mistakes(text)


def test_readme_shows_every_key() -> None:
    """Its example is a policy without a mistake, and leaves none of the keys out."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", readme, re.DOTALL)
    assert example
    found = read(example.group(1), "policy.toml", query_bytes=8000)
    assert () == found.with_groups({**GROUPS, "S0LEADS": "sales-leads"})
    shown = {part for path in found.lines for part in path if isinstance(part, str)}
    assert set().union(*(kind.model_fields for kind in Table.__subclasses__())) <= shown


@pytest.mark.parametrize("group", ["@revops", "S0REVOPS"])
def test_how_many_a_group_has_is_not_known_from_the_file(group: str) -> None:
    """Groups change: whether enough can approve is judged when somebody asks."""
    assert 3 == policy(APPROVAL.replace("U0TWO", group) + "needed = 3").approvals[0].needed
