"""Whom a warning reached: notices to organs, recipients asked, their answers, and their silence (ERL art. 64, 65)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.alerts.deciders.streams import alert_stream, recipients_stream
from services.alerts.deciders.warnings.asked import Asked
from services.alerts.deciders.warnings.commands import (
    AcknowledgeAlert,
    AskRecipients,
    ConfirmDelivery,
    ConfirmNotice,
    EscalateSilence,
    HandOutLink,
    RecordDissemination,
)
from services.alerts.deciders.warnings.state import IN_FORCE, Alert
from services.alerts.events.reach import (
    AcknowledgementOverdue,
    AlertAcknowledged,
    AlertDisseminated,
    Channel,
    Delivery,
    NoticeSent,
)
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, WrongState

# The entry in our own task list is the delivery; every other channel reports later what became of it.
_AT_ONCE = frozenset({Channel.IN_APP})


def confirm_notice(command: ConfirmNotice, alert: Alert) -> Sequence[NoticeSent]:
    """Sent is sent; saying it twice changes nothing."""
    notice = alert.notices.get(command.to)
    if notice is None:
        raise WrongState(Failure("ERL-64.1", f"no notice to {command.to} is due for this warning"))
    if not alert.notices.is_open(command.to):
        return []
    return [NoticeSent(command.alert, command.to, command.by.actor, command.now, command.proof or "")]


def ask(command: AskRecipients, states: Mapping[str, Any], rules: Rules) -> Sequence[tuple[str, AlertDisseminated]]:
    """Everybody on the list hears of the message once; who is new to a warning in force is asked to acknowledge."""
    stream = alert_stream(command.alert)
    alert: Alert = states[stream]
    roster = states[recipients_stream(command.list)]
    due_at = command.now + rules.value("alert.ack_wait") if alert.status == IN_FORCE else None
    told = []
    for recipient in roster.recipients if roster else ():
        known = alert.asked.get(recipient.actor, Asked())
        if known.told(command.identifier):
            continue
        told.append(
            AlertDisseminated(
                command.alert,
                recipient.actor,
                recipient.channel,
                Delivery.DELIVERED if recipient.channel in _AT_ONCE else Delivery.QUEUED,
                command.identifier,
                command.now,
                None if known.due_at else due_at,
            )
        )
    return [(stream, event) for event in told]


def record(command: RecordDissemination, alert: Alert) -> Sequence[AlertDisseminated]:
    """What a channel reports of a message, the newest if it names none; the same report twice is one."""
    _known(alert, command.recipient)
    identifier = command.identifier or alert.identifiers[-1]
    if identifier not in alert.identifiers:
        raise NotFound(Failure("reference", f"{identifier} is no message of this warning", "identifier"))
    return _reported(command, alert, identifier, command.channel, command.state, command.detail or "")


def confirm_delivery(command: ConfirmDelivery, alert: Alert) -> Sequence[AlertDisseminated]:
    """Paper counts as queued until somebody says who holds it."""
    _known(alert, command.recipient)
    return _reported(command, alert, alert.identifiers[-1], Channel.LIST, Delivery.DELIVERED)


def hand_out_link(command: HandOutLink, alert: Alert) -> Sequence[AlertDisseminated]:
    """Whoever takes the link has it; that it arrived, only the recipient's answer shows."""
    _known(alert, command.recipient)
    return _reported(command, alert, alert.identifiers[-1], Channel.LINK, Delivery.SENT)


def acknowledge(command: AcknowledgeAlert, alert: Alert) -> Sequence[AlertAcknowledged]:
    """Only who was asked answers, for themself, once; late is better than never, and marked."""
    recipient = command.by.actor
    asked = alert.asked.get(recipient)
    if asked is None or asked.due_at is None:
        raise NotAllowed(Failure("alert.recipients", "only those who were asked acknowledge; the officer adds them to the recipients"))
    if asked.acknowledged:
        return []
    return [AlertAcknowledged(command.alert, recipient, command.now, late=command.now > asked.due_at)]


def escalate_silence(command: EscalateSilence, alert: Alert) -> Sequence[AcknowledgementOverdue]:
    """Once, and only if it is due and still silent."""
    asked = _known(alert, command.recipient)
    if asked.due_at is None or asked.acknowledged or asked.overdue or command.now < asked.due_at:
        return []
    return [AcknowledgementOverdue(command.alert, command.recipient, asked.due_at, command.now)]


def _reported(
    command: RecordDissemination | ConfirmDelivery | HandOutLink,
    alert: Alert,
    identifier: str,
    channel: Channel,
    state: Delivery,
    detail: str = "",
) -> Sequence[AlertDisseminated]:
    if (identifier, channel, state) in alert.asked[command.recipient].sent:
        return []
    return [AlertDisseminated(command.alert, command.recipient, channel, state, identifier, command.now, None, detail)]


def _known(alert: Alert, recipient: str) -> Asked:
    asked = alert.asked.get(recipient)
    if asked is None:
        raise NotFound(Failure("alert.recipients", f"{recipient} was not asked about this warning"))
    return asked
