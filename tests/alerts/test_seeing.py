"""Whose matter a restricted incident is, and what is kept in mind of incidents for events as they pass (ERL art. 69)."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.alerts.api.live import Circle
from services.alerts.api.seeing import Concern, concerned, seen
from services.alerts.events.incident import IncidentRegistered, IncidentType, Lead
from services.alerts.events.leading import IncidentExtended, IncidentMerged
from shared.kernel.envelope import Envelope, Recorded
from shared.kernel.events import type_of
from shared.web.filters import Filter
from tests.alerts.world import NOW

A, B, D, CITY = "150722", "150721", "150723", "150700"
ABOVE = {A: (A, CITY), B: (B, CITY), D: (D, CITY), CITY: (CITY,)}


def staff(own: str) -> Any:
    """What the staff of a division sees: restricted of itself and below; internal also of those above."""
    return lambda of, how: how == "public" or (of is not None and (own in ABOVE[of] or (how == "internal" and of in ABOVE[own])))


def test_it_is_a_matter_of_every_division_it_is_in_and_of_the_one_it_was_merged_into():
    known = {"SS-1": Concern(True, (A, A)), "SS-2": Concern(True, (B, B), "SS-1"), "F-1": Concern(False, (A, A))}
    ours = {
        (who, one): concerned(staff(who), one, known.get) for who in (A, B, D, CITY) for one in ("SS-1", "SS-2", "F-1", "unknown", None)
    }
    assert {who for (who, one), mine in ours.items() if one == "SS-1" and mine} == {A, CITY}
    assert {who for (who, one), mine in ours.items() if one == "SS-2" and mine} == {A, B, CITY}
    assert {mine for (_, one), mine in ours.items() if one in ("F-1", "unknown", None)} == {None}


@pytest.mark.parametrize(
    ("who", "division", "visibility", "ours", "category", "shown"),
    [
        (A, CITY, "restricted", True, "order", True),  # what the superior does about it
        (D, CITY, "internal", False, "order", False),
        (A, CITY, "internal", True, "order", True),
        (D, D, "restricted", False, "task", True),  # its own people act in it
        (D, D, "internal", False, "task", True),
        (B, D, "restricted", False, "task", False),
        (CITY, D, "internal", False, "task", True),  # who lies above whoever acts
        (D, CITY, "internal", False, "alert", True),  # a warning is for all it is for
        (A, B, "restricted", True, "report", True),
        (D, B, "public", False, "bulletin", True),
        (A, A, "confidential", True, "order", False),
        (D, CITY, "internal", None, "order", True),
        (A, CITY, "restricted", None, "order", False),
    ],
)
def test_one_rule_says_who_sees_what_lies_where(who, division, visibility, ours, category, shown):
    def sees(of: str | None, how: str) -> bool:
        return how != "confidential" and bool(staff(who)(of, how))

    assert seen(sees, division, visibility, ours, category) is shown


class Kept:
    """A log in memory."""

    name = "150000.alerts"

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self.asked: list[str] = []

    def add(
        self, stream: str, fact: Any, *, incident: str, division: str = CITY, log: str = name, visibility: str = "restricted"
    ) -> Recorded:
        position = len(self.events) + 1
        named: dict[str, Any] = {"specversion": "1.0", "id": f"{log}:{position}", "source": "", "type": type_of(fact), "time": NOW}
        place: dict[str, Any] = {"log": log, "position": position, "streamid": stream, "streamversion": 1, "partitionkey": stream}
        envelope = Envelope(**named, **place, division=division, visibility=visibility, correlationid=incident)
        recorded = cast(Recorded, SimpleNamespace(position=position, stream=stream, envelope=envelope, event=fact))
        self.events.append(recorded)
        return recorded

    def stream(self, stream: str, after: int = 0) -> Sequence[Recorded]:
        self.asked.append(stream)
        return [one for one in self.events if one.stream == stream][after:]

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return self.events[after : after + limit]


def registered(log: Kept, incident: str = "SS-1") -> Recorded:
    fact = IncidentRegistered(incident, IncidentType.SOCIAL, A, (A,), (Lead(A),), "A.OFF", NOW, known_at=NOW, visibility="restricted")
    return log.add(f"incident-{incident}", fact, incident=incident, division=A)


def extended(log: Kept) -> Recorded:
    return log.add("incident-SS-1", IncidentExtended("SS-1", (A, B), CITY, (Lead(CITY),), "C.GOV", NOW, "it moved"), incident="SS-1")


def of_superior(kept: Kept, **more: Any) -> Recorded:
    return kept.add("order-OR-1", IncidentMerged("x", "y", "", "", NOW), incident="SS-1", **more)  # any fact of another stream


@pytest.fixture
def log() -> Kept:
    return Kept()


def circles(circle: Circle, event: Recorded) -> set[str]:
    return {who for who in ABOVE if circle.shown(event, staff(who))}


def test_events_pass_as_the_incident_stands_when_they_are_shown(log):
    circle = Circle(log)
    circle.learn(log.name, [registered(log), order := of_superior(log)])
    assert circles(circle, order) == {A, CITY}
    circle.learn(log.name, [extended(log)])
    assert circles(circle, order) == {A, B, CITY}
    before = len(log.asked)
    circle.learn(log.name, log.events)  # whoever catches up reads them again
    assert circles(circle, order) == {A, B, CITY} and len(log.asked) == before


def test_what_went_by_while_nobody_looked_is_looked_up(log):
    circle = Circle(log)
    circle.learn(log.name, [registered(log), order := of_superior(log)])
    extended(log)
    circle.learn(log.name, [of_superior(log)])
    assert circles(circle, order) == {A, B, CITY}


def test_an_incident_that_is_known_later_is_known_then(log):
    circle = Circle(log)
    early = of_superior(log, visibility="internal")
    circle.learn(log.name, [early])
    assert circles(circle, early) == set(ABOVE)
    circle.learn(log.name, [registered(log)])
    assert circles(circle, early) == {A, CITY}


def test_of_what_other_services_keep_their_own_class_says_it(log):
    circle = Circle(log)
    registered(log)
    claim = of_superior(log, log="150000.compensation", division=B)
    circle.learn("150000.compensation", [claim])
    assert circles(circle, claim) == {B, CITY}


def test_what_lies_under_a_merged_incident_is_found_under_the_one_that_is_left(log):
    circle = Circle(log)
    registered(log)
    registered(log, "SS-2")
    circle.learn(log.name, log.events)
    assert circle.under("SS-2") == "SS-2"
    merged = log.add("incident-SS-2", IncidentMerged("SS-2", "SS-1", "the same", "C.GOV", NOW), incident="SS-2")
    circle.learn(log.name, [merged])
    assert (circle.under("SS-2"), circle.under("SS-1"), circle.under("unknown")) == ("SS-1", "SS-1", "unknown")
    asked = {
        one: Filter(incident=one).takes(merged, lambda of, how: True, lambda of, above: True, circle) for one in ("SS-1", "SS-2", "SS-3")
    }
    assert asked == {"SS-1": True, "SS-2": True, "SS-3": False}
