"""What every listener is given; `bot.app` makes it, and nothing here reaches for anything else."""

import asyncio
from dataclasses import dataclass

from bot.approval_messages import ApprovalMessages
from bot.background import Background
from bot.check_screens import CheckScreens
from bot.enrollment.approving import Approvals
from bot.enrollment.confirming import Confirming
from bot.enrollment.connections import Connections
from bot.enrollment.flows import Flows
from bot.enrollment.model.clock import Clock
from bot.enrollment.policing import Policing
from bot.enrollment.repeats import Repeats
from bot.enrollment.service import Service
from bot.enrollment.stopping import Stopping
from bot.enrollment.wishes import Wishes
from bot.home_screen import HomeScreen
from bot.notifications import Notifications
from bot.rights import SlackRights
from bot.screens import Screens
from bot.slack_files import SlackFiles
from bot.slack_messages import SlackMessages
from bot.slack_views import SlackViews
from handlers.saving import DraftSaves


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The services, Slack's surfaces, and the few settings that words and rules need.

    `operators` are ids of users and groups as the policy has them; `enroll_users` likewise, to say who may. `turns`
    lets a few forms begin at a time, so that a crowd waits in a row and not for one another's transactions.
    """

    service: Service
    confirming: Confirming
    repeats: Repeats
    wishes: Wishes
    approvals: Approvals
    stopping: Stopping
    connections: Connections
    flows: Flows
    rights: SlackRights
    policing: Policing
    views: SlackViews
    messages: SlackMessages
    screens: Screens
    check_screens: CheckScreens
    home: HomeScreen
    notifications: Notifications
    approval_messages: ApprovalMessages
    files: SlackFiles
    saves: DraftSaves
    background: Background
    turns: asyncio.Semaphore
    operators: tuple[str, ...]
    enroll_users: tuple[str, ...]
    query_bytes: int
    clock: Clock
