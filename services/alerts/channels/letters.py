"""What of the alerts' log goes out by mail and webhook: each message of a warning, to whoever it is addressed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from services.alerts.channels.ports import Bulletin, Carrier
from services.alerts.deciders.warnings.commands import RecordDissemination
from services.alerts.events.reach import AlertDisseminated, Channel
from shared.kernel.commands import Command, Signature
from shared.kernel.envelope import Recorded
from shared.reach.ports import Delivery, Letter, Outcome, Told

DISSEMINATED = "alerts.alert.disseminated.v1"

BulletinOf = Callable[[Letter], Bulletin | None]
"""The message a letter carries; None while nobody has issued it."""


class Warnings:
    """A warning whose validity has passed goes to nobody."""

    def __init__(self, carriers: Mapping[Channel, Carrier], bulletin_of: BulletinOf) -> None:
        self._carriers, self._bulletin_of = carriers, bulletin_of

    def noted(self, recorded: Recorded) -> Letter | Told | None:
        if recorded.type != DISSEMINATED:
            return None
        said: AlertDisseminated = recorded.event
        if said.channel not in self._carriers:
            return None
        if said.state is not Delivery.QUEUED:
            return Told(said.alert, said.recipient, said.channel, said.identifier)
        division = recorded.envelope.division
        return Letter(recorded.position, recorded.id, said.alert, said.recipient, said.channel, said.identifier, division)

    def attempt(self, letter: Letter, now: datetime) -> Outcome | Callable[[], Outcome]:
        bulletin = self._bulletin_of(letter)
        if bulletin is None:
            return Outcome(Delivery.QUEUED, "its message was not issued yet")
        lapses = bulletin.issued.content.valid_to
        if lapses is not None and lapses <= now:
            return Outcome(Delivery.FAILED, "not sent: the validity of the warning had passed")
        carrier = self._carriers[Channel(letter.channel)]
        return lambda: carrier.deliver(letter, bulletin)

    def report(self, letter: Letter, state: Delivery, detail: str, now: datetime) -> Command:
        return RecordDissemination(
            by=Signature("SYS.OUTBOX", ("SYS",), letter.division),
            now=now,
            alert=letter.about,
            recipient=letter.recipient,
            channel=Channel(letter.channel),
            state=state,
            detail=detail or None,
            identifier=letter.identifier,
        )
