"""What follows from facts, here and in the volunteers' log."""

from __future__ import annotations

from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

from services.alerts.events.incident import IncidentRegistered
from services.compensation.deciders.claims.commands import NoteEntitlement, ServeDecision
from services.compensation.deciders.entitlements.entitlement import EscalateEntitlementClock, RecordEntitlement
from services.compensation.deciders.entitlements.place import NoteIncident
from services.compensation.events.clock import ClockMissed
from services.compensation.events.decision import Manner
from services.compensation.policies import POLICIES
from services.compensation.service import COMPENSATION
from services.volunteers.events.callup import CallUpSettled, ServiceDay
from services.volunteers.events.force import ForceFiled, RosterUpdated
from shared.kernel.events import family, type_of
from tests.compensation.world import NOW, RULES, SYS, Town, assessed, at, claim, decide, july, minutes
from tests.rulebook import FakeRules


def follow(event: Any, stream: str = "callup-CU-1") -> list[Any]:
    named = {"division": "150722", "visibility": "internal", "streamid": stream, "id": "150000.compensation:1"}
    envelope: Any = SimpleNamespace(time=NOW, **named)
    heard = [one for one in POLICIES if family(type_of(event)) in one.listens]
    return [command for one in heard for command in one.react(event, envelope)]


def test_it_listens_to_the_volunteers_to_incidents_and_to_what_was_taken():
    assert COMPENSATION.listens_to == ("alerts", "resources", "volunteers")


def test_a_settled_call_up_is_what_claims_rest_on():
    days = (ServiceDay("M-11", july(18), 540), ServiceDay("M-12", july(18), 540))
    settled = CallUpSettled("CU-2", "INC-1", "SF-1", None, "SF-1", days, 1080, "150722106", 1, NOW, payer="150722")
    (command,) = follow(settled)
    assert isinstance(command, RecordEntitlement) and command.force and command.payer == "150722"
    town = Town()
    (fact,) = town.do(command).events
    assert len(fact.days) == 2 and fact.clocks[0].rule == "K-26" and not town.do(command).events


def test_the_leader_follows_the_roster():
    (command,) = follow(RosterUpdated("SF-1", (), "TL.1", "TL.1", NOW))
    assert (command.force, command.leader) == ("SF-1", "TL.1")


def test_the_leader_speaks_for_the_force_once_it_is_on_file():
    (named,) = follow(RosterUpdated("SF-1", (), "TL.1", "TL.1", NOW))
    (on_file,) = follow(ForceFiled("SF-1", "1", "seen", "B.OFF", NOW))
    town = Town()
    for command, leader in ((named, None), (on_file, "TL.1")):
        town.do(command)
        assert town.state("leader-SF-1").leader == leader
    assert not town.do(on_file).events


def test_a_claim_that_waited_goes_on():
    town = Town()
    town.do(claim())
    (recorded,) = town.settled("V-A", minutes("V-A", (18, 9))).events
    (command,) = follow(recorded)
    assert command == NoteEntitlement(by=command.by, now=NOW, claim="CL-A")


def test_a_decision_is_served_in_the_app_and_on_paper_by_hand():
    (decided,) = assessed().do(decide()).events
    (command,) = follow(decided)
    assert isinstance(command, ServeDecision) and command.manner is Manner.IN_APP
    (on_paper,) = assessed().do(decide(manner=Manner.PAPER)).events
    assert follow(on_paper) == []


def test_what_nobody_claims_in_fifteen_days_is_told_once_and_claimed_by_itself():
    town = Town()
    town.settled("V-A", minutes("V-A", (18, 9)))
    late = EscalateEntitlementClock(by=SYS, now=at("15:00").replace(month=8, day=6), entitlement="V-A.INC-1", key="K-26")
    missed, unclaimed = town.do(late).events
    assert isinstance(missed, ClockMissed) and not town.do(late).events
    (command,) = follow(unclaimed)
    opened = town.do(command).events[0]
    assert (opened.claimant, opened.missing, opened.by) == ("V-A", (), "SYS.POLICY") and not town.do(replace(command, claim="CL-9")).events
    claimed = Town()
    claimed.settled("V-A", minutes("V-A", (18, 9)))
    claimed.do(claim())
    assert not claimed.do(late).events


def test_the_place_of_the_incident_pays_whoever_called_and_the_rule_may_say_otherwise():
    town = Town()
    town.do(NoteIncident(by=SYS, now=NOW, incident="INC-1", division="150722"))
    assert not town.do(NoteIncident(by=SYS, now=NOW, incident="INC-1", division="150700")).events
    (fact,) = town.settled("SF-2", minutes("M-21", (19, 6)), payer="150700").events
    assert (fact.payer, fact.division) == ("150722", "150722")
    by_caller = Town(FakeRules(RULES.values | {"compensation.payer": "caller"}))
    by_caller.do(NoteIncident(by=SYS, now=NOW, incident="INC-1", division="150722"))
    assert by_caller.settled("SF-2", minutes("M-21", (19, 6)), payer="150700").events[0].payer == "150700"
    assert town.settled("SF-2", minutes("M-21", (19, 6)), incident=None, payer="150700").events[0].payer == "150700"


def test_an_incident_is_noted_where_it_was_registered():
    registered = IncidentRegistered(**{one.name: None for one in fields(IncidentRegistered)} | {"incident": "INC-1", "division": "150722"})
    (command,) = follow(registered)
    assert (command.incident, command.division) == ("INC-1", "150722")
