"""`doctor`: looks at every setting and every service once, and says how to mend what is wrong."""

import asyncio

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot import config
from bot.cli import findings, manifest, said
from bot.cli.findings import Finding, Level
from bot.config import Settings
from bot.enrollment.model.policies import Policy
from bot.errors import Misconfigured, PolytomicError
from bot.policy import loading
from bot.polytomic.client import PolytomicClient
from bot.polytomic.wire import Connection
from bot.store import address, migrate

SERVICES = {"snowflake": "Snowflake", "gong": "Gong"}


async def examine(*, as_json: bool) -> int:
    """Everything was looked at and told; 1 when something has to be mended before the bot can work."""
    wrong = config.problems()
    found = [Finding(Level.FAIL, name, words.removeprefix(f"{name} ")) for name, words in wrong.items()]
    if not found:
        settings = config.load()
        slack, polytomic = await asyncio.gather(_slack(settings), _polytomic(settings))
        found = [Finding(Level.OK, "SLACK_SIGNING_SECRET", "set"), *slack, *polytomic, *await _policy(settings)]
        found.append(await asyncio.to_thread(_database, settings))
    return findings.tell(found, as_json=as_json)


async def _slack(settings: Settings) -> list[Finding]:
    client = AsyncWebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=10)
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        mend = "take SLACK_BOT_TOKEN from api.slack.com/apps > your app > OAuth & Permissions"
        return [Finding(Level.FAIL, "Slack", f"auth.test: {error.response['error']}", mend)]
    except (ClientError, TimeoutError):
        return [
            Finding(Level.FAIL, "Slack", "does not answer", "is this machine on the internet? is SLACK_API_URL right?")
        ]
    well = Finding(Level.OK, "Slack", f"auth.test: @{answer['user']} in {answer['team_id']}")
    return [well, *_scopes(answer), *await _socket_mode(settings)]


def _scopes(answer: AsyncSlackResponse) -> list[Finding]:
    granted = {name.lower(): value for name, value in (answer.headers or {}).items()}.get("x-oauth-scopes")
    if granted is None:
        return []
    missing = [scope for scope in manifest.scopes() if scope not in str(granted).replace(",", " ").split()]
    if not missing:
        return [Finding(Level.OK, "Slack scopes", "all granted")]
    mend = "bring the app up to date with `python -m bot manifest`, then reinstall it to the workspace"
    return [Finding(Level.FAIL, "Slack scopes", f"missing: {', '.join(missing)}", mend)]


async def _socket_mode(settings: Settings) -> list[Finding]:
    if settings.slack_app_token is None:
        return []
    client = AsyncWebClient(base_url=settings.slack_api_url, timeout=10)
    try:
        await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except SlackApiError as error:
        mend = "make an app token with connections:write at api.slack.com/apps > your app > Basic Information"
        return [Finding(Level.FAIL, "SLACK_APP_TOKEN", f"apps.connections.open: {error.response['error']}", mend)]
    except (ClientError, TimeoutError):
        return [Finding(Level.FAIL, "SLACK_APP_TOKEN", "Slack does not answer", "try again")]
    return [Finding(Level.OK, "SLACK_APP_TOKEN", "Socket Mode works")]


async def _polytomic(settings: Settings) -> list[Finding]:
    client = PolytomicClient(
        settings.polytomic_url,
        settings.polytomic_api_key,
        version=settings.polytomic_version,
        timeout=settings.polytomic_timeout,
    )
    try:
        me = await client.me()
        connections = await client.connections()
    except PolytomicError as error:
        return [
            Finding(Level.FAIL, "Polytomic", said.polytomic(error), "are POLYTOMIC_API_KEY and POLYTOMIC_URL right?")
        ]
    finally:
        await client.aclose()
    words = f'key works, organization "{me.organization_name}", version {settings.polytomic_version}'
    return [Finding(Level.OK, "Polytomic", words), *(_service(kind, connections) for kind in SERVICES)]


def _service(kind: str, connections: tuple[Connection, ...]) -> Finding:
    mine = [connection for connection in connections if connection.type == kind]
    mend = f"python -m bot connect {kind}"
    if not mine:
        return Finding(Level.WARN, SERVICES[kind], "not connected", mend)
    well = [connection.name for connection in mine if connection.healthy]
    if well:
        return Finding(Level.OK, SERVICES[kind], ", ".join(f'"{name}"' for name in well))
    words = "needs consent again" if kind == "gong" else f"not working: {mine[0].status_error or mine[0].status}"
    return Finding(Level.WARN, SERVICES[kind], words, mend)


async def _policy(settings: Settings) -> list[Finding]:
    """The policy, and whom it names in the place of ENROLL_USERS and OPERATORS."""
    client = AsyncWebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=10)
    try:
        async with asyncio.timeout(15):
            policy = await loading.load(settings, client)
    except Misconfigured as error:
        wrong = error.words.splitlines()
        more = f" ({len(wrong) - 1} more)" if len(wrong) > 1 else ""
        return [Finding(Level.FAIL, "Policy", f"{wrong[0]}{more}", "python -m bot policy check")]
    except TimeoutError:
        return [Finding(Level.WARN, "Policy", "its user groups could not be looked up: Slack does not answer")]
    words = f"{policy.source} is right" if policy.source else f"no {settings.policy_file}: only the settings hold"
    return [Finding(Level.OK, "Policy", words), *_people(policy)]


def _people(policy: Policy) -> list[Finding]:
    enroll, operators = policy.enroll, policy.operators
    mend = "set it to Slack user or group ids"
    return [
        Finding(Level.OK, "ENROLL_USERS", ", ".join(enroll) + _stated(policy, "enroll"))
        if enroll
        else Finding(Level.WARN, "ENROLL_USERS", "not set: nobody may enroll", mend),
        Finding(Level.OK, "OPERATORS", ", ".join(operators) + _stated(policy, "operators"))
        if operators
        else Finding(Level.WARN, "OPERATORS", "not set: nobody is told when something has to be mended", mend),
    ]


def _stated(policy: Policy, key: str) -> str:
    return f" ({policy.source}:{policy.lines[key]})" if key in policy.lines else ""


def _database(settings: Settings) -> Finding:
    try:
        shared = address.is_postgresql(settings.database_url)
        if not shared and not address.sqlite_file(settings.database_url).exists():
            return Finding(Level.OK, "DATABASE_URL", "no file yet; `run` makes it")
        current, head = migrate.current(settings.database_url), migrate.head()
    except Misconfigured as error:
        return Finding(Level.FAIL, "DATABASE_URL", error.words.removeprefix("DATABASE_URL "))
    if current == head:
        return Finding(Level.OK, "DATABASE_URL", f"schema {head}")
    mend = "python -m bot migrate" if shared else "`python -m bot run` brings it up to date"
    return Finding(Level.WARN, "DATABASE_URL", f"schema {current or 'empty'}, {head} is the newest", mend)
