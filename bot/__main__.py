"""`python -m bot` and `enroll-flow`: the command line's one door, and its one place for errors and exit codes.

0 done · 1 looked and found a problem · 2 wrong use or misconfigured · 3 `policy explain`: approval needed · 130 Ctrl-C.
What serves never loads Typer.
"""

import gc
import sys
from collections.abc import Sequence

from bot.cli.lasting import lasting
from bot.errors import Misconfigured, PolytomicError

SERVES = ("run", "web", "worker")
"""The commands that serve: they start without Typer, which would weigh on them for as long as they live."""


def main() -> None:
    """The process ends with the exit code of what was asked for; what went wrong is said in words."""
    sys.exit(dispatch(sys.argv[1:]))


def dispatch(arguments: Sequence[str]) -> int:
    """Does what the arguments ask for; returns the exit code."""
    try:
        if arguments[:1] and arguments[0] in SERVES:
            with lasting():
                from bot.cli import serve
            return serve.main(arguments)
        from bot.cli import commands

        return commands.main(arguments)
    except Misconfigured as error:
        return _said(error.words, 2)
    except PolytomicError as error:
        from bot.cli.said import polytomic

        return _said(polytomic(error), 1)
    except KeyboardInterrupt:
        return 130
    finally:
        gc.unfreeze()  # The process may go on without the bot, as one that tests does.


def _said(words: str, code: int) -> int:
    print(words, file=sys.stderr)  # noqa: T201  # the terminal is where this is read
    return code


if __name__ == "__main__":
    main()
