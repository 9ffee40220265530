"""Where our client's calls go, whatever ids, lists and addresses it is given."""

from collections.abc import Callable

import httpx
import pytest
from pydantic import SecretStr

from bot.polytomic.client import PolytomicClient

Tapped = Callable[[object], tuple[PolytomicClient, list[httpx.Request]]]


@pytest.fixture(name="tapped")
def _tapped() -> Tapped:
    """Makes a client whose calls are all kept and all answered alike."""

    def make(data: object) -> tuple[PolytomicClient, list[httpx.Request]]:
        sent: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            return httpx.Response(200, json={"data": data})

        transport = httpx.MockTransport(answer)
        url = "https://host.example/poly/"
        return PolytomicClient(url, SecretStr("the-key"), version="2024-02-08", transport=transport), sent

    return make


async def test_an_id_stays_one_segment_of_the_path(tapped: Tapped) -> None:
    """Whatever an id holds, the call goes to the endpoint it was meant for."""
    client, sent = tapped({"id": "x-1"})

    await client.model("../syncs/s-1?force=true#x y%2F")
    await client.aclose()

    assert b"/poly/api/models/..%2Fsyncs%2Fs-1%3Fforce%3Dtrue%23x%20y%252F" == sent[0].url.raw_path


@pytest.mark.parametrize("missing", ["", ".", ".."])
async def test_a_missing_id_is_a_mistake_of_ours(tapped: Tapped, missing: str) -> None:
    """An empty id would make one thing's path the path of all things: nothing is sent."""
    client, sent = tapped({})

    with pytest.raises(ValueError, match="an id is missing"):
        await client.delete_model(missing)
    await client.aclose()

    assert [] == sent


@pytest.mark.parametrize("nobody", [[], (), "", "0035g00000AbCdEAAV"], ids=repr)
async def test_no_run_without_a_list_of_people(tapped: Tapped, nobody: list[str]) -> None:
    """Without identities a run moves everybody the query returns, so such a run is never asked for."""
    client, sent = tapped({"id": "e-1"})

    with pytest.raises(ValueError, match="source values"):
        await client.start("s-1", nobody, key="a-key-of-ours")
    await client.aclose()

    assert [] == sent


async def test_a_base_address_keeps_its_path(tapped: Tapped) -> None:
    """A self-hosted Polytomic may live under a path."""
    client, sent = tapped([])

    await client.connections()
    await client.aclose()

    assert "https://host.example/poly/api/connections" == str(sent[0].url)
    assert "https://host.example/poly" == client.home
