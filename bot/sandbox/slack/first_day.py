"""Who and what is in the workspace from the first day."""

from bot.sandbox.slack.things import Channel, User

TEAM = "T0SANDBOX"
BOT = "U0BOT"
# Slack's own voice, which is no user of the workspace: it tells one person what went wrong with what they typed.
SLACKBOT = "USLACKBOT"


def people() -> dict[str, User]:
    """Those who are in the workspace from the first day."""
    listed = [
        User(BOT, "enroll_flow", TEAM, is_bot=True),
        User("U0REQUESTER", "rina", TEAM, title="RevOps lead"),
        User("U0COLLEAGUE", "cole", TEAM, title="RevOps"),
        User("U0OPERATOR", "olga", TEAM, title="runs the bot"),
        User("U0APPROVER", "ada", TEAM, title="approver"),
        User("U0BYSTANDER", "ben", TEAM, title="Sales"),
        User("U0GUEST", "gus", TEAM, is_restricted=True, title="guest"),
        User("U0OUTSIDER", "otto", "T0OTHER", is_stranger=True, title="another company"),
        User("U0GONE", "gone", TEAM, deleted=True),
    ]
    return {user.id: user for user in listed}


def channels() -> dict[str, Channel]:
    """The channels of the first day; the bot is in #revops, #archive and #shared."""
    everybody = {"U0REQUESTER", "U0COLLEAGUE", "U0OPERATOR", "U0APPROVER", "U0BYSTANDER", "U0GUEST"}
    listed = [
        Channel("C0REVOPS", "revops", everybody | {BOT}),
        Channel("C0RANDOM", "random", set(everybody)),
        Channel("C0SHARED", "shared", everybody | {BOT, "U0OUTSIDER"}, is_shared=True),
        Channel("C0ARCHIVE", "archive", everybody | {BOT}, is_archived=True),
        Channel("G0SECRET", "secret", {"U0REQUESTER"}, is_private=True),
    ]
    return {channel.id: channel for channel in listed}
