"""The Slack app's manifest: Slack takes it, and it asks for what the bot uses and no more."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

import handlers
from bot import web
from bot.cli import manifest
from bot.errors import Misconfigured
from bot.sandbox import offered
from bot.views import ids

SCHEMA = json.loads((Path(__file__).parent / "slack-manifest.schema.json").read_text(encoding="utf-8"))
ADDRESS = "https://enroll.example.org"


def read(text: str) -> dict[str, Any]:
    """The manifest as Slack reads it."""
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@pytest.fixture(params=["kept", "http", "socket"])
def variant(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each manifest that somebody may paste."""
    return read(
        {
            "kept": manifest.source,
            "http": lambda: manifest.over_http(ADDRESS),
            "socket": manifest.over_socket,
        }[request.param]()
    )


def test_slack_takes_every_variant(variant: dict[str, Any]) -> None:
    """Slack's own schema has nothing to say against it."""
    assert [] == [error.message for error in Draft7Validator(SCHEMA).iter_errors(variant)]


def test_schema_refuses_a_slip(variant: dict[str, Any]) -> None:
    """A misspelled key would be noticed."""
    variant["features"]["slash_comands"] = variant["features"].pop("slash_commands")
    assert not Draft7Validator(SCHEMA).is_valid(variant)


def test_scopes_are_the_least_that_work(variant: dict[str, Any]) -> None:
    """Nine scopes, each for something the bot does; nothing that reads a channel's messages or writes unasked."""
    scopes = [
        "commands",
        "chat:write",
        "im:write",
        "users:read",
        "usergroups:read",
        "files:read",
        "files:write",
        "channels:read",
        "groups:read",
    ]
    assert {"bot": scopes} == variant["oauth_config"]["scopes"]
    assert tuple(scopes) == manifest.scopes()


def test_people_find_the_same_doors(variant: dict[str, Any]) -> None:
    """The command, the shortcut and the Home tab are there whichever way Slack talks to the bot."""
    command = variant["features"]["slash_commands"][0]
    assert ("/enroll-flow", "Enroll the contacts of a query into a Gong flow", False) == (
        command["command"],
        command["description"],
        command["should_escape"],
    )
    shortcut = variant["features"]["shortcuts"][0]
    assert ("Enroll contacts", "global", "enroll_contacts") == (
        shortcut["name"],
        shortcut["type"],
        shortcut["callback_id"],
    )
    assert ["app_home_opened"] == variant["settings"]["event_subscriptions"]["bot_events"]
    assert variant["features"]["app_home"]["home_tab_enabled"]


def test_the_doors_are_those_that_are_listened_at(variant: dict[str, Any]) -> None:
    """The manifest, the ids and the listeners tell one story."""
    features = variant["features"]
    assert [ids.COMMAND] == [command["command"] for command in features["slash_commands"]]
    assert [ids.SHORTCUT] == [shortcut["callback_id"] for shortcut in features["shortcuts"]]
    heard = re.findall(r'app\.event\("(\w+)"\)', inspect.getsource(handlers.register))
    assert heard == variant["settings"]["event_subscriptions"]["bot_events"]


def test_every_address_is_the_bots() -> None:
    """Over HTTP the command, the events, the presses and the flow list all reach the given address."""
    found = read(manifest.over_http(f"{ADDRESS}/"))
    settings = found["settings"]
    addresses = [
        found["features"]["slash_commands"][0]["url"],
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
        settings["interactivity"]["message_menu_options_url"],
    ]
    assert [f"{ADDRESS}{web.SLACK_PATH}"] * 4 == addresses
    assert "example.com" not in manifest.over_http(ADDRESS)


def test_socket_mode_names_no_address() -> None:
    """In Socket Mode the bot calls Slack, so there is nothing to reach."""
    text = manifest.over_socket()
    assert "https://" not in text
    assert read(text)["settings"]["socket_mode_enabled"] is True
    assert read(text)["settings"]["interactivity"] == {"is_enabled": True}


def test_an_address_slack_cannot_use_is_refused() -> None:
    """Slack calls https addresses only, and the words say so."""
    with pytest.raises(Misconfigured) as refusal:
        manifest.over_http("bot.example.org")
    assert "--url must start with https://, got “bot.example.org”." == refusal.value.words


def test_the_sandbox_offers_what_the_manifest_says() -> None:
    """The name, the command and the shortcut that people find in its workspace."""
    offer = offered.read(manifest.source())
    assert "Enroll Flow" == offer.name
    assert [("/enroll-flow", "[help | status | cancel | connect | stop | resume]")] == [
        (one.command, one.usage_hint) for one in offer.commands
    ]
    assert [("Enroll contacts", "enroll_contacts", "global")] == [
        (one.name, one.callback_id, one.type) for one in offer.shortcuts
    ]
    assert all([*(one.description for one in offer.commands), *(one.description for one in offer.shortcuts)])
