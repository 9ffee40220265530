"""The pages of the sandbox's Polytomic and Gong can be read and used by everybody, and nothing slips in."""

from html.parser import HTMLParser

import httpx
import pytest
from starlette.responses import Response

from bot.sandbox.polytomic import pages
from bot.sandbox.polytomic.pages import Visit
from tests.contract.fake_stage import open_stage

BACK = "http://127.0.0.1:8702/gong/return?state=1"
HOSTILE = "<script>\"'&</script>"
FIELDS = (("account", "Account"), ("password", "Password"))
VISIT = Visit("/visit/1", BACK)

EVERY = {
    "consent": pages.consent(VISIT, "Gong"),
    "form": pages.form(VISIT, "/form", FIELDS, {}),
    "form with an error": pages.form(VISIT, "/form", FIELDS, {}, "account is required"),
    "choice": pages.choice({"Gong": "/gong"}),
    "left": pages.left(),
    "dead": pages.dead(),
    "sync": pages.sync("S", (("Active", "Yes"),), [("noon", "completed", "5", "4", "1")]),
    "sync that never ran": pages.sync("S", (("Active", "Yes"),), []),
    "ended": pages.ended("Access allowed", "You can close this window."),
}


class Page(HTMLParser):
    """The tags of a page with their attributes, and its words."""

    def __init__(self, answer: Response | httpx.Response) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.policy = answer.headers["content-security-policy"]
        self.feed(answer.text if isinstance(answer, httpx.Response) else bytes(answer.body).decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every tag of this name."""
        return [held for name, held in self.tags if name == tag]


@pytest.mark.parametrize("answer", EVERY.values(), ids=EVERY.keys())
def test_every_page_is_whole(answer: Response) -> None:
    """A language, a width for phones, one heading in the main part, the notice, no script, and a strict policy."""
    page = Page(answer)
    tags = [tag for tag, _ in page.tags]
    assert ("en", 1, 1, 0) == (page.all("html")[0]["lang"], *(tags.count(one) for one in ("main", "h1", "script")))
    assert "width=device-width,initial-scale=1" in [held.get("content") for held in page.all("meta")]
    assert tags.index("header") < tags.index("main") < tags.index("h1")
    assert "Sandbox: no real Slack, Polytomic or Gong." in page.words
    assert page.policy.startswith("default-src 'none'; style-src 'unsafe-inline'; ")


def test_gongs_page_says_who_asks_for_what() -> None:
    """Who, under which name, for whose account, and what could then be done."""
    page = Page(pages.consent(VISIT, "Sales"))
    for words in (
        "Allow Polytomic to use your Gong account?",
        "Sales",
        "Whoever allows access connects their own Gong account.",
        "Read your Gong Engage flows",
        "Add prospects to your Gong Engage flows",
        "Close this page without an answer: nothing is connected",
    ):
        assert words in page.words
    assert [("post", "/visit/1/allow"), ("post", "/visit/1/deny")] == [
        (held["method"], held["action"]) for held in page.all("form")
    ]


def test_every_field_has_its_label_and_the_error_its_form() -> None:
    """Known by id; what is wrong is an alert that describes the form, and secrets are not filled in again."""
    page = Page(pages.form(VISIT, "/form", FIELDS, {"account": HOSTILE, "password": "secret"}, HOSTILE))
    fields = page.all("input")
    assert [held["for"] for held in page.all("label")] == [held["id"] for held in fields]
    assert [("text", HOSTILE), ("password", "")] == [(held["type"], held["value"]) for held in fields]
    assert ["error"] == [held["aria-describedby"] for held in page.all("form")]
    assert [("alert", "error")] == [(held["role"], held["id"]) for held in page.all("p") if "role" in held]
    assert f"Not connected: {HOSTILE}" in page.words


def test_names_from_elsewhere_are_words_and_nothing_else() -> None:
    """A name with markup in it, of a connection or a sync, is shown as it is."""
    for answer in (pages.consent(VISIT, HOSTILE), pages.sync(HOSTILE, ((HOSTILE, HOSTILE),), [(HOSTILE,)])):
        page = Page(answer)
        assert HOSTILE in page.words
        assert [] == page.all("script")


async def test_a_syncs_page_tells_how_its_runs_went() -> None:
    """Without an API key: its name, what it is, and each run, the newest first; no contact, no credentials."""
    async with open_stage() as stage:
        sync_id = await stage.sync(name="Renewals")
        await stage.run(sync_id)
        stage.world.faults.next_run("never")
        await stage.data("POST", f"/api/syncs/{sync_id}/executions", {"resync": True})
        answer = await stage.http.get(f"{stage.url}/syncs/{sync_id}")
        page = Page(answer)
        run = stage.world.syncs[0].runs[0]
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    for words in ("Renewals", "ActiveYes", "ModeupdateOrCreate", "As of2026-11-23 12:01:00 UTC"):
        assert words in page.words
    first = f"2026-11-23 12:00:00 UTCcompleted{run.moved + run.errors}{run.moved}{run.errors}"
    assert page.words.endswith(
        f"2026-11-23 12:01:00 UTCcreatednot yetnot yetnot yet{first}Reload the page to see it anew."
    )
    assert ["col"] * 5 == [held["scope"] for held in page.all("th")]
    assert "sandbox@ourcompany.example" not in answer.text


async def test_a_sync_that_is_not_there_is_told_in_words() -> None:
    """A page for people, not the API's answer."""
    async with open_stage() as stage:
        answer = await stage.http.get(f"{stage.url}/syncs/none")
    assert (404, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert "There is no such sync" in Page(answer).words


@pytest.mark.parametrize(
    ("back", "ends"),
    [
        (BACK, " http://127.0.0.1:8702"),
        ("https://bot.example/gong/return?state=1", " https://bot.example"),
        ("http://[::1]:8702/", " http://[::1]:8702"),
        ("http://a.example;script-src */x", ""),
        ("http://a.example *", ""),
        ("http://[", ""),
        ("javascript:alert(1)", ""),
        ("/somewhere", ""),
        (None, ""),
    ],
)
def test_forms_may_lead_where_the_visit_ends(back: str | None, ends: str) -> None:
    """Chromium holds the redirect after a form to the policy: one more origin is allowed, and nothing that is none."""
    page = Page(pages.consent(Visit("/visit/1", back), "Gong"))
    assert page.policy.endswith(f"form-action 'self'{ends}")


async def test_leaving_answers_nothing() -> None:
    """The connection is still pending and the link still works, on Gong's page and on Polytomic's form."""
    async with open_stage(with_gong=False) as stage:
        gong = {"name": "Gong", "type": "gong", "configuration": {"auth_method": "oauth"}, "redirect_url": BACK}
        made = await stage.data("POST", "/api/connections", gong)
        form = {"name": "By form", "redirect_url": BACK, "type": "snowflake"}
        asked = await stage.data("POST", "/api/connections/connect/", form)
        for url in (made["auth_url"], asked["redirect_url"]):
            answer = await stage.http.get(url)
            assert answer.headers["content-security-policy"].endswith(" http://127.0.0.1:8702")
            way_out = answer.text.partition('<a href="')[2].partition('"')[0]
            assert "The link still works until it expires." in (await stage.http.get(f"{stage.url}{way_out}")).text
            assert 200 == (await stage.http.get(url)).status_code
            assert 410 == (await stage.http.get(f"{stage.url}{way_out.replace('/later', 'x/later')}")).status_code
        assert ["pending"] == [one.status for one in stage.world.connections if one.type == "gong"]
