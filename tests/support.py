"""A real node as a process, and people who act at it: for every test that asks the edge as a client would."""

from __future__ import annotations

import gc
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from typer.testing import CliRunner

from services.cli import app, minting
from shared.web.principals import Principals
from tests.waiting import PATIENCE_S, until

ORTOO = str(Path(sys.executable).parent / "ortoo")
READY = re.compile(r"^ortoo is ready at (http://\S+) with data in (.+)$", re.MULTILINE)
START_S = 110.0


class Post(NamedTuple):
    """Who acts: a handle, a role and a division."""

    actor: str
    role: str
    division: str | None = "150722"
    realm: str | None = None


AUTHOR = Post("B.MET1", "SECT.weather")
SECOND = Post("B.MET2", "SECT.weather.approver")
DUTY = Post("B.DUTY", "EMD.duty")
OFFICER = Post("B.OFF", "EMD.officer")
HEAD_OFFICE = Post("R.OFF", "EMD.officer", "150000")
ADMIN = Post("R.ADM", "ADMIN", "150000")
NEIGHBOUR = Post("A.MET1", "SECT.weather", "150721")
PASSER_BY = Post("V-1", "VOL")

_numbers = itertools.count(1)


def fresh(kind: str) -> str:
    """An id nobody used."""
    return f"{kind}-{os.getpid()}-{next(_numbers)}"


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a node in this folder is started with; port 0 is any free one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORTOO_")}
    return {**kept, "ORTOO_DATA": str(folder), "ORTOO_PORT": "0", "ORTOO_HOST": "127.0.0.1", **more}


class Door:
    """Where clients knock: an address, and tokens of the key that lies in a folder."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self._tokens: dict[Post, str] = {}

    @cached_property
    def principals(self) -> Principals:
        """The node's own key, as `ortoo token` reads it."""
        return Principals(self.folder / "keys" / "node.pem")

    @cached_property
    def http(self) -> httpx.Client:
        """One client for a test's plain requests."""
        return httpx.Client(base_url=self.url, timeout=PATIENCE_S)

    def token(self, who: Post) -> str:
        """A token for a post, minted once."""
        if who not in self._tokens:
            self._tokens[who] = self.principals.mint(who.actor, (who.role,), who.division, realm=who.realm)
        return self._tokens[who]

    def signed(self, who: Post | None, **headers: str) -> dict[str, str]:
        """Headers of a request by this post; `Ortoo_At="..."` is `Ortoo-At`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return named if who is None else {"Authorization": f"Bearer {self.token(who)}", **named}

    def get(self, path: str, who: Post | None = None, **params: Any) -> httpx.Response:
        return self.http.get(path, params=params, headers=self.signed(who))

    def post(self, path: str, who: Post | None, body: Any = None, **headers: str) -> httpx.Response:
        return self.http.post(path, json=body, headers=self.signed(who, **headers))

    def draft(self, who: Post | None = AUTHOR, /, *, headers: Mapping[str, str] | None = None, **fields: Any) -> httpx.Response:
        """A complete draft; fields given replace its own."""
        return self.post("/api/alerts/alerts", who, draft(**fields), **(headers or {}))

    def published(self, **fields: Any) -> str:
        """A warning of our own that went out; its id."""
        made = self.draft(**fields)
        assert made.status_code == 201, made.text
        alert = made.json()["stream"].removeprefix("alert-")
        for step in ("approval", "publication"):
            done = self.post(f"/api/alerts/alerts/{alert}/{step}", SECOND)
            assert done.status_code == 201, done.text
        return alert

    def take(self, message: str | bytes, who: Post | None = DUTY, kind: str = "application/cap+xml", **headers: str) -> httpx.Response:
        """ImportAlert."""
        return self.http.post("/api/alerts/imports", content=message, headers={**self.signed(who, **headers), "Content-Type": kind})

    def read_at(self, position: str, path: str, who: Post | None) -> httpx.Response:
        """Read what a position shows, asked once: 503 when it does not come in time."""
        return self.http.get(path, headers=self.signed(who, Ortoo_Position=position))

    def settle(self, position: str, path: str, who: Post | None) -> httpx.Response:
        """Read what a command of ours changed; a node that is behind is asked again, as it says."""
        return until(
            lambda: None if (answer := self.read_at(position, path, who)).status_code == 503 else answer,
            lambda: self.read_at(position, path, who).text,
        )


class Node(Door):
    """A started node: its address, its log files' folder, and tokens of its own key."""

    READY = READY

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, said: Path, logged: Path) -> None:
        self.process, self._said, self._logged = process, said, logged
        super().__init__(self._ready(), folder)

    def _ready(self) -> str:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if found := self.READY.search(self.said):
                return found[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"no ready line: {self.said}\n{self.logged}")

    @property
    def said(self) -> str:
        """Standard output so far."""
        return self._said.read_text(encoding="utf-8")

    @property
    def logged(self) -> str:
        """Standard error so far: the log lines."""
        return self._logged.read_text(encoding="utf-8")

    def stop(self, sign: int = signal.SIGTERM, within_s: float = PATIENCE_S) -> int:
        """End it and say how it ended."""
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(within_s)


def draft(**fields: Any) -> dict[str, Any]:
    """The body of DraftAlert with every legal field."""
    whole = {
        "alert": fresh("AL"),
        "hazard": "11B03",
        "colour": "yellow",
        "number": 3,
        "areas": ["150722"],
        "starts": "2026-07-18T02:30:00+08:00",
        "valid_to": "2056-07-19T02:30:00+08:00",
        "issuer": "150722 weather office",
        "cautions": "heavy rain, rising streams",
        "measures": "leave low river land",
    }
    return {**whole, **fields}


def cap(identifier: str | None = None, **fields: str) -> str:
    """A small valid CAP 1.2 message from elsewhere."""
    said = {
        "sender": "someone@example.org",
        "sent": "2026-07-18T03:00:00+08:00",
        "scope": "Public",
        "event": "Gale",
        "area": "Hailar",
        **fields,
    }
    return f"""<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier or fresh("EX")}</identifier>
<sender>{said["sender"]}</sender><sent>{said["sent"]}</sent><status>Actual</status><msgType>Alert</msgType><scope>{said["scope"]}</scope>
<info><category>Met</category><event>{said["event"]}</event><urgency>Expected</urgency><severity>Moderate</severity><certainty>Likely</certainty>
<area><areaDesc>{said["area"]}</areaDesc></area></info></alert>"""


@contextmanager
def started(folder: Path, *options: str, command: str = "serve", **settings: str) -> Iterator[Node]:
    """Start `ortoo serve` (or `run`) on a free port and stop it in the end, whatever happened. No bug may have shown meanwhile."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    said, logged = (folder.parent / f"{folder.name}.{end}" for end in ("out", "log"))
    with said.open("w") as out, logged.open("w") as log:
        process = subprocess.Popen([ORTOO, command, *options], env=environment(folder, **settings), stdout=out, stderr=log)
    node = None
    try:
        node = Node(process, folder, said, logged)
        yield node
        with suppress(subprocess.TimeoutExpired):
            node.stop()
        bugs = [line for line in node.logged.splitlines() if '"what":"bug"' in line]
        assert not bugs, bugs
    finally:
        if node is not None:
            node.http.close()
        if process.poll() is None:
            process.kill()
            process.wait(10)


def ortoo(folder: Path, *arguments: str, timeout: float = 60, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command line beside a data folder."""
    env = environment(folder, **settings)
    return subprocess.run([ORTOO, *arguments], env=env, capture_output=True, text=True, timeout=timeout, check=False)


def commanded(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """As `ortoo`, in this process: starting Python anew takes longer than most of what it is started for."""
    unset = {name: None for name in os.environ if name.startswith("ORTOO_")}
    done = CliRunner().invoke(app, arguments, obj=minting, env={**unset, **environment(folder, **settings)})
    gc.unfreeze()  # unlike a process of its own, this one goes on, and must be rid of what is done with
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def problem(answer: httpx.Response, status: int, code: str, rule: str | None = None) -> dict[str, Any]:
    """The refusal as it must look: problem+json with code, rule, cure and every failure."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said: dict[str, Any] = json.loads(answer.content)
    assert set(said) == {"type", "title", "status", "detail", "code", "rule", "cure", "failures"}
    assert (said["status"], said["code"], said["type"]) == (status, code, f"urn:ortoo:problem:{code}")
    assert said["failures"] and said["cure"] and said["rule"] == said["failures"][0]["rule"]
    assert all(set(failure) == {"rule", "cure", "field"} and failure["cure"] for failure in said["failures"])
    if rule is not None:
        assert said["rule"] == rule, said
    if status == 503:
        assert int(answer.headers["retry-after"]) >= 1
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
    return said


def half_open(node: Node) -> socket.socket:
    """A connection that announced a command and sent half of it."""
    host, _, port = node.url.removeprefix("http://").rpartition(":")
    raw = socket.create_connection((host, int(port)), timeout=PATIENCE_S)
    head = f"POST /api/alerts/alerts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {node.token(AUTHOR)}\r\nContent-Length: 900\r\n\r\n"
    raw.sendall(head.encode() + b'{"alert": "half')
    return raw
