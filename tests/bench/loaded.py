"""The bot, with what it has loaded written down when it ends: `python -m tests.bench.loaded FILE run --port 3000`."""

import sys
from collections.abc import Sequence
from pathlib import Path

from bot import __main__

_OURS = {"bot", "handlers", "tests"}


def read(path: Path) -> Sequence[str]:
    """The libraries' modules, in the order in which their loading began."""
    return path.read_text().splitlines()


def write(path: Path) -> None:
    """Every module that can be imported by its name and is not ours, as far as it is loaded by now."""
    loaded = ((name, getattr(module, "__spec__", None)) for name, module in sys.modules.items())
    named = [name for name, spec in loaded if spec is not None and spec.name == name]
    path.write_text("\n".join(name for name in named if name.partition(".")[0] not in _OURS))


if __name__ == "__main__":
    try:
        sys.exit(__main__.dispatch(sys.argv[2:]))
    finally:
        write(Path(sys.argv[1]))
