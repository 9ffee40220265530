"""Prints the Slack app's manifest, ready to be pasted."""

import re
from pathlib import Path

import bot
from bot.errors import Misconfigured

PLACEHOLDER = "https://bot.example.com"
_URL_LINE = re.compile(rf"^ *\w+: {re.escape(PLACEHOLDER)}\S*\n", re.MULTILINE)
_HEADER = re.compile(r"\A(#.*\n)+")
_SCOPE = re.compile(r"^ +- (\S+)", re.MULTILINE)


def source() -> str:
    """The manifest as it is kept: beside the package once installed, at the top of a clone."""
    package = Path(bot.__file__).parent
    kept = package / "manifest.yml"
    return (kept if kept.exists() else package.parent / "manifest.yml").read_text(encoding="utf-8")


def over_http(url: str) -> str:
    """The manifest for a bot that Slack reaches at `url`."""
    if not url.startswith("https://"):
        raise Misconfigured("PUBLIC_URL", f"--url must start with https://, got “{url}”.")
    return _HEADER.sub("", source()).replace(PLACEHOLDER, url.rstrip("/"))


def over_socket() -> str:
    """The manifest for a bot that calls Slack, and is called nowhere: no address in it."""
    without = _URL_LINE.sub("", _HEADER.sub("", source()))
    return without.replace("socket_mode_enabled: false", "socket_mode_enabled: true")


def scopes() -> tuple[str, ...]:
    """The bot scopes that the manifest asks for."""
    return tuple(_SCOPE.findall(source().split("    bot:\n", 1)[1].split("settings:", 1)[0]))
