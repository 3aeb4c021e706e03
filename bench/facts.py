"""A long log for replay: the story's mix of the alerts service's events, spread over many streams."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from services.alerts.deciders.streams import alert_stream, cap_stream, checklist_stream
from services.alerts.events.alert import AlertApproved, AlertCancelled, AlertDrafted, AlertPublished, AlertRejected, LevelAdjusted
from services.alerts.events.checklist import ChecklistItem, ChecklistItemCompleted, ChecklistOpened, ItemOutcome
from services.alerts.events.content import AlertContent, MessageReference
from services.alerts.events.measures import MeasureLifted, MeasureStarted, WarningPeriodEnded, WarningPeriodEntered
from services.alerts.events.message import MessageIssued
from services.alerts.events.reach import (
    AcknowledgementOverdue,
    AlertAcknowledged,
    AlertDisseminated,
    Channel,
    Delivery,
    NoticesDue,
    NoticeSent,
    NoticeTo,
)
from services.alerts.events.scales import WarningColour
from services.alerts.events.task import TaskAssigned
from shared.eventlog.ports import EventStore, New
from shared.kernel.envelope import Envelope, seal
from shared.kernel.events import encode, type_of

PLACE, SENDER, BY = "150722", "15072241600000", "DUTY.1"
BEGINS = datetime(2021, 7, 18, tzinfo=UTC)
STREAMS_OF_A_WARNING = 4
Fact = tuple[str, Any]


def life(n: int, turn: int) -> Iterator[Fact]:
    """One life of a warning as the story tells it; in every further turn it is published again for other recipients."""
    alert, at = f"AL-{n:06}", BEGINS + timedelta(seconds=n, hours=turn)
    own, first = alert_stream(alert), f"{SENDER}_{n:06}"
    heavy_rain = "局地降雨量达五十毫米以上，请注意防范山洪"
    said = AlertContent("11B03", WarningColour.ORANGE, 2, (PLACE,), at, at + timedelta(hours=12), heavy_rain, "停止户外活动", "气象台")
    duties = (ChecklistItem("1", "加强监测", "Watch more closely"),)
    message, until = f"{first}_{turn:04}", at + timedelta(minutes=30)
    yield f"task-draft-{n:06}", TaskAssigned(f"draft-{n:06}-{turn}", "draft_alert", ("EMD.duty",), own, PLACE, at, "11B03", "orange")
    yield own, AlertDrafted(alert, said, "B", PLACE, at)
    yield own, AlertRejected(alert, "C", "水位未核实", at)
    yield own, AlertDrafted(alert, said, "B", PLACE, at)
    yield own, AlertApproved(alert, "C", at)
    yield own, AlertPublished(alert, message, SENDER, said, ("villages",), "C", PLACE, at)
    yield own, NoticesDue(alert, tuple(NoticeTo), until, "ERL-64", at)
    yield checklist_stream(alert, "ERL-66"), ChecklistOpened(alert, "ERL-66", duties, PLACE, at)
    yield cap_stream(first), MessageIssued(message, SENDER, at, "Alert", first, alert, said, division=PLACE)
    for village in range(8):
        yield own, AlertDisseminated(alert, f"V-{village}", Channel.LINK, Delivery.SENT, message, at, until)
    for village in range(6):
        yield own, AlertAcknowledged(alert, f"V-{village}", at)
    yield own, AcknowledgementOverdue(alert, "V-7", until, until)
    yield own, NoticeSent(alert, NoticeTo.UP, BY, at)
    yield own, WarningPeriodEntered(alert, until, BY, at)
    yield own, MeasureStarted(alert, f"M-{turn}", "转移", "ERL-67", BY, at)
    yield checklist_stream(alert, "ERL-66"), ChecklistItemCompleted(alert, "ERL-66", "1", ItemOutcome.DONE, BY, at)
    reference = (MessageReference(SENDER, message, at),)
    yield own, LevelAdjusted(alert, message + "_1", SENDER, reference, said, WarningColour.YELLOW, ("villages",), at)
    yield cap_stream(first), MessageIssued(message + "_1", SENDER, at, "Update", first, alert, said, reference, division=PLACE)
    yield own, AlertCancelled(alert, message + "_2", SENDER, reference, said, ("villages",), "C", at)
    yield cap_stream(first), MessageIssued(message + "_2", SENDER, at, "Cancel", first, alert, said, reference, division=PLACE)
    yield own, MeasureLifted(alert, f"M-{turn}", "ended", at)
    yield own, WarningPeriodEnded(alert, at)


def fill(log: EventStore, number: int, streams: int) -> None:
    """Append so many events; the lives of many warnings run side by side."""
    warnings, together = streams // STREAMS_OF_A_WARNING, 50
    versions: dict[str, int] = {}
    position, turn = 0, 0
    while position < number:
        for group in range(0, warnings, together):
            side_by_side = zip(*(life(n, turn) for n in range(group, min(group + together, warnings))), strict=True)
            facts = [fact for facts in side_by_side for fact in facts][: number - position]
            if not facts:
                return
            with log.pen() as pen:
                pen.append([_new(log.name, stream, fact, versions) for stream, fact in facts], time=BEGINS)
            position += len(facts)
        turn += 1


def _new(log: str, stream: str, fact: Any, versions: dict[str, int]) -> New:
    version = versions[stream] = versions.get(stream, 0) + 1
    kind = type_of(fact)
    return New(stream, version, kind, partial(_seal, log, stream, version, kind, encode(fact)))


def _seal(log: str, stream: str, version: int, kind: str, data: bytes, position: int) -> bytes:
    return seal(
        Envelope(
            specversion="1.0",
            id=f"{log}:{position}",
            source=f"urn:ortoo:{log}",
            type=kind,
            time=BEGINS,
            datacontenttype="application/json",
            log=log,
            position=position,
            streamid=stream,
            streamversion=version,
            partitionkey=stream,
            division=PLACE,
            actor=BY,
            role="EMD.duty",
            rulepack="cn-2024-11@0123456789ab",
            data=msgspec.Raw(data),
        )
    )
