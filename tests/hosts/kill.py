"""`kill -9` of a real node under load: `python -m tests.hosts.kill --runs 5 [--seed N]`.

Nothing that was answered may be missing, and nothing may be there twice.
"""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from tests.support import AUTHOR, DUTY, HEAD_OFFICE, ORTOO, Node, Post, cap, draft, environment, ortoo, started

RUNS_IN_A_FOLDER = 5  # then an empty one again: first starts are killed too
LOAD_S = (0.2, 1.5)
PAGE = 100


@dataclass(slots=True)
class Asked:
    """One command of one client: what it said, and what it was told."""

    key: str
    name: str  # of the warning or the message
    who: Post
    request: dict[str, Any]
    answers: list[dict[str, Any]] = field(default_factory=list)


class Broken(AssertionError):
    """Something answered is missing, or something is there twice."""


class Load:
    """Clients that send one command after the other, each under a key of its own, until the node is gone."""

    def __init__(self, run: str, random: Random) -> None:
        self.asked: list[Asked] = []
        self._faults: list[Broken] = []
        self._run, self._drafts = run, random.random()
        self._threads = random.randrange(1, 9)

    def until_killed(self, node: Node, after_s: float) -> None:
        clients = [threading.Thread(target=self._client, args=(node, n)) for n in range(self._threads)]
        for client in clients:
            client.start()
        time.sleep(after_s)
        node.process.kill()
        for client in clients:
            client.join(30)
        node.process.wait(10)
        if self._faults:
            raise self._faults[0]

    def _client(self, node: Node, client: int) -> None:
        random = Random(f"{self._run}.{client}")
        with httpx.Client(base_url=node.url, timeout=20) as http:
            for n in range(100_000):
                asked = self._next(f"{self._run}-{client}-{n}", random)
                self.asked.append(asked)
                try:
                    send(http, node, asked)
                except httpx.TransportError:
                    return
                except Broken as fault:
                    self._faults.append(fault)
                    return

    def _next(self, name: str, random: Random) -> Asked:
        if random.random() < self._drafts:
            return Asked(f"key-{name}", f"AL-{name}", AUTHOR, {"url": "/api/alerts/alerts", "json": draft(alert=f"AL-{name}")})
        xml = {"url": "/api/alerts/imports", "content": cap(f"EX-{name}"), "headers": {"Content-Type": "application/cap+xml"}}
        return Asked(f"key-{name}", f"EX-{name}", DUTY, xml)


def send(http: httpx.Client, node: Node, asked: Asked) -> None:
    """Send a command, again if need be; a refusal is a fault here."""
    headers = {**node.signed(asked.who), "Idempotency-Key": asked.key, **asked.request.get("headers", {})}
    answer = http.post(**{**asked.request, "headers": headers})
    if answer.status_code not in (200, 201):
        raise Broken(f"{asked.name}: {answer.status_code} {answer.text}")
    asked.answers.append(answer.json())


@contextmanager
def restarted(folder: Path, random: Random) -> Iterator[Node]:
    """Start on what is left; now and then that start is killed too."""
    if random.random() < 0.3:
        process = subprocess.Popen([ORTOO, "serve"], env=environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(random.uniform(0.1, 2.5))
        process.kill()
        process.wait(10)
    with started(folder) as node:
        yield node


def check(node: Node, before: list[Asked], load: Load, random: Random) -> str:
    """Retry what was not answered, repeat some that were, then count everything."""
    open_ = [asked for asked in load.asked if not asked.answers]
    again = random.sample([asked for asked in load.asked if asked.answers], min(20, len(load.asked) - len(open_)))
    with httpx.Client(base_url=node.url, timeout=20) as http:
        for asked in (*open_, *again):
            send(http, node, asked)
    everything = [*before, *load.asked]
    told = [_same(asked) for asked in everything]
    verdict = ortoo(node.folder, "log", "verify", timeout=120)
    if verdict.returncode:
        raise Broken(verdict.stdout + verdict.stderr)
    _stored_once(node, everything)
    shown = Counter(row["id"] for row in _listed(node, max(answer["position"] for answer in told)))
    if shown.total() != len(everything) or max(shown.values()) > 1:
        raise Broken(f"{len(everything)} warnings were asked for, {shown.total()} are listed, most often {shown.most_common(1)}")
    stored = sum(asked.answers[0]["outcome"] == "repeated" for asked in open_)
    return (
        f"{len(load.asked) - len(open_)} answered before the kill and all there; {len(open_)} not answered, "
        f"{stored} of them stored and {len(open_) - stored} not; {len(everything)} warnings in all, none twice"
    )


def _same(asked: Asked) -> dict[str, Any]:
    first, *others = [{key: value for key, value in answer.items() if key != "outcome"} for answer in asked.answers]
    if any(other != first for other in others):
        raise Broken(f"{asked.name} was told {asked.answers}")
    if sum(answer["outcome"] != "repeated" for answer in asked.answers) > 1:
        raise Broken(f"{asked.name} was accepted twice")
    return asked.answers[0]


def _stored_once(node: Node, everything: list[Asked]) -> None:
    by_command: dict[str, list[dict[str, Any]]] = {}
    for event in _events(node):
        by_command.setdefault(event["causationid"], []).append(event)
    for asked in everything:
        answer = asked.answers[0]
        events = by_command.get(answer["command"], [])
        if [event["type"] for event in events] != answer["events"] or events[-1]["position"] != answer["position"]:
            raise Broken(f"{asked.name} was answered {answer}; stored is {[(e['type'], e['position']) for e in events]}")


def _events(node: Node) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        page = node.get("/api/events", HEAD_OFFICE, limit=2_000, type="alerts", **({"after": after} if after else {}))
        after = page.headers["Ortoo-Vector"]
        if not page.json():
            return
        yield from page.json()


def _listed(node: Node, position: int) -> Iterator[dict[str, Any]]:
    node.settle(f"150000.alerts:{position}", "/api/alerts/alerts", HEAD_OFFICE)
    before: dict[str, Any] = {}
    while True:
        page = node.get("/api/alerts/alerts", HEAD_OFFICE, limit=PAGE, **before).json()
        yield from page["items"]
        if page["next"] is None:
            return
        before = {"before": page["next"]}


def one_folder(folder: Path, first: int, runs: int, seed: int) -> None:
    """Several runs over one folder, each on what the one before left. Prints a line for each."""
    before: list[Asked] = []
    for run in range(first, first + runs):
        random = Random(f"{seed}.{run}")
        load, began = Load(f"{seed}.{run}", random), time.monotonic()
        after_s = random.uniform(*LOAD_S)
        with started(folder) as node:
            load.until_killed(node, after_s)
        with restarted(folder, random) as node:
            said = check(node, before, load, random)
        before += load.asked
        print(f"run {run + 1}: killed after {after_s:.2f} s: {said} ({time.monotonic() - began:.1f} s)", flush=True)


def kill(runs: int, seed: int) -> None:
    """So many runs. Raises Broken at the first fault."""
    for first in range(0, runs, RUNS_IN_A_FOLDER):
        with tempfile.TemporaryDirectory(prefix="ortoo-kill-") as folder:
            one_folder(Path(folder) / "data", first, min(RUNS_IN_A_FOLDER, runs - first), seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    given = parser.parse_args()
    print(f"{given.runs} runs, seed {given.seed}", flush=True)
    kill(given.runs, given.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
