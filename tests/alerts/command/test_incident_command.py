"""Who leads and who commands: one at a time, moving upward (ERL art. 17, 18, 72; PSER art. 20, 21)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.alerts.deciders.incidents.commands import (
    DeclareControlled,
    DesignateLead,
    DismissIncident,
    DissolveSiteHQ,
    EscalateIncidentClock,
    ExtendIncident,
    HandOverSiteCommand,
    MergeIncidents,
    RegisterNote,
    SetUpSiteHQ,
    TransferLead,
)
from services.alerts.events.incident import Lead
from services.alerts.events.leading import (
    IncidentExtended,
    LeadDesignated,
    LeadTaken,
    LeadTransferred,
    SiteCommandTransferred,
    SiteHQDissolved,
    SiteHQEstablished,
)
from services.alerts.service import ALERTS
from shared.blocks.clocks import Due
from shared.handling.pending import Answer
from shared.kernel.commands import Signature
from shared.kernel.errors import DomainError, NotAllowed, RuleBroken, WrongState
from tests.alerts.command.incidents import A_HQ, B_GOV, B_HQ, C_GOV, C_HQ, OFF, R_GOV, SYS, A, B, C, Node, R, refused, register, verify
from tests.alerts.world import DUTY, at
from tests.handling.desk import Desk
from tests.hosts.alert_work import AlertsWork

OTHER_LEAGUE = "152200"
OTHER_GOV = Signature("X.GOV", ("GOV",), OTHER_LEAGUE, 2)


def node(*commands: Any) -> Node:
    made = Node()
    for command in (register(), verify(), *commands):
        made.do(command)
    return made


def transfer(to: str = C, by: Signature = C_GOV, **changed: Any) -> TransferLead:
    return TransferLead(**({"by": by, "now": at("16:05"), "incident": "INC-1", "to": to} | changed))


def set_up(by: Signature = B_HQ, commander: str | None = "B.ICP", clock: str = "14:35") -> SetUpSiteHQ:
    return SetUpSiteHQ(by=by, now=at(clock), incident="INC-1", commander=commander)


# ---------------------------------------------------------------- the lead


def test_the_lead_goes_over_and_who_led_keeps_its_tasks_until_then():
    made = node()
    later = at("17:00")
    (transferred,) = made.do(transfer(from_=B, effective_at=later))
    clock = Due("lead", "ERL-17.2", at("16:05"), later)
    assert transferred == LeadTransferred("INC-1", (Lead(B),), C, "C.GOV", at("16:05"), later, "", (Lead(C),), (clock,))
    assert made.incident().leaders == (B,)
    comes = EscalateIncidentClock(by=SYS, now=later, incident="INC-1", key="lead")
    assert made.do(replace(comes, now=at("16:59"))) == []
    assert made.do(comes) == [LeadTaken("INC-1", (Lead(C),), later, ("lead",))]
    assert (made.incident().leaders, made.do(comes)) == ((C,), [])


def test_who_is_named_later_leads_although_a_transfer_was_to_come():
    made = node(transfer(effective_at=at("17:00")), transfer(R, R_GOV, now=at("16:30")))
    assert made.incident().leaders == (R,)
    assert made.do(EscalateIncidentClock(by=SYS, now=at("17:00"), incident="INC-1", key="lead")) == []
    made = node(transfer(effective_at=at("17:00")), DesignateLead(by=R_GOV, now=at("16:30"), incident="INC-1", leads=(Lead(B),)))
    assert made.do(EscalateIncidentClock(by=SYS, now=at("17:00"), incident="INC-1", key="lead")) == []
    assert made.incident().leaders == (B,)


def co_led(*commands: Any) -> Node:
    leads = (Lead(C, (B, A)), Lead(OTHER_LEAGUE, (OTHER_LEAGUE,)))
    extended = ExtendIncident(by=R_GOV, now=at("16:00"), incident="INC-1", divisions=(A, OTHER_LEAGUE))
    return node(extended, DesignateLead(by=R_GOV, now=at("16:01"), incident="INC-1", leads=leads), *commands)


def test_of_co_leads_only_the_one_named_goes_over():
    made = co_led(transfer(R, R_GOV, from_=OTHER_LEAGUE))
    assert made.incident().leads == (Lead(C, (B, A)), Lead(R, (OTHER_LEAGUE,)))
    assert co_led(transfer(R, R_GOV)).incident().leads == (Lead(R),)  # none named: unified command
    made.do(transfer(R, R_GOV, from_=C))
    assert made.incident().leads == (Lead(R),)


def test_a_transfer_that_crossed_with_another_is_refused():
    made = node(transfer())
    assert isinstance(refused(made, transfer(R, R_GOV, from_=B)), WrongState)
    assert isinstance(refused(made, transfer()), WrongState)


def test_a_transfer_is_never_backdated():
    assert refused(node(), transfer(effective_at=at("16:04"))).rule == "ERL-61.2"


def test_who_extends_an_incident_is_above_all_its_divisions_and_leads():
    made = node()
    extend = ExtendIncident(by=C_GOV, now=at("16:00"), incident="INC-1", divisions=(A,))
    (extended,) = made.do(extend)
    assert isinstance(extended, IncidentExtended)
    assert (extended.divisions, extended.division, extended.leads) == ((B, A), C, (Lead(C),))
    assert made.do(extend) == []


def test_several_divisions_have_one_lead_above_them_or_co_leads_that_stand_for_all():
    made = node(ExtendIncident(by=R_GOV, now=at("16:00"), incident="INC-1", divisions=(A, OTHER_LEAGUE)))

    def designate(*leads: Lead) -> DesignateLead:
        return DesignateLead(by=R_GOV, now=at("16:10"), incident="INC-1", leads=leads)

    assert refused(made, designate()).rule == "ERL-18"
    assert "twice" in refused(made, designate(Lead(C, (B,)), Lead(C, (A,)))).cure
    lacking = refused(made, designate(Lead(C, (B, A))))
    assert isinstance(lacking, RuleBroken) and lacking.cure == f"nobody leads in {OTHER_LEAGUE}"
    assert f"what {C} stands for" in refused(made, designate(Lead(C), Lead(OTHER_LEAGUE, (OTHER_LEAGUE,)))).cure
    (designated,) = made.do(designate(Lead(C, (B, A)), Lead(OTHER_LEAGUE, (OTHER_LEAGUE,))))
    assert isinstance(designated, LeadDesignated)
    assert made.incident().leaders == (C, OTHER_LEAGUE)
    assert made.do(designate(*designated.leads)) == []


# ---------------------------------------------------------------- the tree is asked, by the writer


@pytest.fixture
def desk(tmp_path):
    work = AlertsWork()
    made = Desk(tmp_path, ALERTS, rules_for=work.rules_for, may=work.may)
    made.now = at("17:00")
    assert isinstance(made.do(register()), Answer)
    return made


def said(result: Any) -> tuple[type, str, str]:
    assert isinstance(result, DomainError), result
    return type(result), result.rule, result.cure


def test_a_county_takes_no_lead_upward_and_no_neighbour_takes_it(desk):
    assert said(desk.do(transfer(by=B_GOV)))[:2] == (NotAllowed, "ERL-17.2")
    neighbour = Signature("A.GOV", ("GOV",), A, 3)
    assert said(desk.do(transfer(A, neighbour)))[:2] == (NotAllowed, "ERL-17.2")
    assert said(desk.do(transfer(C, OFF)))[0] is NotAllowed


def test_a_city_takes_nothing_back_from_the_region(desk):
    assert isinstance(desk.do(transfer(R, R_GOV)), Answer)
    assert said(desk.do(transfer(C, C_GOV)))[0] is NotAllowed
    assert isinstance(desk.do(transfer(C, R_GOV)), Answer)  # the region gives it


def test_who_leads_lies_above_what_it_leads(desk):
    assert said(desk.do(transfer(OTHER_LEAGUE, R_GOV)))[:2] == (NotAllowed, "ERL-17.2")
    kind, _, cure = said(desk.do(transfer(A, R_GOV)))
    assert kind is NotAllowed and cure.startswith(f"{A} does not lie above all of {B}: name a division that does")
    named = {"now": at("17:00"), "incident": "INC-1"}
    assert said(desk.do(ExtendIncident(by=C_HQ, divisions=(OTHER_LEAGUE,), **named)))[:2] == (NotAllowed, "ERL-18")
    assert isinstance(desk.do(ExtendIncident(by=R_GOV, divisions=(OTHER_LEAGUE,), **named)), Answer)
    wrong = (Lead(C, (OTHER_LEAGUE,)), Lead(OTHER_LEAGUE, (B,)))
    right = (Lead(C, (B,)), Lead(OTHER_LEAGUE, (OTHER_LEAGUE,)))
    assert said(desk.do(DesignateLead(by=R_GOV, leads=wrong, **named)))[:2] == (NotAllowed, "ERL-18")
    assert isinstance(desk.do(DesignateLead(by=R_GOV, leads=right, **named)), Answer)


def test_several_divisions_are_registered_by_one_above_them_all(desk):
    assert said(desk.do(register("INC-2", divisions=(A,))))[0] is NotAllowed
    city = Signature("C.DUTY", ("EMD.duty",), C, 2)
    assert isinstance(desk.do(register("INC-2", by=city, divisions=(A,))), Answer)
    assert desk.events[-1].envelope.division == C


def test_what_only_leads_do_is_done_by_a_lead_or_above_it(desk):
    def controlled(by: Signature, incident: str = "INC-1") -> Any:
        return desk.do(DeclareControlled(by=by, now=at("17:00"), incident=incident))

    assert isinstance(desk.do(verify()), Answer)
    assert isinstance(desk.do(transfer()), Answer)
    assert said(controlled(B_GOV))[0] is NotAllowed
    assert said(controlled(A_HQ))[0] is NotAllowed
    assert isinstance(controlled(C_GOV), Answer)


def test_each_of_several_co_leads_acts_and_its_neighbours_do_not(desk):
    named = {"now": at("17:00"), "incident": "INC-1"}
    leads = (Lead(C, (B,)), Lead(OTHER_LEAGUE, (OTHER_LEAGUE,)))
    assert isinstance(desk.do(verify()), Answer)
    assert isinstance(desk.do(ExtendIncident(by=R_GOV, divisions=(OTHER_LEAGUE,), **named)), Answer)
    assert isinstance(desk.do(DesignateLead(by=R_GOV, leads=leads, **named)), Answer)
    assert said(desk.do(DeclareControlled(by=replace(OTHER_GOV, division="152500"), **named)))[0] is NotAllowed
    assert isinstance(desk.do(DeclareControlled(by=OTHER_GOV, **named)), Answer)


def test_who_the_incident_touches_acts_on_it_also_when_it_belongs_to_all_above(desk):
    def note(by: Signature) -> Any:
        return desk.do(RegisterNote(by=by, now=at("17:00"), incident="INC-1", text="a note"))

    assert isinstance(desk.do(ExtendIncident(by=C_GOV, now=at("17:00"), incident="INC-1", divisions=(A,))), Answer)
    assert isinstance(note(DUTY), Answer)
    assert isinstance(note(Signature("A.DUTY", ("EMD.duty",), A, 3)), Answer)
    assert said(note(Signature("Z.DUTY", ("EMD.duty",), "150783", 3)))[0] is NotAllowed


# ---------------------------------------------------------------- on the spot


def test_one_commander_is_named():
    made = node()
    assert refused(made, set_up(commander=None)).rule == "ERL-72.1"
    assert made.do(set_up()) == [SiteHQEstablished("INC-1", "B.ICP", B, 3, "B.HQ", at("14:35"))]


def test_there_are_never_two_commanders():
    made = node(set_up())
    second = refused(made, set_up(commander="B.ICP2"))
    assert isinstance(second, WrongState) and second.rule == "PSER-21"
    assert refused(made, set_up(A_HQ, "A.ICP")).rule == "PSER-21"


def test_command_moves_upward_and_never_back():
    made = node(set_up(), set_up(C_HQ, "C.ICP", "15:00"))
    site = made.incident().site
    assert site is not None and (site.commander, site.division, site.level) == ("C.ICP", C, 2)
    assert refused(made, set_up(clock="15:10")).rule == "PSER-21"


def test_the_same_level_relieves_its_commander():
    made = node(set_up())
    relieve = HandOverSiteCommand(by=B_HQ, now=at("20:00"), incident="INC-1", commander="B.ICP2", reason="shift")
    (relieved,) = made.do(relieve)
    assert isinstance(relieved, SiteCommandTransferred) and (relieved.was, relieved.commander) == ("B.ICP", "B.ICP2")
    assert made.do(relieve) == []
    assert isinstance(refused(made, HandOverSiteCommand(by=C_HQ, now=at("20:01"), incident="INC-1", commander="C.ICP")), NotAllowed)


def test_a_site_is_dissolved_by_who_commands_there_or_higher():
    made = node(set_up(C_HQ, "C.ICP"))

    def dissolve(by: Signature) -> DissolveSiteHQ:
        return DissolveSiteHQ(by=by, now=at("21:00"), incident="INC-1")

    assert isinstance(refused(made, dissolve(B_HQ)), NotAllowed)
    assert [type(fact) for fact in made.do(dissolve(C_HQ))] == [SiteHQDissolved]
    assert isinstance(refused(made, dissolve(C_HQ)), WrongState)
    assert isinstance(refused(made, HandOverSiteCommand(by=C_HQ, now=at("21:01"), incident="INC-1", commander="C.ICP")), WrongState)
    later = at("21:00") + timedelta(minutes=1)
    assert [type(fact) for fact in made.do(SetUpSiteHQ(by=B_HQ, now=later, incident="INC-1", commander="B.ICP"))] == [SiteHQEstablished]


# ---------------------------------------------------------------- what a superior leads, nobody below takes back


def test_nobody_below_the_lead_extends_merges_or_dismisses_it(desk):
    named = {"now": at("17:00"), "incident": "INC-1"}
    merge = {"incident": "INC-1", "into": "INC-2", "reason": "the same"}
    assert isinstance(desk.do(register("INC-2")), Answer)
    assert isinstance(desk.do(transfer(R, R_GOV)), Answer)
    assert said(desk.do(ExtendIncident(by=C_GOV, divisions=(A,), **named)))[:2] == (NotAllowed, "ERL-18")
    assert said(desk.do(ExtendIncident(by=B_GOV, divisions=("150722106",), **named)))[0] is NotAllowed
    assert said(desk.do(MergeIncidents(by=B_GOV, now=at("17:00"), **merge)))[0] is NotAllowed
    assert said(desk.do(DismissIncident(by=B_GOV, reason="false", **named)))[0] is NotAllowed
    assert isinstance(desk.do(ExtendIncident(by=R_GOV, divisions=(A,), **named)), Answer)
