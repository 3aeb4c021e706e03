"""What a node does with people's data: 200 of them read for a purpose through the interface, and a whole response's destroyed."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from bench import serving
from bench.figures import Figure, Scale, folder
from bench.node import opened
from services.privacy.deciders.duties.assessments import ApproveImpactAssessment, DraftImpactAssessment
from services.privacy.deciders.records.commands import CollectPersonalData
from services.privacy.deciders.retention.commands import AssessRetention, DecideRetention, DestroyPersonalData, OpenRetentionAssessment
from services.wiring import Node
from shared.handling.pending import Busy, Pending, fingerprint
from shared.kernel.commands import Command, Signature, new_id
from shared.vault.personal import Personal
from shared.vault.scope import Scope, person_ref
from shared.vault.vault import READ

SUBJECTS, AT_ONCE, COMMANDS = 50_000, 500, 10
INCIDENT, PURPOSE, PLACE = "INC-1", "shelter.list", "150722"
DPO, LEGAL, GOV = (Signature(f"D.{role}", (role,), "150700", 2) for role in ("DPO", "LEG", "GOV"))
SYSTEM = Signature("SYS.BENCH", ("SYS",), PLACE, 3)


def run(scale: Scale) -> list[Figure]:
    """People collected, then read through a served node, then destroyed by the node's own engines."""
    number = scale.of(SUBJECTS, 1_000)
    names = [f"P-{n:06}" for n in range(number)]
    with folder() as place:
        _collected(place, names)
        read = _read(place, names, scale)
        destroyed = _destroyed(place, names)
    return [
        Figure(f"{READ} of {number:,} people read for a purpose through the interface", "ms", read, None, "ours <= 100"),
        Figure(f"{number:,} subjects destroyed by {COMMANDS} commands, certified, root replaced", "s", destroyed, None, "ours <= 60"),
    ]


def assessed(place: Path, module: str) -> None:
    """A node in `place / "node"` whose module may collect (PIPL art. 55)."""
    with _running(place) as node:
        said: dict[str, Any] = {"module": module, "assessment": "PIA-1"}
        _decided(node, [_made(node, DraftImpactAssessment, DPO, **said, lawfulness="a", risks="b", protection="c")])
        _decided(node, [_made(node, ApproveImpactAssessment, GOV, **said)])
        node.host.settle()


def _collected(place: Path, names: Sequence[str]) -> None:
    assessed(place, "shelter")
    with _running(place) as node:
        assert node.host.vault is not None
        for start in range(0, len(names), AT_ONCE):
            some = {name: person_ref(UUID(int=start + n)) for n, name in enumerate(names[start : start + AT_ONCE])}
            kept = [(Scope(name, INCIDENT, PURPOSE), ref, _person(name)) for name, ref in some.items()]
            node.host.vault.keep_all(kept, node.host.now())
            fields: dict[str, Any] = {"incident": INCIDENT, "purpose": PURPOSE, "fields": ("name", "phone"), "division": PLACE}
            _decided(node, [_made(node, CollectPersonalData, SYSTEM, subject=name, ref=ref, **fields) for name, ref in some.items()])


def _read(place: Path, names: Sequence[str], scale: Scale) -> float:
    """The median of readings, each of other people, as one client waits for it."""
    took = []
    with serving.node(place / "node") as server:
        headers = {"Authorization": f"Bearer {serving.token(place / 'node', ('TASK.lead',))}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=30) as client:
            for n in range(5 * scale.runs + 1):
                start = n * READ % (len(names) - READ + 1)
                body = {"subjects": names[start : start + READ], "purpose": PURPOSE, "incident": INCIDENT}
                began = time.perf_counter()
                answer = client.post("/api/privacy/readings", json=body)
                took.append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 201 and len(answer.json()["values"]) == READ, answer.text[:500]
    return statistics.median(took[1:])  # the first opens everything


def _destroyed(place: Path, names: Sequence[str]) -> float:
    """From the first command to the last certificate."""
    with _running(place) as node:
        part: dict[str, Any] = {"incident": INCIDENT, "register": "alerts"}
        _decided(node, [_made(node, OpenRetentionAssessment, SYSTEM, **part, division=PLACE)])
        _decided(node, [_made(node, AssessRetention, DPO, **part, legality="lawful then", necessity="over", safety="sealed")])
        _decided(node, [_made(node, DecideRetention, DPO, LEGAL, **part)])
        share, began = len(names) // COMMANDS, time.perf_counter()
        for n in range(COMMANDS):
            of: dict[str, Any] = {"subjects": tuple(names[n * share : (n + 1) * share]), "certificate": f"DC-{n}"}
            _decided(node, [_made(node, DestroyPersonalData, DPO, **part, **of)])
        for done in _certified(node):
            print(f"\rcertified {done} of {COMMANDS}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        took = time.perf_counter() - began
        assert node.host.vault is not None and node.host.vault.counts()["refs"] == 0
        return took


def _certified(node: Node) -> Iterator[int]:
    done = 0
    while done < COMMANDS:
        time.sleep(0.05)
        found = [node.host.history("privacy", f"certificate-DC-{n}") for n in range(COMMANDS)]
        now = sum(any(one.type == "privacy.destruction.certified.v1" for one in told) for told in found)
        if now > done:
            yield (done := now)


class _running:
    """A node of this process with its threads running."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> Node:
        self._node = opened(self._place)
        self._node.host.start()
        return self._node

    def __exit__(self, *told: object) -> None:
        self._node.host.stop()


def _made(node: Node, kind: type[Command], by: Signature, cosigner: Signature | None = None, **said: Any) -> Command:
    return kind(by=by, now=node.host.now(), cosigner=cosigner, **said)


def _decided(node: Node, commands: Sequence[Command]) -> None:
    """Sent together; each is accepted."""
    told: list[Any] = []
    for command in commands:
        pending = Pending(new_id(), command, fingerprint(type(command).__name__, b""), told.append, fresh=True)
        while True:
            try:
                node.host.submit("privacy", pending)
                break
            except Busy:
                time.sleep(0.005)
    while len(told) < len(commands):
        time.sleep(0.002)
    assert not [one for one in told if isinstance(one, BaseException)], told[0]


def _person(name: str) -> dict[str, Personal[str] | Personal[bytes]]:
    return {"name": Personal(f"name of {name}"), "phone": Personal(f"139{int(name[2:]):08}")}
