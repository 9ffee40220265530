"""What a connection of each type is configured with, as the JSON Schema that Polytomic publishes, shortened."""

from bot.sandbox.polytomic.answers import Json

_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def _text(title: str, *, secret: bool = False) -> Json:
    return {"type": "string", "title": title} | ({"sensitive": True} if secret else {})


CONFIGURATION: dict[str, Json] = {
    "snowflake": {
        "$schema": _SCHEMA,
        "title": "Snowflake connection",
        "type": "object",
        "required": ["account", "username", "dbname"],
        "properties": {
            "account": _text("Account"),
            "username": _text("Username"),
            "password": _text("Password", secret=True),
            "dbname": _text("Database"),
            "warehouse": _text("Warehouse"),
            "params": _text("Additional parameters"),
            "key_pair_auth": {"type": "boolean", "default": False, "title": "Key pair authentication"},
            "private_key": _text("Private key", secret=True),
            "private_key_passphrase": _text("Passphrase", secret=True),
        },
    },
    "gong": {
        "$schema": _SCHEMA,
        "title": "Gong connection",
        "type": "object",
        "required": ["auth_method"],
        "properties": {
            "auth_method": {"type": "string", "enum": ["token", "oauth"], "default": "token"},
            "access_key": _text("Access key", secret=True),
            "access_secret": _text("Access secret", secret=True),
            "subdomain": _text("Subdomain"),
        },
    },
}

CAPABILITIES: dict[str, Json] = {
    "snowflake": {
        "use_oauth": False,
        "capabilities": {
            "source": True, "destination": True, "enrichment": False, "logging": False, "orchestration": False
        },
    },
    "gong": {
        "use_oauth": True,
        "capabilities": {
            "source": True, "destination": True, "enrichment": False, "logging": False, "orchestration": False
        },
    },
}  # fmt: skip
