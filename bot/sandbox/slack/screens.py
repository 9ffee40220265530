"""What stands on people's screens: stacks of views, what was typed into them, and everybody's App Home."""

import secrets
from collections.abc import Callable
from datetime import datetime

from bot.sandbox.slack import elements
from bot.sandbox.slack.block_kit import demand, problems_of_view
from bot.sandbox.slack.things import Json, OpenView, Refused, Trigger

_DEEPEST = 3


class Screens:
    """Of one workspace. A screen is a user id, with a device after it for those who have several."""

    def __init__(self, clock: Callable[[], datetime], new_id: Callable[[str], str], touch: Callable[[], None]) -> None:
        self.stacks: dict[str, list[OpenView]] = {}
        self.views: dict[str, OpenView] = {}
        self.homes: dict[str, OpenView] = {}
        self._clock = clock
        self._new_id = new_id
        self._touch = touch

    def open(self, trigger: Trigger, view: Json) -> OpenView:
        """The view alone on the person's screen."""
        self._demand_view(view)
        for old in self.stacks.get(trigger.screen, []):
            old.is_open = False
        opened = self._new(trigger.user, view, screen=trigger.screen)
        self.stacks[trigger.screen] = [opened]
        return opened

    def push(self, user: str, view: Json, *, screen: str = "") -> OpenView:
        """The view on top of what the person has open; three at most."""
        self._demand_view(view)
        screen = screen or user
        stack = self.stacks.setdefault(screen, [])
        if len(stack) >= _DEEPEST:
            raise Refused("push_limit_reached")
        if not stack:
            raise Refused("not_found")
        pushed = self._new(user, view, screen=screen, below=stack[-1], root=stack[0])
        stack.append(pushed)
        return pushed

    def update(self, found: OpenView, view: Json) -> OpenView:
        """The open view shows this now; what was typed stays where block_id and action_id did."""
        self._demand_view(view, instead_of=found)
        view = self._named(view)
        found.view = view
        found.hash = self._new_hash()
        found.values = elements.values_of(view, kept=found.values)
        self._touch()
        return found

    def find(self, view_id: str, external_id: str) -> OpenView:
        """The open view with this id; not_found once it was closed."""
        for one in self.views.values():
            if one.is_open and (one.id == view_id if view_id else one.view.get("external_id") == external_id):
                return one
        raise Refused("not_found")

    def top(self, screen: str) -> OpenView | None:
        """What the person has in front of them; a screen is a user id, with a device after it if they have several."""
        stack = self.stacks.get(screen)
        return stack[-1] if stack else None

    def close_top(self, screen: str) -> OpenView | None:
        """The top view is gone; the one below shows again."""
        stack = self.stacks.get(screen, [])
        if not stack:
            return None
        closed = stack.pop()
        closed.is_open = False
        self._touch()
        return closed

    def close_one(self, opened: OpenView) -> None:
        """This view is gone, wherever it stands in its stack."""
        self.stacks[opened.screen].remove(opened)
        opened.is_open = False
        self._touch()

    def close_all(self, screen: str) -> list[OpenView]:
        """The whole stack is gone."""
        stack = self.stacks.pop(screen, [])
        for one in stack:
            one.is_open = False
        self._touch()
        return stack

    def publish_home(self, user: str, view: Json) -> OpenView:
        """The person's App Home shows this."""
        self._demand_view(view)
        held, view = self.homes.get(user), self._named(view)
        view_id = held.id if held else self._new_id("V")
        made = OpenView(view_id, user, view, self._new_hash(), view_id, screen=user, values=elements.values_of(view))
        self.homes[user] = made
        self._touch()
        return made

    def _new(
        self, user: str, view: Json, *, screen: str, below: OpenView | None = None, root: OpenView | None = None
    ) -> OpenView:
        view_id = self._new_id("V")
        view = self._named(view)
        made = OpenView(
            id=view_id,
            user=user,
            view=view,
            hash=self._new_hash(),
            root_id=root.id if root else view_id,
            previous_id=below.id if below else "",
            screen=screen,
            values=elements.values_of(view),
        )
        self.views[view_id] = made
        self._touch()
        return made

    def _named(self, view: Json) -> Json:
        """The view with a block_id for every block that came without one."""
        return {**view, "blocks": elements.named(view["blocks"], self._new_id)}

    def _new_hash(self) -> str:
        return f"{int(self._clock().timestamp())}.{secrets.token_hex(4)}"

    def _demand_view(self, view: Json, *, instead_of: OpenView | None = None) -> None:
        demand(problems_of_view(view))
        external = view.get("external_id")
        for one in self.views.values():
            if external and one.is_open and one is not instead_of and one.view.get("external_id") == external:
                raise Refused("duplicate_external_id")
