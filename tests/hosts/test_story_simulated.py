"""The story of Hulunbuir on the simulated host: whatever dies meanwhile, it answers and records what the node on one machine does."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
import pytest
import yaml

from services.client.load import load_story
from services.client.openapi import Api
from services.client.script import read_story
from services.client.session import Session
from services.client.story import Player
from shared.eventlog.sqlite import SqliteLog
from shared.testing.history import SHM
from shared.web.principals import Principals
from tests.acceptance.test_story import SERVICES, STEPS, WHOLE, streams
from tests.hosts.story_door import Door, at_once
from tests.hosts.story_machine import Machine
from tests.support import started

SEEDS = range(1)  # the whole story takes half a minute
CRASHES = 80  # a seed has at least so many
VAULT = {"custodian"}  # and some of them while it does the part of the vault
pytestmark = pytest.mark.timeout(300)


class Told(NamedTuple):
    """What was answered to each step, and in the end the events of every stream by log."""

    steps: list[tuple[str, str, list[str], list[str], list[str]]]
    logs: list[dict[str, list[dict]]]


class Client:
    """Loads and plays the story as `ortoo story` does."""

    def __init__(self, http: httpx.Client, folder: Path) -> None:
        self.story, principals = read_story(WHOLE), Principals(folder / "keys" / "node.pem")

        def mint(actor, role, division, realm="real"):
            return principals.mint(actor, (role,), division or self.story.root, realm=realm)

        self.session = Session(Api(http, http.get("/openapi.json").json()), mint, ("STORY.READER", "SYS", self.story.root))
        loaded = list(load_story(self.session, self.story))
        assert [one for one in loaded if one.outcome == "failed"] == []

    def play(self, steps=STEPS):
        played = Player(self.session, self.story).play(steps)
        return [(one.step.id, one.state, one.faults, one.pending, one.told) for one in played]


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> Told:
    """What a real node on one machine makes of it."""
    folder = tmp_path_factory.mktemp("alone") / "data"
    with started(folder, "--story-clock") as node:
        steps = Client(node.http, folder).play()
    logs = [SqliteLog(folder / "logs" / f"150000.{name}.db", f"150000.{name}", read_only=True) for name in SERVICES]
    return Told(steps, [streams(log) for log in logs])


@contextmanager
def opened(seed, monkeypatch):
    """A machine and a client of it; in the end all that must hold of it does."""
    monkeypatch.setattr("anyio.to_thread.run_sync", at_once)
    with TemporaryDirectory(dir=SHM if SHM.is_dir() else None, prefix="ortoo-") as folder:
        machine = Machine(seed, Path(folder))
        try:
            with httpx.Client(transport=Door(machine), base_url="http://machine") as http:
                yield machine, Client(http, Path(folder))
            machine.drain()
            machine.check()
        finally:
            machine.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_dies_the_story_is_answered_and_recorded_as_on_one_machine(seed, alone, monkeypatch):
    with opened(seed, monkeypatch) as (machine, client):
        steps = client.play()
        logs = [streams(machine.stood[name].log) for name in SERVICES]
    assert {step for step, *_ in steps} == set(STEPS)
    assert [step for step in steps if step[1] != "shown"] == []
    assert steps == alone.steps
    for log, same in zip(logs, alone.logs, strict=True):
        assert log.keys() == same.keys()
        for stream, happened in log.items():
            assert happened == same[stream], stream
    assert machine.points.died.total() >= CRASHES, machine.points.died
    assert {engine for engine, _ in machine.points.died} >= VAULT, machine.points.died
    assert machine.hung_up


def test_as_much_happened_to_warnings_as_the_story_counts(alone):
    happened = Counter(event["type"] for events in alone.logs[1].values() for event in events)
    counts = yaml.safe_load(WHOLE.read_text(encoding="utf-8"))["expected"]["events"]
    of_warnings = {kind: times for kind, times in counts.items() if kind.startswith("alerts.alert.")}
    assert of_warnings and {kind: happened[kind] for kind in of_warnings} == of_warnings
    assert happened["alerts.alert.acknowledgement_overdue.v1"] == 1
    assert happened["alerts.alert.ratification_overdue.v1"] == 1  # AL-2 was ratified after 89 minutes
    assert happened["alerts.checklist.opened.v1"] == 4


def test_every_message_of_a_series_refers_to_the_first(alone):
    issued = [event["data"] for events in alone.logs[1].values() for event in events if event["type"] == "alerts.message.issued.v1"]
    assert len(issued) == 7  # 3 published, 1 adjusted, 3 cancelled
    first, *later = [message for message in issued if message["alert"] == "AL-1"]
    assert [message["msg_type"] for message in (first, *later)] == ["Alert", "Update", "Cancel"]
    assert {message["series"] for message in (first, *later)} == {"15072241600000_20210718022000"}
    for message in later:
        (reference,) = message["references"]
        assert reference == {name: first[name] for name in ("sender", "identifier", "sent")}


PUBLISHED = [step for step in STEPS if "alert-01" <= step <= "alert-11"]


def test_a_warning_nobody_cancels_expires_by_its_clock(monkeypatch):
    with opened(11, monkeypatch) as (machine, client):
        client.play(PUBLISHED)
        machine.until(datetime.fromisoformat("2021-07-19T02:30:00+08:00"))
        happened = [one.type for one in machine.stood["alerts"].log.stream("alert-AL-1")]
        assert happened[-1] == "alerts.alert.expired.v1"
        assert Counter(happened)["alerts.alert.acknowledgement_overdue.v1"] == 4
        assert not deadlines(machine)


def test_a_lifted_warning_rings_nobody(monkeypatch):
    with opened(12, monkeypatch) as (machine, client):
        client.play(PUBLISHED)
        assert len(deadlines(machine)) == 5
        token = client.session.token("B.MET2", "SECT.weather.approver", "150722")
        assert client.session.command("CancelAlert", {"alert": "AL-1"}, at="2021-07-18T02:22:00+08:00", key="lift", token=token).accepted
        machine.until(datetime.fromisoformat("2021-07-18T02:23:00+08:00"))
        assert not deadlines(machine)


def deadlines(machine):
    return machine.read("alerts").execute("SELECT clock FROM due WHERE stream = 'alert-AL-1'").fetchall()
