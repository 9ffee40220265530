"""Where something was measured: the machine, and the versions of whatever takes part."""

import importlib.metadata
import platform
import sqlite3
from pathlib import Path

import psutil

_LIBRARIES = (
    *("aiohttp", "aiosqlite", "h11", "httpx", "polytomic", "procrastinate", "psycopg", "pydantic"),
    *("slack-bolt", "sqlalchemy", "starlette", "uvicorn"),
)


def described() -> dict[str, str]:
    """The machine, the platform, and each version by name."""
    libraries = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    return {
        "machine": f"{psutil.cpu_count()} cores ({_processor()}), {psutil.virtual_memory().total / 1e9:.0f} GB",
        "platform": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **libraries,
    }


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
