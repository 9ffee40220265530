"""The commands and their options, as Typer shows them. Each loads only the module that does its work."""

import asyncio
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot import config, logs
from bot.errors import Misconfigured

app = typer.Typer(
    name="enroll-flow",
    help="Puts the contacts of a Snowflake query into a Gong Engage flow, from Slack, through Polytomic.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they would print local variables, and those hold secrets
)
connecting = typer.Typer(help="Connect Snowflake or Gong to Polytomic, once per organization.", no_args_is_help=True)
app.add_typer(connecting, name="connect")
policing = typer.Typer(help="Look at the policy file, without starting anything.", no_args_is_help=True)
app.add_typer(policing, name="policy")
chained = typer.Typer(help="The chain that all receipts are entries of.", no_args_is_help=True)
app.add_typer(chained, name="receipts")


def main(arguments: Sequence[str]) -> int:
    """Does what the arguments ask for; returns the exit code, 2 for wrong use."""
    try:
        typer.main.get_command(app).main(list(arguments), prog_name="enroll-flow")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def _demand_sandbox() -> None:
    needed = ("duckdb", "emoji", "jinja2", "slackblocks", "websockets", "yaml")
    if any(importlib.util.find_spec(name) is None for name in needed):
        raise Misconfigured(
            "sandbox", "The sandbox is not installed. Install it with: pip install 'enroll-flow[sandbox]'"
        )


@app.command()
def demo() -> None:
    """Play one enrollment from command to notification, on this machine alone. No account is needed."""
    _demand_sandbox()
    from bot.sandbox.demo import play

    raise typer.Exit(play())


@app.command()
def sandbox(
    port: Annotated[
        int,
        typer.Option(min=1, max=65_532, help="The page listens here; Slack, Polytomic and the bot on the next three."),
    ] = 8700,
) -> None:
    """Start a Slack to click in, a Polytomic, a Gong and the bot on this machine, until Ctrl-C. No account needed."""
    _demand_sandbox()
    from bot.sandbox.launch import launch

    raise typer.Exit(launch(port))


Host = Annotated[str | None, typer.Option(help="The address to listen on (setting HOST).")]
Port = Annotated[int | None, typer.Option(help="The port to listen on (setting PORT).")]


@app.command()
def run(host: Host = None, port: Port = None) -> None:
    """Run the bot in one process: over HTTP, or over Socket Mode when SLACK_APP_TOKEN is set."""
    from bot.cli import serve

    raise typer.Exit(serve.start("run", host, port))


@app.command()
def web(host: Host = None, port: Port = None) -> None:
    """Answer Slack, and leave the rest to workers. Any number may share one PostgreSQL."""
    from bot.cli import serve

    raise typer.Exit(serve.start("web", host, port))


@app.command()
def worker() -> None:
    """Bring enrollments on. Any number of workers may share one PostgreSQL."""
    from bot.cli import serve

    raise typer.Exit(serve.start("worker"))


@app.command("migrate")
def migrate_() -> None:
    """Bring the database up to date. `run` does it by itself for SQLite, nobody does for PostgreSQL."""
    from bot.cli import migrate

    raise typer.Exit(migrate.upgrade(config.load()))


@app.command("doctor")
def doctor_(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Look at every setting and every service, and say what is wrong and how to mend it."""
    from bot.cli import doctor

    logs.quiet()
    raise typer.Exit(asyncio.run(doctor.examine(as_json=as_json)))


@app.command("receipt")
def receipt_(
    enrollment_id: Annotated[str, typer.Argument(help="E-7K2M9Q", metavar="ID")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole entry as JSON.")] = False,
) -> None:
    """Print what an enrollment came to, from the database alone."""
    from bot.cli import receipts

    logs.quiet()
    raise typer.Exit(asyncio.run(receipts.show(config.load(), enrollment_id.upper(), as_json=as_json)))


@chained.command("verify")
def verify_() -> None:
    """Follow the chain from its first entry to its end, and name what is missing or was altered."""
    from bot.cli import receipts

    logs.quiet()
    raise typer.Exit(asyncio.run(receipts.verify(config.load())))


@app.command("manifest")
def manifest_(
    url: Annotated[str | None, typer.Option(help="Where Slack reaches the bot: https://…")] = None,
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode: no address is needed.")] = False,
) -> None:
    """Print the Slack app's manifest, ready for api.slack.com/apps > Create New App > From a manifest."""
    from bot.cli import manifest

    if socket == (url is not None):
        raise typer.BadParameter("Give either --url https://… or --socket.")
    typer.echo(manifest.over_socket() if url is None else manifest.over_http(url), nl=False)


@connecting.command()
def snowflake(
    name: Annotated[str, typer.Option(help="What Polytomic calls the connection.")] = "Snowflake Connection",
    account: Annotated[str, typer.Option(help="As in <account>.snowflakecomputing.com.")] = "",
    username: Annotated[str, typer.Option(help="The Snowflake user; one that may only read is enough.")] = "",
    database: Annotated[str, typer.Option(help="The database to read.")] = "",
    warehouse: Annotated[str, typer.Option(help="Left empty, Snowflake takes the user's default.")] = "",
    private_key: Annotated[
        Path | None, typer.Option(help="A private key file, instead of a password.", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Connect Snowflake. What is not given is asked for; secrets are typed hidden and go to Polytomic alone."""
    from bot.cli import connect

    logs.quiet()
    settings = config.load()
    configuration = connect.ask_for_snowflake(account, username, database, warehouse, private_key)
    raise typer.Exit(asyncio.run(connect.connect_snowflake(settings, name, configuration)))


@connecting.command()
def gong(
    name: Annotated[str, typer.Option(help="What Polytomic calls the connection.")] = "Gong Connection",
    again: Annotated[bool, typer.Option("--again", help="Ask for consent anew, though Gong is connected.")] = False,
) -> None:
    """Connect Gong: prints the link that one person opens to allow access, and waits for it."""
    from bot.cli import connect

    logs.quiet()
    raise typer.Exit(asyncio.run(connect.connect_gong(config.load(), name, again=again)))


PolicyFile = Annotated[str | None, typer.Option("--file", help="The policy file (setting POLICY_FILE).")]


@policing.command("check")
def check_policy(file: PolicyFile = None) -> None:
    """Say every mistake in the policy file, with its line."""
    from bot.cli import policy

    logs.quiet()
    raise typer.Exit(asyncio.run(policy.check(policy.settings_of(file))))


@policing.command("explain")
def explain_policy(
    user: Annotated[str, typer.Argument(help="A Slack user's id: U…, W…")],
    flow: Annotated[str, typer.Argument(help="A flow's name or id.")],
    people: Annotated[int, typer.Argument(min=1, help="How many contacts.")],
    file: PolicyFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what the policy would say, rule by rule. Ends with 0 when allowed, 3 with approval, 1 when refused."""
    from bot.cli import policy

    logs.quiet()
    raise typer.Exit(asyncio.run(policy.explain_to(policy.settings_of(file), user, flow, people, as_json=as_json)))
