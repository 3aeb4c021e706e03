"""A log with its writer, a warning in force on it, and an outbox whose clock, carrier and threads the test holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import html

from services.alerts.api.issuing import cap_of
from services.alerts.channels.letters import Warnings
from services.alerts.channels.ports import Bulletin
from services.alerts.deciders.monitoring.registers import SetRecipients
from services.alerts.deciders.warnings.commands import AdjustAlertLevel, ApproveAlert, AskRecipients, PublishAlert
from services.alerts.events.message import MessageIssued
from services.alerts.events.reach import AlertDisseminated, Channel, Delivery
from services.alerts.events.registers import Recipient
from services.alerts.events.scales import WarningColour
from services.alerts.service import ALERTS
from shared.eventlog.sqlite import SqliteLog
from shared.geo.divisions import Divisions
from shared.geo.units import Unit
from shared.handling.pending import Answer, Pending
from shared.handling.writer import Writer
from shared.kernel.commands import Command, derived_id
from shared.reach.outbox import Outbox
from shared.reach.ports import Letter, Outcome
from shared.reach.queue import Queue
from shared.sql.ports import Database
from tests.alerts.world import DUTY, IDENTIFIER, MET1, MET2, NOW, RAIN, RULES, SYS, draft

TREE = Divisions(
    [
        Unit("150000", "区", "Region", 1),
        Unit("150700", "呼伦贝尔市", "Hulunbuir", 2, "150000"),
        Unit("150722", "莫旗", "Morin Dawa", 3, "150700"),
    ]
)
ISSUED = MessageIssued(IDENTIFIER, "150722", NOW, "Alert", IDENTIFIER, "AL-1", RAIN, division="150722")
BULLETIN = Bulletin(ISSUED, cap_of(ISSUED, TREE))
LETTER = Letter(7, "150000.alerts:7", "AL-1", "T.XW", Channel.MAIL, IDENTIFIER, "150722")


class Crash(BaseException):
    """The process ends here."""


class Carrier:
    """Says what the test wants it to say; keeps what it was given."""

    def __init__(self) -> None:
        self.says: list[Outcome | BaseException] = []
        self.got: list[tuple[str, str]] = []

    def deliver(self, letter: Letter, bulletin: Bulletin) -> Outcome:
        self.got.append((letter.recipient, bulletin.issued.identifier))
        said = self.says.pop(0) if self.says else Outcome(Delivery.SENT)
        if isinstance(said, BaseException):
            raise said
        return said


class Office:
    """Everything around an outbox, in a folder."""

    def __init__(self, folder: Path, outbox: Database) -> None:
        self.stored, self.folder, self.now, self.wall = outbox, folder, NOW, datetime(2026, 1, 1).astimezone()
        self.log = SqliteLog(folder / "alerts.db", "150000.alerts")
        self.writer = Writer(self.log, ALERTS, rules_for=lambda *_: RULES, may=lambda *_: None, clock=lambda: self.now)
        self.carrier, self.started = Carrier(), list[Callable[[], None]]()
        self.issued: dict[str, Bulletin] = {IDENTIFIER: BULLETIN}
        self.at_once = True
        self.submit: Callable[[Pending], None] = self.writer.submit
        self.restart()

    def restart(self) -> None:
        """A new process on the same files; what ran in threads is gone."""
        self.started = []
        self.outbox = Outbox(
            Queue(self.stored),
            self.log,
            Warnings({Channel.MAIL: self.carrier, Channel.WEBHOOK: self.carrier}, lambda letter: self.issued.get(letter.identifier)),
            rules_for=lambda *_: RULES,
            submit=lambda pending: self.submit(pending),
            clock=lambda: self.now,
            wall=lambda: self.wall,
            launch=self._launch,
        )

    def _launch(self, work: Callable[[], None]) -> None:
        if self.at_once:
            work()
        else:
            self.started.append(work)

    def give(self, command: Command) -> Answer:
        """Decide one command now."""
        told: list[Any] = []
        self.writer.submit(Pending(derived_id(len(self.told()), repr(command)), command, b"", told.append))
        self.writer.step()
        assert isinstance(told[0], Answer), told[0]
        return told[0]

    def publish(self, *recipients: Recipient) -> None:
        """A warning in force, its recipients asked."""
        self.give(draft())
        self.give(ApproveAlert(by=MET2, now=self.now, alert="AL-1"))
        self.give(PublishAlert(by=MET2, now=self.now, alert="AL-1", identifier=IDENTIFIER))
        self.give(SetRecipients(by=DUTY, now=self.now, list="150722", recipients=recipients))
        self.ask(IDENTIFIER)

    def ask(self, identifier: str) -> None:
        self.give(AskRecipients(by=SYS, now=self.now, alert="AL-1", identifier=identifier, list="150722"))

    def adjust(self) -> str:
        """The warning is raised to orange; its recipients hear of that too."""
        self.now += timedelta(minutes=1)
        self.give(
            AdjustAlertLevel(
                by=MET2,
                cosigner=MET1,
                now=self.now,
                alert="AL-1",
                colour=WarningColour.ORANGE,
                number=2,
                references=IDENTIFIER,
                reason="more rain",
            )
        )
        identifier: str = self.log.read(0)[-1].event.identifier
        self.issued[identifier] = replace(BULLETIN, issued=replace(ISSUED, identifier=identifier, msg_type="Update"))
        self.ask(identifier)
        return identifier

    def run(self) -> None:
        """Until nothing moves any more."""
        for _ in range(200):
            if not (self.outbox.step() | self.writer.step()):
                return
        raise AssertionError("it never comes to rest")

    def told(self) -> list[AlertDisseminated]:
        return [recorded.event for recorded in self.log.read(0) if recorded.type == "alerts.alert.disseminated.v1"]

    def states(self, recipient: str = "T.XW") -> list[tuple[str, str]]:
        """What the log was told of a recipient: (state, detail)."""
        return [(event.state.value, event.detail) for event in self.told() if event.recipient == recipient]


MAILED = Recipient("T.XW", Channel.MAIL)
HOOKED = Recipient("DAM.YA", Channel.WEBHOOK)


def parsed(page: str) -> Any:
    """A page as a browser reads it."""
    return html.document_fromstring(page)
