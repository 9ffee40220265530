"""`run`, `web` and `worker`: the bot itself, in one process or in several. Typer is not loaded here.

It listens over HTTP, or over Socket Mode when SLACK_APP_TOKEN is set.
"""

import argparse
import asyncio
import errno
import socket
from collections.abc import Sequence

from bot import config, logs
from bot.cli.lasting import lasting
from bot.config import Settings
from bot.errors import Misconfigured

DOES = {
    "run": "Run the bot until it is stopped: everything in this one process.",
    "web": "Answer Slack until stopped; workers do the rest. Over SQLite this is `run`.",
    "worker": "Bring enrollments on until stopped; any number of workers may share one PostgreSQL.",
}


def main(arguments: Sequence[str]) -> int:
    """The bot has run and was stopped. Raises Misconfigured, which names the setting."""
    role = arguments[0]
    parser = argparse.ArgumentParser(prog=f"python -m bot {role}", description=DOES[role])
    if role != "worker":
        parser.add_argument("--host", help="the address to listen on (setting HOST)")
        parser.add_argument("--port", type=int, help="the port to listen on (setting PORT)")
    given = parser.parse_args(arguments[1:])
    return start(role, getattr(given, "host", None), getattr(given, "port", None))


def start(role: str, host: str | None = None, port: int | None = None) -> int:
    """Runs with the settings of this machine; what is given here wins over HOST and PORT."""
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = config.load().model_copy(update=changes)
    logs.configure()
    if role != "worker":
        demand_free_port(settings)
    # The application is loaded once the settings are known to be right: a wrong one is told at once.
    with lasting():
        from bot import process
        from bot.app import Role
    asyncio.run(process.run(settings, Role(role)))
    return 0


def demand_free_port(settings: Settings) -> None:
    """Raises Misconfigured when another process listens on the port."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((settings.host, settings.port))
        except OSError as error:
            raise Misconfigured("PORT", port_words(settings.host, settings.port, error)) from None


def port_words(host: str, port: int, error: OSError) -> str:
    """Why the bot cannot listen there, and what to do."""
    if isinstance(error, PermissionError):
        return f"Port {port} needs more rights than this process has. Choose one above 1023: --port 3000."
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"HOST is not an address of this machine: {host}."
    return f"Port {port} is taken. Choose another: --port {another(port)}."


def another(port: int) -> int:
    """A port to try instead."""
    return port + 100 if port <= 65_435 else 3000
