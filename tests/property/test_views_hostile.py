"""Whatever text comes from outside, every view and message is one that Slack takes, and mentions nobody."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.enrollment.model.checks import LeftOut, LeftOutRow
from bot.enrollment.model.enrollments import Outcome
from bot.sandbox.slack.block_kit import problems_of_message, problems_of_view
from bot.views import files
from tests.property import view_gallery

# What our own words may hold between angle brackets; ids and links of the gallery are known.
_OURS = re.compile(
    r"<@U0[A-Z]+>|<#C0[A-Z]+>|<!subteam\^S0[A-Z]+>|<!date\^\d+\^[^<>^|]*\|[0-9: UTC-]+>"
    r"|<https://(app\.polytomic\.example/[a-z/0-9]*|x)\|[A-Za-z0-9 -]+>"
)
HOSTILE = (
    "<!channel> <!here> <@UHOSTILE> <#CHOSTILE> <https://evil.example|press me> &lt;!channel&gt;",
    "x" * 3000,
    "&" * 3000,
    "<" * 3000,
    "\u202e\u2066evil\u2069\u202c שלום مرحبا",
    "\x00\x07\x1b[31m\r\n\t\u2028\u2029\ud800",
    "😀" * 400,
    "👩‍👩‍👧‍👦" * 100,
    "```\n*bold* _it_ ~no~ `code` :tada:",
    "",
    " ",
    "=cmd|' /C calc'!A0",
)
NUMBERS = (0, 1, 2, 19, 20, 999, 1000, 1225, 100_000, 1_000_000)

hostile_text = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=200),
    st.lists(st.sampled_from([*HOSTILE, "<!everyone>", "|", ">", "\n"]), max_size=6).map("".join),
).map(lambda text: text[:3000])
patient = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def parsed(shown: Any, *, top: bool = True) -> Iterator[str]:
    """Every text in which Slack looks for mentions and links."""
    if isinstance(shown, dict):
        if top and isinstance(shown.get("text"), str):
            yield shown["text"]
        if shown.get("type") == "mrkdwn":
            yield shown["text"]
        for value in shown.values():
            yield from parsed(value, top=False)
    elif isinstance(shown, list):
        for one in shown:
            yield from parsed(one, top=False)


def monospaced(shown: Any) -> Iterator[str]:
    """Every line of every preformatted part."""
    if isinstance(shown, dict):
        if shown.get("type") == "rich_text_preformatted":
            for element in shown["elements"]:
                yield from element["text"].splitlines()
        for value in shown.values():
            yield from monospaced(value)
    elif isinstance(shown, list):
        for one in shown:
            yield from monospaced(one)


def mentions_nobody(shown: dict[str, Any]) -> None:
    """Nothing but our own tokens stands between angle brackets."""
    for text in parsed(shown):
        assert not re.search(r"[<>]", _OURS.sub("", text)), text


@pytest.mark.slow
@patient
@given(text=hostile_text, people=st.sampled_from(NUMBERS))
@example(text=HOSTILE[0], people=1225)
@example(text=HOSTILE[2], people=1_000_000)
@example(text=HOSTILE[5], people=1)
def test_every_view_is_one_that_slack_takes(text: str, people: int) -> None:
    """The rules of Block Kit hold, and no mention gets in."""
    for view in view_gallery.views(text, people):
        assert [] == problems_of_view(view)
        mentions_nobody(view)


@pytest.mark.slow
@patient
@given(text=hostile_text, people=st.sampled_from(NUMBERS))
@example(text=HOSTILE[0], people=1225)
@example(text=HOSTILE[2], people=1_000_000)
@example(text=HOSTILE[5], people=1)
def test_every_message_is_one_that_slack_takes(text: str, people: int) -> None:
    """The same, with words of its own for notifications."""
    for message in view_gallery.messages(text, people):
        assert [] == problems_of_message({key: message[key] for key in ("text", "blocks")})
        mentions_nobody(message)


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_monospaced_lines_fit_a_phone(text: str) -> None:
    """All but the query and Snowflake's own words, which are shown as they are."""
    as_they_are = ("enroll_query", "enroll_refused")
    for view in view_gallery.views(text, 1_000_000):
        if view.get("callback_id") not in as_they_are:
            assert max((len(line) for line in monospaced(view)), default=0) <= 36


@pytest.mark.parametrize("text", HOSTILE)
def test_options_are_told_apart_and_fit(text: str) -> None:
    """75 characters, whatever the flows are called."""
    texts = [option["text"]["text"] for option in view_gallery.options(text)]
    assert 100 == len(set(texts))
    assert max(len(one) for one in texts) <= 75


@pytest.mark.slow
def test_one_block_too_many_fails() -> None:
    """So the rules would notice a view or a message that outgrew Slack."""
    filler = {"type": "divider"}
    for view in view_gallery.views("Q4 Renewal", 1225):
        room = 100 - len(view["blocks"])
        assert [] == problems_of_view({**view, "blocks": [*view["blocks"], *[filler] * room]})
        assert [] != problems_of_view({**view, "blocks": [*view["blocks"], *[filler] * (room + 1)]})
    for message in view_gallery.messages("Q4 Renewal", 1225):
        shown = {key: message[key] for key in ("text", "blocks")}
        room = 50 - len(message["blocks"])
        assert [] == problems_of_message({**shown, "blocks": [*message["blocks"], *[filler] * room]})
        assert [] != problems_of_message({**shown, "blocks": [*message["blocks"], *[filler] * (room + 1)]})


@given(text=hostile_text)
def test_files_hold_what_was_said_and_run_nothing(text: str) -> None:
    """Every cell comes back, and none begins as a formula."""
    refused = files.refused_csv([(text, outcome, text) for outcome in Outcome])
    left_out = files.left_out_csv([LeftOutRow(reason, text, text) for reason in LeftOut])
    for written, width, lines in ((refused, 4, len(Outcome)), (left_out, 4, len(LeftOut))):
        rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
        assert [width] * (lines + 1) == [len(row) for row in rows]
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
