"""What users of Polytomic's SDK write: one status call per run, again and again. In a process of its own.

`python -m tests.bench.polling URL KEY SECONDS`: its first line of input names the syncs; each is asked for once in so
many seconds, one after the other over one connection, until the input ends.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence

import httpx


def main() -> int:
    """The input has ended."""
    url, key, seconds = sys.argv[1:]
    syncs: list[str] = json.loads(sys.stdin.readline())
    threading.Thread(target=_poll, args=(url, key, float(seconds), syncs), daemon=True).start()
    sys.stdin.read()
    return 0


def _poll(url: str, key: str, seconds: float, syncs: Sequence[str]) -> None:
    headers = {"Authorization": f"Bearer {key}", "X-Polytomic-Version": "2025-09-18"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        while True:
            began = time.monotonic()
            for sync in syncs:
                client.get(f"/api/syncs/{sync}/status").raise_for_status()
            time.sleep(max(began + seconds - time.monotonic(), 0))


if __name__ == "__main__":
    raise SystemExit(main())
