"""A node in this process: registry, alerts, privacy, a neighbour that says what a test wants, and a vault of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from services import wiring
from services.privacy.events.record import PersonalDataCollected
from services.start import alerts, compensation, privacy, registry, resources
from services.start.settings import Settings
from shared.handling.pending import Pending, fingerprint
from shared.kernel.commands import Command, Signature, new_id
from shared.vault.personal import Personal
from shared.vault.scope import Scope
from shared.web.permissions import Grant, Permissions, Row
from shared.web.session import Links
from tests.privacy import neighbours
from tests.privacy.neighbours import Say
from tests.support import Post

PARTS = (registry.PART, alerts.PART, neighbours.PART, resources.PART, compensation.PART, privacy.PART)
API = "/api/privacy"
SYSTEM = Signature("SYS.TEST", ("SYS",), "150722", 3)


class Client:
    """Plain requests to an app whose event loop runs in a thread of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._told: asyncio.Queue[Any] = asyncio.Queue()
        started: asyncio.Queue[Any] = asyncio.Queue()
        self._living = asyncio.run_coroutine_threadsafe(self._live(app, started), self._loop)
        self._run(self._told.put({"type": "lifespan.startup"}))
        assert self._run(started.get())["type"] == "lifespan.startup.complete"
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node")

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer: httpx.Response = self._run(self._http.request(method, path, **more))
        return answer

    def close(self) -> None:
        self._run(self._told.put({"type": "lifespan.shutdown"}))
        self._living.result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    async def _live(self, app: ASGIApp, started: asyncio.Queue[Any]) -> None:
        await app({"type": "lifespan", "state": {}}, self._told.get, started.put)

    def _run(self, doing: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(60)


class Node:
    """Requests at a story's time; each waits until everything that follows has happened."""

    def __init__(self, client: Client, opened: wiring.Node, folder: Path) -> None:
        self.client, self.opened, self.folder = client, opened, folder
        self.at = "2021-07-18T08:00:00+08:00"

    def headers(self, who: Post, cosigner: Post | None = None, key: str | None = None) -> dict[str, str]:
        def token(post: Post) -> str:
            return f"Bearer {self.opened.host.principals.mint(post.actor, (post.role,), post.division)}"

        made = {"Authorization": token(who), "Ortoo-At": self.at}
        return made | ({"Ortoo-Cosigner": token(cosigner)} if cosigner else {}) | ({"Idempotency-Key": key} if key else {})

    def post(self, path: str, who: Post, body: Any = None, cosigner: Post | None = None, key: str | None = None) -> Any:
        return self.client.request("POST", f"{API}/{path}", json=body if body is not None else {}, headers=self.headers(who, cosigner, key))

    def done(self, path: str, who: Post, body: Any = None, **more: Any) -> Any:
        made = self.post(path, who, body, **more)
        assert made.status_code in (200, 201), made.text
        self.settle()
        return made.json()

    def get(self, path: str, who: Post, **params: Any) -> Any:
        got = self.client.request("GET", f"{API}/{path}", params=params, headers=self.headers(who))
        assert got.status_code == 200, got.text
        return got.json()

    def settle(self) -> None:
        self.opened.host.settle()

    def say(self, fact: Any) -> None:
        """The neighbour notes this, and everything follows."""
        self.command(Say, "volunteers", fact=fact)

    def command(self, kind: type[Command], service: str = "privacy", **said: Any) -> None:
        """As a policy sends it."""
        told: list[Any] = []
        made = kind(by=SYSTEM, now=datetime.fromisoformat(self.at), **said)
        self.opened.host.submit(service, Pending(new_id(), made, fingerprint(kind.__name__, b""), told.append, fresh=True))
        self.settle()
        assert not isinstance(told[0], BaseException), told

    def ref(self, subject: str, purpose: str = "callup.contact") -> str:
        """Where the vault keeps what is held of a person for a purpose."""
        facts = [one.event for one in self.opened.host.history("privacy", f"person-{subject}")]
        found = next(fact.ref for fact in facts if isinstance(fact, PersonalDataCollected) and fact.purpose == purpose)
        assert found is not None
        return found

    def keep(self, subject: str, ref: str, **values: str) -> None:
        """What the neighbour's edge keeps before its fact."""
        now = datetime.fromisoformat(self.at)
        vault = self.opened.host.vault
        assert vault is not None
        vault.keep(Scope(subject, "register", "register"), ref, {name: Personal(said) for name, said in values.items()}, now)

    def bytes(self) -> bytes:
        """Everything the node has on the disk but the vault's own files."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return b"".join(path.read_bytes() for path in files)


@contextmanager
def running(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    services = tuple(part.service for part in PARTS)
    monkeypatch.setattr(wiring, "PARTS", PARTS)
    monkeypatch.setattr(wiring, "SERVICES", services)
    whole = wiring.permissions

    def allowed() -> Permissions:
        monkeypatch.setattr(wiring, "SERVICES", tuple(one for one in services if one.name != "volunteers"))
        rows = whole().rows
        monkeypatch.setattr(wiring, "SERVICES", services)
        said = Row("Say", "test", "test", (Grant(("SYS",), frozenset(), frozenset({"own", "below", "above", "neighbour", "foreign"})),))
        return Permissions([*rows.values(), said])

    monkeypatch.setattr(wiring, "permissions", allowed)
    opened = wiring.open_node(Settings(folder, "150000", story_clock=True))
    client = Client(opened.app(Links()))
    try:
        yield Node(client, opened, folder)
    finally:
        client.close()
