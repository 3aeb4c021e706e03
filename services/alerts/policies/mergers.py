"""What follows when two incidents prove to be the same: what comes for the one that is gone counts for the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from services.alerts.deciders.incidents.commands import (
    FollowMerger,
    MeetIncidentClock,
    OpenClosureItem,
    SettleClosureItem,
    StartResponding,
)
from services.alerts.deciders.reports.figures import EnterFigures, SettleFigures
from services.alerts.events.closure import ClosureItemForwarded, ClosureItemsCarried
from services.alerts.events.incident import IncidentClockMet, IncidentResponding
from services.alerts.events.leading import IncidentMerged
from services.alerts.events.triage import Carried, FiguresCarried, FiguresEntered, FiguresSettled
from shared.handling.declare import Policy
from shared.handling.sentence import policy, system
from shared.kernel.commands import Command
from shared.kernel.envelope import Envelope


def when_incident_merged_then_those_merged_before_follow(event: IncidentMerged, at: Envelope) -> Iterable[Command]:
    for incident in event.absorbed:
        yield FollowMerger(by=system(at), now=at.time, incident=incident, into=event.into)


def when_merged_incident_met_clock_then_the_other_met_it(event: IncidentClockMet, at: Envelope) -> Iterable[Command]:
    if event.into is not None:
        for key in event.met:
            yield MeetIncidentClock(by=system(at), now=at.time, incident=event.into, key=key, evidence=event.evidence)


def when_merged_incident_responded_to_then_the_other_is(event: IncidentResponding, at: Envelope) -> Iterable[Command]:
    if event.into is not None:
        yield StartResponding(by=system(at), now=at.time, incident=event.into, activation=event.activation)


def when_closure_items_carried_then_open_them_there(event: ClosureItemsCarried, at: Envelope) -> Iterable[Command]:
    for item, kind in event.items:
        yield OpenClosureItem(by=system(at), now=at.time, incident=event.into, item=item, kind=kind)


def when_closure_item_forwarded_then_count_it_there(event: ClosureItemForwarded, at: Envelope) -> Iterable[Command]:
    by, into, item, kind = system(at), event.into, event.item, event.kind
    if event.how is None:
        yield OpenClosureItem(by=by, now=at.time, incident=into, item=item, kind=kind)
    else:
        yield SettleClosureItem(by=by, now=at.time, incident=into, item=item, kind=kind, how=event.how)


def when_figures_carried_then_enter_them_there(event: FiguresCarried, at: Envelope) -> Iterable[Command]:
    for each in event.figures:
        yield _enter(at, event.into, each)


def when_figures_of_merged_incident_entered_then_enter_them_there(event: FiguresEntered, at: Envelope) -> Iterable[Command]:
    if event.into is not None:
        yield _enter(at, event.into, event)


def when_figures_of_merged_incident_settled_then_settle_them_there(event: FiguresSettled, at: Envelope) -> Iterable[Command]:
    if event.into is not None:
        yield SettleFigures(by=system(at), now=at.time, incident=event.into, report=event.report, counted=event.counted)


def _enter(at: Envelope, into: str, said: Carried | FiguresEntered) -> EnterFigures:
    return EnterFigures(
        by=replace(system(at), division=said.division),
        now=at.time,
        incident=into,
        report=said.report,
        root=said.root,
        figures=said.figures,
        since=said.since,
        above=said.above,
        held=said.doubts,
        restricted=at.visibility == RESTRICTED,
    )


RESTRICTED = "restricted"

MERGERS: tuple[Policy, ...] = (
    policy("alerts.incident.merged.v1", when_incident_merged_then_those_merged_before_follow),
    policy("alerts.incident.clock_met.v1", when_merged_incident_met_clock_then_the_other_met_it),
    policy("alerts.incident.responding.v1", when_merged_incident_responded_to_then_the_other_is),
    policy("alerts.closure.items_carried.v1", when_closure_items_carried_then_open_them_there),
    policy("alerts.closure.item_forwarded.v1", when_closure_item_forwarded_then_count_it_there),
    policy("alerts.figures.carried.v1", when_figures_carried_then_enter_them_there),
    policy("alerts.figures.entered.v1", when_figures_of_merged_incident_entered_then_enter_them_there),
    policy("alerts.figures.settled.v1", when_figures_of_merged_incident_settled_then_settle_them_there),
)
