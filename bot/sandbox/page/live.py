"""Server-sent events: each window hears of what changed in it, as HTML for one of its regions.

docs: HTML standard, server-sent events.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager

from starlette.responses import StreamingResponse

Regions = Callable[[], Mapping[str, str]]
Beside = Callable[[], Awaitable[None]]
Watch = Callable[[], AbstractContextManager[asyncio.Event]]

# Changes come in bursts: a press is a call, an edit and a message. Later than a person notices, they are one event.
_TOGETHER = 0.01
HEARTBEAT = 15.0


def stream(
    regions: Regions, watch: Watch, *, look_every: float = HEARTBEAT, beside: Beside | None = None
) -> StreamingResponse:
    """Tells the window everything once, and then what changed, within `look_every` seconds also without a sign.

    `beside` is done meanwhile, and no longer than somebody listens.
    """
    events = _events(regions, watch, look_every)
    if beside is not None:
        events = _with(beside, events)
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _with(beside: Beside, events: AsyncIterator[str]) -> AsyncIterator[str]:
    task = asyncio.ensure_future(beside())
    try:
        async for event in events:
            yield event
    finally:
        task.cancel()


async def _events(regions: Regions, watch: Watch, look_every: float) -> AsyncIterator[str]:
    told: dict[str, str] = {}
    with watch() as changed:
        while True:
            changed.clear()
            fresh = regions()
            news = {name: html for name, html in fresh.items() if told.get(name) != html}
            told |= news
            # A comment keeps the line from looking dead.
            yield f"data: {json.dumps(news)}\n\n" if news else ": nothing new\n\n"
            try:
                async with asyncio.timeout(look_every):
                    await changed.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(_TOGETHER)
