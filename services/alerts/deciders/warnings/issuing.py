"""What goes out under one series of messages: publish, adjust, correct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.alerts.deciders.streams import alert_stream, cap_stream
from services.alerts.deciders.warnings.authority import require_issuer, require_two_issuers
from services.alerts.deciders.warnings.commands import AdjustAlertLevel, CorrectAlert, PublishAlert
from services.alerts.deciders.warnings.content import (
    checked_identifier,
    missing,
    naive,
    next_identifier,
    out_of_time,
    own_identifier,
    paired,
    place_of,
    sender_of,
)
from services.alerts.deciders.warnings.drafting import notices_due
from services.alerts.deciders.warnings.flow import ALERT_FLOW
from services.alerts.deciders.warnings.state import Alert
from services.alerts.events.alert import AlertCorrected, AlertPublished, LevelAdjusted
from services.alerts.events.content import AlertContent
from services.alerts.events.scales import WarningColour
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all


def publish(command: PublishAlert, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Issue what was approved; the notices of ERL art. 64 are due at the same moment."""
    stream = alert_stream(command.alert)
    alert: Alert = states[stream]
    require_issuer(command.by, alert.content, rules)
    ALERT_FLOW.require(alert.status, command)
    refuse_all(RuleBroken, [*missing(alert.content, rules), *out_of_time(alert.content, command.now)])
    division = place_of(alert.content.areas, command.by.division)
    identifier = _identifier(command, division, states)
    published = AlertPublished(
        command.alert,
        identifier,
        sender_of(identifier, command.by.organ, division),
        alert.content,
        alert.content.areas,
        command.by.actor,
        division,
        command.now,
        incident=alert.incident,
        issued_by=command.by.division,
    )
    return Decided([(stream, published), (stream, notices_due(command.alert, "ERL-64.1", command.now, rules))], basis="ERL-64")


def adjust(command: AdjustAlertLevel, alert: Alert, rules: Rules) -> Sequence[LevelAdjusted]:
    """Raise, lower or prolong; refers to the first message of the series (ERL art. 70)."""
    wanted = command.colour or WarningColour.numbered(command.number) or alert.content.colour
    signed = replace(alert.content, colour=wanted, valid_to=command.valid_to or alert.content.valid_to)
    require_two_issuers(command, rules, alert.content, signed)
    ALERT_FLOW.require(alert.status, command)
    content = _adjusted(command, alert.content)
    times = naive(valid_to=content.valid_to) or out_of_time(content, command.now)
    refuse_all(RuleBroken, [*_other_series(command.references, alert), *times])
    if content == alert.content:
        return []  # said already
    assert alert.first is not None and alert.content.colour is not None  # in force
    return [
        LevelAdjusted(
            command.alert,
            next_identifier(alert.division, command.alert, alert.identifiers, command.now),
            alert.first.sender,
            (alert.first,),
            content,
            WarningColour(alert.content.colour),
            alert.lists,
            command.now,
            command.reason or "",
            command.by.division,
        )
    ]


def correct(command: CorrectAlert, alert: Alert, rules: Rules) -> Sequence[AlertCorrected]:
    """Words only: who needs another level or area adjusts, or drafts anew."""
    require_two_issuers(command, rules, alert.content)
    ALERT_FLOW.require(alert.status, command)
    words = {name: text for name in ("cautions", "measures", "headline") if (text := getattr(command, name)) is not None}
    content = replace(alert.content, **words)
    refuse_all(RuleBroken, missing(content, rules))
    if content == alert.content:
        return []
    assert alert.first is not None  # in force
    identifier = next_identifier(alert.division, command.alert, alert.identifiers, command.now)
    return [
        AlertCorrected(
            command.alert,
            identifier,
            alert.first.sender,
            (alert.first,),
            content,
            alert.lists,
            command.now,
            command.reason or "",
        )
    ]


def _adjusted(command: AdjustAlertLevel, before: AlertContent) -> AlertContent:
    colour, number = before.colour, before.number
    if command.colour is not None or command.number is not None:
        colour, number = paired(command.colour, command.number)
    return replace(
        before,
        colour=colour,
        number=number,
        valid_to=command.valid_to or before.valid_to,
        cautions=command.cautions or before.cautions,
        measures=command.measures or before.measures,
    )


def _identifier(command: PublishAlert, division: str | None, states: Mapping[str, Any]) -> str:
    if command.identifier is None:
        return own_identifier(division, command.alert, command.now)
    messages = states.get(cap_stream(command.identifier))
    return checked_identifier(command.identifier, taken=bool(messages and messages.known))


def _other_series(references: str | None, alert: Alert) -> list[Failure]:
    first = alert.first.identifier if alert.first else ""
    if references in (None, first):
        return []
    return [Failure("alert.references", f"an update refers to the first message of its series: {first}", "references")]
