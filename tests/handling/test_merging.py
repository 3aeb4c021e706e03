"""What lay under an incident that proved to be another is found with that one in every service that lists by incident (domain 3.2).

The node's logs hold one accepted example of every command; whatever can be asked by incident is asked, so that none is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.alerts.deciders.incidents.commands import MergeIncidents, RegisterIncident, VerifyIncident
from services.alerts.events.incident import IncidentType
from services.alerts.events.leading import IncidentMerged
from services.wiring import SERVICES
from shared.eventlog.sqlite import SqliteLog
from shared.handling.merging import MERGED, Mergers, of_incident, paged
from shared.handling.pending import Answer
from shared.handling.rows import UnitOfWork
from shared.kernel.commands import Command
from tests.alerts.command.incidents import OFF
from tests.alerts.projections.test_clocks import AT, NOW
from tests.handling.desk import Desk
from tests.handling.test_every_command import TOURS
from tests.hosts.alert_work import AlertsWork
from tests.resources.node import Node, running
from tests.support import Post

OLD, LEFT, LAST = "INC-1", "INC-2", "INC-3"
ELSEWHERE = ("compensation", "resources", "volunteers")
READERS = [Post(f"R.{role}", role, "150000") for role in ("EMD.duty", "EMD.officer", "CIV", "FIN", "AUD")]
PERSON = "V-11"


def incidents(desk: Desk) -> Iterator[Command]:
    """One in which everything happened, and one that it proves to be."""
    signed: dict[str, Any] = {"by": OFF, "now": desk.now}
    for incident, type in ((OLD, IncidentType.DAM), (LEFT, IncidentType.FLOOD)):
        yield RegisterIncident(**signed, incident=incident, type=type, division="150722", known_at=desk.now)
        yield VerifyIncident(**signed, incident=incident)
    yield MergeIncidents(**signed, incident=OLD, into=LEFT, reason="the same water")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("merged") / "data"
    (folder / "logs").mkdir(parents=True)
    for service in SERVICES:
        if service.name in (*ELSEWHERE, "alerts"):
            log = SqliteLog(folder / "logs" / f"150000.{service.name}.db", f"150000.{service.name}")
            desk = Desk(folder / service.name, service, rules_for=AlertsWork().rules_for, log=log)
            for command in incidents(desk) if service.name == "alerts" else TOURS[service.name](desk):
                assert isinstance(desk.do(command), Answer)
            log.close()
    with running(folder) as made:
        made.at = "2026-03-01T16:30:00+08:00"
        towns = [{"code": code, "zh": code, "en": code, "level": 4, "parent": "150722"} for code in ("150722100", "150722106")]
        made.done("registry/divisions/150000/units", Post("LOADER", "EMD.officer", "150000"), units=towns)
        yield made


def asked_by_incident(node: Node) -> list[str]:
    """The paths of every query that takes an incident."""
    found = []
    for service in ELSEWHERE:
        document = node.client.request("GET", f"/api/{service}/openapi.json").json()
        for path, operations in document["paths"].items():
            named = {one["name"] for one in operations.get("get", {}).get("parameters", ())}
            found += [f"{service}{path}"] if "incident" in named else []
    return found


def told(node: Node, path: str, incident: str) -> Any:
    """What the first who may and sees anything is told."""
    for who in READERS:
        got = node.ask("GET", path.replace("{person}", PERSON), who, params={"incident": incident})
        if got.status_code == 200:
            said: dict[str, Any] = {name: value for name, value in got.json().items() if name not in ("positions", "incident")}
            if any(said.get(name) for name in ("items", "persons", "days")):
                return said
    return None


def test_whatever_is_asked_by_incident_is_found_with_the_one_that_is_left(node: Node) -> None:
    paths = asked_by_incident(node)
    assert len(paths) >= 14
    old, left = ({path: told(node, path, incident) for path in paths} for incident in (OLD, LEFT))
    assert [path for path in paths if old[path] is None] == [], "no example"
    assert [path for path in paths if left[path] != old[path]] == []


def test_it_is_found_however_many_were_merged_on_the_way_and_its_own_name_still_names_it(databases: Any) -> None:
    database = databases.at("merged")
    db = database.connect()
    for statement in MERGED.ddl():
        db.execute(statement)
    rows, mergers = UnitOfWork(db), Mergers(IncidentMerged)
    for incident, into in ((OLD, LEFT), (LEFT, LAST), (OLD, LAST)):
        mergers.apply(rows, IncidentMerged(incident, into, "the same water", "B.OFF", NOW), AT)
    rows.flush()
    db = database.look()
    assert mergers.listens == ("alerts.incident.merged",)
    assert of_incident(db, LAST) == (" AND incident IN (?, ?, ?)", (LAST, OLD, LEFT))
    assert [of_incident(db, one)[1] for one in (LEFT, OLD, None)] == [(LEFT,), (OLD,), ()]
    assert paged(db, 9, store="S", incident=OLD, state=None) == ("position < ? AND store = ? AND incident IN (?)", (9, "S", OLD))
