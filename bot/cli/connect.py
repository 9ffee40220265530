"""Steps 1 and 2 of the how-to from the terminal: Snowflake by its credentials, Gong by a person's consent.

Credentials go from the keyboard to Polytomic and nowhere else.
"""

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from bot.cli.waiting import Waiting
from bot.config import Settings
from bot.enrollment.flows import Flows
from bot.errors import PolytomicRefused
from bot.polytomic.client import PolytomicClient
from bot.polytomic.wire import Connection

LOOK_EVERY = 2.0
ASKING = "Gong asks a person to allow access. Open this link yourself; whoever opens it connects their own account:"
_GONG: Mapping[str, object] = {"auth_method": "oauth"}
_DENIED = ("denied", "declined", "rejected", "not allowed")


def ask_for_snowflake(
    account: str, username: str, database: str, warehouse: str, private_key: Path | None
) -> dict[str, object]:
    """What Polytomic needs to read Snowflake; whatever was not given is asked for, secrets hidden."""
    configuration: dict[str, object] = {
        "account": account or typer.prompt("Snowflake account"),
        "username": username or typer.prompt("Username"),
        "dbname": database or typer.prompt("Database"),
    }
    chosen = warehouse or typer.prompt("Warehouse (empty: the user's default)", default="", show_default=False)
    if chosen:
        configuration["warehouse"] = chosen
    if private_key is None:
        return configuration | {"password": _hidden("Password")}
    configuration |= {"key_pair_auth": True, "private_key": private_key.read_text(encoding="utf-8")}
    passphrase = _hidden("Passphrase of the key (empty: none)", default="")
    return configuration | ({"private_key_passphrase": passphrase} if passphrase else {})


async def connect_snowflake(settings: Settings, name: str, configuration: Mapping[str, object]) -> int:
    """Snowflake is connected, or the terminal says why it is not (exit code 1)."""
    async with _polytomic(settings) as client:
        existing = await _find(client, "snowflake", name)
        try:
            if existing is None:
                made = await client.create_connection(name, "snowflake", configuration, key=str(uuid.uuid4()))
            else:
                made = await client.reconnect(existing.id, existing.name, configuration)
        except PolytomicRefused as error:
            print(f"Snowflake was not connected: {_unstopped(error.message or str(error.status))}. Nothing was saved.")
            return 1
    if not made.healthy:
        print(
            f"Snowflake was not connected: {_unstopped(made.status_error or made.status)}. Run this again to mend it."
        )
        return 1
    print(f"Snowflake is connected: {made.name}.")
    return 0


async def connect_gong(settings: Settings, name: str, *, again: bool) -> int:
    """Gong is connected, or the terminal says why it is not (exit code 1). Ctrl-C leaves the link open."""
    async with _polytomic(settings) as client:
        asked = await _ask_gong(client, name, again=again)
        if asked.auth_url is not None:
            print(ASKING, f"  {asked.auth_url.get_secret_value()}", sep="\n", flush=True)
            asked = await _wait(client, asked, timedelta(seconds=settings.consent_deadline))
        if not asked.healthy:
            print(f"Gong was not connected: {_why(asked)}.")
            return 1
        print(f'Gong is connected: "{asked.name}", {await _flows(client, asked.id)} flows.')
        return 0


async def _ask_gong(client: PolytomicClient, name: str, *, again: bool) -> Connection:
    existing = await _find(client, "gong", name)
    if existing is None:
        return await client.create_connection(name, "gong", _GONG, key=str(uuid.uuid4()))
    if existing.healthy and not again:
        return existing
    return await client.reconnect(existing.id, existing.name, _GONG)


async def _wait(client: PolytomicClient, asked: Connection, patience: timedelta) -> Connection:
    # A connection that is mended still shows its old error: only a new one is an answer.
    with Waiting(patience, until=datetime.now(UTC) + patience) as waiting:
        while not waiting.over():
            await asyncio.sleep(LOOK_EVERY)
            found = await client.connection(asked.id)
            if found.healthy or (found.status_error and found.status_error != asked.status_error):
                return found
    return asked.model_copy(update={"status": "", "status_error": ""})


async def _find(client: PolytomicClient, kind: str, name: str) -> Connection | None:
    mine = [found for found in await client.connections() if found.type == kind]
    return next((found for found in mine if found.name == name), mine[0] if mine else None)


async def _flows(client: PolytomicClient, connection_id: str) -> int:
    flows = Flows(client, clock=lambda: datetime.now(UTC), ttl=0)
    await flows.refresh(connection_id)
    matches = flows.search(connection_id, "")
    return matches.all_flows if matches else 0


def _why(connection: Connection) -> str:
    if not connection.status_error:
        return f"its status is {connection.status}" if connection.status else "nobody allowed it in time"
    if any(word in connection.status_error.casefold() for word in _DENIED):
        return "access was not allowed"
    return f"Polytomic says: {_unstopped(connection.status_error)}"


def _unstopped(words: str) -> str:
    """Another's words inside a sentence of ours, which brings its own full stop."""
    return words.strip().rstrip(".")


def _hidden(question: str, *, default: str | None = None) -> str:
    answer: str = typer.prompt(question, hide_input=True, default=default, show_default=False, err=True)
    if answer and sys.stderr.isatty():
        typer.echo("****", err=True)
    return answer


@asynccontextmanager
async def _polytomic(settings: Settings) -> AsyncIterator[PolytomicClient]:
    client = PolytomicClient(
        settings.polytomic_url,
        settings.polytomic_api_key,
        version=settings.polytomic_version,
        timeout=settings.polytomic_timeout,
    )
    try:
        yield client
    finally:
        await client.aclose()
