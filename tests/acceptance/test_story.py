"""The story of Hulunbuir through real processes and the real command line, on one machine and on a cluster, with the same outcome."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from services.wiring import SERVICES as DECLARED
from shared.eventlog.ports import EventFeed
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.sqlite import SqliteLog
from shared.eventlog.verify import verify
from tests.support import Door, Post, ortoo, started
from tools.cluster import Cluster
from tools.compose import read

pytestmark = pytest.mark.timeout(900)  # a cluster is started

WHOLE = Path(__file__).resolve().parents[2] / "stories" / "hulunbuir-2021.yaml"
STORY = yaml.safe_load(WHOLE.read_text(encoding="utf-8"))
LATER = ("close-06", "close-07", "close-08", "close-09")  # archives have no commands yet
STEPS = tuple(step["id"] for step in STORY["steps"] if step["id"] not in LATER)
LINE = re.compile(r"^(shown|pending|failed)\s+(\S+)", re.MULTILINE)
SERVICES = tuple(service.name for service in DECLARED)
PROCESSES = {name for name in read({})["services"] if "filter" not in name and name != "prometheus"}


@dataclass(frozen=True)
class Played:
    """What was said of the fixtures and of every step, what is in the stores, and what is on the logs in the end."""

    loaded: str
    said: str
    goods: dict[str, Any]
    ready: list[int]
    logs: dict[str, EventFeed]
    logged: str


def play(door: Door) -> tuple[str, str, dict[str, Any]]:
    loaded = ortoo(door.folder, "story", "load", str(WHOLE), "--url", door.url, timeout=300, COLUMNS="200")
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    only = [argument for step in STEPS for argument in ("--only", step)]
    said = ortoo(door.folder, "story", "play", str(WHOLE), "--url", door.url, *only, timeout=400, COLUMNS="200")
    assert said.returncode == 0, said.stdout + said.stderr
    return loaded.stdout, said.stdout, in_the_end(door)


AUDITOR = Post("R.AUD", "AUD", "150000")


def in_the_end(door: Door) -> dict[str, Any]:
    """What every store of the story has of each lot, and every account of each item."""
    asked = {store: f"stock/{store}" for store in STORY["expected"]["ledger"]} | {"accounts": "accounts"}
    answers = {name: door.get(f"/api/resources/{path}", AUDITOR) for name, path in asked.items()}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {name: answer.json() for name, answer in answers.items()}


@pytest.fixture(scope="module")
def on_one_machine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acceptance") / "data"
    with started(folder, "--story-clock") as node:
        loaded, said, goods = play(node)
        logs = {name: SqliteLog(folder / "logs" / f"150000.{name}.db", f"150000.{name}", read_only=True) for name in SERVICES}
        yield Played(loaded, said, goods, [node.get("/health/ready").status_code], logs, node.logged)


@pytest.fixture(scope="module")
def on_a_cluster():
    folder = Path(tempfile.mkdtemp(prefix="ortoo-story-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user
    try:
        with Cluster(folder, services=PROCESSES, story_clock=True) as cluster:
            door = Door(cluster.url, cluster.data)
            loaded, said, goods = play(door)
            password = Path(cluster.superuser["ORTOO_POSTGRES_PASSWORD_FILE"]).read_text()
            server = f"{cluster.superuser['ORTOO_POSTGRES']}".replace("@", f":{password}@")
            logs = {name: PostgresLog(f"{server}/ortoo_{name}", f"150000.{name}", read_only=True) for name in SERVICES}
            ours = [process for name, process in cluster.processes.items() if name not in ("kafka", "postgres", "topics", "nginx")]
            logged = "".join(process.log for process in ours)
            ready = [door.http.get(f"{process.url}/health/ready").status_code for process in ours]
            yield Played(loaded, said, goods, ready, logs, logged)
            door.http.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["on_one_machine", pytest.param("on_a_cluster", marks=pytest.mark.cluster)])
def played(request) -> Played:
    found: Played = request.getfixturevalue(request.param)
    return found


def test_what_has_a_command_is_loaded_and_the_rest_is_named(played):
    assert "failed" not in played.loaded, played.loaded
    for part in ("divisions", "hazard_sources", "recipients", "rule_pack"):
        assert re.search(rf"^(accepted|repeated)\s+{part}", played.loaded, re.MULTILINE), played.loaded
    assert "no command yet" in played.loaded


def test_every_step_is_shown(played):
    states = {step: state for state, step in LINE.findall(played.said)}
    assert [step for step, state in states.items() if state != "shown"] == [], played.said
    assert set(states) == set(STEPS)
    assert f"{len(STEPS)} shown, 0 pending, 0 failed" in played.said


def test_the_number_on_the_screen_is_the_number_on_the_shelf(played):
    for store, lots in STORY["expected"]["ledger"].items():
        shown = {lot: row for lot, row in played.goods[store].items() if lot != "positions"}
        assert {lot: row["available"] for lot, row in shown.items() if lot in lots or row["available"]} == lots, store
        assert not [lot for lot, row in shown.items() if row["reserved"] or row["quarantined"]], store
    for item, account in STORY["expected"]["accounts"].items():
        shown = played.goods["accounts"]["accounts"][item]
        assert {name: shown[name] for name in account} == account, item
        assert {name: amount for name, amount in shown.items() if name not in account and amount} == {}, item


def test_as_much_happened_as_the_story_counts(played):
    happened = Counter(one.type for log in played.logs.values() for one in log.read(0, 100_000))
    assert {kind: happened[kind] for kind in STORY["expected"]["events"]} == STORY["expected"]["events"]


def test_after_the_story_everything_is_well_and_the_logs_are_whole(played):
    assert set(played.ready) == {200}
    assert '"what":"bug"' not in played.logged
    assert {verify(log).fault for log in played.logs.values()} == {None}


@pytest.mark.cluster
def test_a_cluster_answers_and_records_what_one_machine_does(on_one_machine, on_a_cluster):
    assert on_a_cluster.loaded == on_one_machine.loaded
    assert on_a_cluster.said == on_one_machine.said
    for name in SERVICES:
        alone, together = streams(on_one_machine.logs[name]), streams(on_a_cluster.logs[name])
        assert together.keys() == alone.keys()
        for stream, events in alone.items():
            assert together[stream] == events, stream


OWN = {  # what each node draws for itself, or counts in its own log
    "alerts.report.received.v1": {"digest"},  # the text of a report lies under a digest that nobody can guess
    "volunteers.certificate.issued.v1": {"check"},
    "privacy.destruction.certified.v1": {"position", "chain", "root"},
    "privacy.retention.verified.v1": {"searched", "backup", "looked_in", "records", "finders"},
}
DRAWN = re.compile(rb"VC-\d{4}-[0-9A-Z]{10}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # certificates, references of the vault
HEARD = "closure-"
TOLD = ("type", "time", "division", "visibility", "actor", "role", "organ", "cosigner", "basis", "rulepack", "exercise")


def streams(log: EventFeed) -> dict[str, list[dict[str, Any]]]:
    """The events of each stream, without their ids and positions and what each node draws for itself. Where several services are
    heard, what follows from them at one moment has no order."""
    found = defaultdict(list)
    for recorded in log.read(0, 100_000):
        at = recorded.envelope
        data = msgspec.json.decode(DRAWN.sub(b"drawn", bytes(at.data)))
        kept = {name: value for name, value in data.items() if name not in OWN.get(recorded.type, ())}
        stream = DRAWN.sub(b"drawn", recorded.stream.encode()).decode()
        found[stream].append({**{name: getattr(at, name) for name in TOLD}, "data": kept})
    for stream in (one for one in found if one.startswith(HEARD)):
        found[stream].sort(key=lambda event: (event["time"], event["type"], str(event["data"])))
    return found
