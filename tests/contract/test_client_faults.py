"""What our client makes of a Polytomic that fails, and that no fault makes anything happen twice."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from bot.errors import (
    PolytomicAway,
    PolytomicBusy,
    PolytomicError,
    PolytomicLockedOut,
    PolytomicOddAnswer,
    PolytomicRefused,
)
from bot.polytomic.client import PolytomicClient
from bot.polytomic.retry import Again, decide
from tests.contract.client_stage import NAME, SQL, Stage, staged

PEOPLE = ["0035g00000AbCdEAAV", "0035g00000AbCdFAAV"]


@pytest.fixture(name="stage")
async def _stage() -> AsyncIterator[Stage]:
    async with staged(timeout=1.0) as stage:
        yield stage


async def _create_model(stage: Stage, connection_id: str, key: str = "stage-model") -> str:
    answer = await stage.client.create_model(NAME, connection_id, SQL, key=key)
    assert answer.model
    return answer.model.id


async def _made(stage: Stage, connection_id: str) -> str:
    """The model's id, once the first call under its key is no longer in flight."""
    while True:
        try:
            return await _create_model(stage, connection_id)
        except PolytomicBusy:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("fault", ["cut_before", "act_then_cut", "act_then_slow", "slow"])
async def test_a_call_without_an_answer_is_made_again_under_its_key(stage: Stage, fault: str) -> None:
    """Whether it happened or not, the same key makes it happen once."""
    snowflake = await stage.snowflake()
    stage.world.faults.next("create_model", fault, seconds=1.3)  # type: ignore[arg-type]

    with pytest.raises(PolytomicAway) as caught:
        await _create_model(stage, snowflake.id)
    assert Again.SAME_KEY is decide(caught.value)

    assert [await _made(stage, snowflake.id)] == [model.id for model in stage.world.models]


async def test_a_recorded_500_is_looked_into_first(stage: Stage) -> None:
    """The same key gets the same 500 again; what was made is found by its name."""
    snowflake = await stage.snowflake()
    stage.world.faults.next("create_model", "act_then_500")

    for _ in range(2):
        with pytest.raises(PolytomicAway) as caught:
            await _create_model(stage, snowflake.id)
        assert Again.LOOK_FIRST is decide(caught.value)
    found = await stage.client.find_model(NAME)

    assert found
    assert [found.id] == [model.id for model in stage.world.models]


async def test_a_500_before_anything_happened(stage: Stage) -> None:
    """Nothing is found by its name, so a new key makes it."""
    snowflake = await stage.snowflake()
    stage.world.faults.next("create_model", "refuse", status=503)

    with pytest.raises(PolytomicAway):
        await _create_model(stage, snowflake.id)
    assert await stage.client.find_model(NAME) is None
    model_id = await _create_model(stage, snowflake.id, key="stage-model-2")

    assert [model_id] == [model.id for model in stage.world.models]


async def test_a_locked_key_and_a_limit_are_waited_for(stage: Stage) -> None:
    """409 for the key is answered by the same key again, 429 by a look and a new one; both say how long to wait."""
    snowflake = await stage.snowflake()
    stage.world.faults.next("create_model", "locked")
    stage.world.faults.next("create_model", "busy", retry_after=7)
    waits = []
    for again in (Again.SAME_KEY, Again.LOOK_FIRST):
        with pytest.raises(PolytomicBusy) as caught:
            await _create_model(stage, snowflake.id)
        assert again is decide(caught.value)
        waits.append(caught.value.retry_after)

    assert [1, 7] == waits
    assert await _create_model(stage, snowflake.id)


async def test_a_second_run_is_refused_and_the_first_is_found(stage: Stage) -> None:
    """A run that goes is told from a key that is locked, and the status leads to it."""
    sync = await stage.sync()
    stage.world.switches.run_ends = "never"
    run = await stage.client.start(sync.id, PEOPLE, key="stage-run")
    assert run.id == (await stage.client.start(sync.id, PEOPLE, key="stage-run")).id

    with pytest.raises(PolytomicRefused) as caught:
        await stage.client.start(sync.id, PEOPLE, key="stage-run-2")

    assert 409 == caught.value.status
    going = (await stage.client.status(sync.id)).current
    assert going
    assert (run.id, 1) == (going.id, len(await stage.client.executions(sync.id)))


async def test_a_run_is_canceled(stage: Stage) -> None:
    """Canceling is a wish; the status tells when it came true."""
    sync = await stage.sync()
    stage.world.switches.run_ends = "never"
    run = await stage.client.start(sync.id, PEOPLE, key="stage-run")

    await stage.client.cancel(sync.id, key="stage-cancel")

    assert "canceled" == (await stage.ended(sync, run)).status


async def test_a_start_that_was_cut_off_is_one_run(stage: Stage) -> None:
    """The run that nobody heard of is the run that the same key gets."""
    sync = await stage.sync()
    stage.world.faults.next("start", "act_then_cut")

    with pytest.raises(PolytomicAway):
        await stage.client.start(sync.id, PEOPLE, key="stage-run")
    run = await stage.client.start(sync.id, PEOPLE, key="stage-run")

    assert [run.id] == [each.id for each in await stage.client.executions(sync.id)]


@pytest.mark.parametrize("version", ["2024-02-08", "2025-09-18"])
async def test_a_wrong_key_locks_out(stage: Stage, version: str) -> None:
    """Both shapes of the 401 are one leaf."""
    stranger = PolytomicClient(stage.url, SecretStr("not-the-key"), version=version)

    with pytest.raises(PolytomicLockedOut, match="GET /api/me: locked out with 401"):
        await stranger.me()
    await stranger.aclose()


@pytest.mark.parametrize(
    ("leaf", "fault"), [(PolytomicOddAnswer, "odd"), (PolytomicOddAnswer, "null"), (PolytomicRefused, "refuse")]
)
async def test_an_odd_answer_and_a_refusal_are_given_up(stage: Stage, leaf: type[PolytomicError], fault: str) -> None:
    """Nothing else is done on the strength of either."""
    snowflake = await stage.snowflake()
    stage.world.faults.next("create_model", fault, status=422, message="no")  # type: ignore[arg-type]

    with pytest.raises(PolytomicError) as caught:
        await _create_model(stage, snowflake.id)

    assert (leaf, Again.GIVE_UP) == (type(caught.value), decide(caught.value))


async def test_wrong_credentials_are_refused_without_being_repeated(stage: Stage) -> None:
    """Snowflake's words reach the person; the password is nowhere."""
    wrong = {"account": "a", "username": "u", "password": SecretStr("wrong"), "dbname": "d"}

    with pytest.raises(PolytomicRefused) as caught:
        await stage.client.create_connection("Snowflake", "snowflake", wrong, key="stage-wrong")

    assert (422, True) == (caught.value.status, "Incorrect username" in caught.value.message)
    assert "Incorrect" not in f"{caught.value}{caught.value!r}"


async def test_nobody_listens() -> None:
    """A refused connection is an answer that never came."""
    client = PolytomicClient("http://127.0.0.1:1", SecretStr("sandbox"), version="2024-02-08", timeout=1)

    with pytest.raises(PolytomicAway, match="GET /api/me: ConnectError"):
        await client.me()
    await client.aclose()
