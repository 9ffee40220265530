"""The few pages that a person sees: Gong's consent, Polytomic's hosted form, and how either ended."""

from collections.abc import Iterable, Mapping
from html import escape

from starlette.responses import HTMLResponse

NOTICE = "Sandbox: no real Slack, Polytomic or Gong."
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem}"
    "label{display:block;margin:.6rem 0}input{width:100%;padding:.4rem}button{padding:.5rem 1rem;margin-right:.5rem}"
    ".notice{background:#fff3cd;padding:.5rem 1rem}.error{color:#b00020}"
)


def consent(action: str, who: str) -> HTMLResponse:
    """Gong asks whether Polytomic may act for the person; `action` is what the buttons post to, less the verb."""
    buttons = "".join(
        f'<form method="post" action="{escape(action)}/{verb.lower()}" style="display:inline">'
        f'<button type="submit">{verb}</button></form>'
        for verb in ("Allow", "Deny")
    )
    words = f"<p>Polytomic asks to read and assign Gong Engage flows for <b>{escape(who)}</b>.</p>"
    return _page("Gong: allow access?", words + buttons)


def form(action: str, fields: Iterable[tuple[str, str]], filled: Mapping[str, str], error: str = "") -> HTMLResponse:
    """Polytomic's form for the credentials of a connection; secrets are never filled in again."""
    inputs = "".join(
        f'<label>{escape(title)}<input name="{escape(name)}" type="{"password" if _secret(name) else "text"}" '
        f'value="{"" if _secret(name) else escape(filled.get(name, ""))}"></label>'
        for name, title in fields
    )
    trouble = f'<p class="error">{escape(error)}</p>' if error else ""
    body = (
        f'{trouble}<form method="post" action="{escape(action)}">{inputs}<button type="submit">Connect</button></form>'
    )
    return _page("Polytomic: connect Snowflake", body, 422 if error else 200)


def choice(links: Mapping[str, str]) -> HTMLResponse:
    """Which kind of connection it shall be."""
    items = "".join(f'<p><a href="{escape(link)}">{escape(title)}</a></p>' for title, link in links.items())
    return _page("Polytomic: connect what?", items)


def ended(title: str, words: str, status: int = 200) -> HTMLResponse:
    """The end of a visit that leads nowhere else."""
    return _page(title, f"<p>{escape(words)}</p>", status)


def _secret(name: str) -> bool:
    return name in ("password", "access_secret")


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f'<p class="notice">{NOTICE}</p><h1>{escape(title)}</h1>{body}</html>',
        status,
        {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )
