"""The Web API methods that the bot uses, each a function from the workspace and the arguments to the answer."""

from collections.abc import Callable, Mapping

from bot.sandbox.slack.arguments import text
from bot.sandbox.slack.first_day import BOT, TEAM
from bot.sandbox.slack.things import File, Json, Refused
from bot.sandbox.slack.world import SlackWorld

Method = Callable[[SlackWorld, Json], Json]


def auth_test(world: SlackWorld, _: Json) -> Json:
    """Who the token is."""
    return {
        "url": f"{world.base_url}/",
        "team": "Sandbox",
        "user": "enroll_flow",
        "team_id": TEAM,
        "user_id": BOT,
        "bot_id": "B0SANDBOX",
        "is_enterprise_install": False,
    }


def unknown_method(_: SlackWorld, __: Json) -> Json:
    """What every other method answers."""
    raise Refused("unknown_method")


def api_test(_: SlackWorld, __: Json) -> Json:
    """Always fine."""
    return {}


def views_open(world: SlackWorld, given: Json) -> Json:
    """docs: views.open."""
    trigger = world.use_trigger(text(given, "trigger_id", needed=True))
    return {"view": world.screens.open(trigger, _view(given)).as_json(TEAM)}


def views_push(world: SlackWorld, given: Json) -> Json:
    """docs: views.push."""
    trigger = world.use_trigger(text(given, "trigger_id", needed=True))
    return {"view": world.screens.push(trigger.user, _view(given), screen=trigger.screen).as_json(TEAM)}


def views_update(world: SlackWorld, given: Json) -> Json:
    """docs: views.update."""
    view_id, external_id = text(given, "view_id"), text(given, "external_id")
    if bool(view_id) == bool(external_id):
        raise Refused("invalid_arguments", "[ERROR] give view_id or external_id")
    found = world.screens.find(view_id, external_id)
    seen = text(given, "hash")
    if seen and seen != found.hash:
        raise Refused("hash_conflict")
    return {"view": world.screens.update(found, _view(given)).as_json(TEAM)}


def views_publish(world: SlackWorld, given: Json) -> Json:
    """docs: views.publish."""
    user = text(given, "user_id", needed=True)
    if user not in world.users:
        raise Refused("invalid_arguments", "[ERROR] no such user")
    held, seen = world.screens.homes.get(user), text(given, "hash")
    if seen and held is not None and seen != held.hash:
        raise Refused("hash_conflict")
    return {"view": world.screens.publish_home(user, _view(given)).as_json(TEAM)}


def chat_post_message(world: SlackWorld, given: Json) -> Json:
    """docs: chat.postMessage."""
    channel = text(given, "channel", needed=True)
    thread = text(given, "thread_ts")
    if thread:
        world.find_message(world.conversation(channel).id, thread)
    made = world.post(channel, text(given, "text"), given.get("blocks") or [], thread_ts=thread)
    return {"channel": made.channel, "ts": made.ts, "message": made.as_json()}


def chat_update(world: SlackWorld, given: Json) -> Json:
    """docs: chat.update."""
    found = world.find_message(text(given, "channel", needed=True), text(given, "ts", needed=True))
    if found.user != BOT:
        raise Refused("cant_update_message")
    if found.only_for:
        raise Refused("message_not_found")
    if len(text(given, "text")) > 4000:
        raise Refused("msg_too_long")
    blocks = given.get("blocks", found.blocks)
    made = world.edit(found, text(given, "text"), blocks)
    return {"channel": made.channel, "ts": made.ts, "text": made.text, "message": made.as_json()}


def chat_delete(world: SlackWorld, given: Json) -> Json:
    """docs: chat.delete."""
    found = world.find_message(text(given, "channel", needed=True), text(given, "ts", needed=True))
    if found.user != BOT:
        raise Refused("cant_delete_message")
    found.deleted = True
    world.touch()
    return {"channel": found.channel, "ts": found.ts}


def chat_post_ephemeral(world: SlackWorld, given: Json) -> Json:
    """docs: chat.postEphemeral."""
    channel = world.conversation(text(given, "channel", needed=True))
    user = text(given, "user", needed=True)
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    if BOT not in channel.members:
        raise Refused("not_in_channel")
    thread = text(given, "thread_ts")
    made = world.whisper(channel.id, user, text(given, "text"), given.get("blocks") or [], thread_ts=thread)
    return {"message_ts": made.ts}


def chat_get_permalink(world: SlackWorld, given: Json) -> Json:
    """docs: chat.getPermalink; that of a reply also says in which thread it stands."""
    found = world.find_message(text(given, "channel", needed=True), text(given, "message_ts", needed=True))
    link = f"https://sandbox.slack.com/archives/{found.channel}/p{found.ts.replace('.', '')}"
    if found.thread_ts:
        link += f"?thread_ts={found.thread_ts}&cid={found.channel}"
    return {"channel": found.channel, "permalink": link}


def conversations_open(world: SlackWorld, given: Json) -> Json:
    """docs: conversations.open."""
    return {"channel": {"id": world.direct(text(given, "users", needed=True)).id}}


def conversations_info(world: SlackWorld, given: Json) -> Json:
    """docs: conversations.info; private channels are unknown to those who are not in them."""
    found = world.channels.get(text(given, "channel", needed=True))
    if found is None or (found.is_private and BOT not in found.members):
        raise Refused("channel_not_found")
    return {"channel": found.as_json(BOT)}


def conversations_members(world: SlackWorld, given: Json) -> Json:
    """docs: conversations.members, all on one page."""
    found = world.channels.get(text(given, "channel", needed=True))
    if found is None or (found.is_private and BOT not in found.members):
        raise Refused("channel_not_found")
    return {"members": sorted(found.members), "response_metadata": {"next_cursor": ""}}


def users_info(world: SlackWorld, given: Json) -> Json:
    """docs: users.info."""
    user = world.users.get(text(given, "user", needed=True))
    if user is None:
        raise Refused("user_not_found")
    return {"user": user.as_json()}


def usergroups_users_list(world: SlackWorld, given: Json) -> Json:
    """docs: usergroups.users.list."""
    members = world.groups.get(text(given, "usergroup", needed=True))
    if members is None:
        raise Refused("no_such_subteam")
    return {"users": list(members)}


def usergroups_list(world: SlackWorld, _: Json) -> Json:
    """docs: usergroups.list."""
    handles = {group: group.removeprefix("S0").lower() for group in world.groups}
    return {"usergroups": [{"id": group, "handle": handle, "name": handle} for group, handle in handles.items()]}


def files_get_upload_url_external(world: SlackWorld, given: Json) -> Json:
    """docs: files.getUploadURLExternal."""
    name, length = text(given, "filename", needed=True), int(text(given, "length") or 0)
    if length <= 0:
        raise Refused("invalid_arguments", "[ERROR] length must be more than 0")
    made = File(world.new_id("F"), name, b"", BOT, announced=length)
    world.uploads[made.id] = made
    return {"upload_url": f"{world.base_url}/upload/{made.id}", "file_id": made.id}


def files_complete_upload_external(world: SlackWorld, given: Json) -> Json:
    """docs: files.completeUploadExternal."""
    done: list[Json] = []
    channel = text(given, "channel_id")
    if channel:
        # Unlike chat.postMessage, it takes no user ids.
        target = world.channels.get(channel)
        if target is None:
            raise Refused("channel_not_found")
        if BOT not in target.members:
            raise Refused("not_in_channel")
    for named in given.get("files") or []:
        held = world.uploads.pop(str(named.get("id")), None)
        if held is None or len(held.content) != held.announced:
            raise Refused("file_not_found")
        held.title, held.channel = str(named.get("title") or held.name), channel
        world.files[held.id] = held
        done.append({"id": held.id, "title": held.title})
    if channel:
        comment = text(given, "initial_comment") or ", ".join(one["title"] for one in done)
        made = world.post(channel, comment, [], thread_ts=text(given, "thread_ts"))
        made.files = [one["id"] for one in done]
    return {"files": done}


def files_info(world: SlackWorld, given: Json) -> Json:
    """docs: files.info."""
    found = world.files.get(text(given, "file", needed=True))
    if found is None:
        raise Refused("file_not_found")
    return {"file": found.as_json(world.base_url)}


def apps_connections_open(world: SlackWorld, _: Json) -> Json:
    """docs: apps.connections.open; needs the app's token."""
    return {"url": f"{world.base_url.replace('http', 'ws', 1)}/link?ticket={world.ticket()}"}


METHODS: Mapping[str, Method] = {
    "api.test": api_test,
    "apps.connections.open": apps_connections_open,
    "auth.test": auth_test,
    "chat.delete": chat_delete,
    "chat.getPermalink": chat_get_permalink,
    "chat.postEphemeral": chat_post_ephemeral,
    "chat.postMessage": chat_post_message,
    "chat.update": chat_update,
    "conversations.info": conversations_info,
    "conversations.members": conversations_members,
    "conversations.open": conversations_open,
    "files.completeUploadExternal": files_complete_upload_external,
    "files.getUploadURLExternal": files_get_upload_url_external,
    "files.info": files_info,
    "usergroups.list": usergroups_list,
    "usergroups.users.list": usergroups_users_list,
    "users.info": users_info,
    "views.open": views_open,
    "views.publish": views_publish,
    "views.push": views_push,
    "views.update": views_update,
}


def _view(given: Json) -> Json:
    view = given.get("view")
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", "[ERROR] missing required field: view")
    return view
