"""`run`: the bot itself, over HTTP, or over Socket Mode when SLACK_APP_TOKEN is set. Typer is not loaded here."""

import argparse
import asyncio
import errno
import socket
from collections.abc import Sequence

from bot import config, logs
from bot.config import Settings
from bot.errors import Misconfigured


def main(arguments: Sequence[str]) -> int:
    """The bot has run and was stopped. Raises Misconfigured, which names the setting."""
    parser = argparse.ArgumentParser(prog="python -m bot run", description="Run the bot until it is stopped.")
    parser.add_argument("--host", help="the address to listen on (setting HOST)")
    parser.add_argument("--port", type=int, help="the port to listen on (setting PORT)")
    given = parser.parse_args(arguments)
    return start(given.host, given.port)


def start(host: str | None, port: int | None) -> int:
    """Runs with the settings of this machine; what is given here wins over HOST and PORT."""
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = config.load().model_copy(update=changes)
    logs.configure()
    demand_free_port(settings)
    # The application is loaded once the settings are known to be right: a wrong one is told at once.
    from bot import process

    asyncio.run(process.run(settings))
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
