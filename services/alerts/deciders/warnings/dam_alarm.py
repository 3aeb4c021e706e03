"""The alarm of a dam in danger: published at once by its manager, ratified afterwards (DAM art. 25, 28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.alerts.deciders.streams import alert_stream, hazard_stream
from services.alerts.deciders.warnings.commands import EscalateRatification, RaiseDamAlarm, RatifyAlert
from services.alerts.deciders.warnings.content import naive, out_of_time, own_identifier, paired, sender_of
from services.alerts.deciders.warnings.drafting import notices_due
from services.alerts.deciders.warnings.flow import ALERT_FLOW
from services.alerts.deciders.warnings.state import IN_FORCE, Alert
from services.alerts.events.alert import AlertPublished, AlertRatified, RatificationDue, RatificationOverdue
from services.alerts.events.content import AlertContent
from services.alerts.events.registers import HazardSource
from services.alerts.events.scales import WarningColour
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, refuse_all

DAM_HAZARD = "NAT.DAM"
# Our own default where neither the alarm nor the register says anything better: nobody waits for a text.
CAUTIONS = "水库出现险情，可能溃坝，下游人员立即向高处转移。The dam is in danger and may fail: go to high ground at once."
MEASURES = "立即撤离淹没区，服从当地人民政府指挥。Leave the inundation area now; follow the local government."


def raise_alarm(command: RaiseDamAlarm, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Only the registered manager; no draft, no approval, no identifier to wait for."""
    stream = alert_stream(command.alert)
    alert: Alert = states[stream]
    source = states[hazard_stream(command.hazard_source)]
    if source is None or source.entry is None:
        raise NotFound(Failure("DAM-25", f"hazard source {command.hazard_source} is not registered", "hazard_source"))
    dam: HazardSource = source.entry
    if command.by.actor != dam.manager or command.by.division != dam.division:
        raise NotAllowed(Failure("DAM-25", f"the alarm of {dam.zh} is raised by its registered manager, in {dam.division}"))
    ALERT_FLOW.require(alert.status, command)
    content = _content(command, dam)
    refuse_all(RuleBroken, naive(valid_to=content.valid_to) or out_of_time(content, command.now))
    identifier = own_identifier(dam.division, command.alert, command.now)
    published = AlertPublished(
        command.alert,
        identifier,
        sender_of(identifier, command.by.organ, dam.division),
        content,
        (command.hazard_source,),
        command.by.actor,
        dam.division,
        command.now,
        "not_waited_for",
        command.hazard_source,
        command.incident,
        dam.division,
    )
    ratification = RatificationDue(command.alert, command.now + rules.value("alert.ratify"), command.now)
    facts = (published, notices_due(command.alert, "DAM-25", command.now, rules), ratification)
    return Decided([(stream, fact) for fact in facts], basis="DAM-25")


def reached(command: RaiseDamAlarm, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Where an alarm would reach: the dam's own division, and what is named beyond the area registered as below it."""
    source = states[hazard_stream(command.hazard_source)]
    if source is None or source.entry is None:
        return ()
    dam: HazardSource = source.entry
    return (dam.division, *(area for area in command.areas if area not in dam.areas))


def ratify(command: RatifyAlert, alert: Alert, rules: Rules) -> Sequence[AlertRatified]:
    """Late is accepted and marked; twice changes nothing."""
    if not command.by.has(*rules.value("DAM-25")["ratified_by"]):
        raise NotAllowed(Failure("DAM-25", "the flood headquarters ratifies a dam alarm"))
    ALERT_FLOW.require(alert.status, command)
    if alert.ratify_by is None:
        raise RuleBroken(Failure("DAM-25", "only a dam alarm that waited for no approval is ratified"))
    if alert.ratified:
        return []
    late = command.now > alert.ratify_by
    return [AlertRatified(command.alert, command.by.actor, command.now, late, alert.content.valid_to)]


def escalate(command: EscalateRatification, alert: Alert) -> Sequence[RatificationOverdue]:
    """Once, and only while the alarm is in force and open."""
    due_at = alert.ratify_by
    if alert.status != IN_FORCE or due_at is None or alert.ratified or alert.ratification_overdue or command.now < due_at:
        return []
    return [RatificationOverdue(command.alert, due_at, command.now)]


def _content(command: RaiseDamAlarm, dam: HazardSource) -> AlertContent:
    colour, number = paired(command.colour, command.number)
    return AlertContent(
        hazard=DAM_HAZARD,
        colour=colour or WarningColour.RED,
        number=number or WarningColour.RED.number,
        areas=command.areas or dam.areas or (dam.division,),
        starts=command.now,
        valid_to=command.valid_to,
        cautions=command.cautions or dam.cautions or CAUTIONS,
        measures=command.measures or dam.measures or MEASURES,
        issuer=dam.zh,
    )
