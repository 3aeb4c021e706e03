"""Rescue forces: filing, roster of adults, readiness by date, stand-by, and what expires."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.volunteers.deciders.forces import commands as ask
from services.volunteers.deciders.forces.force import FORCE
from services.volunteers.deciders.forces.standby import STANDBY
from services.volunteers.deciders.forces.state import FILED, READY, STANDING_BY
from services.volunteers.deciders.people.state import Volunteer
from services.volunteers.events import force as said
from services.volunteers.events.validity import Cover, Member, Valid
from shared.blocks.clocks import Due
from shared.kernel.errors import NotAllowed, NotFound, RuleBroken, WrongState
from shared.testing.spec import Given, given
from tests.volunteers.people_world import (
    CITY,
    END,
    HQ,
    LATER,
    LEADER,
    NOW,
    OTHER_LEADER,
    RULES,
    SECOND,
    SYS,
    applied,
    filed,
    force_of,
)

COVER = Cover("POL-1", NOW, END, CITY, "rescue")
COVERED = said.ForceCoverNoted("SF-1", COVER, NOW, (Due("cover.POL-1", "ERL-40.1", NOW, END),))
GRADED = said.ForceAssessed(
    "SF-1", "WATER", "2", Valid("WATER", NOW, END), SECOND.actor, NOW, (Due("grade.WATER", "force.grade", NOW, END),)
)
REPORTED = said.ReadinessReported("SF-1", True, 2, 60, (), LEADER.actor, NOW)
READY_FORCE = (*filed(), COVERED, GRADED, REPORTED)


def past(*events: Any, **others: Any) -> Given:
    return given(FORCE, *events, others={"volunteer-SF-1": Volunteer(), **others}, rules=RULES)


def apply(**changed: Any) -> ask.ApplyFiling:
    whole: dict[str, Any] = {
        "by": LEADER,
        "now": NOW,
        "force": "SF-1",
        "name": "Test Water Rescue Team A",
        "disciplines": (ask.Discipline.WATER,),
        "home": "150721",
        "leader": LEADER.actor,
        "members": tuple(Member(f"M-1{n}", None, True, True) for n in (1, 2)),
        "registration": "R-1",
        "self_sufficiency_days": 3,
        "contact_24h": True,
    }
    return ask.ApplyFiling(**whole | changed)


def test_a_filing_says_what_it_must() -> None:
    past().when(apply()).then(applied())
    bare = {"name": None, "disciplines": (), "registration": None, "self_sufficiency_days": None, "contact_24h": False}
    past().when(apply(**bare)).refused(RuleBroken, "force.required", times=5)
    past().when(apply(registration=None, host_unit="a unit")).then_types(said.ForceFilingApplied)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"members": (Member("M-1", None, False, True),)}, "ERL-39.2"),
        ({"members": (Member("M-1", None, None, True),)}, "ERL-39.2"),
        ({"members": (Member("M-1", None, True),) * 2}, "force.roster"),
        ({"members": tuple(Member(f"M-{n}", None, True) for n in range(2001))}, "force.roster"),
        ({"foreign": True}, "EQL-57"),
        ({"contract": True}, "force.required"),
    ],
)
def test_a_filing_with_a_broken_rule_is_refused(changed: dict[str, Any], rule: str) -> None:
    past().when(apply(**changed)).refused(RuleBroken, rule)


def test_a_leader_acts_for_the_own_force() -> None:
    past().when(apply(by=OTHER_LEADER)).refused(NotAllowed, "force.leader")
    report = ask.ReportReadiness(by=OTHER_LEADER, now=NOW, force="SF-1", people=2, within_minutes=60)
    past(*filed()).when(report).refused(NotAllowed, "force.leader")


def test_a_second_person_files_with_proof() -> None:
    accept = ask.AcceptFiling(by=SECOND, now=NOW, force="SF-1", number="F-1", proof="P-1")
    past(applied()).when(accept).then(said.ForceFiled("SF-1", "F-1", "P-1", SECOND.actor, NOW))
    past(applied()).when(replace(accept, number=None, proof=None)).refused(RuleBroken, "force.proof", times=2)
    past(applied(by=SECOND.actor)).when(accept).refused(NotAllowed, "force.second_person")
    past(*filed()).when(accept).refused(WrongState, "force.life")
    back = ask.ReturnFiling(by=SECOND, now=NOW, force="SF-1", reason="no host unit")
    past(applied()).when(back).then(said.FilingReturned("SF-1", "no host unit", SECOND.actor, NOW))
    past(applied()).when(replace(back, reason=None)).refused(RuleBroken, "force.reason")
    past(applied(), said.FilingReturned("SF-1", "x", SECOND.actor, NOW)).when(apply()).then_types(said.ForceFilingApplied)


def test_a_grade_has_an_end() -> None:
    grade = ask.AssessForce(by=SECOND, now=NOW, force="SF-1", discipline=ask.Discipline.WATER, grade=ask.Grade.TWO, to=END)
    past(*filed()).when(grade).then(GRADED)
    for to in (None, NOW):
        past(*filed()).when(replace(grade, to=to)).refused(RuleBroken, "force.grade")
    past(*filed(leader=SECOND.actor)).when(grade).refused(NotAllowed, "force.second_person")
    assert force_of(*filed(), GRADED).grade("WATER", LATER) == "2"
    assert force_of(*filed(), GRADED).grade("WATER", END) is None


def report(**changed: Any) -> ask.ReportReadiness:
    return ask.ReportReadiness(**{"by": LEADER, "now": NOW, "force": "SF-1", "people": 2, "within_minutes": 60} | changed)


def test_a_report_is_kept_and_says_what_is_missing() -> None:
    decided = past(*filed()).when(report()).then_types(said.ReadinessReported)
    assert (decided.events[0].ready, decided.events[0].missing, decided.flags) == (False, ("ERL-40.1", "force.grade"), ("A-INCOMPLETE",))
    past(*filed(), COVERED, GRADED).when(report()).then(REPORTED)
    assert force_of(*READY_FORCE).status == READY
    untrained = filed(members=(Member("M-11", None, True, False),))
    decided = past(*untrained, COVERED, GRADED).when(report(people=1)).then_types(said.ReadinessReported)
    assert decided.events[0].missing == ("PSER-11",)
    past(*filed()).when(report(people=-1)).refused(RuleBroken, "force.numbers")


def test_expired_cover_or_grade_is_no_readiness() -> None:
    late = past(*filed(), COVERED, GRADED).when(report(now=END + timedelta(seconds=1))).then_types(said.ReadinessReported)
    assert late.events[0].missing == ("ERL-40.1", "force.grade")


def test_what_expires_takes_readiness_the_same_moment() -> None:
    tell = ask.EscalateForceClock(by=SYS, now=END, force="SF-1", key="cover.POL-1")
    lapsed = said.ForceLapsed("SF-1", "cover", "POL-1", END, False, END, ("cover.POL-1",))
    past(*READY_FORCE).when(tell).then(lapsed)
    assert force_of(*READY_FORCE, lapsed).status == FILED
    past(*READY_FORCE, lapsed).when(tell).then()
    past(*READY_FORCE).when(replace(tell, now=LATER)).then()
    longer = said.ForceCoverNoted("SF-1", replace(COVER, policy="POL-9", until=END + timedelta(days=9)), NOW)
    past(*READY_FORCE, longer).when(tell).then(replace(lapsed, ready=True))


def test_a_cover_that_is_taken_away_takes_readiness() -> None:
    note = ask.NoteForceCover(by=SYS, now=NOW, force="SF-1", cover=COVER)
    past(*filed()).when(note).then(COVERED)
    past(*filed(), COVERED).when(note).then()
    end = ask.EndForceCover(by=SYS, now=LATER, force="SF-1", policy="POL-1")
    past(*READY_FORCE).when(end).then_types(said.ForceCoverEnded, said.ForceLapsed)
    past(*filed(), COVERED).when(end).then_types(said.ForceCoverEnded)
    past(*filed()).when(end).then()


def test_a_ready_force_stands_by_for_a_measure() -> None:
    asked = STANDBY.fold([said.StandByRequested("AL-1", "MS-1", "150722", "ERL-67", NOW)])
    set_ = ask.SetStandBy(by=HQ, now=NOW, force="SF-1", alert="AL-1", measure="MS-1", until=END)
    others = {"standby-AL-1.MS-1": asked}
    stood = past(*READY_FORCE, **others).when(set_).then_types(said.ForceStoodBy, said.StandByJoined)
    assert force_of(*READY_FORCE, stood.events[0][1]).status == STANDING_BY
    past(*filed(), **others).when(set_).refused(WrongState, "force.life")
    past(*READY_FORCE, **{"standby-AL-1.MS-1": STANDBY.initial}).when(set_).refused(NotFound, "reference")
    past(*READY_FORCE, **others).when(replace(set_, until=NOW)).refused(RuleBroken, "force.stand_by")
    past(*READY_FORCE).when(replace(set_, measure=None)).refused(RuleBroken, "force.stand_by")
    past(*READY_FORCE).when(replace(set_, alert=None, measure=None)).then_types(said.ForceStoodBy)


def test_standing_by_ends() -> None:
    stood = said.ForceStoodBy("SF-1", None, None, END, HQ.actor, NOW, (Due("standby", "force.stand_by", NOW, END),))
    end = ask.EndStandBy(by=HQ, now=LATER, force="SF-1", reason="the rain is over")
    past(*READY_FORCE, stood).when(end).then(said.ForceStandByEnded("SF-1", "the rain is over", HQ.actor, LATER, ("standby",)))
    past(*READY_FORCE, stood).when(replace(end, reason="")).refused(RuleBroken, "force.reason")
    past(*READY_FORCE).when(replace(end, by=SYS)).then()
    past(*READY_FORCE).when(end).refused(WrongState, "force.life")
    tell = ask.EscalateForceClock(by=SYS, now=END, force="SF-1", key="standby")
    past(*READY_FORCE, stood).when(tell).then_types(said.ForceStandByEnded)


def test_only_the_rescue_teams_measure_asks_forces() -> None:
    request = ask.RequestStandBy(by=SYS, now=NOW, alert="AL-1", measure="MS-1", kind="rescue teams stand by", basis="ERL-67")
    asked = said.StandByRequested("AL-1", "MS-1", None, "ERL-67", NOW)
    by = given(STANDBY, rules=RULES)
    by.when(request).then(asked)
    by.when(replace(request, kind="close road")).then()
    given(STANDBY, asked, rules=RULES).when(request).then()
    end = ask.EndStandByRequest(by=SYS, now=LATER, alert="AL-1", measure="MS-1", reason="lifted")
    joined = said.StandByJoined("AL-1", "MS-1", "SF-1", NOW)
    ended = said.StandByRequestEnded("AL-1", "MS-1", ("SF-1",), "lifted", LATER)
    given(STANDBY, asked, joined, rules=RULES).when(end).then(ended)
    by.when(end).then()
    given(STANDBY, asked, joined, ended, rules=RULES).when(end).then()


@pytest.mark.parametrize(
    ("kind", "fact"),
    [(ask.SuspendForce, said.ForceSuspended), (ask.DeregisterForce, said.ForceDeregistered)],
)
def test_a_force_is_taken_off_with_a_reason(kind: Any, fact: type) -> None:
    past(*filed()).when(kind(by=SECOND, now=NOW, force="SF-1", reason="its vehicles failed")).then_types(fact)
    past(*filed()).when(kind(by=SECOND, now=NOW, force="SF-1")).refused(RuleBroken, "force.reason")


def test_a_restored_force_reports_anew() -> None:
    suspended = said.ForceSuspended("SF-1", "x", SECOND.actor, NOW)
    restore = ask.RestoreForce(by=SECOND, now=NOW, force="SF-1", reason="repaired")
    restored = past(*READY_FORCE, suspended).when(restore).then_types(said.ForceRestored)
    assert force_of(*READY_FORCE, suspended, *restored.events).status == FILED
    past(*filed()).when(restore).refused(WrongState, "force.life")


def test_roster_and_gear_are_as_they_are_from_now_on() -> None:
    roster = ask.UpdateRoster(by=LEADER, now=NOW, force="SF-1", members=(Member("M-13", None, True),))
    past(*filed()).when(roster).then(said.RosterUpdated("SF-1", (Member("M-13", None, True),), LEADER.actor, LEADER.actor, NOW))
    minor = replace(roster, members=(Member("M-13", None, False),))
    error = past(*filed()).when(minor).refused(RuleBroken, "ERL-39.2")
    assert "M-13" in error.cure
    gear = ask.UpdateGear(by=LEADER, now=NOW, force="SF-1", gear=(said.Gear("boat", 2),))
    had = past(*filed()).when(gear).then_types(said.GearUpdated)
    past(*filed(), *had.events).when(gear).then()
    past(*filed()).when(replace(gear, gear=(said.Gear("boat", -1),))).refused(RuleBroken, "force.numbers")


def test_social_forces_get_offers_and_others_orders() -> None:
    assert not force_of(*filed()).ordered
    assert force_of(*filed(contract=True, contract_with=CITY)).ordered
    assert force_of(*filed(kind="professional")).ordered
