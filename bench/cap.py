"""CAP messages in process, 64 to a commit: read, shortened, decided, stored, raw bytes kept; against lxml and a raw insert."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from bench import http
from bench.corpus import messages
from bench.figures import Figure, Scale, folder, rates
from bench.node import DUTY, opened
from services.alerts.api.receiving import received
from services.alerts.deciders.warnings.message import ImportAlert
from services.alerts.formats.model import Message
from services.alerts.formats.read import read_messages
from services.alerts.formats.schema import schema
from services.wiring import Node
from shared.blobs.store import digest
from shared.handling.pending import Answer, Pending, Result, fingerprint
from shared.kernel.commands import new_id
from shared.sql.sqlite import connect

TOGETHER = 64


def run(scale: Scale) -> list[Figure]:
    """Ours and raw in turn over the same bodies; then the same message by HTTP."""
    number = scale.of(4_096, 128)
    found = []
    with folder() as place:
        node = opened(place)
        for n in range(scale.runs):
            bodies = messages(number, n)
            found.append((number / ours(node, bodies), number / raw(place / f"raw{n}.db", bodies)))
        node.host.stop()
    in_process = rates("CAP messages in process, against lxml parse + validate + raw insert", "messages/s", found, 0.3)
    return [in_process, *http.imports(scale)]


def ours(node: Node, bodies: list[bytes]) -> float:
    """Seconds for all bodies."""
    writer, divisions = node.host.running["alerts"].writer, node.directory.divisions
    answers: list[Result] = []

    def read(body: bytes) -> Pending:
        (item,) = read_messages(body).items
        assert isinstance(item, Message), item.reason
        name = digest(item.raw)
        made = ImportAlert(by=DUTY, now=datetime.now(UTC), message=received(item, name, divisions))
        return Pending(new_id(), made, fingerprint("ImportAlert", name.encode()), answers.append, blobs={name: item.raw})

    began = time.perf_counter()
    with ThreadPoolExecutor(1) as thread:  # the writer has its own thread, as in the node: it stores one commit while the next is read
        storing = thread.submit(writer.step)
        for start in range(0, len(bodies), TOGETHER):
            batch = [read(body) for body in bodies[start : start + TOGETHER]]
            storing.result()
            for pending in batch:
                writer.submit(pending)
            storing = thread.submit(writer.step)
        storing.result()
    took = time.perf_counter() - began
    fresh = sum(isinstance(answer, Answer) and answer.extra["outcome"] != "repeated" for answer in answers)
    assert fresh == len(bodies), f"{fresh} of {len(bodies)} were new"
    return took


def raw(path: Path, bodies: list[bytes]) -> float:
    """Seconds to parse, validate and insert the same bytes."""
    db, rules = connect(path), schema()
    db.execute("CREATE TABLE message (n INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    began = time.perf_counter()
    for start in range(0, len(bodies), TOGETHER):
        part = bodies[start : start + TOGETHER]
        for body in part:
            rules.validate(etree.fromstring(body))
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO message (body) VALUES (?)", [(body,) for body in part])
        db.execute("COMMIT")
    took = time.perf_counter() - began
    db.close()
    return took
