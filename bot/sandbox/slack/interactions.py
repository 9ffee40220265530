"""What a person's doing becomes on Slack's side: the payload, its delivery, and what the answer changes on screen."""

from collections.abc import Sequence

from bot.sandbox.slack import elements
from bot.sandbox.slack.deliveries import Answer, Deliveries
from bot.sandbox.slack.first_day import BOT, TEAM
from bot.sandbox.slack.things import File, Json, Message, OpenView, Refused
from bot.sandbox.slack.world import SlackWorld

_OF_A_BUTTON = ("text", "value", "style", "url", "confirm")
_OF_OTHERS = ("placeholder", "confirm", "min_query_length")


class Trouble(Exception):
    """The person reads Slack's "We had some trouble connecting": the bot gave no answer that Slack can use.

    `status` is what the bot answered, 0 when nothing came within three seconds.
    """

    def __init__(self, words: str, status: int = 200) -> None:
        super().__init__(words)
        self.status = status


class Interactions:
    """Everything a person can do, one method each."""

    def __init__(self, world: SlackWorld, deliveries: Deliveries) -> None:
        self._world = world
        self._deliveries = deliveries

    async def command(self, user: str, channel: str, name: str, text: str, *, screen: str = "") -> Answer:
        """A slash command; what the bot answers at once is shown to the person alone."""
        place = self._world.conversation(channel)
        fields = {
            "token": "deprecated",
            "team_id": self._world.users[user].team_id,
            "team_domain": "sandbox",
            "channel_id": place.id,
            "channel_name": place.told_name,
            "user_id": user,
            "user_name": self._world.users[user].name,
            "command": name,
            "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
            "api_app_id": "A0SANDBOX",
            "is_enterprise_install": "false",
            "response_url": self._world.response_url(place.id, user),
            "trigger_id": self._world.trigger(user, screen),
        }
        answer = await self._deliveries.command(fields)
        self._demand_ok(answer)
        said = str(answer.body.get("text") or "") or answer.text
        if said:
            self._world.whisper(place.id, user, said, answer.body.get("blocks") or [])
        return answer

    async def shortcut(self, user: str, callback_id: str, *, screen: str = "") -> None:
        """A global shortcut: it has no channel."""
        payload = {
            "type": "shortcut",
            "callback_id": callback_id,
            "action_ts": self._world.new_ts(),
            "trigger_id": self._world.trigger(user, screen),
            **self._who(user),
        }
        self._demand_ok(await self._deliveries.interaction(payload))

    async def message_shortcut(self, user: str, message: Message, callback_id: str, *, screen: str = "") -> None:
        """A shortcut out of a message's menu (docs: reading message shortcut payloads)."""
        channel = self._world.channels[message.channel]
        payload = {
            "type": "message_action",
            "callback_id": callback_id,
            "action_ts": self._world.new_ts(),
            "trigger_id": self._world.trigger(user, screen),
            "response_url": self._world.response_url(channel.id, user),
            "channel": {"id": channel.id, "name": channel.told_name},
            "message_ts": message.ts,
            "message": message.as_json(),
            **self._who(user),
        }
        self._demand_ok(await self._deliveries.interaction(payload))

    async def home_opened(self, user: str) -> None:
        """The person looks at the app's Home tab."""
        held = self._world.screens.homes.get(user)
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": self._world.users[user].direct_id,
            "tab": "home",
        }
        event["event_ts"] = self._world.new_ts()
        if held is not None:
            event["view"] = held.as_json(TEAM)
        payload = {
            "type": "event_callback",
            "token": "deprecated",
            "team_id": TEAM,
            "api_app_id": "A0SANDBOX",
            "event_id": self._world.new_id("Ev"),
            "event_time": int(self._world.clock().timestamp()),
            "event": event,
            "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}],
        }
        self._demand_ok(await self._deliveries.event(payload))

    async def view_action(self, opened: OpenView, block: Json, element: Json, held: Json) -> None:
        """Something was pressed, picked or typed in a view."""
        payload = {
            "type": "block_actions",
            "view": opened.as_json(TEAM),
            "container": {"type": "view", "view_id": opened.id},
            "trigger_id": self._world.trigger(opened.user, opened.screen),
            "actions": [self._action(block, element, held)],
            **self._who(opened.user),
        }
        self._demand_ok(await self._deliveries.interaction(payload))

    async def change(self, opened: OpenView, block: Json, element: Json, held: Json, *, entered: bool = True) -> None:
        """The element holds this now, and the bot is told if the block asks for it."""
        # An overflow menu is told and holds nothing.
        if element["type"] in elements.HOLDS:
            opened.values[(block["block_id"], element["action_id"])] = {"type": element["type"], **held}
        if elements.is_told(block, element, entered=entered):
            await self.view_action(opened, block, element, held)

    async def attach(self, opened: OpenView, block: Json, element: Json, files: Sequence[tuple[str, bytes]]) -> None:
        """These files, by name and content, are uploaded and attached instead of those before."""
        made = [File(self._world.new_id("F"), name, content, opened.user) for name, content in files]
        self._world.files |= {one.id: one for one in made}
        await self.change(opened, block, element, {"files": [one.as_json(self._world.base_url) for one in made]})

    async def back(self, screen: str) -> None:
        """The close button: one view back, or out; a view that clears on close takes its whole stack with it."""
        opened = self._world.screens.top(screen)
        if opened is None:
            return
        if opened.view.get("clear_on_close"):
            await self.out(screen)
            return
        self._world.screens.close_top(screen)
        await self.close(opened, cleared=False)

    async def out(self, screen: str) -> None:
        """The x: the whole stack is gone, and only its root is told (docs: modals)."""
        stack = self._world.screens.close_all(screen)
        if stack:
            await self.close(stack[0], cleared=True)

    async def message_action(
        self, user: str, message: Message, block: Json, element: Json, held: Json, *, screen: str = ""
    ) -> None:
        """Something was pressed or picked in a message; it stays picked for this person."""
        channel = self._world.channels[message.channel]
        message.hold(user, block, element, held)
        container: Json = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload: Json = {
            "type": "block_actions",
            "container": container | {"is_ephemeral": bool(message.only_for)},
            "channel": {"id": channel.id, "name": channel.told_name},
            "trigger_id": self._world.trigger(user, screen),
            "response_url": self._world.response_url(message.channel, user, message.ts),
            "actions": [self._action(block, element, held)],
            "state": {"values": message.state(user)},
            **self._who(user),
        }
        if not message.only_for:
            payload["message"] = message.as_json()
        self._demand_ok(await self._deliveries.interaction(payload))

    async def options(self, opened: OpenView, block: Json, element: Json, words: str) -> Json:
        """What the bot offers for these words: `options`, or `option_groups`."""
        payload = {
            "type": "block_suggestion",
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "value": words,
            "view": opened.as_json(TEAM),
            "container": {"type": "view", "view_id": opened.id},
            **self._who(opened.user),
        }
        answer = await self._deliveries.interaction(payload)
        self._demand_ok(answer)
        self._demand_options(answer.body)
        return answer.body

    async def submit(self, opened: OpenView) -> dict[str, str]:
        """The submit button; returns the errors that stand under fields, none when the submission was taken."""
        payload = {
            "type": "view_submission",
            "view": opened.as_json(TEAM),
            "trigger_id": self._world.trigger(opened.user, opened.screen),
            "response_urls": [],
            **self._who(opened.user),
        }
        answer = await self._deliveries.interaction(payload)
        self._demand_ok(answer)
        if answer.text and not answer.body:
            raise Trouble("the answer to a submission is neither empty nor JSON")
        return self._apply(opened, answer.body)

    async def close(self, opened: OpenView, *, cleared: bool) -> None:
        """The person closed the view, or (cleared) the whole stack with the x."""
        if not opened.view.get("notify_on_close"):
            return
        payload = {
            "type": "view_closed",
            "view": {**opened.as_json(TEAM), "state": {"values": {}}},
            "is_cleared": cleared,
            **self._who(opened.user),
        }
        self._demand_ok(await self._deliveries.interaction(payload))

    # -- answers

    def _apply(self, opened: OpenView, body: Json) -> dict[str, str]:
        action = body.get("response_action")
        if action is None:
            self._world.screens.close_one(opened)
            return {}
        if action == "errors":
            return self._errors(opened, body.get("errors") or {})
        try:
            if action == "clear":
                self._world.screens.close_all(opened.screen)
            elif action == "push":
                self._world.screens.push(opened.user, body["view"], screen=opened.screen)
            elif action == "update":
                self._world.screens.update(opened, body["view"])
            else:
                raise Trouble(f"response_action {action!r} is not one of Slack's")
        except Refused as refused:
            raise Trouble(f"{refused.error}: {'; '.join(refused.messages)}") from refused
        return {}

    def _errors(self, opened: OpenView, errors: dict[str, str]) -> dict[str, str]:
        inputs = {block["block_id"] for block in opened.view["blocks"] if block["type"] == "input"}
        if not errors or not errors.keys() <= inputs:
            raise Trouble(f"errors under {sorted(errors.keys() - inputs)}, which are not input blocks of the view")
        return dict(errors)

    def _demand_options(self, body: Json) -> None:
        if "options" not in body and "option_groups" not in body:
            raise Trouble("no options in the answer")
        groups = body.get("option_groups", [])
        if len(body.get("options", [])) > 100 or len(groups) > 100 or any(len(one["options"]) > 100 for one in groups):
            raise Trouble("more than 100 options")
        for option in elements.options_of(body):
            words = (option["text"]["text"], (option.get("description") or {}).get("text", ""))
            if not words[0] or max(map(len, words)) > 75 or not 0 < len(option["value"]) <= 150:
                raise Trouble("an option is empty or too long")

    def _demand_ok(self, answer: Answer) -> None:
        if not answer.ok:
            raise Trouble(
                f"the bot answered {answer.status}" if answer.status else "the bot gave no answer", answer.status
            )

    # -- parts of payloads

    def _who(self, user: str) -> Json:
        person = self._world.users[user]
        return {
            "team": {"id": person.team_id, "domain": "sandbox"},
            "user": {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id},
            "api_app_id": "A0SANDBOX",
            "token": "deprecated",
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _action(self, block: Json, element: Json, held: Json) -> Json:
        """docs: block_actions payload; beside what is held, Slack repeats some of the element."""
        kind = element["type"]
        repeated = _OF_A_BUTTON if kind == "button" else (*_OF_OTHERS, elements.HOLDS.get(kind, ("", ""))[1])
        return {
            "type": kind,
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self._world.new_ts(),
            **{name: element[name] for name in repeated if name in element},
            **held,
        }
