"""One accepted example of every command on requisitions of resources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from services.resources.deciders.requisitions import commands as c
from services.resources.deciders.requisitions.approving import PAPER
from services.resources.deciders.requisitions.claimed import NoteRequisitionClaim
from services.resources.deciders.requisitions.holding import NoteResponse
from services.resources.deciders.requisitions.register import RegisterRequisitionableProperty, RetireRequisitionableProperty
from services.resources.deciders.requisitions.urgent import NoteUrgentPeriod
from services.resources.events.wanted import NoticeManner
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk

AREA = "150722"
SYSTEM = Signature("SYS", ("SYS",), AREA)
OFFICER = Signature("B.OFF", ("EMD.officer",), AREA, 3)
APPROVER = Signature("B.APP", ("EMD.approver",), AREA, 3)
HEADQUARTERS = Signature("B.HQ", ("HQ",), AREA, 3)
SITE = Signature("B.ICP", ("ICP",), AREA, 3)
ABOUT = {"incident": "INC-1", "value": Decimal(30000), "purpose": "requisition"}


def requisition_tour(desk: Desk) -> Iterator[Command]:
    """A boat is taken in an urgent flood period, given back, decided on and closed; others are refused, revoked, taken orally, lent."""
    hours, signed = timedelta(hours=1), {"by": HEADQUARTERS, "now": desk.now}
    place = {"owner": "OW-1", "place": AREA, "quantity": 1, "name": "marquee"}
    yield RegisterRequisitionableProperty(by=OFFICER, now=desk.now, property="PP-T1", item="TENT", **place)
    yield RetireRequisitionableProperty(by=OFFICER, now=desk.now, property="PP-T1", reason="sold")
    powers = {"powers": ("FCL-45",), "until": desk.now + 100 * hours, "source": "150000.alerts:7"}
    yield NoteUrgentPeriod(by=SYSTEM, now=desk.now, period="flood.1", division=AREA, **powers)
    yield NoteResponse(by=SYSTEM, now=desk.now, incident="INC-1", activation="AC-T1")
    for requisition in ("RE-T1", "RE-T2", "RE-T3"):
        said = {"subject": "OW-1", "item": f"boat {requisition}", "basis": "FCL-45", **ABOUT}
        yield c.RequestRequisition(by=OFFICER, now=desk.now, requisition=requisition, **said)
    yield c.RefuseRequisition(**signed, requisition="RE-T2", reason="our own boats do")
    yield c.RevokeRequisition(**signed, requisition="RE-T3", reason="no more needed")
    yield c.ApproveRequisition(**signed, requisition="RE-T1")
    yield c.ServeNotice(by=SYSTEM, now=desk.now, requisition="RE-T1", manner=NoticeManner.IN_APP)
    yield c.RecordTaking(by=SITE, now=desk.now, requisition="RE-T1", condition="good")
    yield c.RecordUse(by=SITE, now=desk.now, requisition="RE-T1", what="rescue in the village")
    yield c.AskReturn(by=SYSTEM, now=desk.now, requisition="RE-T1", reason="the last response ended")
    yield c.ReturnProperty(by=SITE, now=desk.now, requisition="RE-T1", condition="hull damaged", damage=Decimal(650))
    yield NoteRequisitionClaim(by=SYSTEM, now=desk.now, claim="CL-RE-T1", requisition="RE-T1", claimant="OW-1")
    yield NoteRequisitionClaim(by=SYSTEM, now=desk.now, claim="CL-RE-T1", decided=True)
    yield c.CloseRequisition(by=APPROVER, now=desk.now, requisition="RE-T1")
    yield c.CorrectReturn(by=SITE, cosigner=HEADQUARTERS, now=desk.now, requisition="RE-T1", reason="it lies at the dam still")
    yield from _without_paper(desk, hours)


def _without_paper(desk: Desk, hours: timedelta) -> Iterator[Command]:
    taken = {"subject": "OW-1", "item": "truck TEST-0009", "condition": "good", **ABOUT}
    need = {"basis": "ERL-12", "ordered_by": "B.HQ", "necessity": "people on a roof, no other truck, the water rises"}
    yield c.TakeOrally(by=SITE, now=desk.now, requisition="RE-T4", **taken, **need)
    yield c.EscalateRequisitionClock(by=SYSTEM, now=desk.now + 49 * hours, requisition="RE-T4", key=PAPER)
    yield c.PaperRequisition(by=APPROVER, now=desk.now + 50 * hours, requisition="RE-T4")
    yield c.DeclareLoss(by=SITE, now=desk.now + 51 * hours, requisition="RE-T4", reason="swept away")
    yield c.BorrowProperty(by=SITE, now=desk.now, requisition="RE-T5", **taken | {"item": "pump of OW-1"})
