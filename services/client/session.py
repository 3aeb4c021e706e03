"""Speaking to one node as many people: tokens, keys, the story's clock, and the events that came meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from services.client.expect import TYPE
from services.client.openapi import Answer, Api

REAL = "real"


class Mint(Protocol):
    """Makes a token with the node's own key; without a division the node's province is meant."""

    def __call__(self, actor: str, role: str, division: str | None, realm: str = REAL) -> str: ...


class Refused(Exception):
    """The node refused what the client itself needs (its clock, its events)."""


class Session:
    """Calls under the story's clock. `reader` is the token under which events and read models are read."""

    def __init__(self, api: Api, mint: Mint, reader: tuple[str, str, str | None]) -> None:
        self.api, self.mint, self.reader = api, mint, reader
        self.cursor: str | None = None  # where the event feed was left
        self.position: str | None = None  # of our last command: reads wait for it
        self._tokens: dict[tuple[str, str, str | None, str], str] = {}

    def token(self, actor: str, role: str, division: str | None, realm: str = REAL) -> str:
        """A token, minted once."""
        key = (actor, role, division, realm)
        if key not in self._tokens:
            self._tokens[key] = self.mint(actor, role, division, realm)
        return self._tokens[key]

    def command(
        self, name: str, arguments: Mapping[str, Any], *, at: str, key: str, token: str | None, cosigner: str | None = None
    ) -> Answer:
        """Send a command under the caller's token."""
        headers = {"Ortoo-At": at, "Idempotency-Key": key}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if cosigner:
            headers["Ortoo-Cosigner"] = f"Bearer {cosigner}"
        answer = self.api.call(name, arguments, headers)
        self.position = answer.headers.get("ortoo-position", self.position)
        return answer

    def query(self, name: str, arguments: Mapping[str, Any], *, at: str) -> Answer:
        """Read as the reader, not before our own last command can be seen."""
        headers = {"Ortoo-At": at, "Authorization": f"Bearer {self.token(*self.reader)}"}
        if self.position:
            headers["Ortoo-Position"] = self.position
        return self.api.call(name, arguments, headers)

    def drain(self, at: str) -> list[Mapping[str, Any]]:
        """Move the clock to `at` and read on to the end of the feed: the CloudEvents since the last call."""
        return list(self._pages(at))

    def _pages(self, at: str) -> Iterator[Mapping[str, Any]]:
        while True:
            answer = self.query("ReadEvents", {"after": self.cursor, "limit": 500}, at=at)
            if not answer.accepted:
                raise Refused(f"ReadEvents at {at}: {answer.status} {answer.get('cure') or answer.get('detail') or answer.body}")
            before, self.cursor = self.cursor, answer.headers["Ortoo-Vector"]  # where it looked to, also when nothing of that may be seen
            yield from answer.body
            if not answer.body and self.cursor == before:
                return

    def published_types(self) -> frozenset[str]:
        """Every event type the node's `/asyncapi.json` names."""
        got = self.api.http.get("/asyncapi.json")
        return frozenset(TYPE.findall(got.text)) if got.is_success else frozenset()


def settled(look: Callable[[], list[str]], seconds: float, pause_s: float = 0.1, sleep: Callable[[float], None] = time.sleep) -> list[str]:
    """Look again and again until there is no fault, or the time is up; the last faults seen."""
    end = time.monotonic() + seconds
    while faults := look():
        if time.monotonic() >= end:
            break
        sleep(pause_s)
    return faults
