"""The decider of an incident: each command to the page that decides it, and whom the division tree is asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from services.alerts.deciders.guard import responses_guard
from services.alerts.deciders.incidents import awaiting, classifying, ending, joining, leading, registering
from services.alerts.deciders.incidents.commands import (
    AwaitUnitReport,
    ClassifyIncident,
    CloseIncident,
    DeclareControlled,
    DesignateLead,
    DismissIncident,
    DissolveSiteHQ,
    EscalateIncidentClock,
    ExtendIncident,
    FollowMerger,
    HandOverSiteCommand,
    LinkSecondary,
    MeetIncidentClock,
    MergeIncidents,
    RaiseGradeByRule,
    RegisterIncident,
    RegisterNote,
    RegradeIncident,
    ReopenIncident,
    SetUpSiteHQ,
    StartAfterCare,
    StartResponding,
    TransferLead,
    VerifyIncident,
)
from services.alerts.deciders.incidents.state import Incident, about, evolve
from services.alerts.deciders.streams import closure_stream, figures_stream, incident_stream, report_stream
from shared.kernel.commands import Command
from shared.kernel.decider import Decided, Decider, Handles, Rules

Found = RegisterIncident | VerifyIncident | DismissIncident | ClassifyIncident | RegradeIncident | RaiseGradeByRule | RegisterNote
Led = ExtendIncident | DesignateLead | TransferLead | SetUpSiteHQ | HandOverSiteCommand | DissolveSiteHQ
Joined = LinkSecondary | MergeIncidents | FollowMerger
Owed = StartResponding | MeetIncidentClock | EscalateIncidentClock | AwaitUnitReport
Ended = DeclareControlled | StartAfterCare | CloseIncident | ReopenIncident | Owed
IncidentCommand = Found | Led | Joined | Ended


def decide(command: IncidentCommand, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow, or a refusal. `state` is an incident; of a joint command the states by stream."""
    match command:
        case RegisterIncident() | VerifyIncident() | DismissIncident() | RegisterNote():
            return _find(command, state, rules)
        case ClassifyIncident() | RegradeIncident() | RaiseGradeByRule():
            return _grade(command, state, rules)
        case ExtendIncident() | DesignateLead() | TransferLead() | SetUpSiteHQ() | HandOverSiteCommand() | DissolveSiteHQ():
            return _lead(command, state)
        case LinkSecondary() | MergeIncidents() | FollowMerger():
            return _join(command, state, rules)
        case DeclareControlled() | StartAfterCare() | CloseIncident() | ReopenIncident():
            return _end(command, state, rules)
        case StartResponding():
            return ending.responding(command, state)
        case MeetIncidentClock():
            return ending.meet(command, state) if awaiting.fits(command, state, rules) else []
        case EscalateIncidentClock():
            return ending.missed(command, state)
        case AwaitUnitReport():
            return awaiting.await_unit(command, state, rules)
        case _:
            assert_never(command)


def _find(command: RegisterIncident | VerifyIncident | DismissIncident | RegisterNote, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    match command:
        case RegisterIncident():
            return registering.register(command, state, rules)
        case VerifyIncident():
            return registering.verify(command, state)
        case DismissIncident():
            return registering.dismiss(command, state)
        case RegisterNote():
            return registering.note(command, state)
        case _:
            assert_never(command)


def _grade(command: ClassifyIncident | RegradeIncident | RaiseGradeByRule, state: Any, rules: Rules) -> Decided:
    match command:
        case ClassifyIncident():
            return classifying.classify(command, state, rules)
        case RegradeIncident():
            return classifying.regrade(command, state, rules)
        case RaiseGradeByRule():
            return classifying.raise_by_rule(command, state, rules)
        case _:
            assert_never(command)


def _lead(command: Led, incident: Incident) -> Decided:
    match command:
        case ExtendIncident():
            return Decided(leading.extend(command, incident), basis=leading.JOINT)
        case DesignateLead():
            return Decided(leading.designate(command, incident), basis=leading.JOINT)
        case TransferLead():
            return Decided(leading.transfer(command, incident), basis=leading.UNIFIED)
        case SetUpSiteHQ():
            return Decided(leading.set_up_site(command, incident), basis=leading.SITE)
        case HandOverSiteCommand():
            return Decided(leading.hand_over(command, incident), basis=leading.ONE_COMMANDER)
        case DissolveSiteHQ():
            return Decided(leading.dissolve(command, incident), basis=leading.SITE)
        case _:
            assert_never(command)


def _join(command: Joined, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    match command:
        case LinkSecondary():
            return joining.link(command, state, rules)
        case MergeIncidents():
            return joining.merge(command, state)
        case FollowMerger():
            return joining.follow(command, state)
        case _:
            assert_never(command)


def _end(command: DeclareControlled | StartAfterCare | CloseIncident | ReopenIncident, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    match command:
        case DeclareControlled():
            return Decided(ending.controlled(command, state), basis="ERL-86")
        case StartAfterCare():
            return ending.after_care(command, state)
        case CloseIncident():
            return ending.close(command, state, rules)
        case ReopenIncident():
            return ending.reopen(command, state, rules)
        case _:
            assert_never(command)


def _own(command: Any) -> tuple[str, ...]:
    return (incident_stream(command.incident),)


def _registering(command: RegisterIncident) -> tuple[str, ...]:
    if command.same_as is not None:
        return (incident_stream(command.same_as),)
    return incident_stream(command.incident), *registering.sources_at(command.at_place)


def _with_report(command: ClassifyIncident | RegradeIncident) -> tuple[str, ...]:
    known = incident_stream(command.incident), figures_stream(command.incident)
    return (*known, report_stream(command.report)) if command.report else known


def _with_closure(command: DismissIncident | StartAfterCare) -> tuple[str, ...]:
    return incident_stream(command.incident), closure_stream(command.incident)


def _closing(command: CloseIncident) -> tuple[str, ...]:
    return incident_stream(command.incident), closure_stream(command.incident), figures_stream(command.incident)


def _merging(command: MergeIncidents) -> tuple[str, ...]:
    incident, into = command.incident, command.into
    closures = closure_stream(incident), closure_stream(into)
    guards = responses_guard(incident), responses_guard(into)
    return incident_stream(incident), incident_stream(into), *closures, figures_stream(incident), *guards


def _main_of(command: MergeIncidents, states: Mapping[str, Any]) -> tuple[str, ...]:
    """What the incident followed from."""
    main = _of(command, states, command.incident).main
    return (incident_stream(main),) if main else ()


def _linked_to(command: RegisterIncident, states: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """What is linked to an incident lies where that belongs, or below."""
    home = _of(command, states, command.same_as).division if command.same_as else None
    return {home: (command.division,)} if home else {}


def _of(command: Any, states: Mapping[str, Any], incident: str) -> Incident:
    found: Incident = states[incident_stream(incident)]
    return found


def _touched(incident: Incident, division: str | None) -> tuple[str, ...]:
    """Where somebody acts on an incident: at home if it touches or is led by their division, else where the incident belongs."""
    if division is not None and division in (*incident.divisions, *incident.leaders):
        return (division,)
    return (incident.division,) if incident.division else ()


def _involved(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    return _touched(_of(command, states, command.incident), command.by.division)


def _led(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """What only leads do: a co-lead for itself; anybody else must lie above every lead."""
    leaders = _of(command, states, command.incident).leaders
    return (command.by.division,) if command.by.division in leaders else leaders


def _all_and_leads(command: Any, states: Mapping[str, Any]) -> tuple[str, ...]:
    """What takes it from who leads: who says so lies above them too, or leads."""
    incident = _of(command, states, command.incident)
    return (*incident.divisions, *incident.leaders)


def _linking(command: LinkSecondary) -> tuple[str, ...]:
    return incident_stream(command.incident), incident_stream(command.secondary), figures_stream(command.secondary)


def _linked(command: LinkSecondary, states: Mapping[str, Any]) -> tuple[str, ...]:
    return (*_involved(command, states), *_touched(_of(command, states, command.secondary), command.by.division))


def _merged(command: MergeIncidents, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Who merges incidents of different divisions lies above all of them; and above whoever leads either."""
    one, other = _of(command, states, command.incident), _of(command, states, command.into)
    leaders = (*one.leaders, *other.leaders)
    if one.main not in (None, command.into):  # which answers for the other from now on
        leaders = (*leaders, *_touched(_of(command, states, one.main), command.by.division))
    if set(one.divisions) <= set(other.divisions):
        return (*_touched(one, command.by.division), *_touched(other, command.by.division), *leaders)
    return (*one.divisions, *other.divisions, *leaders)


def _leads_over(command: DesignateLead, states: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    divisions = _of(command, states, command.incident).divisions
    return {lead.division: lead.over or divisions for lead in command.leads}


def _led_over(command: TransferLead, states: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """The new lead lies above what it is to lead."""
    incident = _of(command, states, command.incident)
    leads = leading.moved(incident.leads, command.from_, command.to)
    return {command.to: next((lead.over for lead in leads if lead.division == command.to and lead.over), incident.divisions)}


_HANDLES: Mapping[type[Command], Handles] = {
    RegisterIncident: Handles(_registering, areas=lambda c: (c.division, *c.divisions), creates=True, instead=True, under=_linked_to),
    VerifyIncident: Handles(_own, state_areas=_involved, instead=True),
    DismissIncident: Handles(_with_closure, state_areas=_all_and_leads, instead=True),
    ClassifyIncident: Handles(_with_report, state_areas=_involved, instead=True),
    RegradeIncident: Handles(_with_report, state_areas=_involved, instead=True),
    RaiseGradeByRule: Handles(lambda c: (incident_stream(c.incident), figures_stream(c.incident))),
    RegisterNote: Handles(_own, state_areas=_involved, instead=True),
    ExtendIncident: Handles(_own, areas=lambda c: c.divisions, state_areas=_all_and_leads, instead=True),
    DesignateLead: Handles(
        _own, areas=lambda c: tuple(lead.division for lead in c.leads), state_areas=_all_and_leads, instead=True, under=_leads_over
    ),
    TransferLead: Handles(_own, areas=lambda c: (c.to,), state_areas=_all_and_leads, instead=True, under=_led_over),
    SetUpSiteHQ: Handles(_own, state_areas=_involved, instead=True),
    HandOverSiteCommand: Handles(_own, state_areas=_involved, instead=True),
    DissolveSiteHQ: Handles(_own, state_areas=_involved, instead=True),
    LinkSecondary: Handles(_linking, state_areas=_linked, instead=True),
    MergeIncidents: Handles(_merging, state_areas=_merged, instead=True, further=_main_of),
    FollowMerger: Handles(_own),
    DeclareControlled: Handles(_own, state_areas=_led, instead=True),
    StartAfterCare: Handles(_with_closure, state_areas=_led, instead=True),
    CloseIncident: Handles(_closing, state_areas=_led, instead=True),
    ReopenIncident: Handles(_own, state_areas=_led, instead=True),
    StartResponding: Handles(_own),
    MeetIncidentClock: Handles(_own),
    AwaitUnitReport: Handles(lambda c: (incident_stream(c.incident), figures_stream(c.incident)), further=awaiting.known_reports),
    EscalateIncidentClock: Handles(_own),
}

INCIDENT = Decider(
    category="incident",
    initial=Incident(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles=_HANDLES,
    joint=frozenset(
        {
            RegisterIncident,
            DismissIncident,
            ClassifyIncident,
            RegradeIncident,
            RaiseGradeByRule,
            LinkSecondary,
            MergeIncidents,
            StartAfterCare,
            CloseIncident,
            AwaitUnitReport,
        }
    ),
)
