"""What the operators of the sandbox allow whoever tries it by hand. A bot without a policy file allows any number."""

from pathlib import Path

POLICY = Path(__file__).with_name("policy.toml")
