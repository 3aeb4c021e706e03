"""Whose matter a restricted incident is, and what is kept in mind of incidents for events as they pass (ERL art. 69)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.alerts.api import live
from services.alerts.api.live import Circle
from services.alerts.api.seeing import Concern, concerned, seen
from services.alerts.events.incident import IncidentClassified, IncidentRegistered, IncidentType, Lead
from services.alerts.events.leading import IncidentExtended, IncidentMerged
from services.alerts.events.scales import EventGrade
from shared.handling.matters import Learned
from shared.kernel.envelope import Envelope, Recorded
from shared.kernel.events import type_of
from shared.web.filters import Filter
from tests.alerts.world import NOW
from tests.waiting import PATIENCE_S

A, B, D, CITY = "150722", "150721", "150723", "150700"
EVERYWHERE = ""
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
        (EVERYWHERE, None, "restricted", False, "order", False),  # what lies nowhere is no place's own
        (EVERYWHERE, None, "restricted", None, "order", True),
        (EVERYWHERE, None, "restricted", False, "report", True),
        (EVERYWHERE, None, "internal", False, "order", False),
    ],
)
def test_one_rule_says_who_sees_what_lies_where(who, division, visibility, ours, category, shown):
    def sees(of: str | None, how: str) -> bool:
        return how != "confidential" and (of is None or bool(staff(who)(of, how)))

    assert seen(sees, division, visibility, ours, category) is shown


class Kept:
    """A log in memory."""

    name = "150000.alerts"

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self.given: list[int] = []  # how many events were asked for, each time

    def add(
        self, stream: str, fact: Any, *, incident: str, division: str = CITY, log: str = name, visibility: str = "restricted"
    ) -> Recorded:
        position, version = len(self.events) + 1, 1 + sum(one.stream == stream for one in self.events)
        named: dict[str, Any] = {"specversion": "1.0", "id": f"{log}:{position}", "source": "", "type": type_of(fact), "time": NOW}
        place: dict[str, Any] = {"log": log, "position": position, "streamid": stream, "streamversion": version, "partitionkey": stream}
        envelope = Envelope(**named, **place, division=division, visibility=visibility, correlationid=incident)
        recorded = cast(Recorded, SimpleNamespace(position=position, stream=stream, version=version, envelope=envelope, event=fact))
        self.events.append(recorded)
        return recorded

    def stream(self, stream: str, after: int = 0) -> Sequence[Recorded]:
        found = [one for one in self.events if one.stream == stream and one.version > after]
        self.given.append(len(found))
        return found

    def read(self, after: int, limit: int = 1000) -> list[Recorded]:
        return self.events[after : after + limit]


def registered(log: Kept, incident: str = "SS-1", visibility: str = "restricted") -> Recorded:
    fact = IncidentRegistered(incident, IncidentType.SOCIAL, A, (A,), (Lead(A),), "A.OFF", NOW, known_at=NOW, visibility=visibility)
    return log.add(f"incident-{incident}", fact, incident=incident, division=A, visibility=visibility)


def restricted(log: Kept) -> Recorded:
    fact = IncidentClassified("SS-1", IncidentType.SOCIAL, EventGrade.ORDINARY, "ERL-3", "A.OFF", NOW, visibility="restricted")
    return log.add("incident-SS-1", fact, incident="SS-1", division=A)


def extended(log: Kept) -> Recorded:
    return log.add("incident-SS-1", IncidentExtended("SS-1", (A, B), CITY, (Lead(CITY),), "C.GOV", NOW, "it moved"), incident="SS-1")


def of_superior(kept: Kept, incident: str = "SS-1", **more: Any) -> Recorded:
    return kept.add("order-OR-1", IncidentMerged("x", "y", "", "", NOW), incident=incident, **more)  # any fact of another stream


@pytest.fixture
def log() -> Kept:
    return Kept()


def circles(learned: Learned, event: Recorded) -> set[str]:
    return {who for who in ABOVE if learned.shown(event, staff(who))}


def test_a_page_that_is_read_again_is_judged_by_the_incident_as_it_stands_then_whoever_read_what_came_between(log):
    circle = Circle(log)
    page = [registered(log), order := of_superior(log)]
    assert circles(first := circle.learn(log.name, page), order) == {A, CITY}
    extended(log)
    assert circles(circle.learn(log.name, page), order) == {A, B, CITY}
    assert circles(first, order) == {A, CITY}  # what was learned does not change below whoever judges by it


def test_a_page_that_is_read_again_shows_less_once_its_incident_is_restricted(log):
    circle = Circle(log)
    page = [registered(log, visibility="internal"), order := of_superior(log, visibility="internal")]
    assert circles(circle.learn(log.name, page), order) == set(ABOVE)
    restricted(log)
    assert circles(circle.learn(log.name, page), order) == {A, CITY}


def test_an_incident_is_read_on_and_not_from_its_beginning(log):
    circle = Circle(log)
    page = [registered(log), of_superior(log), of_superior(log)]
    for _ in range(2):
        circle.learn(log.name, page)
    extended(log)
    circle.learn(log.name, page)
    assert log.given == [1, 0, 1]


def test_what_was_learned_is_judged_without_looking_anything_up(log):
    page = [registered(log), order := of_superior(log)]
    learned = Circle(log).learn(log.name, page)
    log.given.clear()
    assert circles(learned, order) and learned.under("SS-1") == "SS-1" and log.given == []
    with pytest.raises(KeyError):  # nobody looked for it: it is not taken for one that is not restricted
        learned.under("SS-2")


def test_of_two_who_learn_at_once_the_newer_is_kept_and_each_judges_by_its_own(log):
    circle, both = Circle(log), Barrier(2)
    page = [registered(log), order := of_superior(log)]
    ask = log.stream

    def slow(stream: str, after: int = 0) -> Sequence[Recorded]:
        found = ask(stream, after)
        both.wait(PATIENCE_S)  # both look at once: no lock is held meanwhile
        return found

    log.stream = slow
    with ThreadPoolExecutor(2) as pool:
        found = [one.result() for one in [pool.submit(circle.learn, log.name, page) for _ in range(2)]]
    assert [circles(one, order) for one in found] == [{A, CITY}] * 2


def test_however_few_are_kept_in_mind_each_is_judged_as_it_is(log, monkeypatch):
    monkeypatch.setattr(live, "MOST", 1)
    circle = Circle(log)
    page = [registered(log), registered(log, "SS-2"), order := of_superior(log)]
    for _ in range(2):
        assert circles(circle.learn(log.name, page), order) == {A, CITY}
    assert len(circle._known) == 1


def test_an_incident_that_is_known_later_is_known_then(log):
    circle = Circle(log)
    early = of_superior(log, visibility="internal")
    assert circles(circle.learn(log.name, [early]), early) == set(ABOVE)
    registered(log)
    assert circles(circle.learn(log.name, [early]), early) == {A, CITY}


def test_of_what_other_services_keep_their_own_class_says_it(log):
    registered(log)
    claim = of_superior(log, log="150000.compensation", division=B)
    assert circles(Circle(log).learn("150000.compensation", [claim]), claim) == {B, CITY}


def test_what_lies_under_a_merged_incident_is_found_under_the_one_that_is_left(log):
    circle = Circle(log)
    page = [registered(log), registered(log, "SS-2"), of_superior(log, incident="unknown")]
    assert circle.learn(log.name, page).under("SS-2") == "SS-2"
    merged = log.add("incident-SS-2", IncidentMerged("SS-2", "SS-1", "the same", "C.GOV", NOW), incident="SS-2")
    learned = circle.learn(log.name, page)
    assert [learned.under(one) for one in ("SS-2", "SS-1", "unknown")] == ["SS-1", "SS-1", "unknown"]
    learned = circle.learn("150000.compensation", [merged])  # the one that is left is looked up with it
    asked = {
        one: Filter(incident=one).takes(merged, lambda of, how: True, lambda of, above: True, learned) for one in ("SS-1", "SS-2", "SS-3")
    }
    assert asked == {"SS-1": True, "SS-2": True, "SS-3": False}
    assert circles(learned, merged) == {A, CITY}
