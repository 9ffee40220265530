"""Slack's own markup becomes what Slack makes of it, and nothing that is typed gets lost or becomes HTML."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.sandbox.page import dates, links, markdown, mrkdwn, pieces, shortcodes
from tests.property.test_views_hostile import HOSTILE
from tests.unit.page_reading import RINA, pen, read

_UNIX = 1795442700  # 2026-11-23 14:05 UTC, which is now
_OUT = 'rel="noreferrer" target="_blank"'
_NOW = datetime.fromtimestamp(_UNIX, UTC)


def emoji(name: str, shown: str) -> str:
    """An emoji as it is drawn."""
    return f'<span class="emoji" role="img" aria-label="{name}">{shown}</span>'


def mention(name: str, *, me: bool = False) -> str:
    """A mention as it is drawn."""
    return f'<span class="mention{" mention-me" if me else ""}"><bdi>{name}</bdi></span>'


MARKUP = {
    "*bold* _it_ ~no~ `code`": "<strong>bold</strong> <em>it</em> <s>no</s> <code>code</code>",
    "*bold _and it_*": "<strong>bold <em>and it</em></strong>",
    "_*~all~*_ (*x*), *y*.": "<em><strong><s>all</s></strong></em> (<strong>x</strong>), <strong>y</strong>.",
    "*open _crossing* here_": "<strong>open _crossing</strong> here_",
    "*open and *bold*": "*open and <strong>bold</strong>",
    "*not\nover lines*": "*not<br>over lines*",
    "snake_case_name 2*3*4 a ~ b": "snake_case_name 2*3*4 a ~ b",
    "** __ ~~ * x * **x**": "** __ ~~ * x * **x**",
    "`*as <it> is* :tada:`": "<code>*as &lt;it&gt; is* :tada:</code>",
    "`open": "`open",
    "```\n*a*\n  b\n```": "<pre><code>*a*\n  b</code></pre>",
    "one ```x``` two": "one <pre><code>x</code></pre> two",
    "```open": "```open",
    "> one\n&gt; *two*\nthree": "<blockquote>one<br><strong>two</strong></blockquote>three",
    ">>>one\ntwo": "<blockquote>one<br>two</blockquote>",
    "a > b\n\nc": "a &gt; b<br><br>c",
    "&lt;b&gt; &amp;amp; & \"'": "&lt;b&gt; &amp;amp; &amp; &#34;&#39;",
    "<b>*x*</b>": "&lt;b&gt;<strong>x</strong>&lt;/b&gt;",
    "<@U0REQUESTER> <@U0OPERATOR|x> <@U0GONE>": " ".join(
        (mention("@rina", me=True), mention("@olga"), mention("@U0GONE"))
    ),
    "<!channel> <!here|here>": mention("@channel", me=True) + " " + mention("@here", me=True),
    "<!everyone> <!subteam^S0REVOPS>": mention("@everyone", me=True) + " " + mention("@revops"),
    "<#C0REVOPS> <#C9|x>": '<span class="channel" data-channel="C0REVOPS"><bdi>#revops</bdi></span> '
    '<span class="channel" data-channel="C9"><bdi>#C9</bdi></span>',
    "*<@U0OPERATOR>*": f"<strong>{mention('@olga')}</strong>",
    "<!unheard> <> <@> <!subteam^>": "&lt;!unheard&gt; &lt;&gt; &lt;@&gt; &lt;!subteam^&gt;",
    "<https://x.example/?a=1&amp;b=2|*press* :x:>": (
        f'<a href="/outside?to=https%3A%2F%2Fx.example%2F%3Fa%3D1%26b%3D2" {_OUT}>'
        f"<bdi>*press* {emoji('x', '❌')}</bdi></a>"
    ),
    "(see https://x.example/a_b.)": (
        f'(see <a href="/outside?to=https%3A%2F%2Fx.example%2Fa_b" {_OUT}><bdi>https://x.example/a_b</bdi></a>.)'
    ),
    "<mailto:a@b.example>": f'<a href="mailto:a@b.example" {_OUT}><bdi>a@b.example</bdi></a>',
    "<javascript:alert(1)|x>": "&lt;javascript:alert(1)|x&gt;",
    "<data:text/html,x>": "&lt;data:text/html,x&gt;",
    ":tada: :no_such: :+1::skin-tone-3:": f"{emoji('tada', '🎉')} :no_such: {emoji('+1', '👍🏼')}",
    "at 14:05:00 C:/x:y": "at 14:05:00 C:/x:y",
}


@pytest.mark.parametrize(("text", "drawn"), MARKUP.items(), ids=MARKUP.keys())
def test_markup(text: str, drawn: str) -> None:
    """As Slack shows it."""
    assert drawn == mrkdwn.block(text, RINA)


def test_a_line_takes_neither_quotes_nor_blocks() -> None:
    """Where only words may stand, a quote is typed text and a code block is code."""
    assert "&gt; <strong>a</strong><br><code> b </code>" == mrkdwn.line("> *a*\n```\nb\n```", RINA)


def test_verbatim_makes_no_links_of_bare_addresses() -> None:
    """But of those between angle brackets."""
    assert "https://x.example" == mrkdwn.block("https://x.example", RINA, verbatim=True)
    assert "<a " in mrkdwn.block("<https://x.example>", RINA, verbatim=True)


ADDRESSES = {
    "https://x.example/a b": "",
    "https://x.example/é?a=b": "/outside?to=https%3A%2F%2Fx.example%2F%C3%A9%3Fa%3Db",
    "HTTP://X.example": "/outside?to=HTTP%3A%2F%2FX.example",
    "http://127.0.0.1:3000/a?b=c": "http://127.0.0.1:3000/a?b=c",
    "http://localhost": "http://localhost",
    "http://localhost.evil.example": "/outside?to=http%3A%2F%2Flocalhost.evil.example",
    "http://127.0.0.1@evil.example": "/outside?to=http%3A%2F%2F127.0.0.1%40evil.example",
    "http://evil.example\\@127.0.0.1/": "/outside?to=http%3A%2F%2Fevil.example%5C%40127.0.0.1%2F",
    "https://sandbox.slack.com/archives/C0REVOPS/p1795442700000123": "go/C0REVOPS/1795442700.000123",
    "https://sandbox.slack.com/archives/C0REVOPS/p1795442700000123?thread_ts=1": "go/C0REVOPS/1795442700.000123",
    "https://sandbox.slack.com/archives/C0REVOPS": "/outside?to=https%3A%2F%2Fsandbox.slack.com%2Farchives%2FC0REVOPS",
    "javascript:alert(1)": "",
    " javascript:alert(1)": "",
    "java\nscript:alert(1)": "",
    "//evil.example": "",
    "ftp://x.example": "",
    "": "",
}


@pytest.mark.parametrize(("url", "address"), ADDRESSES.items(), ids=ADDRESSES.keys())
def test_addresses(url: str, address: str) -> None:
    """Within the page, on this machine, by way of the page that says what lies outside, or nowhere."""
    assert address == links.address(url)


BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
DATES = (
    ("{date_num} {time_secs}", BERLIN, 0, "2026-11-23 15:05:00"),
    ("{date_num} {time}", NEW_YORK, 0, "2026-11-23 09:05"),
    ("{date_short_pretty} at {time}", BERLIN, 0, "Today at 15:05"),
    ("on {date_pretty}", BERLIN, 0, "On today"),
    ("\u200b{date_pretty}", BERLIN, 0, "\u200btoday"),
    ("{date_long_pretty}", BERLIN, -86_400, "Yesterday"),
    ("{date_long_pretty}", BERLIN, 86_400, "Tomorrow"),
    # 23:05 UTC is the next day in Berlin and the same day in New York.
    ("{date_short_pretty}", BERLIN, 9 * 3600, "Tomorrow"),
    ("{date_short_pretty}", NEW_YORK, 9 * 3600, "Today"),
    ("{date_short_pretty}", BERLIN, -2 * 86_400, "Nov 21, 2026"),
    ("{date}, {date_slash}", BERLIN, -2 * 86_400, "November 21st, 21/11/2026"),
    ("{date}", BERLIN, -400 * 86_400, "October 19th, 2025"),
    ("{date_long}; {date_long_full}", BERLIN, -11 * 86_400, "Thursday, November 12th, 2026; November 12, 2026"),
    ("{day_divider_pretty}", BERLIN, -20 * 86_400, "Tuesday, November 3rd"),
    ("{day_divider_pretty}", BERLIN, -400 * 86_400, "Sunday, October 19th, 2025"),
    ("{ago}", BERLIN, -180, "3 minutes ago"),
    ("{ago}", BERLIN, -3_600, "1 hour ago"),
    ("{ago}", BERLIN, 2 * 86_400, "In 2 days"),
    ("{ago}", BERLIN, 0, "Now"),
    ("{unheard_of} {time}", BERLIN, 0, "{unheard_of} 15:05"),
)


@pytest.mark.parametrize(("tokens", "zone", "after", "words"), DATES)
def test_dates(tokens: str, zone: ZoneInfo, after: int, words: str) -> None:
    """Every token, where the reader is."""
    reader = replace(RINA, zone=zone)
    drawn = mrkdwn.block(f"<!date^{_UNIX + after}^{tokens}|never>", reader)
    assert words == pieces.bare(drawn)


def test_the_hour_that_comes_twice() -> None:
    """When Berlin puts its clocks back, an hour is an hour, and both times half past two are told apart."""
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC).astimezone(BERLIN) for hour in (0, 1))
    assert ("02:30", "02:30") == (dates.shown("{time}", first, second), dates.shown("{time}", second, second))
    assert "1 hour ago" == dates.shown("{ago}", first, second)
    assert "Sunday, October 25th, 2026 at 02:30:00 CEST" == dates.whole(first)
    assert "Sunday, October 25th, 2026 at 02:30:00 CET" == dates.whole(second)


def test_a_date_is_a_moment_that_a_browser_can_read() -> None:
    """With the whole of it in its title, and with its link around it."""
    seen = read(mrkdwn.block(f"<!date^{_UNIX}^{{time}}^http://localhost/|x>", RINA))
    title = "Monday, November 23rd, 2026 at 15:05:00 CET"
    assert {"datetime": "2026-11-23T15:05:00+01:00", "title": title} == seen.one("time")
    assert "http://localhost/" == seen.one("a")["href"]
    assert "15:05" == seen.words


@pytest.mark.parametrize("number", ["99999999999999", "-99999999999999"])
def test_a_day_that_never_comes_is_told_by_its_fallback(number: str) -> None:
    """As Slack does with a date that it cannot show."""
    assert "&lt;some day&gt;" == mrkdwn.block(f"<!date^{number}^{{date}}|&lt;some day&gt;>", RINA)


@pytest.mark.parametrize(
    "token", ["<!date^1^{time}>", "<!date^1^{time}^2026-11-23>", "<!date^x^{time}|y>", "<!date^1|y>"]
)
def test_a_date_that_is_none_stays_as_it_was_typed(token: str) -> None:
    """Slack demands a number, a token string, and a fallback behind a bar."""
    assert token == pieces.bare(mrkdwn.block(token, RINA))


NAMES = (
    "double_vertical_bar", "raised_hand", "test_tube", "alarm_clock", "white_small_square", "hourglass_flowing_sand",
    "link", "arrow_forward", "repeat", "mag", "white_check_mark", "warning", "x", "no_entry_sign",
    "large_green_circle", "flag-de", "+1",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_slacks_names_of_emoji_are_known(name: str) -> None:
    """Those that the bot shows, and some that the library calls otherwise."""
    assert not shortcodes.character(name).isascii()
    assert f"a {shortcodes.character(name)}!" == shortcodes.replaced(f"a :{name}:!")


def test_a_message_without_blocks_and_a_moment() -> None:
    """Words in a frame of their own direction; a time of day in the reader's zone."""
    drawn = pen().words("*Hi* \ud800", RINA)
    assert '<div class="words" dir="auto"><strong>Hi</strong> \ufffd</div>' == drawn
    assert ">15:05</time>" in pen().moment(_NOW, RINA)


_PARTS = (
    *"*_~`<>|&:\n \"'a\u202e",
    *("```", "**", "&lt;", "&gt;", "> ", "# ", "- ", ":x:", "<!channel>", "<@U1|"),
    *("https://x.example", "<!date^1^{date}|x>", "[a](https://x.example)"),
)
any_text = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(_PARTS), max_size=60).map("".join))
_MARKS = re.compile(r"[^\w]|_")


@settings(max_examples=60, deadline=None)
@given(text=any_text)
@example(text="*_~" * 1000)
@example(text="<" * 3000)
@example(text="_*" * 1500 + "*_" * 1500)
@example(text="**a *b " * 1500)
def test_no_text_breaks_the_page_and_none_gets_lost(text: str) -> None:
    """What is drawn is well-formed; of a text without tokens, every letter is still there, in order."""
    for drawn in (mrkdwn.block(text, RINA), mrkdwn.line(text, RINA), markdown.block(text)):
        read(pieces.sendable(drawn))
    if not re.search(r"[<:\[&]|https?", text):
        for drawn in (mrkdwn.block(text, RINA), mrkdwn.line(text, RINA)):
            assert _MARKS.sub("", text) == _MARKS.sub("", pieces.bare(drawn))


@pytest.mark.parametrize("text", [one for one in HOSTILE if "<" not in one])
def test_plain_text_comes_back_as_it_was(text: str) -> None:
    """What is no shortcode means nothing in plain_text."""
    assert text.replace(":tada:", "🎉") == pieces.bare(pieces.plain(text))
    assert text == pieces.bare(pieces.plain(text, emoji=False))
