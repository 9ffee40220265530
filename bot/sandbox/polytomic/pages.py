"""The few pages that a person sees: Gong's consent, Polytomic's hosted form, how either ended, and a sync.

They need no script. Whatever came from elsewhere is escaped; a page loads nothing, and its forms lead to this service
and, by way of it, to the one place where the visit shall end.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

NOTICE = "Sandbox: no real Slack, Polytomic or Gong."
_STYLE = (
    ":root{color-scheme:light}*{box-sizing:border-box}"
    "body{margin:0;background:#f6f6f8;color:#1d1c1d;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "header{background:#fff3cd;color:#3d2f00;padding:.5rem 1rem;text-align:center}header p{margin:0}"
    "main{max-width:34rem;margin:2rem auto;padding:1.5rem;background:#fff;border:1px solid #c9c9d1;border-radius:.5rem}"
    "h1{font-size:1.4rem;line-height:1.3;margin:0 0 1rem}h2{font-size:1rem;margin:1.25rem 0 .25rem}"
    "p,ul{margin:.25rem 0}ul{padding-left:1.25rem}.from{color:#54535a;margin:0 0 .25rem}"
    "label{display:block;font-weight:600;margin-top:.75rem}"
    "input{width:100%;font:inherit;padding:.5rem;border:1px solid #6b6a73;border-radius:.25rem}"
    ".answers{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}.answers form{margin:0}"
    "button{font:inherit;font-weight:600;min-height:2.75rem;padding:.5rem 1.25rem;border-radius:.25rem;cursor:pointer;"
    "border:1px solid #54535a;background:#fff;color:#1d1c1d}"
    "button.main{background:#4a2a9e;border-color:#4a2a9e;color:#fff}"
    "a{color:#0b4fb3}.out{margin-top:1.25rem}.error{color:#b00020;font-weight:600}"
    "dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:0}dt{font-weight:600}dd{margin:0}"
    "table{border-collapse:collapse;width:100%}caption{font-weight:600;text-align:left;margin:1.25rem 0 .25rem}"
    "th,td{border-bottom:1px solid #c9c9d1;padding:.25rem .5rem .25rem 0;text-align:left;vertical-align:top}"
    ":focus-visible{outline:3px solid #0b4fb3;outline-offset:2px}"
    "@media(max-width:36rem){main{margin:0;border-width:0 0 1px;border-radius:0}}"
)
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
_RUNS = ("Started", "Status", "Records", "Sent", "Refused")
_ORIGIN = re.compile(r"(https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:\d+)?)([/?#]|$)")
_MAY = ("Read your Gong Engage flows and their fields", "Add prospects to your Gong Engage flows")


@dataclass(frozen=True, slots=True)
class Visit:
    """Below which path its buttons and its way out lie, and where the person is sent in the end, if anywhere."""

    path: str
    back: str | None = None


def consent(visit: Visit, name: str) -> HTMLResponse:
    """Gong asks whether Polytomic may act for the person; the connection will have this name."""
    buttons = _button(visit, "Allow", ' class="main"') + _button(visit, "Deny")
    may = "".join(f"<li>{words}</li>" for words in _MAY)
    body = (
        f"<p>Polytomic asks for this, for its connection <b>{escape(name)}</b>.</p>"
        "<h2>Whose account</h2>"
        "<p>Whoever allows access connects their own Gong account. The sandbox has no sign-in.</p>"
        f"<h2>What Polytomic could then do</h2><ul>{may}</ul>"
        "<p>It asks for nothing else.</p>"
        f'<div class="answers">{buttons}</div>{_way_out(visit)}'
    )
    return _page("Gong", "Allow Polytomic to use your Gong account?", body, back=visit.back)


def form(
    visit: Visit, action: str, fields: Iterable[tuple[str, str]], filled: Mapping[str, str], error: str = ""
) -> HTMLResponse:
    """Polytomic's form for the credentials of a connection; secrets are never filled in again."""
    trouble = f'<p class="error" id="error" role="alert">Not connected: {escape(error)}</p>' if error else ""
    described = ' aria-describedby="error"' if error else ""
    inputs = "".join(_input(name, title, filled) for name, title in fields)
    body = (
        "<p>Polytomic keeps these credentials; whoever sent you here does not see them. In the sandbox, made-up ones "
        f"will do.</p>{trouble}"
        f'<form method="post" action="{escape(action)}"{described}>{inputs}'
        f'<div class="answers"><button type="submit" class="main">Connect</button></div></form>{_way_out(visit)}'
    )
    return _page("Polytomic", "Connect Snowflake", body, 422 if error else 200, visit.back)


def choice(links: Mapping[str, str]) -> HTMLResponse:
    """Which kind of connection it shall be."""
    items = "".join(f'<li><a href="{escape(link)}">{escape(title)}</a></li>' for title, link in links.items())
    return _page("Polytomic", "What do you want to connect?", f"<ul>{items}</ul>")


def left() -> HTMLResponse:
    """The person goes without an answer, and nothing has changed."""
    words = "Nothing was connected. The link still works until it expires. You can close this window."
    return ended("You have not answered", words)


def dead() -> HTMLResponse:
    """The link leads nowhere any more."""
    words = (
        "It was answered already, replaced by a newer one, or it has expired. Go back to where you got it: there you "
        "see what became of it, and can ask for a new one."
    )
    return ended("This link no longer works", words, 410)


def ended(title: str, words: str, status: int = 200) -> HTMLResponse:
    """The end of a visit that leads nowhere else."""
    return _page("Polytomic", title, f"<p>{escape(words)}</p>", status)


def sync(name: str, facts: Iterable[tuple[str, str]], runs: Sequence[Sequence[str]]) -> HTMLResponse:
    """A sync with what there is to know about it, and its runs, in the order given."""
    listed = "".join(f"<dt>{escape(title)}</dt><dd>{escape(value)}</dd>" for title, value in facts)
    heads = "".join(f'<th scope="col">{title}</th>' for title in _RUNS)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in run) + "</tr>" for run in runs)
    table = f"<table><caption>Runs</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    body = f"<dl>{listed}</dl>{table if runs else '<p>It has not run yet.</p>'}<p>Reload the page to see it anew.</p>"
    return _page("Polytomic", name, body)


def _button(visit: Visit, verb: str, look: str = "") -> str:
    return (
        f'<form method="post" action="{escape(visit.path)}/{verb.lower()}">'
        f'<button type="submit"{look}>{verb}</button></form>'
    )


def _input(name: str, title: str, filled: Mapping[str, str]) -> str:
    kind, value = ("password", "") if name in ("password", "access_secret") else ("text", filled.get(name, ""))
    return (
        f'<label for="{escape(name)}">{escape(title)}</label><input id="{escape(name)}" name="{escape(name)}" '
        f'type="{kind}" value="{escape(value)}" autocomplete="off" spellcheck="false">'
    )


def _way_out(visit: Visit) -> str:
    return (
        f'<p class="out"><a href="{escape(visit.path)}/later">Close this page</a> without an answer: '
        "nothing is connected, and this page still works until its link expires.</p>"
    )


def _page(service: str, title: str, body: str, status: int = 200, back: str | None = None) -> HTMLResponse:
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} · {service}</title><style>{_STYLE}</style></head><body>"
        f'<header><p>{NOTICE}</p></header><main><p class="from">{service}</p><h1>{escape(title)}</h1>{body}</main>'
        "</body></html>",
        status,
        _HEADERS | {"Content-Security-Policy": _POLICY + _redirected(back)},
    )


def _redirected(back: str | None) -> str:
    """The origin that a form of the page ends at: Chromium holds redirects, too, to form-action."""
    origin = _ORIGIN.match(back or "")
    return f" {origin[1]}" if origin else ""
