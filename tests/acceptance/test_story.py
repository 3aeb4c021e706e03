"""The story of Hulunbuir through real processes and the real command line, on one machine and on a cluster, with the same outcome."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import defaultdict
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
from tests.support import Door, ortoo, started
from tools.cluster import Cluster
from tools.compose import read

pytestmark = pytest.mark.timeout(900)  # a cluster is started

WHOLE = Path(__file__).resolve().parents[2] / "stories" / "hulunbuir-2021.yaml"
PARTS = {"alert": 21, "dam": 14, "report": 10, "resp": 16, "end": 9, "call": 24, "hours": 17, "priv": 6, "claim": 7, "after": 5}
"""How many steps of each."""
ALONE = ("req-03", "ship-16", "after-03b", "close-01", "close-03", "close-04")
STEPS = (*(f"{part}-{n:02}" for part, last in PARTS.items() for n in range(1, last + 1)), *ALONE)
LINE = re.compile(r"^(shown|pending|failed)\s+(\S+)", re.MULTILINE)
SERVICES = tuple(service.name for service in DECLARED)
PROCESSES = {name for name in read({})["services"] if "filter" not in name and name != "prometheus"}


@dataclass(frozen=True)
class Played:
    """What was said of the fixtures and of every step, and what is on the logs in the end."""

    loaded: str
    said: str
    ready: list[int]
    logs: dict[str, EventFeed]
    logged: str


def of_people_alone(folder: Path) -> Path:
    """The story without the entries about goods and money that only resources know: a requisition's claim, owners, households, donors."""
    story = yaml.safe_load(WHOLE.read_text(encoding="utf-8"))
    for step in story["steps"]:
        if "each" in step:
            step["each"] = [one for one in step["each"] if one.get("claim") != "CL-R" and one.get("register") != "resources"]
        step.get("shows", {}).get("privacy", {}).pop("retained", None)
    made = folder / WHOLE.name
    made.write_text(yaml.safe_dump(story, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return made


def play(door: Door) -> tuple[str, str]:
    story = of_people_alone(door.folder.parent)
    loaded = ortoo(door.folder, "story", "load", str(story), "--url", door.url, timeout=300, COLUMNS="200")
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    only = [argument for step in STEPS for argument in ("--only", step)]
    said = ortoo(door.folder, "story", "play", str(story), "--url", door.url, *only, timeout=300, COLUMNS="200")
    assert said.returncode == 0, said.stdout + said.stderr
    return loaded.stdout, said.stdout


@pytest.fixture(scope="module")
def on_one_machine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acceptance") / "data"
    with started(folder, "--story-clock") as node:
        loaded, said = play(node)
        logs = {name: SqliteLog(folder / "logs" / f"150000.{name}.db", f"150000.{name}", read_only=True) for name in SERVICES}
        yield Played(loaded, said, [node.get("/health/ready").status_code], logs, node.logged)


@pytest.fixture(scope="module")
def on_a_cluster():
    folder = Path(tempfile.mkdtemp(prefix="ortoo-story-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user
    try:
        with Cluster(folder, services=PROCESSES, story_clock=True) as cluster:
            door = Door(cluster.url, cluster.data)
            loaded, said = play(door)
            password = Path(cluster.superuser["ORTOO_POSTGRES_PASSWORD_FILE"]).read_text()
            server = f"{cluster.superuser['ORTOO_POSTGRES']}".replace("@", f":{password}@")
            logs = {name: PostgresLog(f"{server}/ortoo_{name}", f"150000.{name}", read_only=True) for name in SERVICES}
            ours = [process for name, process in cluster.processes.items() if name not in ("kafka", "postgres", "topics", "nginx")]
            logged = "".join(process.log for process in ours)
            ready = [door.http.get(f"{process.url}/health/ready").status_code for process in ours]
            yield Played(loaded, said, ready, logs, logged)
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
    "privacy.retention.verified.v1": {"searched", "backup"},
}
DRAWN = re.compile(rb"VC-\d{4}-[0-9A-Z]{10}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # certificates, references of the vault
TOLD = ("type", "time", "division", "visibility", "actor", "role", "organ", "cosigner", "basis", "rulepack", "exercise")


def streams(log: EventFeed) -> dict[str, list[dict[str, Any]]]:
    """The events of each stream, without their ids and positions and what each node draws for itself."""
    found = defaultdict(list)
    for recorded in log.read(0, 100_000):
        at = recorded.envelope
        data = msgspec.json.decode(DRAWN.sub(b"drawn", bytes(at.data)))
        kept = {name: value for name, value in data.items() if name not in OWN.get(recorded.type, ())}
        stream = DRAWN.sub(b"drawn", recorded.stream.encode()).decode()
        found[stream].append({**{name: getattr(at, name) for name in TOLD}, "data": kept})
    return found
