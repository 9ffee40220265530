"""Recorded answers from a process of its own, which does nothing else: `python -m tests.bench.recorded FILE`.

What the sandbox's Polytomic would do for an answer takes longer than what its clients do with it, and would hide how
they differ. So its answers are recorded, and given again byte for byte over real sockets.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from aiohttp import web

from bot.sandbox.serve import HOST


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is answered to one method and path, whatever else the request has."""

    method: str
    path: str
    answer: str


@asynccontextmanager
async def answering(answers: Sequence[Recorded], folder: Path) -> AsyncIterator[str]:
    """The address at which these are answered; the process ends with the block."""
    file = folder / "answers.json"
    file.write_text(json.dumps([astuple(one) for one in answers]))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, str(file)), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield f"http://{HOST}:{int(await process.stdout.readline())}"
    finally:
        process.terminate()
        await process.wait()


async def _serve(answers: Sequence[Recorded]) -> None:
    app = web.Application(client_max_size=0)
    app.add_routes([web.route(one.method, one.path, _answer(one.answer)) for one in answers])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def _answer(text: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    body = text.encode()

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=body, content_type="application/json")

    return answer


if __name__ == "__main__":
    asyncio.run(_serve([Recorded(*one) for one in json.loads(Path(sys.argv[1]).read_text())]))
