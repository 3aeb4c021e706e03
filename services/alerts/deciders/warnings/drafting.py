"""From a proposal to a text two persons stand behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from services.alerts.deciders.warnings.authority import author_approves, require_issuer
from services.alerts.deciders.warnings.commands import ApproveAlert, DraftAlert, RecordConsultation, RejectAlert, ReviseDraft
from services.alerts.deciders.warnings.content import missing, naive, out_of_time, paired, place_of
from services.alerts.deciders.warnings.flow import ALERT_FLOW
from services.alerts.deciders.warnings.state import Alert
from services.alerts.events.alert import AlertApproved, AlertConsulted, AlertDrafted, AlertRejected, AlertRevised
from services.alerts.events.content import AlertContent
from services.alerts.events.reach import NoticesDue, NoticeTo
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

_TEXT = tuple(field.name for field in fields(AlertContent))
_texts = attrgetter(*_TEXT)  # of a command that has them under the same names


def draft(command: DraftAlert, alert: Alert) -> Sequence[AlertDrafted]:
    """A draft may lack anything, but what it says must be consistent."""
    ALERT_FLOW.require(alert.status, command)
    content = AlertContent(**_said(command))
    _refuse_nonsense(content)
    division = place_of(content.areas, command.by.division)
    return [AlertDrafted(command.alert, content, command.by.actor, division, command.now, command.incident)]


def revise(command: ReviseDraft, alert: Alert) -> Sequence[AlertRevised]:
    """The author changes the draft; an approval already given falls away."""
    if command.by.actor != alert.author:
        raise NotAllowed(Failure("alert.author", "only its author revises a draft; others reject it"))
    ALERT_FLOW.require(alert.status, command)
    content = replace(alert.content, **_said(command))
    _refuse_nonsense(content)
    return [] if content == alert.content else [AlertRevised(command.alert, content, command.now)]


def consult(command: RecordConsultation, alert: Alert, rules: Rules) -> Sequence[AlertConsulted | NoticesDue]:
    """ERL art. 62: if a major event is possible, report up and tell garrison and neighbours at once."""
    ALERT_FLOW.require(alert.status, command)
    consulted = AlertConsulted(command.alert, command.participants, command.opinion, command.major_possible, command.now, command.expected)
    return [consulted, notices_due(command.alert, "ERL-62", command.now, rules)] if command.major_possible else [consulted]


def approve(command: ApproveAlert, alert: Alert, rules: Rules) -> Sequence[AlertApproved]:
    """A second person, of the organ that may issue this warning, finds all eight fields in it."""
    require_issuer(command.by, alert.content, rules, *author_approves(alert.author, command.by))
    ALERT_FLOW.require(alert.status, command)
    refuse_all(RuleBroken, [*missing(alert.content, rules), *out_of_time(alert.content)])
    return [AlertApproved(command.alert, command.by.actor, command.now)]


def reject(command: RejectAlert, alert: Alert) -> Sequence[AlertRejected]:
    """No, and why."""
    refuse_all(NotAllowed, author_approves(alert.author, command.by))
    ALERT_FLOW.require(alert.status, command)
    if not command.reason:
        raise RuleBroken(Failure("alert.reason", "reason is empty", "reason"))
    return [AlertRejected(command.alert, command.by.actor, command.reason, command.now)]


def notices_due(alert: str, basis: str, now: datetime, rules: Rules) -> NoticesDue:
    """The notices the law asks for at once; late from the amber limit on (K-01)."""
    to = tuple(NoticeTo(name) for name in rules.value("ERL-64.1"))
    return NoticesDue(alert, to, now + rules.value("K-01.amber"), basis, now)


def _said(command: DraftAlert | ReviseDraft) -> dict[str, Any]:
    named: dict[str, Any] = {name: value for name, value in zip(_TEXT, _texts(command), strict=True) if value is not None}
    if "colour" in named or "number" in named:
        named["colour"], named["number"] = paired(command.colour, command.number)
    return named


def _refuse_nonsense(content: AlertContent) -> None:
    if content.starts is not None or content.valid_to is not None:
        refuse_all(RuleBroken, naive(starts=content.starts, valid_to=content.valid_to) or out_of_time(content))
