"""The bot's end of Slack: the Bolt app with its one client, whose token it is."""

import asyncio
import logging

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import slack_answers
from bot.config import Settings
from bot.errors import Misconfigured

_TIMEOUT = 10


def build(settings: Settings, session: aiohttp.ClientSession) -> AsyncApp:
    """A Bolt app without listeners. Its client shares `session` and repeats nothing by itself."""
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=_TIMEOUT,
        session=session,
        # A post repeated after a broken connection would stand there twice: our rows decide what is sent again.
        retry_handlers=[],
    )
    return AsyncApp(
        client=client,
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        # The acknowledgement leaves when the listener returns, not when Bolt next looks for it (DECISIONS: Bolt).
        process_before_response=True,
        # Without a logger of ours, Bolt sets its own to the root's level, which would let payloads into the log.
        logger=logging.getLogger("slack_bolt"),
        # Without a name, Bolt reads the source of everything loaded to find out which file this is.
        name="enroll-flow",
        # `bot.deliveries` has verified every delivery before Bolt sees it.
        request_verification_enabled=False,
        # Of what it passes on, nothing is a check of Slack's certificate or a step of a workflow.
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
    )


async def team_of(client: AsyncWebClient) -> str:
    """The workspace of the token. Raises Misconfigured when Slack refuses it; waits for a Slack that is away."""
    while True:
        try:
            answer = await client.auth_test()
        except slack_answers.UNANSWERED as error:
            code = slack_answers.code(error)
            if code in slack_answers.LOCKED_OUT:
                raise Misconfigured("SLACK_BOT_TOKEN", _token_words(code)) from None
            structlog.get_logger().warning("slack.away", slack_error=code)
            await asyncio.sleep(slack_answers.retry_after(error))
        else:
            return str(answer["team_id"])


def _token_words(code: str) -> str:
    return (
        f"SLACK_BOT_TOKEN is refused by Slack ({code}). "
        "Find it at api.slack.com/apps > your app > OAuth & Permissions. Nothing was started."
    )
