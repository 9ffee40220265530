"""Background work: held until it ends, one path for what goes wrong, and drained at the end."""

import asyncio
import gc
import itertools

from structlog.testing import capture_logs

from bot.background import Background


async def nothing(_: BaseException) -> None:
    """Nobody has to be told."""


async def test_work_goes_on_though_nobody_holds_it() -> None:
    """The garbage collector takes tasks that only the event loop knows."""
    background, done = Background(), asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.set()

    background.start(work(), on_error=nothing)
    gc.collect()
    await asyncio.wait_for(done.wait(), 1)


async def test_what_a_crowd_sets_off_begins_one_by_one() -> None:
    """In its order, never two in one turn of the loop: whatever is answered meanwhile need not wait for all of it."""
    background, begun = Background(), list[int]()

    async def work(number: int) -> None:
        begun.append(number)

    for number in range(5):
        background.start(work(number), on_error=nothing)
    counts = [0]
    while len(begun) < 5:
        await asyncio.sleep(0)
        counts.append(len(begun))
    assert [0, 1, 2, 3, 4] == begun
    assert 1 == max(after - before for before, after in itertools.pairwise(counts))


async def test_what_it_raises_is_handed_on() -> None:
    """To the one who knows whom to tell."""
    background, told = Background(), list[BaseException]()

    async def work() -> None:
        raise ValueError("broken")

    async def tell(error: BaseException) -> None:
        told.append(error)

    background.start(work(), on_error=tell)
    await background.drain(1)
    assert ["broken"] == [str(error) for error in told]


async def test_when_even_telling_fails_the_log_has_both() -> None:
    """The last resort: nothing disappears."""
    background = Background()

    async def work() -> None:
        raise ValueError

    async def tell(_: BaseException) -> None:
        raise OSError

    with capture_logs() as logged:
        background.start(work(), on_error=tell)
        await background.drain(1)
    assert ["background.failed"] == [event["event"] for event in logged]
    error = logged[0]["exc_info"]
    assert (OSError, ValueError) == (type(error), type(error.__context__))


async def test_draining_waits_for_what_work_starts_in_turn() -> None:
    """All of it had been promised to somebody."""
    background, ended = Background(), list[str]()

    async def second() -> None:
        await asyncio.sleep(0.01)
        ended.append("second")

    async def first() -> None:
        await asyncio.sleep(0.01)
        background.start(second(), on_error=nothing)
        ended.append("first")

    background.start(first(), on_error=nothing)
    await background.drain(1)
    assert ended == ["first", "second"]


async def test_draining_ends_in_time() -> None:
    """Work that takes too long is cut off and tells nobody, also when it had not even begun."""
    background, ended, told = Background(), list[str](), list[BaseException]()

    async def work() -> None:
        await asyncio.sleep(60)
        ended.append("work")

    async def tell(error: BaseException) -> None:
        told.append(error)

    background.start(work(), on_error=tell)
    await asyncio.sleep(0)
    background.start(work(), on_error=tell)
    await background.drain(0)
    assert ([], []) == (ended, told)
