"""One accepted example of every command of every service, in an order in which each has what it needs.

A command that is added to a service is added here; `test_every_command.py` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from services.alerts.deciders.monitoring.crossing import RecordCrossing
from services.alerts.deciders.monitoring.registers import RaiseStationSilence, RegisterHazardSource, RegisterStation, SetRecipients
from services.alerts.deciders.orders.task import AssignTask, CompleteTask
from services.alerts.deciders.warnings import commands as alerts
from services.alerts.deciders.warnings.checklist import CompleteChecklistItem, OpenChecklist
from services.alerts.deciders.warnings.message import IssueMessage
from services.alerts.deciders.warnings.quarantine import QuarantineImport, ResolveQuarantine
from services.alerts.events.checklist import ChecklistOpened
from services.alerts.events.quarantine import Resolution
from services.alerts.events.reach import Channel, Delivery, NoticeTo
from services.alerts.events.registers import Recipient
from services.alerts.events.scales import WarningColour
from services.registry.deciders.divisions import ChangeDivision, LoadDivisions
from services.registry.deciders.organs import AssignPost, EndPost, RegisterOrgan
from services.registry.deciders.packs import AdoptRulePack
from services.registry.deciders.rosters import AcknowledgeHandOver, EscalateHandOver, PublishRoster, Shift
from services.registry.events.divisions import Change
from services.registry.events.rosters import RosterPublished
from services.registry.provinces import province
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk
from tests.handling.tour_calling import calling_tour
from tests.handling.tour_drills import drills_tour
from tests.handling.tour_incidents import incidents_tour
from tests.handling.tour_orders import orders_tour
from tests.handling.tour_people import people_tour
from tests.handling.tour_reports import reports_tour
from tests.handling.tour_resources_agreements import agreements_tour
from tests.handling.tour_resources_counting import counting_tour
from tests.handling.tour_resources_dispatch import dispatch_tour
from tests.handling.tour_resources_donations import donations_tour
from tests.handling.tour_resources_masters import masters_tour
from tests.handling.tour_resources_relief import relief_tour
from tests.handling.tour_resources_requests import requests_tour
from tests.handling.tour_resources_requisition import requisition_tour
from tests.handling.tour_resources_stock import stock_tour
from tests.handling.tour_responses import responses_tour
from tests.hosts.alert_work import AREA, AUTHOR, GOVERNMENT, OFFICER, SECOND, TOWNS, directory, draft_of, message_of

REGION = "150000"
SYSTEM = Signature("SYS", ("SYS",), AREA)
ADMIN = Signature("R.ADM", ("ADMIN",), REGION, 1)
ADMIN_DUTY = Signature("R.OFF", ("EMD.officer",), REGION, 1)
DAM = Signature("DAM.1", ("ENT.dam",), AREA, 4)
HEADQUARTERS = Signature("B.HQ", ("HQ",), AREA, 3)


def alerts_tour(desk: Desk) -> Iterator[Command]:
    """A warning from its draft to its end, a dam alarm, warnings of others, and the work that follows."""
    recipients = (Recipient(TOWNS[0].actor), Recipient(TOWNS[1].actor, Channel.LINK))
    yield SetRecipients(by=OFFICER, now=desk.now, list=AREA, recipients=recipients)
    yield from _drafting(desk)
    yield from _reaching(desk)
    yield from _in_force(desk)
    yield from _dam(desk)
    yield from _received(desk)
    yield from _work(desk)
    yield from drills_tour(desk)
    yield from incidents_tour(desk)
    yield from reports_tour(desk)
    yield from orders_tour(desk)
    yield from responses_tour(desk)


def volunteers_tour(desk: Desk) -> Iterator[Command]:
    """People and forces registered and insured; then called up, at work, certified and honoured."""
    yield from people_tour(desk)
    yield from calling_tour(desk)


def resources_tour(desk: Desk) -> Iterator[Command]:
    """Masters, and the work with them: each tour goes on from what those before it left."""
    yield from masters_tour(desk)
    yield from stock_tour(desk)
    yield from counting_tour(desk)
    yield from requests_tour(desk)
    yield from dispatch_tour(desk)
    yield from agreements_tour(desk)
    yield from requisition_tour(desk)
    yield from relief_tour(desk)
    yield from donations_tour(desk)


def registry_tour(desk: Desk) -> Iterator[Command]:
    """Divisions, organs with their posts, and an adopted rule pack."""
    signed = {"by": ADMIN, "now": desk.now}
    yield LoadDivisions(**signed, root=REGION, units=province(REGION).units, source="province")
    new_name = {"starts": (desk.now + timedelta(days=1)).date(), "basis": "approval", "zh": "新名", "en": "New Name"}
    yield ChangeDivision(**signed, root=REGION, division=AREA, change=Change.RENAME, **new_name)
    yield RegisterOrgan(**signed, organ="EMB-1", division=AREA, zh="应急管理局", en="Emergency Bureau", functions=("EMD",))
    yield AssignPost(**signed, organ="EMB-1", post="B.DUTY", roles=("EMD.duty",), starts=desk.now)
    yield EndPost(**signed, organ="EMB-1", post="B.DUTY", reason="moved")
    shifts = tuple(Shift("B.DUTY", desk.now + timedelta(hours=12 * n), desk.now + timedelta(hours=12 * n + 12)) for n in range(2))
    yield PublishRoster(by=ADMIN_DUTY, now=desk.now, roster="RO-1", division=AREA, shifts=shifts)
    first = next(r.event for r in desk.events if isinstance(r.event, RosterPublished)).shifts
    yield AcknowledgeHandOver(by=Signature("B.DUTY", ("EMD.duty",), AREA, 3), now=desk.now, roster="RO-1", shift=first[0].shift)
    yield EscalateHandOver(by=SYSTEM, now=desk.now + timedelta(hours=13), roster="RO-1", shift=first[1].shift)
    pack = directory().packs[-1]
    yield AdoptRulePack(**signed, division=REGION, pack=pack.id, digest=pack.digest, reason="adopted")


def _drafting(desk: Desk) -> Iterator[Command]:
    signed = {"now": desk.now, "alert": "AL-1"}
    for alert in ("AL-0", "AL-1"):
        yield draft_of(desk.now, alert, desk.now + timedelta(hours=1))
    yield alerts.RejectAlert(by=SECOND, now=desk.now, alert="AL-0", reason="not needed")
    yield alerts.ReviseDraft(by=AUTHOR, **signed, cautions="very heavy rain")
    yield alerts.RecordConsultation(by=AUTHOR, **signed, participants=("water", "transport"), opinion="agreed")
    yield alerts.ApproveAlert(by=SECOND, **signed)
    yield alerts.PublishAlert(by=SECOND, **signed)


def _reaching(desk: Desk) -> Iterator[Command]:
    said = next(r.event for r in desk.events if r.type.startswith("alerts.alert.published."))
    signed = {"now": desk.now, "alert": "AL-1"}
    one, other = TOWNS[0], TOWNS[1]
    yield alerts.AskRecipients(by=SYSTEM, **signed, identifier=said.identifier, list=AREA)
    yield alerts.RecordDissemination(by=SYSTEM, **signed, recipient=other.actor, channel=Channel.LINK, state=Delivery.DELIVERED)
    yield alerts.HandOutLink(by=OFFICER, **signed, recipient=other.actor)
    yield alerts.ConfirmDelivery(by=OFFICER, **signed, recipient=one.actor)
    yield alerts.AcknowledgeAlert(by=one, **signed)
    yield alerts.EscalateSilence(by=SYSTEM, now=desk.now + timedelta(hours=2), alert="AL-1", recipient=other.actor)
    yield alerts.ConfirmNotice(by=SECOND, **signed, to=NoticeTo.UP, proof="call 1")
    yield IssueMessage(
        by=SYSTEM,
        now=desk.now,
        identifier=said.identifier,
        sender=said.sender,
        sent=said.at,
        msg_type="Alert",
        series=said.identifier,
        alert="AL-1",
        content=said.content,
    )


def _in_force(desk: Desk) -> Iterator[Command]:
    signed = {"now": desk.now, "alert": "AL-1"}
    until = desk.now + timedelta(hours=2)
    orange = {"colour": WarningColour.ORANGE, "number": 2, "valid_to": until, "reason": "worse"}
    yield OpenChecklist(by=SYSTEM, **signed, checklist="ERL-66")
    item = next(r.event for r in desk.events if isinstance(r.event, ChecklistOpened)).items[0].item
    yield CompleteChecklistItem(by=OFFICER, **signed, checklist="ERL-66", item=item)
    yield alerts.AdjustAlertLevel(by=SECOND, **signed, cosigner=AUTHOR, **orange)
    yield alerts.CorrectAlert(by=SECOND, **signed, cosigner=AUTHOR, cautions="the Yimin and the Hailar rise", reason="text")
    yield alerts.DeclareWarningPeriod(by=GOVERNMENT, **signed, until=until)
    yield alerts.EndWarningPeriod(by=SYSTEM, now=until, alert="AL-1")
    yield alerts.StartMeasure(by=GOVERNMENT, **signed, measure="M-1", kind="evacuate", basis="ERL-67.1")
    yield alerts.LiftMeasure(by=GOVERNMENT, **signed, measure="M-1", reason="done")
    yield alerts.CancelAlert(by=SECOND, **signed, reason="over")
    yield draft_of(desk.now, "AL-2", desk.now + timedelta(hours=1))
    yield alerts.ApproveAlert(by=SECOND, now=desk.now, alert="AL-2")
    yield alerts.PublishAlert(by=SECOND, now=desk.now, alert="AL-2")
    yield alerts.ExpireAlert(by=SYSTEM, now=desk.now + timedelta(hours=1), alert="AL-2")


def _dam(desk: Desk) -> Iterator[Command]:
    source = {"hazard_source": "DAM-1", "zh": "水库", "type": "reservoir", "manager": DAM.actor, "division": AREA, "areas": (AREA,)}
    alarm = {"colour": WarningColour.RED, "number": 1, "areas": (AREA,), "cautions": "the dam is giving way", "measures": "go uphill now"}
    yield RegisterHazardSource(by=OFFICER, now=desk.now, **source)
    for alert in ("AL-3", "AL-4"):
        valid_to = desk.now + timedelta(hours=6)
        yield alerts.RaiseDamAlarm(by=DAM, now=desk.now, alert=alert, hazard_source="DAM-1", valid_to=valid_to, **alarm)
    yield alerts.RatifyAlert(by=HEADQUARTERS, now=desk.now, alert="AL-3")
    yield alerts.EscalateRatification(by=SYSTEM, now=desk.now + timedelta(hours=5), alert="AL-4")


def _received(desk: Desk) -> Iterator[Command]:
    yield message_of(desk.now, "EX-1")[0]
    aside = {"quarantine": "0" * 16, "digest": "0" * 64, "code": "not_xml", "reason": "no XML", "size": 3}
    yield QuarantineImport(by=OFFICER, now=desk.now, **aside)
    yield ResolveQuarantine(by=OFFICER, now=desk.now, quarantine="0" * 16, decision=Resolution.DISCARDED, reason="a test")


def _work(desk: Desk) -> Iterator[Command]:
    hour = timedelta(hours=1)
    yield RegisterStation(by=OFFICER, now=desk.now, station="ST-1", division=AREA, properties=("rain",), interval_minutes=10)
    yield RaiseStationSilence(by=SYSTEM, now=desk.now, station="ST-1", last_heard=desk.now - hour, expected_by=desk.now - hour / 2)
    yield RecordCrossing(
        by=SYSTEM,
        now=desk.now,
        crossing="CR-1",
        station="ST-1",
        rule="rain.1h",
        hazard="11B03",
        colour=WarningColour.YELLOW,
        number=3,
        property="rain",
        hours=Decimal(1),
        limit=Decimal(20),
        value=Decimal("21.5"),
        since=desk.now - hour,
        until=desk.now,
        readings=(),
    )
    yield AssignTask(by=SYSTEM, now=desk.now, task="T-1", kind="draft_alert", subject="crossing-CR-1", roles=("EMD.officer",))
    yield CompleteTask(by=OFFICER, now=desk.now, task="T-1", outcome="drafted")
