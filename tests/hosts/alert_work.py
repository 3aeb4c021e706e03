"""What clients of the alerts service ask in a simulated history: warnings from draft to end, and warnings from elsewhere."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path

from services.alerts.api.receiving import received
from services.alerts.deciders.monitoring.registers import SetRecipients
from services.alerts.deciders.warnings.commands import (
    AcknowledgeAlert,
    AdjustAlertLevel,
    ApproveAlert,
    CancelAlert,
    CorrectAlert,
    DraftAlert,
    PublishAlert,
    StartMeasure,
)
from services.alerts.deciders.warnings.message import ImportAlert
from services.alerts.events.alert import IssueEvent
from services.alerts.events.registers import Recipient
from services.alerts.events.scales import WarningColour
from services.alerts.formats.read import read_messages
from services.alerts.service import ALERTS
from services.start.settings import Settings
from services.wiring import open_node
from shared.blobs.store import digest
from shared.kernel.commands import Signature
from shared.testing.invariants import Broken
from tests.support import cap

AREA = "150722"
AUTHOR = Signature("B.MET1", ("SECT.weather",), AREA, 3)
SECOND = Signature("B.MET2", ("SECT.weather.approver",), AREA, 3)
OFFICER = Signature("B.OFF", ("EMD.officer",), AREA, 3)
GOVERNMENT = Signature("B.GOV", ("GOV",), AREA, 3)
TOWNS = tuple(Signature(f"T.{n}", ("L4.office",), AREA, 4) for n in range(3))


@cache
def directory():
    """Divisions, rules and permissions as a real node has them."""
    with tempfile.TemporaryDirectory() as folder:
        node = open_node(Settings(Path(folder) / "data", "150000"))  # its root key lies beside it
        node.host.stop()
        return node.directory


def draft_of(now, alert, valid_to):
    """A whole draft of a warning of level 3."""
    return DraftAlert(
        by=AUTHOR,
        now=now,
        alert=alert,
        hazard="11B03",
        colour=WarningColour.YELLOW,
        number=3,
        areas=(AREA,),
        starts=now,
        valid_to=valid_to,
        cautions="heavy rain",
        measures="leave low land",
        issuer="weather office",
    )


def message_of(now, identifier):
    """A warning from elsewhere, read as the edge reads it, with its bytes."""
    raw = cap(identifier, sent=(now - timedelta(hours=1)).isoformat(timespec="seconds")).encode()
    (item,) = read_messages(raw, "application/cap+xml").items
    return ImportAlert(by=OFFICER, now=now, message=received(item, digest(raw), directory().divisions)), {digest(raw): raw}


class AlertsWork:
    """Three clients who draft, approve, publish, change and end warnings, and hand on those of others."""

    service, log_name = ALERTS, "150000.alerts"

    def __init__(self) -> None:
        self._steps: dict[str, int] = {}  # of each warning: how far its clients have asked
        self._messages = 0

    def rules_for(self, division, at, pack):
        return directory().rules_for(division, at, pack)

    def may(self, command, by, areas) -> None:
        directory().may(command, by, areas)

    def command(self, random, now):
        what = random.random()
        if what < 0.2:
            return self._imported(random, now)
        if what < 0.3:
            chosen = random.sample(TOWNS, random.randrange(1, 4))
            return SetRecipients(by=OFFICER, now=now, list=AREA, recipients=tuple(Recipient(town.actor) for town in chosen)), {}
        if what < 0.45 or not self._steps:
            self._steps[f"AL-{len(self._steps)}"] = 0
            return draft_of(now, f"AL-{len(self._steps) - 1}", now + timedelta(seconds=random.randrange(60, 3_600))), {}
        alert = random.choice(list(self._steps)[-4:])
        self._steps[alert] += 1
        if self._steps[alert] <= 2:
            step = ApproveAlert if self._steps[alert] == 1 else PublishAlert
            return step(by=SECOND, now=now, alert=alert), {}
        return self._in_force(random, now, alert), {}

    def _in_force(self, random, now, alert):
        signed = {"by": SECOND, "now": now, "alert": alert}
        return random.choice(
            (
                AcknowledgeAlert(by=random.choice(TOWNS), now=now, alert=alert),
                AdjustAlertLevel(
                    **signed,
                    cosigner=AUTHOR,
                    colour=WarningColour.ORANGE,
                    number=2,
                    valid_to=now + timedelta(seconds=random.randrange(600, 3_600)),
                    reason="worse",
                ),
                CorrectAlert(**signed, cosigner=AUTHOR, cautions="heavier rain", reason="text"),
                StartMeasure(by=GOVERNMENT, now=now, alert=alert, measure=f"M-{self._steps[alert]}", kind="evacuate", basis="ERL-67.1"),
                CancelAlert(**signed, reason="over"),
            )
        )

    def _imported(self, random, now):
        self._messages += random.random() < 0.8  # the rest come twice, under another key
        return message_of(now, f"EX-{self._messages}")

    def check(self, events, read, asks) -> None:
        """A warning is published once and ends once; each of its messages goes out once; a recipient is asked once by each."""
        happened = Counter((r.type.split(".")[2], r.stream) for r in events if r.stream.startswith("alert-"))
        for (fact, stream), count in happened.items():
            if fact in ("drafted", "published", "cancelled", "expired") and count > 1:
                raise Broken(f"{stream} was {fact} {count} times")
            if fact == "published" and happened["cancelled", stream] + happened["expired", stream] != 1:
                raise Broken(f"{stream} did not end once")
        said = Counter(r.event.identifier for r in events if isinstance(r.event, IssueEvent))
        issued = Counter(r.event.identifier for r in events if r.type.startswith("alerts.message.issued."))
        if said != issued:
            raise Broken(f"said {said - issued}, issued {issued - said}")
        sent = Counter((r.event.identifier, r.event.recipient) for r in events if r.type.startswith("alerts.alert.disseminated."))
        if sent and max(sent.values()) > 1:
            raise Broken(f"asked twice: {sent.most_common(2)}")
