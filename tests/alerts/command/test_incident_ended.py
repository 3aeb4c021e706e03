"""Under control, closed with everything settled, and reopened (domain 3.2)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from services.alerts.deciders.incidents.commands import (
    ClassifyIncident,
    CloseIncident,
    DeclareControlled,
    DesignateLead,
    DismissIncident,
    DissolveSiteHQ,
    ExtendIncident,
    HandOverSiteCommand,
    LinkSecondary,
    MergeIncidents,
    OpenClosureItem,
    RegisterNote,
    RegradeIncident,
    ReopenIncident,
    SettleClosureItem,
    SetUpSiteHQ,
    StartAfterCare,
    TransferLead,
    VerifyIncident,
)
from services.alerts.deciders.incidents.state import CLOSED, OPEN, RESPONDING
from services.alerts.deciders.reports.figures import EnterFigures, SettleFigures
from services.alerts.events.closure import ClosureItemOpened
from services.alerts.events.incident import (
    IncidentAfterCareStarted,
    IncidentClosed,
    IncidentControlled,
    IncidentDismissed,
    IncidentReopened,
    IncidentType,
    Lead,
)
from services.alerts.events.report import Figure
from services.alerts.events.scales import EventGrade
from shared.kernel.errors import RuleBroken, WrongState
from tests.alerts.command.incidents import B_GOV, C_GOV, OFF, SYS, Node, dammed, opened, refused, register, verify
from tests.alerts.command.test_incident_closure import activated, terminated
from tests.alerts.world import RULES, at

ASKED = "no evaluation; no retention assessment; no final report"


def close(incident: str = "INC-1", note: str = "") -> CloseIncident:
    return CloseIncident(by=B_GOV, now=at("12:00", 24), incident=incident, note=note)


def everything_settled(made: Node, incident: str = "INC-1") -> None:
    for kind in ("evaluation", "retention", "final_report"):
        made.do(OpenClosureItem(**opened(incident, f"{kind}-1", kind)))
    for kind in ("retention", "final_report"):
        made.do(SettleClosureItem(**opened(incident, f"{kind}-1", kind), how="finalised"))


def test_closing_lists_everything_in_the_way_at_once():
    made = dammed(register(), verify(), OpenClosureItem(**opened("INC-1", "OR-1", "order")), OpenClosureItem(**opened("INC-1", "ACT-C")))
    fault = refused(made, close())
    assert fault.rule == "close.checklist"
    assert fault.cure == f"ACT-C open; {ASKED}; OR-1 open"


def test_with_everything_settled_it_is_closed_and_its_clocks_stop():
    made = dammed(register(), verify(), register("INC-2"))
    everything_settled(made)
    made.do(OpenClosureItem(**opened("INC-1", "EV-1", "evacuation")))
    made.do(OpenClosureItem(**opened("INC-1", "SH-1", "shelter")))
    goes_on = "{} goes on: say in `note` who looks after its people".format
    assert refused(made, close(note=" ")).cure == f"{goes_on('evacuation EV-1')}; {goes_on('shelter SH-1')}"
    decided = made.handle(close(note="the township"))
    ((_, closed),) = decided.events
    assert isinstance(closed, IncidentClosed) and closed.carried == ("EV-1", "SH-1") == decided.answer["carried"]
    assert made.incident().clocks.open() == ()
    for command in _acts():
        assert isinstance(refused(made, command), WrongState), command


def _acts() -> list[Any]:
    """Every act of a person that an incident which is over does not take."""
    signed = {"by": B_GOV, "now": at("12:01", 24), "incident": "INC-1"}
    return [
        close(),
        register(clock="14:00", same_as="INC-1"),
        VerifyIncident(**signed),
        DismissIncident(**signed, reason="x"),
        ClassifyIncident(**signed, grade=EventGrade.LARGER, basis="x"),
        RegradeIncident(**signed, grade=EventGrade.MAJOR, basis="x"),
        RegisterNote(**signed, text="x"),
        ExtendIncident(**signed, divisions=("150721",)),
        DesignateLead(**signed, leads=(Lead("150700"),)),
        TransferLead(**signed, to="150700"),
        SetUpSiteHQ(**signed, commander="B.ICP"),
        HandOverSiteCommand(**signed, commander="B.ICP"),
        DissolveSiteHQ(**signed),
        LinkSecondary(**signed, secondary="INC-2"),
        MergeIncidents(**signed, into="INC-2", reason="x"),
        DeclareControlled(**signed),
        StartAfterCare(**signed),
    ]


def test_an_incident_that_was_merged_takes_nothing_and_says_where_it_went():
    made = dammed(register(), verify(), register("INC-2"))
    made.do(MergeIncidents(by=OFF, now=at("14:00"), incident="INC-1", into="INC-2", reason="the same dam"))
    for command in [*_acts(), ReopenIncident(by=B_GOV, now=at("15:00"), incident="INC-1", reason="x")]:
        fault = refused(made, command)
        assert isinstance(fault, WrongState) and "merged into INC-2" in fault.cure, command


def test_what_goes_on_after_the_close_is_named_and_so_is_who_commands_no_longer():
    made = dammed(register(), verify(), SetUpSiteHQ(by=B_GOV, now=at("14:00"), incident="INC-1", commander="B.ICP"))
    everything_settled(made)
    command = replace(close(), tasks=("T-1",), triages=("doubt.RP-1",))
    decided = made.handle(command)
    said = {"tasks": ("T-1",), "triages": ("doubt.RP-1",), "commander": "B.ICP"}
    assert {name: decided.answer[name] for name in said} == said
    assert {name: getattr(decided.events[0][1], name) for name in said} == said


def test_what_nobody_verified_is_not_closed():
    made = dammed(register())
    everything_settled(made)
    assert "verify or dismiss" in refused(made, close()).cure


def test_a_figure_in_doubt_holds_the_closing_up_until_somebody_looked():
    made = dammed(register(), verify())
    everything_settled(made)
    for report, dead in (("RP-1", 0), ("RP-2", 2)):
        figure = Figure("dead", Decimal(dead), as_of=at("14:00"))
        made.do(EnterFigures(by=SYS, now=at("14:10"), incident="INC-1", report=report, root=report, figures=(figure,)))
    assert refused(made, close()).cure == "dead of RP-2 in doubt: resolve its triage"
    made.do(SettleFigures(by=SYS, now=at("15:00"), incident="INC-1", report="RP-2", counted=False))
    assert [type(fact) for fact in made.do(close())] == [IncidentClosed]


def test_what_is_under_way_is_settled_before_it_is_called_false():
    made = dammed(register(), verify(), OpenClosureItem(**opened("INC-1", "EV-1", "evacuation")))
    dismiss = DismissIncident(by=B_GOV, now=at("15:00"), incident="INC-1", reason="false")
    assert refused(made, dismiss).cure == "EV-1 open"


def test_a_false_alarm_is_dismissed_also_after_an_early_response():
    made = dammed(register())
    made.tell("response-ACT-B", activated())
    dismiss = DismissIncident(by=B_GOV, now=at("15:00", 23), incident="INC-1", reason="false")
    assert refused(made, dismiss).cure == "ACT-B open"
    made.tell("response-ACT-B", terminated())
    assert [type(fact) for fact in made.do(dismiss)] == [IncidentDismissed]


def test_who_responded_first_may_find_it_true_later_and_once():
    made = dammed(register())
    made.tell("response-ACT-B", activated())
    made.do(verify(clock="15:00"))
    assert (made.incident().status, made.incident().verified) == (RESPONDING, True)
    assert isinstance(refused(made, verify(clock="15:01")), WrongState)


def test_what_breaks_out_again_is_responded_to_again_and_after_care_ends_that_duty():
    made = dammed(register(), verify(), DeclareControlled(by=B_GOV, now=at("15:00"), incident="INC-1"))
    again = ReopenIncident(by=B_GOV, now=at("16:00"), incident="INC-1", reason="it broke again")
    (reopened,) = made.do(again)
    assert isinstance(reopened, IncidentReopened) and reopened.clocks == ()  # what runs is not begun anew
    assert made.incident().status == RESPONDING
    made.do(register("INC-2", clock="16:10", known_at=at("16:05"), occurred_at=at("16:00")))
    made.do(LinkSecondary(by=OFF, now=at("16:20"), incident="INC-1", secondary="INC-2"))
    assert made.incident().running("respond") == ("respond", "respond~INC-2")
    made.do(DeclareControlled(by=B_GOV, now=at("17:00"), incident="INC-1"))
    made.do(StartAfterCare(by=C_GOV, now=at("18:00"), incident="INC-1"))
    assert made.incident().running("respond") == ()
    (reopened,) = made.do(replace(again, now=at("19:00")))
    assert isinstance(reopened, IncidentReopened) and [due.key for due in reopened.clocks] == ["respond"]
    assert made.incident().status == RESPONDING


def test_a_closing_report_that_is_not_final_yet_stands_in_the_way():
    made = dammed(register(), verify())
    everything_settled(made)
    made.do(OpenClosureItem(**opened("INC-1", "RP-7", "final_report")))
    assert refused(made, close()).cure == "RP-7 open"


def test_under_control_then_after_care():
    made = dammed(register(), verify())
    after_care = StartAfterCare(by=C_GOV, now=at("10:00", 20), incident="INC-1")
    assert isinstance(refused(made, after_care), WrongState)
    made.do(OpenClosureItem(**opened("INC-1", "ACT-B")))
    controlled = made.do(DeclareControlled(by=B_GOV, now=at("09:00", 20), incident="INC-1"))
    fault = refused(made, after_care)
    assert isinstance(fault, RuleBroken) and (fault.rule, fault.cure) == ("ERL-87", "ACT-B open: end it first")
    made.do(SettleClosureItem(**opened("INC-1", "ACT-B"), how="ended"))
    assert [type(fact) for fact in (*controlled, *made.do(after_care))] == [IncidentControlled, IncidentAfterCareStarted]


def test_a_closed_incident_is_reopened_with_a_reason_and_acted_on_at_once():
    made = dammed(register(), verify())
    everything_settled(made)
    made.do(close())
    assert refused(made, ReopenIncident(by=B_GOV, now=at("13:00", 24), incident="INC-1")).rule == "ERL-61.2"
    (reopened,) = made.do(ReopenIncident(by=B_GOV, now=at("13:00", 24), incident="INC-1", reason="the water rises again"))
    assert isinstance(reopened, IncidentReopened) and reopened.clocks[0].due_at == at("13:30", 24)
    assert [due.key for due in reopened.clocks] == ["respond", "report", "release"]  # nobody ever did them
    assert made.incident().status == "Responding"
    assert isinstance(refused(made, ReopenIncident(by=B_GOV, now=at("13:01", 24), incident="INC-1", reason="x")), WrongState)


def test_what_was_dismissed_may_prove_true_after_all():
    made = dammed(register(), DismissIncident(by=OFF, now=at("14:00"), incident="INC-1", reason="nothing there"))
    (reopened,) = made.do(ReopenIncident(by=B_GOV, now=at("15:00"), incident="INC-1", reason="it was there"))
    assert made.incident().status == "Suspected"
    assert {due.key: due.due_at for due in reopened.clocks} == {
        "respond": at("15:30"),
        "report": at("15:50"),  # as it was: what is late stays late
        "release": at("18:48"),
    }


def test_whatever_is_opened_for_a_closed_incident_reopens_it():
    made = dammed(register(), verify())
    everything_settled(made)
    made.do(close())
    facts = made.do(OpenClosureItem(**opened("INC-1", "AL-9", "alert")))
    assert [type(fact).__name__ for fact in facts] == ["ClosureItemOpened", "IncidentReopened"]
    assert made.incident().status in OPEN
    assert refused(made, close()).cure == f"{ASKED}; AL-9 open"  # what was found before it went on is none of this


def test_the_texts_of_all_types_are_there():
    assert set(RULES.value("incident.types")) == {type.value for type in IncidentType}


def test_what_is_asked_for_because_it_is_over_reopens_nothing():
    made = dammed(register(), verify())
    everything_settled(made)
    made.do(close())
    for item, kind in (("RP-9", "final_report"), ("EL-9", "evaluation"), ("RA-9", "retention"), ("EV-9", "evacuation")):
        assert [type(fact) for fact in made.do(OpenClosureItem(**opened("INC-1", item, kind)))] == [ClosureItemOpened]
    made.do(SettleClosureItem(**opened("INC-1", "RP-8", "final_report"), how="finalised"))
    assert made.incident().status == CLOSED


def test_a_secondary_that_was_responded_to_by_itself_is_closed_like_a_main_incident():
    made = dammed(register(), verify(), register("INC-2"), OpenClosureItem(**opened("INC-1", "ACT-1")))
    made.do(LinkSecondary(by=OFF, now=at("14:20"), incident="INC-2", secondary="INC-1"))
    made.do(SettleClosureItem(**opened("INC-1", "ACT-1"), how="ended"))
    assert refused(made, close()).cure == ASKED


def test_a_response_that_crossed_with_the_dismissal_reopens_it_and_runs():
    made = dammed(register(), verify(), DismissIncident(by=OFF, now=at("14:00"), incident="INC-1", reason="false"))
    made.tell("response-ACT-B", activated())
    assert (made.incident().status, made.state("closure-INC-1").open("activation")) == (RESPONDING, ("ACT-B",))
    assert "respond" in made.incident().met
