"""The parts of the bot, each given what it needs: what it can do, and where people see it. Part of `bot.app`."""

import asyncio
from dataclasses import dataclass

import aiohttp
from slack_bolt.async_app import AsyncApp

import handlers
from bot.approval_messages import ApprovalMessages
from bot.background import Background
from bot.check_screens import CheckScreens, Want
from bot.config import Settings
from bot.enrollment import chores
from bot.enrollment.approving import Approvals
from bot.enrollment.chores import Nudge
from bot.enrollment.confirming import Confirming
from bot.enrollment.connections import Connections
from bot.enrollment.flows import Flows
from bot.enrollment.keeping import Keeping
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.messages import Message
from bot.enrollment.model.policies import Policy
from bot.enrollment.policing import Policing
from bot.enrollment.repeats import Repeats
from bot.enrollment.service import Service
from bot.enrollment.stopping import Stopping
from bot.enrollment.wishes import Wishes
from bot.home_screen import HomeScreen
from bot.notifications import Notifications
from bot.polytomic.client import PolytomicClient
from bot.receipt_messages import ReceiptMessages
from bot.renderings import Renderings
from bot.reviewing import Reviewing
from bot.rights import SlackRights
from bot.screens import Screens
from bot.slack_files import SlackFiles
from bot.slack_messages import SlackMessages
from bot.slack_views import SlackViews
from bot.store import messages
from bot.store.session import Database
from handlers import opening


@dataclass(frozen=True, slots=True)
class Parts:
    """What everything else is made of."""

    settings: Settings
    policy: Policy
    db: Database
    polytomic: PolytomicClient
    session: aiohttp.ClientSession
    slack: AsyncApp
    team_id: str
    clock: Clock
    nudge: Nudge


@dataclass(frozen=True, slots=True)
class Verbs:
    """What the bot can do, apart from how it is shown."""

    rights: SlackRights
    policing: Policing
    service: Service
    confirming: Confirming
    repeats: Repeats
    wishes: Wishes
    approvals: Approvals
    stopping: Stopping
    connections: Connections
    flows: Flows
    keeping: Keeping


@dataclass(frozen=True, slots=True)
class Surfaces:
    """Where people see it."""

    views: SlackViews
    messages: SlackMessages
    files: SlackFiles
    screens: Screens
    check_screens: CheckScreens
    notifications: Notifications
    approvals: ApprovalMessages
    home: HomeScreen


def verbs(parts: Parts) -> Verbs:
    """Everything that can be asked of the bot."""
    settings, db, clock, limits = parts.settings, parts.db, parts.clock, parts.settings.limits()
    rights = SlackRights(
        parts.slack.client,
        team_id=parts.team_id,
        enroll=parts.policy.enroll,
        operators=parts.policy.operators,
        clock=clock,
    )
    flows = Flows(parts.polytomic, clock=clock, ttl=settings.flows_ttl, choice=parts.policy.flows)
    policing = Policing(parts.policy, db, members=rights.members, clock=clock)
    connections = Connections(
        db, parts.polytomic, clock=clock, limits=limits, nudge=parts.nudge, operators=rights.operator_ids
    )
    return Verbs(
        rights=rights,
        policing=policing,
        wishes=Wishes(db, clock=clock, nudge=parts.nudge),
        service=Service(db, clock=clock, limits=limits, nudge=parts.nudge),
        confirming=Confirming(
            db,
            clock=clock,
            limits=limits,
            nudge=parts.nudge,
            flow_gone=flows.gone,
            policing=policing,
            named=connections.named,
        ),
        stopping=Stopping(db, clock=clock, nudge=parts.nudge),
        repeats=Repeats(db, clock=clock, limits=limits, policy=parts.policy),
        connections=connections,
        approvals=Approvals(db, clock=clock, nudge=parts.nudge, approvers=policing.approvers),
        flows=flows,
        keeping=Keeping(db, clock=clock, operators=rights.operator_ids, nudge=parts.nudge),
    )


def surfaces(parts: Parts, verbs: Verbs) -> Surfaces:
    """Everything that shows what the bot does."""
    clock, client = parts.clock, parts.slack.client
    views, files = SlackViews(client), _files(parts)

    async def want(message: Message) -> None:
        async with parts.db.begin() as s:
            await messages.want(s, message)
        parts.nudge(chores.MESSAGE, message.id)

    async def home_changed(team_id: str, user_id: str) -> None:
        await home.refresh(team_id, user_id)

    slack_messages = SlackMessages(client, session=parts.session)
    renderings = _renderings(parts, verbs, files)
    notifications = Notifications(
        parts.db, slack_messages, renderings, clock=clock, nudge=parts.nudge, told=home_changed
    )
    home = HomeScreen(
        views,
        parts.db,
        service=verbs.service,
        approvals=verbs.approvals,
        connections=verbs.connections,
        rights=verbs.rights,
        link=notifications.link,
        clock=clock,
    )
    return Surfaces(
        views=views,
        messages=slack_messages,
        files=files,
        screens=_screens(parts, verbs, views),
        check_screens=_check_screens(parts, verbs, views, notifications, want),
        notifications=notifications,
        approvals=renderings.approvals,
        home=home,
    )


def dependencies(parts: Parts, verbs: Verbs, surfaces: Surfaces, background: Background) -> handlers.Dependencies:
    """What every listener is given."""
    return handlers.Dependencies(
        service=verbs.service,
        confirming=verbs.confirming,
        repeats=verbs.repeats,
        wishes=verbs.wishes,
        approvals=verbs.approvals,
        stopping=verbs.stopping,
        connections=verbs.connections,
        flows=verbs.flows,
        rights=verbs.rights,
        policing=verbs.policing,
        views=surfaces.views,
        messages=surfaces.messages,
        screens=surfaces.screens,
        check_screens=surfaces.check_screens,
        home=surfaces.home,
        notifications=surfaces.notifications,
        approval_messages=surfaces.approvals,
        files=surfaces.files,
        saves=handlers.DraftSaves(verbs.service.edit),
        background=background,
        turns=asyncio.Semaphore(opening.FILLED_AT_ONCE),
        operators=parts.policy.operators,
        enroll_users=parts.policy.enroll,
        query_bytes=parts.settings.query_bytes,
        clock=parts.clock,
    )


def _renderings(parts: Parts, verbs: Verbs, files: SlackFiles) -> Renderings:
    return Renderings(
        parts.db,
        files,
        clock=parts.clock,
        operators=parts.policy.operators,
        names=verbs.rights.operator_names,
        receipt_messages=ReceiptMessages(parts.db, people=verbs.rights.names),
        approvals=ApprovalMessages(
            parts.db,
            clock=parts.clock,
            owners=verbs.rights.owner_names,
            people=verbs.rights.names,
            may_wait=parts.policy.may_wait,
        ),
        syncs=f"{parts.settings.polytomic_url}/syncs",
    )


def _check_screens(
    parts: Parts, verbs: Verbs, views: SlackViews, notifications: Notifications, want: Want
) -> CheckScreens:
    return CheckScreens(
        views,
        parts.slack.client,
        parts.db,
        service=verbs.service,
        clock=parts.clock,
        operators=parts.policy.operators,
        want=want,
        reviewing=Reviewing(confirming=verbs.confirming, stopped=verbs.stopping.standing, link=notifications.link),
    )


def _files(parts: Parts) -> SlackFiles:
    return SlackFiles(
        parts.slack.client,
        session=parts.session,
        token=parts.settings.slack_bot_token,
        api_url=parts.settings.slack_api_url,
        query_bytes=parts.settings.query_bytes,
    )


def _screens(parts: Parts, verbs: Verbs, views: SlackViews) -> Screens:
    return Screens(
        views,
        service=verbs.service,
        connections=verbs.connections,
        flows=verbs.flows,
        rights=verbs.rights,
        stopped=verbs.stopping.standing,
        operators=parts.policy.operators,
        query_bytes=parts.settings.query_bytes,
    )
