"""A thousand live streams at 100 events/s: the server's processor time against a bare socket writer's for the same bytes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench import load, serving
from bench.figures import Figure, Scale, folder, rates
from bench.http import Drafts
from bench.serving import Server

RATE = 100
CHUNK = re.compile(rb"[0-9a-f]+\r\n")


def run(scale: Scale) -> list[Figure]:
    """Ours (the commands that make the events included), then the bare writer sending what ours sent."""
    clients, seconds = scale.of(1_000, 50), scale.of(10, 1)
    found, alone = [], []
    with folder() as place, serving.node(place / "node") as ours:
        drafts = Drafts(serving.token(place / "node"))
        for n in range(scale.runs):
            record = place / f"record{n}"
            work = drafts.requests(RATE * seconds)
            drafting = partial(load.by_clock, ours.port, work, RATE)
            own = _listened(ours, clients, len(work), drafts.stream(), record, drafting)
            _plain(record)
            with serving.module("bench.bare", str(record), str(clients)) as bare:
                theirs = _listened(bare, clients, len(work), b"GET / HTTP/1.1\r\n\r\n", None, lambda: None)
            before = ours.cpu()
            load.by_clock(ours.port, drafts.requests(RATE * seconds), RATE)
            alone.append((ours.cpu() - before) / seconds)
            found.append((seconds / max(own, 1 / serving.TICKS), seconds / max(theirs, 1 / serving.TICKS)))
    what = f"{clients:,} live streams at {RATE} events/s, against a bare socket writer"
    per_core = rates(what, "seconds of stream per CPU second", found, 0.35)
    without = Figure(f"of it {RATE} commands/s without a stream", "CPU seconds per second", sorted(alone)[len(alone) // 2], None, "")
    return [per_core, without]


def _listened(server: Server, clients: int, events: int, request: bytes, record: Path | None, act: object) -> float:
    """Processor seconds of the server while every client got every event."""
    asked = [sys.executable, "-m", "bench.listening", str(server.port), str(clients), str(events), *([str(record)] if record else [])]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as listening:
        assert listening.stdin and listening.stdout and callable(act)
        listening.stdin.write(request)
        listening.stdin.close()
        assert listening.stdout.readline() == b"ready\n"
        before = server.cpu()
        act()
        report = json.loads(listening.stdout.readline())
        took = server.cpu() - before
    assert not report["lost"], f"{report['lost']} streams broke"
    assert set(report["events"]) == {events}, f"of {events} events clients got {set(report['events'])}"
    return took


def _plain(record: Path) -> None:
    """The events of a recorded answer without its head and its chunk sizes."""
    body = record.read_bytes().partition(b": stream open\n\n")[2]
    record.write_bytes(CHUNK.sub(b"", body).replace(b"\r\n", b""))
