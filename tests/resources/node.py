"""A whole node in this process, asked over HTTP at a story's time: each act waits until everything that follows has happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services import wiring
from services.start.settings import Settings
from shared.web.session import Links
from tests.privacy.node import Client
from tests.support import Post


class Node:
    """Requests of posts."""

    def __init__(self, client: Client, opened: wiring.Node) -> None:
        self.client, self.opened = client, opened
        self.at = "2021-07-18T16:00:00+08:00"

    def ask(self, method: str, path: str, who: Post, beside: Post | None = None, **more: Any) -> Any:
        """`beside`: the second person, who signs with a token of their own."""
        headers = {"Authorization": f"Bearer {self._token(who)}", "Ortoo-At": self.at}
        headers |= {"Ortoo-Cosigner": f"Bearer {self._token(beside)}"} if beside else {}
        return self.client.request(method, f"/api/{path}", headers=headers, **more)

    def _token(self, who: Post) -> str:
        return str(self.opened.host.principals.mint(who.actor, (who.role,), who.division))

    def post(self, path: str, who: Post, **body: Any) -> Any:
        """Answered, whatever the answer is."""
        return self.ask("POST", path, who, json=body)

    def done(self, path: str, who: Post, **body: Any) -> Any:
        """Accepted, and everything that follows has happened."""
        made = self.post(path, who, **body)
        assert made.status_code == 201, made.text
        self.opened.host.settle()
        return made.json()

    def refused(self, path: str, who: Post, **body: Any) -> tuple[int, str]:
        """The status and the rule."""
        made = self.post(path, who, **body)
        return made.status_code, made.json().get("rule")

    def get(self, path: str, who: Post, **params: Any) -> Any:
        got = self.ask("GET", path, who, params=params)
        assert got.status_code == 200, got.text
        return got.json()

    def types(self, stream: str) -> list[str]:
        """What happened on a stream of resources."""
        return [one.type for one in self.opened.host.history("resources", stream)]


@contextmanager
def running(folder: Path) -> Iterator[Node]:
    opened = wiring.open_node(Settings(folder, "150000", story_clock=True))
    client = Client(opened.app(Links()))
    try:
        yield Node(client, opened)
    finally:
        client.close()
