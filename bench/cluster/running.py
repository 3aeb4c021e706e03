"""A whole cluster: from a command on one service to its effect at another, and how soon a killed process is back."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from statistics import median

import httpx

from bench import load, serving
from bench.cluster.stores import postgres_of, shared_folder
from bench.figures import Figure, Scale
from bench.http import Drafts
from shared.eventlog.postgres import PostgresLog
from tools.cluster import Cluster
from tools.supervised import STEADY_S

RATE = 200
PATIENCE_S = 60.0
ALERTS = "150000.alerts"


def run(scale: Scale) -> list[Figure]:
    """Under load first, so that the processes that are killed have something to come back to."""
    with shared_folder() as place, Cluster(place) as cluster:
        drafts = Drafts(serving.token(cluster.data))
        return [*effect(scale, cluster, drafts), *recovery(scale, cluster, drafts)]


def effect(scale: Scale, cluster: Cluster, drafts: Drafts) -> list[Figure]:
    """A command through the door to alerts; its event by relay, topic, Faust and inbox to a live stream of the front."""
    door, stream = cluster.process("nginx").component.port, drafts.stream().replace(b"HTTP/1.1", b"HTTP/1.0")  # no chunks in between
    load.by_clock(door, drafts.requests(RATE), RATE, [stream])  # warms up
    answers, heard = [], []
    for _ in range(scale.runs):
        work = drafts.requests(RATE * scale.of(20, 1))
        report = load.by_clock(door, work, RATE, [stream])
        assert set(report["statuses"]) == {"201"}, report
        assert report["heard"] == len(work), f"{report['heard']} of {len(work)} events arrived"
        answers.append(report["p99_ms"])
        heard.append(report["heard_p99_ms"])
    return [
        Figure(f"p99 from a command on alerts to its event at the front, {RATE} commands/s", "ms", median(heard), None, "ours <= 500"),
        Figure("p99 of an answer, same run", "ms", median(answers), None, ""),
    ]


def recovery(scale: Scale, cluster: Cluster, drafts: Drafts) -> list[Figure]:
    """kill -9; the supervisor starts the process again, as it would a container."""
    api, importer = cluster.process("alerts"), cluster.process("import-front")

    def ready() -> bool:
        try:
            return httpx.get(f"{api.url}/health/ready", timeout=1).status_code == 200
        except httpx.TransportError:
            return False

    answering, taking = [], []
    with closing(PostgresLog(f"{postgres_of(cluster).dsn}/ortoo_front", ALERTS, read_only=True)) as inbox:
        for n in range(scale.runs):
            if n:
                time.sleep(STEADY_S)  # who keeps ending is started again later and later
            began = time.monotonic()
            api.kill()
            answering.append(_until(ready) - began)
            began = time.monotonic()
            importer.kill()
            before = inbox.head().position
            assert set(load.closed(api.component.port, drafts.requests(1), 1)["statuses"]) == {"201"}
            taking.append(_until(lambda before=before: inbox.head().position > before) - began)  # type: ignore[misc]
    return [
        Figure("kill -9 of an API process until it is ready again, the slowest", "s", max(answering), None, "ours <= 5"),
        Figure("kill -9 of an importer until its inbox goes on, the slowest", "s", max(taking), None, "ours <= 15"),
    ]


def _until(true: Callable[[], bool]) -> float:
    """When it became true."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it does not come back"
        time.sleep(0.02)
    return time.monotonic()
