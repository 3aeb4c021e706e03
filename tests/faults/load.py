"""Clients that go on whatever happens: what is not answered is asked again under its key, until it is."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Any

import httpx

from tests.support import AUTHOR, DUTY, SECOND, Door, Post, cap, draft

CLIENTS = 4
ASKED = "alerts"  # the service that all of it is asked of
ALERTS = f"/api/{ASKED}"
AGAIN = (429, 502, 503, 504)  # nobody is behind the door, or not now
PATIENCE_S = 180.0  # until what was killed is up again, on a machine that does much else
INCIDENT = {
    "type": "NAT.FLOOD",
    "division": "150722",
    "known_at": "2026-07-18T03:00:00+08:00",
    "text": "road under water",
    "separate": "another road",
}
PAUSE_S = 0.1  # between two commands of a client: a steady load, not a flood


@dataclass(slots=True)
class Asked:
    """One command of one client, and every answer it was given."""

    key: str
    who: Post
    path: str
    body: Any
    answers: list[dict[str, Any]] = field(default_factory=list)
    tries: int = 0

    @property
    def request(self) -> dict[str, Any]:
        if isinstance(self.body, str):
            return {"content": self.body, "headers": {"Content-Type": "application/cap+xml"}}
        return {"json": self.body}


class Load:
    """Drafts, imports, whole warnings, and incidents that other services hear of, from several clients at once, until the block is left."""

    def __init__(self, door: Door, run: str, clients: int = CLIENTS) -> None:
        self.asked: list[Asked] = []
        self.broken: list[str] = []
        self._door, self._run = door, run
        self._over = threading.Event()
        self._clients = [threading.Thread(target=self._client, args=(n,)) for n in range(clients)]

    def __enter__(self) -> Load:
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        for client in self._clients:
            client.join(2 * PATIENCE_S)

    @property
    def answered(self) -> int:
        return sum(bool(asked.answers) for asked in self.asked)

    def go_on(self, more: int, within_s: float = PATIENCE_S) -> None:
        """Wait until so many more commands were answered."""
        until, end = self.answered + more, time.monotonic() + within_s
        while self.answered < until and time.monotonic() < end and not self.broken:
            time.sleep(0.05)
        if self.answered < until:
            raise AssertionError(f"only {self.answered} of {until} commands were answered in {within_s:.0f} s; {self.broken}")

    def repeat(self, some: int, random: Random) -> None:
        """Ask again what was answered: the first answer must come again."""
        with httpx.Client(base_url=self._door.url, timeout=20) as http:
            for asked in random.sample(self.asked, min(some, len(self.asked))):
                self._ask(http, asked)

    def _client(self, client: int) -> None:
        random = Random(f"{self._run}.{client}")
        with httpx.Client(base_url=self._door.url, timeout=20) as http:
            n = 0
            while not self._over.is_set() and not self.broken:
                n += 1
                for asked in self._next(f"{self._run}-{client}-{n}", random):
                    self.asked.append(asked)
                    try:
                        self._ask(http, asked)
                    except AssertionError as fault:
                        self.broken.append(str(fault))
                        return
                    time.sleep(PAUSE_S)

    def _next(self, name: str, random: Random) -> list[Asked]:
        kind = random.choice(("import", "draft", "warning", "incident"))
        if kind == "import":
            return [Asked(f"key-{name}", DUTY, f"{ALERTS}/imports", cap(f"EX-{name}"))]
        if kind == "incident":
            return [Asked(f"key-{name}", DUTY, f"{ALERTS}/incidents", {**INCIDENT, "incident": f"INC-{name}"})]
        alert = f"AL-{name}"
        made = [Asked(f"key-{name}", AUTHOR, f"{ALERTS}/alerts", draft(alert=alert))]
        if kind == "warning":
            steps = ("approval", "publication")
            made += [Asked(f"key-{name}-{step}", SECOND, f"{ALERTS}/alerts/{alert}/{step}", None) for step in steps]
        return made

    def _ask(self, http: httpx.Client, asked: Asked) -> None:
        end = time.monotonic() + PATIENCE_S
        request = asked.request
        headers = {**self._door.signed(asked.who), "Idempotency-Key": asked.key, **request.pop("headers", {})}
        while True:
            asked.tries += 1
            try:
                answer = http.post(asked.path, headers=headers, **request)
            except httpx.TransportError as error:
                said = repr(error)
            else:
                if answer.status_code in (200, 201):
                    asked.answers.append(answer.json())
                    return
                said = f"{answer.status_code} {answer.text[:500]}"
                if answer.status_code not in AGAIN:
                    raise AssertionError(f"{asked.key}: {said}")
            if time.monotonic() > end:
                raise AssertionError(f"{asked.key} was not answered in {PATIENCE_S:.0f} s and {asked.tries} tries; last: {said}")
            time.sleep(0.1)
