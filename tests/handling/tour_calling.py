"""One accepted example of every command on call-ups, zones, hours, certificates, honours, harm and the desks' tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from services.volunteers.deciders.callups import commands as calls
from services.volunteers.deciders.callups.arriving import RegisterSelfArrival
from services.volunteers.deciders.forces.commands import AcceptFiling, ApplyFiling, Discipline, ForceKind
from services.volunteers.deciders.honours import commands as honours
from services.volunteers.deciders.hours import commands as hours
from services.volunteers.deciders.people import commands as people
from services.volunteers.deciders.tasks.task import AssignVolunteerTask, CompleteVolunteerTask, EscalateVolunteerTaskClock
from services.volunteers.events.callup import Answer
from services.volunteers.events.honour import Filer, Harm, HonourKind
from services.volunteers.events.service import OverlapOutcome
from services.volunteers.events.validity import Cover, Member
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk
from tests.handling.tour_people import HEADQUARTERS, OFFICER, SECOND, SYSTEM
from tests.hosts.alert_work import AREA

COMMANDER = Signature("B.ICP", ("ICP",), AREA, 3)
LEAD = Signature("B.LEAD", ("TASK.lead",), AREA, 3)
GOVERNMENT = Signature("B.GOV", ("GOV",), AREA, 3)
TEAM = Signature("TL.9", ("TEAM",), AREA, 3)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = ("V-11", "V-12", "V-13", "V-14")
LINES = ((AREA, "150700", "150000"),)


def calling_tour(desk: Desk) -> Iterator[Command]:
    """A call-up of volunteers with all that can become of it, one of a force, hours put right, and what follows from them."""
    yield from _ready(desk)
    yield from _called(desk)
    yield from _forced(desk)
    yield from _worked(desk)
    yield from _ended(desk)
    yield from _honoured(desk)
    yield from _hurt(desk)
    yield from _tasks(desk)


def _signed(name: str) -> Signature:
    return Signature(name, ("VOL",), AREA, 3)


def _ready(desk: Desk) -> Iterator[Command]:
    accepted: dict[str, Any] = {"risk_text": 1, "notice": "1", "consent": True, "fit": True}
    cover = Cover("POL-9", desk.now - DAY, desk.now + 30 * DAY, AREA, "rescue")
    for name in NAMES:
        signed: dict[str, Any] = {"now": desk.now, "volunteer": name}
        yield people.RegisterVolunteer(by=OFFICER, **signed, division=AREA, person=f"ref-{name}", adult=True, **accepted)
        yield people.VerifyIdentity(by=SECOND, **signed, adult=True)
        yield people.ReviewVolunteer(by=SECOND, **signed)
        yield people.RecordTraining(by=OFFICER, **signed, training="basic", passed_at=desk.now - DAY, to=desk.now + 30 * DAY)
        yield people.NoteVolunteerCover(by=SYSTEM, **signed, cover=cover)
    yield calls.RegisterZone(by=COMMANDER, now=desk.now, zone="Z-1", cap=6, incident="INC-1")
    yield calls.RegisterZone(by=COMMANDER, now=desk.now, zone="Z-2", cap=6)


def _called(desk: Desk) -> Iterator[Command]:
    work: dict[str, Any] = {"incident": "INC-1", "task": "unloading", "risk_text": 1, "from_": desk.now, "to": desk.now + 2 * DAY}
    asked: dict[str, Any] = {"by": OFFICER, "now": desk.now, "call_up": "CU-1", "lines": LINES}
    yield calls.OfferCallUp(**asked, volunteers=NAMES, quota=2, **work)
    late = {"by": SYSTEM, "now": desk.now + HOUR, "call_up": "CU-1", "key": "answer.V-14"}
    yield calls.EscalateCallUpClock(**late)
    for name in ("V-11", "V-12"):
        yield _accept(desk, "CU-1", _signed(name))
        yield calls.CheckEligibility(by=SYSTEM, now=desk.now, holder=name)
    yield calls.CloseOffers(by=SYSTEM, now=desk.now, call_up="CU-1")
    yield calls.StayOnReserve(by=_signed("V-13"), now=desk.now, call_up="CU-1")
    yield calls.WithdrawFromCallUp(by=_signed("V-12"), now=desk.now, call_up="CU-1")
    yield calls.AskReserve(by=SYSTEM, now=desk.now, call_up="CU-1")
    yield calls.OfferCallUp(**asked | {"call_up": "CU-3"}, volunteers=("V-14",), **work)
    yield calls.CancelCallUp(by=HEADQUARTERS, now=desk.now, call_up="CU-3", reason="not needed")
    yield calls.DepartForHost(by=_signed("V-11"), now=desk.now, call_up="CU-1")
    yield calls.CheckInAtHost(by=COMMANDER, now=desk.now, call_up="CU-1", volunteer="V-11", zone="Z-1")
    yield calls.Rotate(by=COMMANDER, now=desk.now, call_up="CU-1", volunteer="V-11", zone="Z-2")


def _forced(desk: Desk) -> Iterator[Command]:
    """An official force goes on an order."""
    member = Member("M-91", None, True, True)
    filed: dict[str, Any] = {"name": "Test Team 9", "kind": ForceKind.SOCIAL, "disciplines": (Discipline.WATER,), "home": AREA}
    filed |= {"leader": "TL.9", "members": (member,), "registration": "R-9", "self_sufficiency_days": 3, "contact_24h": True}
    yield ApplyFiling(by=TEAM, now=desk.now, force="SF-9", contract=True, contract_with=AREA, **filed)
    yield AcceptFiling(by=OFFICER, now=desk.now, force="SF-9", number="F-9", proof="certificate seen")
    period: dict[str, Any] = {"from_": desk.now, "to": desk.now + DAY}
    yield calls.OrderCallUp(by=HEADQUARTERS, now=desk.now, call_up="CU-2", incident="INC-1", force="SF-9", lines=LINES, **period)
    yield _accept(desk, "CU-2", TEAM)
    yield calls.AcceptHostCommand(by=COMMANDER, now=desk.now, call_up="CU-2")


def _accept(desk: Desk, call_up: str, by: Signature) -> Command:
    return calls.AnswerCallUp(by=by, now=desk.now, call_up=call_up, answer=Answer.ACCEPT, risk_text=1)


def _worked(desk: Desk) -> Iterator[Command]:
    signed: dict[str, Any] = {"by": LEAD, "incident": "INC-1"}
    for name in ("V-19", "V-13"):  # one of them is registered and may work
        yield RegisterSelfArrival(by=LEAD, now=desk.now, volunteer=name, incident="INC-1")
    yield hours.CheckIn(**signed, now=desk.now, people=("V-11", "V-13"))
    yield hours.CheckIn(**signed, now=desk.now + HOUR, people=("V-11",), task="another task")
    yield hours.CheckOut(**signed, now=desk.now + 2 * HOUR, people=("V-11",))
    yield hours.EscalateServiceClock(by=SYSTEM, now=desk.now + 13 * HOUR, person="V-13", key="shift.1")
    two: dict[str, Any] = {"by": LEAD, "cosigner": OFFICER, "now": desk.now + 14 * HOUR}
    ended = desk.now + 3 * HOUR
    yield hours.CorrectHours(**two, volunteer="V-13", open_shift_ended=ended, reason="forgotten")
    yield hours.ResolveOverlap(**two, volunteer="V-11", overlap=1, outcome=OverlapOutcome.DISCARDED, reason="one task")


def _ended(desk: Desk) -> Iterator[Command]:
    then = desk.now + 15 * HOUR
    yield calls.StandDown(by=COMMANDER, now=then, call_up="CU-1")
    yield calls.CheckOutOfCallUp(by=SYSTEM, now=then, call_up="CU-1")
    yield calls.SettleCallUp(by=SYSTEM, now=then, call_up="CU-1")
    yield hours.RequestCertificate(by=_signed("V-11"), now=then, volunteer="V-11")
    given: dict[str, Any] = {"certificate": "VC-1", "check": "ABCDEFGH"}
    yield hours.IssueCertificate(by=OFFICER, now=then, **given, volunteer="V-11", hours=Decimal("2"))
    yield hours.SupersedeCertificate(by=SYSTEM, now=then, certificate="VC-1")
    yield hours.RevokeCertificate(by=OFFICER, now=then, certificate="VC-1", reason="wrong incident")


def _honoured(desk: Desk) -> Iterator[Command]:
    then = desk.now + 16 * HOUR
    for honour, kind in (("HO-1", HonourKind.SERVICE_STAR), ("HO-2", HonourKind.COMMENDATION)):
        named: dict[str, Any] = {"kind": kind, "volunteer": "V-11", "reason": "unloaded all day"}
        yield honours.NominateHonour(by=LEAD, now=then, honour=honour, **named)
        yield honours.ReviewHonour(by=GOVERNMENT, now=then, honour=honour, passed=True)
    yield honours.ConsentToHonour(by=_signed("V-11"), now=then, honour="HO-1", consent=True)
    yield honours.PostHonourNotice(by=GOVERNMENT, now=then, honour="HO-1", named=True)
    yield honours.GrantHonour(by=GOVERNMENT, now=then, honour="HO-1", document="notice 9")
    yield honours.RevokeHonour(by=GOVERNMENT, now=then, honour="HO-1", reason="mistaken identity")
    yield honours.RefuseHonour(by=GOVERNMENT, now=then, honour="HO-2", reason="given already")
    yield honours.OpenMartyrCase(by=GOVERNMENT, now=then, honour="HO-3", volunteer="V-13", reason="died in the rescue")


def _hurt(desk: Desk) -> Iterator[Command]:
    then = desk.now + 17 * HOUR
    for injury in ("IN-1", "IN-2"):
        yield honours.ReportInjury(by=LEAD, now=then, injury=injury, person="V-13", harm=Harm.INJURED, happened=desk.now, incident="INC-1")
    yield honours.FileInjury(by=OFFICER, now=then, injury="IN-1", filer=Filer.EMPLOYER, receipt="R-1")
    yield honours.RecordInjuryResult(by=OFFICER, now=then, injury="IN-1", recognised=True)
    yield honours.EscalateInjuryClock(by=SYSTEM, now=desk.now + 31 * DAY, injury="IN-2", key="K-39.employer")


def _tasks(desk: Desk) -> Iterator[Command]:
    then, work = desk.now + 18 * HOUR, {"kind": "direct_self_arrival", "text": "V-13", "incident": "INC-1"}
    for task in ("VT-1", "VT-2"):
        yield AssignVolunteerTask(by=SYSTEM, now=then, task=task, roles=("TASK.lead",), **work)
    yield CompleteVolunteerTask(by=LEAD, now=then, task="VT-1", outcome="directed to Z-2")
    yield EscalateVolunteerTaskClock(by=SYSTEM, now=then + 3 * HOUR, task="VT-2", key="due")
