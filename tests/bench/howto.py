"""The how-to's calls, one after the other, by httpx: what an enrollment is without a bot. In a process of its own.

`python -m tests.bench.howto URL KEY`: each line of its input is an enrollment as JSON; the line that answers it says
when it began, when it was over, and what it took. Beside the how-to's steps 3, 5 and 6 it starts the run, looks at it
once it has ended, and makes the sync inactive: what it takes for these people to be in the flow, and nobody else ever.
"""

import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Asked:
    """One enrollment: whom the query finds, and where they go. `pause` is waited before the run is looked at."""

    name: str
    sql: str
    people: list[str]
    snowflake_id: str
    gong_id: str
    flow_id: str
    pause: float


def main() -> int:
    """Every line of the input was answered."""
    url, key = sys.argv[1:]
    headers = {"Authorization": f"Bearer {key}", "X-Polytomic-Version": "2025-09-18"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        for line in sys.stdin:
            asked = Asked(**json.loads(line))
            began, cpu = datetime.now(UTC), time.process_time()
            _enroll(client, asked)
            print(json.dumps([began.isoformat(), datetime.now(UTC).isoformat(), time.process_time() - cpu]), flush=True)
    return 0


def written(asked: Asked) -> bytes:
    """The line that asks for this enrollment."""
    return json.dumps(asdict(asked)).encode() + b"\n"


def read(line: bytes) -> tuple[datetime, datetime, float]:
    """When the enrollment that this line answers began, when it was over, and the seconds of a core that it took."""
    began, ended, cpu = json.loads(line)
    return datetime.fromisoformat(began), datetime.fromisoformat(ended), cpu


def _enroll(client: httpx.Client, asked: Asked) -> None:
    configuration = {"query": asked.sql}
    model = _post(client, "/api/models", name=asked.name, connection_id=asked.snowflake_id, configuration=configuration)
    fields = client.get(f"/api/connections/{asked.gong_id}/modelsync/target/fields", params={"target": asked.flow_id})
    fields.raise_for_status()
    sync = _post(client, "/api/syncs", **_sync(asked, model["id"], model["fields"][0]["name"]))
    run = _post(client, f"/api/syncs/{sync['id']}/executions", identities=asked.people)
    time.sleep(asked.pause)
    looked = client.get(f"/api/syncs/{sync['id']}/executions/{run['id']}").raise_for_status().json()["data"]
    if looked["status"] != "completed" or looked["counts"]["error"]:
        raise RuntimeError(f"the run is {looked['status']} with {looked['counts']}")
    _post(client, f"/api/syncs/{sync['id']}/activate", active=False)


def _sync(asked: Asked, model_id: str, field: str) -> dict[str, Any]:
    return {
        "name": asked.name,
        "mode": "updateOrCreate",
        "identity": {"source": {"model_id": model_id, "field": field}, "target": "Id", "function": "Equality"},
        "fields": [],
        "schedule": {"frequency": "manual"},
        "target": {"connection_id": asked.gong_id, "object": asked.flow_id},
        "active": True,
    }


def _post(client: httpx.Client, path: str, **body: Any) -> Any:
    return client.post(path, json=body).raise_for_status().json()["data"]


if __name__ == "__main__":
    raise SystemExit(main())
