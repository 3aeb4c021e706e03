"""Who leads an incident, and who commands on the spot (ERL art. 17, 18, 72; PSER art. 18, 20, 21). That those who lead lie above what
they lead is asked of the division tree before these are; see `incident.py`."""

from __future__ import annotations

from collections.abc import Sequence

from services.alerts.deciders.incidents.commands import (
    DesignateLead,
    DissolveSiteHQ,
    EscalateIncidentClock,
    ExtendIncident,
    HandOverSiteCommand,
    SetUpSiteHQ,
    TransferLead,
)
from services.alerts.deciders.incidents.flow import require
from services.alerts.deciders.incidents.state import LEAD, Incident, Site
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
from shared.blocks.clocks import Due
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

JOINT, UNIFIED = "ERL-18", "ERL-17.2"
SITE, ONE_COMMANDER = "ERL-72.1", "PSER-21"


def extend(command: ExtendIncident, incident: Incident) -> Sequence[IncidentExtended]:
    """Who says so is above all of them and leads from now on; nobody leads beside what it does not reach."""
    require(incident, command)
    divisions = tuple(dict.fromkeys((*incident.divisions, *command.divisions)))
    if divisions == incident.divisions:
        return []
    above = command.by.division
    if above is None:
        raise NotAllowed(Failure(JOINT, "the superior of all divisions extends an incident; this post has no division"))
    said = (command.by.actor, command.now, command.reason, incident.running(LEAD))
    return [IncidentExtended(command.incident, divisions, above, (Lead(above),), *said)]


def designate(command: DesignateLead, incident: Incident) -> Sequence[LeadDesignated]:
    """One above every division, or several that together stand for all of them."""
    require(incident, command)
    refuse_all(RuleBroken, _unled(command.leads, incident))
    coming = incident.running(LEAD)
    if command.leads == incident.leads and not coming:
        return []
    return [LeadDesignated(command.incident, incident.leads, command.leads, command.by.actor, command.now, command.reason, coming)]


def transfer(command: TransferLead, incident: Incident) -> Sequence[LeadTransferred]:
    """提级指挥, or back again: who led leads until then. Of several leads only the one named goes over; without one, all of them."""
    require(incident, command)
    if command.from_ is not None and command.from_ not in incident.leaders:
        raise WrongState(Failure(UNIFIED, f"the lead is {', '.join(incident.leaders)}, not {command.from_}", "from"))
    leads, coming = moved(incident.leads, command.from_, command.to), incident.running(LEAD)
    if leads == incident.leads and not coming:
        raise WrongState(Failure(UNIFIED, f"{command.to} leads already", "to"))
    effective_at = command.effective_at or command.now
    if effective_at < command.now:
        raise RuleBroken(Failure("ERL-61.2", "effective_at is before now: a transfer is never backdated", "effective_at"))
    later = effective_at > command.now
    clocks = (Due(LEAD, UNIFIED, command.now, effective_at),) if later else ()
    said = (command.by.actor, command.now, effective_at, command.reason, leads, clocks, () if later else coming)
    return [LeadTransferred(command.incident, incident.leads, command.to, *said)]


def taken(command: EscalateIncidentClock, incident: Incident) -> Sequence[LeadTaken]:
    """The moment of a transfer came; once."""
    due = incident.clocks.passed(LEAD, command.now)
    return [LeadTaken(command.incident, incident.coming, command.now, (LEAD,))] if due else []


def moved(leads: Sequence[Lead], of: str | None, to: str) -> tuple[Lead, ...]:
    """Who leads when the lead of one goes to another, which stands for what that one stood for; of all, when none is named."""
    over: dict[str, tuple[str, ...]] = {}
    for lead in leads:
        name = to if of in (None, lead.division) else lead.division
        over[name] = tuple(dict.fromkeys((*over.get(name, ()), *lead.over)))
    return tuple(Lead(name, stood_for) for name, stood_for in over.items()) if len(over) > 1 else tuple(Lead(name) for name in over)


def set_up_site(command: SetUpSiteHQ, incident: Incident) -> Sequence[SiteHQEstablished | SiteCommandTransferred]:
    """One commander. A higher level takes over; the same level relieves with `HandOverSiteCommand`; a lower one never."""
    require(incident, command)
    if command.commander is None:
        raise RuleBroken(Failure(SITE, "name the commander", "commander"))
    site, by = incident.site, command.by
    if site is None:
        return [SiteHQEstablished(command.incident, command.commander, by.division, by.level, by.actor, command.now, command.area)]
    if not _higher(by.level, site.level):
        told = f"{site.commander} of {site.division} commands on the spot: never two; hand over, or let a higher level take over"
        raise WrongState(Failure(ONE_COMMANDER, told, "commander"))
    return [_taken(command, site, command.commander)]


def hand_over(command: HandOverSiteCommand, incident: Incident) -> Sequence[SiteCommandTransferred]:
    """Relief by the division that put the commander there."""
    require(incident, command)
    site = _site(incident)
    if site.division != command.by.division:
        raise NotAllowed(Failure(ONE_COMMANDER, f"{site.commander} is relieved by {site.division}; a higher level takes over"))
    if site.commander == command.commander:
        return []
    return [_taken(command, site, command.commander)]


def dissolve(command: DissolveSiteHQ, incident: Incident) -> Sequence[SiteHQDissolved]:
    """By the division that commands there, or a higher one."""
    require(incident, command)
    site = _site(incident)
    if site.division != command.by.division and not _higher(command.by.level, site.level):
        raise NotAllowed(Failure(SITE, f"the headquarters of {site.division} is dissolved by it or a higher one"))
    return [SiteHQDissolved(command.incident, site.commander, command.by.actor, command.now, command.reason)]


def _unled(leads: Sequence[Lead], incident: Incident) -> list[Failure]:
    names = [lead.division for lead in leads]
    if not names:
        return [Failure(JOINT, "name at least one lead", "leads")]
    if len(set(names)) != len(names):
        return [Failure(JOINT, "a lead is named twice", "leads")]
    led = {division for lead in leads for division in (lead.over or incident.divisions)}
    faults = [Failure(JOINT, f"nobody leads in {division}", "leads") for division in incident.divisions if division not in led]
    if len(leads) > 1:
        faults += [Failure(JOINT, f"say what {lead.division} stands for", "leads") for lead in leads if not lead.over]
    return faults


def _taken(command: SetUpSiteHQ | HandOverSiteCommand, site: Site, commander: str) -> SiteCommandTransferred:
    by = command.by
    return SiteCommandTransferred(command.incident, site.commander, commander, by.division, by.level, by.actor, command.now, command.reason)


def _site(incident: Incident) -> Site:
    if incident.site is None:
        raise WrongState(Failure(SITE, "there is no headquarters on the spot: set one up"))
    return incident.site


def _higher(level: int | None, than: int | None) -> bool:
    return level is not None and (than is None or level < than)
