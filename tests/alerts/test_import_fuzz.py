"""Broken bodies against the whole node: the answer is never a 5xx, and what was taken in is in the log."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import httpx

from services.start.settings import Settings
from services.wiring import open_node
from shared.eventlog.verify import verify
from shared.web.session import Links
from tests.alerts.formats.test_fuzz import BODIES, broken

TYPES = ("application/cap+xml", "application/xml", "application/json", "application/atom+xml; charset=gbk", "text/plain", "")
AT_ONCE = 32


async def answers(folder: Path) -> Counter[tuple[int, str]]:
    """Send every body through the app and count status and outcome."""
    node = open_node(Settings(folder, "150000"))
    app = node.app(Links())
    token = node.host.principals.mint("FUZZ", ("SYS",), "150000")
    node.host.attach(asyncio.get_running_loop())
    node.host.start()
    seen: Counter[tuple[int, str]] = Counter()
    numbers = iter(range(BODIES))

    async def send(client: httpx.AsyncClient) -> None:
        for n in numbers:
            dice = random.Random(n)
            headers = {"content-type": dice.choice(TYPES), "authorization": f"Bearer {token}"}
            answer = await client.post("/api/alerts/imports", content=broken(dice), headers=headers)
            assert answer.status_code < 500, (n, answer.status_code, answer.text)
            seen[answer.status_code, answer.json().get("outcome") or answer.json()["code"]] += 1

    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node") as client:
            await asyncio.gather(*[send(client) for _ in range(AT_ONCE)])
        assert verify(node.host.running["alerts"].log).fault is None
    finally:
        await asyncio.to_thread(node.host.stop)
    return seen


def test_no_broken_body_makes_the_node_fail(tmp_path: Path) -> None:
    seen = asyncio.run(answers(tmp_path))
    assert sum(seen.values()) == BODIES
    assert {status for status, _ in seen} <= {200, 201, 202, 400}, seen
    assert seen[201, "accepted_with_faults"] and seen[202, "quarantined"], seen
