"""Of a restricted incident a feed gives no more than its audience's organ is shown where it asks (ERL art. 69, `alerts/api/seeing.py`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.alerts.deciders.evacuations.commands import CloseShelter, OpenShelter, RecordHeadcount, RegisterShelter
from services.alerts.deciders.incidents.commands import ClassifyIncident, RegisterIncident, VerifyIncident
from services.alerts.deciders.orders.task import AssignTask, CompleteTask
from services.alerts.deciders.releases.commands import OpenRumourCase
from services.alerts.events.incident import IncidentType
from services.alerts.events.scales import EventGrade
from services.alerts.service import ALERTS
from shared.eventlog.ports import EventStore, New
from shared.eventlog.sqlite import SqliteLog
from shared.handling.audiences import Audience
from shared.handling.declare import matters_of
from shared.handling.feeding import Filter
from shared.handling.pending import Answer
from shared.kernel import events
from shared.kernel.commands import Command, Signature
from shared.kernel.errors import TooNew
from shared.testing.facts import all_of, put
from tests.alerts.command.incidents import OFF, SYS
from tests.feeds.world import run_dry
from tests.handling.desk import NOW, Desk
from tests.hosts.alert_work import AlertsWork, directory

PLACE = "150722"
PIO = Signature("B.PIO", ("PIO",), PLACE, 3)
TYPES = ("alerts.incident", "alerts.rumour", "alerts.task", "alerts.shelter")
INTERNAL, RESTRICTED = ("public", "internal"), ("public", "internal", "restricted")


def known(incident: str, type: IncidentType) -> list[Command]:
    signed: dict[str, Any] = {"now": NOW, "incident": incident}
    return [
        RegisterIncident(by=OFF, **signed, type=type, division=PLACE, known_at=NOW),
        VerifyIncident(by=OFF, **signed),
        AssignTask(by=SYS, **signed, task=f"T-{incident}", kind="look", roles=("EMD.duty",)),
        OpenRumourCase(by=PIO, **signed, rumour=f"RU-{incident}", text="something is said"),
    ]


NARROWER = ClassifyIncident(by=OFF, now=NOW, incident="LATER", type=IncidentType.SOCIAL, grade=EventGrade.LARGER, basis="an attack")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A flood, a matter of public security, and a fire that turns out to be one."""
    log = SqliteLog(tmp_path / "log.db", "150000.alerts")
    made = Desk(tmp_path / "desk", ALERTS, rules_for=AlertsWork().rules_for, log=log)
    for incident, type in (("OPEN", IncidentType.FLOOD), ("NARROW", IncidentType.SOCIAL), ("LATER", IncidentType.DAM)):
        do(made, *known(incident, type))
    return made


def do(desk: Desk, *commands: Command) -> None:
    for command in commands:
        assert isinstance(desk.do(command), Answer), command


class Feed:
    """What an organ of the county is given."""

    def __init__(self, desk: Desk, folder: Path, organ: str, classes: tuple[str, ...]) -> None:
        audience = Audience("B", "乙", "B", PLACE, ("alerts",), TYPES, classes, organ=organ, reason="test")
        self.log = SqliteLog(folder / "feed.db", "150000.to.B")
        matters = matters_of([ALERTS], lambda service: desk.log)
        self.filter = Filter(audience, [desk.log], self.log, lambda: directory().divisions, matters)

    def holds(self) -> set[str]:
        run_dry(self.filter)
        return named(self.log)


def named(log: EventStore) -> set[str]:
    return {f"{one.stream}@{one.version}" for one in all_of(log)}


def shown(desk: Desk, organ: str) -> set[str]:
    """What the same organ sees of these streams where it asks."""
    sees, learned = directory().sees(Signature("B.X", (organ,), PLACE, 3)), matters_of([ALERTS], lambda service: desk.log)
    events = [one for one in all_of(desk.log) if one.type.startswith(TYPES)]
    return {f"{one.stream}@{one.version}" for one in events if learned.learn(desk.log.name, events).shown(one, sees)}


def of(incident: str) -> set[str]:
    return {f"incident-{incident}@1", f"incident-{incident}@2", f"task-T-{incident}@1", f"rumour-RU-{incident}@1"}


@pytest.mark.parametrize("organ", ["CIV", "EMD"])
def test_who_is_given_nothing_restricted_is_given_nothing_that_serves_what_is(desk: Desk, tmp_path: Path, organ: str) -> None:
    given = Feed(desk, tmp_path, organ, INTERNAL).holds()
    assert given == of("OPEN") | of("LATER") <= shown(desk, organ)
    assert (given == shown(desk, organ)) == (organ == "CIV")


def test_who_is_given_what_is_restricted_is_given_what_its_staff_sees(desk: Desk, tmp_path: Path) -> None:
    given = Feed(desk, tmp_path, "EMD", RESTRICTED).holds()
    assert given == shown(desk, "EMD") == of("OPEN") | of("LATER") | of("NARROW")


def test_what_turns_out_to_be_restricted_gets_no_further(desk: Desk, tmp_path: Path) -> None:
    feed = Feed(desk, tmp_path, "CIV", INTERNAL)
    before = feed.holds()
    do(desk, NARROWER)
    do(desk, CompleteTask(by=SYS, now=NOW, task="T-LATER", outcome="seen"), CompleteTask(by=SYS, now=NOW, task="T-OPEN", outcome="seen"))
    assert feed.holds() == before | {"task-T-OPEN@2"}


def sheltered(incident: str) -> list[Command]:
    there: dict[str, Any] = {"by": OFF, "now": NOW, "shelter": "SH-1"}
    return [
        OpenShelter(**there, incident=incident),
        RecordHeadcount(**there, people=3),
        RecordHeadcount(**there, people=0),
        CloseShelter(**there),
    ]


def test_what_served_a_restricted_incident_stays_away_when_the_stream_goes_on_for_another(desk: Desk, tmp_path: Path) -> None:
    listed = RegisterShelter(by=OFF, now=NOW, shelter="SH-1", zh="学校", division=PLACE, capacity=100)
    feed = Feed(desk, tmp_path, "CIV", INTERNAL)
    do(desk, listed, *sheltered("OPEN"), *sheltered("NARROW"))
    first = {f"shelter-SH-1@{version}" for version in range(1, 6)}
    assert feed.holds() == of("OPEN") | of("LATER")  # its last fact is of the restricted one
    do(desk, *sheltered("OPEN"))
    assert feed.holds() == of("OPEN") | of("LATER") | first
    assert not shown(desk, "CIV") & {f"shelter-SH-1@{version}" for version in range(6, 10)}


def test_an_incident_that_this_release_cannot_read_holds_up_only_what_is_its_own(desk: Desk, tmp_path: Path) -> None:
    feed = Feed(desk, tmp_path, "CIV", INTERNAL)
    last = desk.log.stream("incident-LATER")[-1]
    newer = last.record.replace(last.type.encode(), b"alerts.incident.renamed.v9")
    put(desk.log, New("incident-LATER", last.version + 1, "alerts.incident.renamed.v9", lambda position: newer))
    do(desk, CompleteTask(by=SYS, now=NOW, task="T-OPEN", outcome="seen"))
    assert feed.holds() == of("OPEN") | {"task-T-OPEN@2"}


def test_an_incident_of_a_newer_release_is_waited_for_with_what_is_its_own(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed(desk, tmp_path, "CIV", INTERNAL)
    last = desk.log.stream("incident-LATER")[-1]
    kind = last.type.replace(".v1", ".v9")
    newer = last.record.replace(last.type.encode(), kind.encode())
    put(desk.log, New("incident-LATER", last.version + 1, kind, lambda position: newer))
    do(desk, CompleteTask(by=SYS, now=NOW, task="T-OPEN", outcome="seen"))
    with pytest.raises(TooNew, match="or of an incident with such an event: upgrade"):
        feed.holds()
    assert named(feed.log) == of("OPEN")
    monkeypatch.setitem(events._upcasters, kind, (last.type, dict))
    assert Feed(desk, tmp_path, "CIV", INTERNAL).holds() == of("OPEN") | of("LATER") | {"incident-LATER@3", "task-T-OPEN@2"}
