"""One accepted example of every command on volunteers, rescue forces, stand-by and insurance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from services.volunteers.deciders.forces import commands as forces
from services.volunteers.deciders.insurance import commands as insurance
from services.volunteers.deciders.people import commands as people
from services.volunteers.events.force import Gear
from services.volunteers.events.validity import Cover, Member, Span
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk
from tests.hosts.alert_work import AREA

SYSTEM = Signature("SYS", ("SYS",), AREA)
OFFICER = Signature("B.OFF", ("EMD.officer",), AREA, 3)
SECOND = Signature("B.APP", ("EMD.approver",), AREA, 3)
HEADQUARTERS = Signature("B.HQ", ("HQ",), AREA, 3)
LEADER = Signature("TL.1", ("TEAM",), AREA, 3)
GUARDS = Signature("C.DPO", ("DPO",), AREA, 3)
YEAR = timedelta(days=365)


def people_tour(desk: Desk) -> Iterator[Command]:
    """People registered, checked, taken on, trained and gone; a force filed, ready and standing by; both insured."""
    yield from _registered(desk)
    yield from _noted(desk)
    yield from _filed(desk)
    yield from _insured(desk)
    yield from _standing_by(desk)
    yield from _gone(desk)


def _registered(desk: Desk) -> Iterator[Command]:
    accepted: dict[str, Any] = {"risk_text": 1, "notice": "1", "consent": True, "fit": True, "languages": ("zh",), "skills": ("boat",)}
    for name in ("V-A", "V-B", "V-C"):
        signed: dict[str, Any] = {"now": desk.now, "volunteer": name}
        yield people.RegisterVolunteer(by=OFFICER, **signed, division=AREA, person=f"ref-{name}", adult=True, **accepted)
        yield people.VerifyIdentity(by=SECOND, **signed, adult=True)
        yield people.ReviewVolunteer(by=SECOND, **signed)
    yield people.ReissueCode(by=SECOND, now=desk.now, volunteer="V-A", method=people.IdentityMethod.DOCUMENT_SEEN)


def _noted(desk: Desk) -> Iterator[Command]:
    signed: dict[str, Any] = {"by": OFFICER, "now": desk.now, "volunteer": "V-A"}
    yield people.RecordTraining(**signed, training="basic", to=desk.now + YEAR)
    yield people.RecordSkillCertificate(**signed, skill="boat", to=desk.now + YEAR)
    away = Span(desk.now + YEAR, desk.now + YEAR + timedelta(days=7), False)
    yield people.SetAvailability(**signed, weekly=(6, 7), periods=(away,))
    yield people.SetLanguages(**signed, languages=("zh", "mn"))
    yield people.SetSkills(**signed, skills=("boat", "radio"))
    yield people.SetFitness(**signed, fit=True, excluded=(people.Hazard.FOREST_FIRE,), checked=True)
    yield people.CorrectContact(by=Signature("V-A", ("VOL",), AREA, 3), now=desk.now, volunteer="V-A", fields=(people.Contact.PHONE,))
    yield people.ConfirmMembership(by=Signature("V-A", ("VOL",), AREA, 3), now=desk.now, volunteer="V-A", force="SF-1")
    yield people.EscalateVolunteerClock(by=SYSTEM, now=desk.now + YEAR, volunteer="V-A", key="training.basic")


def _filed(desk: Desk) -> Iterator[Command]:
    filing: dict[str, Any] = {
        "name": "Test Water Rescue Team A",
        "disciplines": (forces.Discipline.WATER,),
        "home": AREA,
        "leader": LEADER.actor,
        "members": (Member("M-11", None, True, True),),
        "registration": "R-1",
        "self_sufficiency_days": 3,
        "contact_24h": True,
    }
    for name in ("SF-1", "SF-2"):
        yield forces.ApplyFiling(by=LEADER, now=desk.now, force=name, **filing)
    yield forces.ReturnFiling(by=SECOND, now=desk.now, force="SF-2", reason="no proof")
    yield forces.ApplyFiling(by=LEADER, now=desk.now, force="SF-2", **filing)
    for name in ("SF-1", "SF-2"):
        yield forces.AcceptFiling(by=SECOND, now=desk.now, force=name, number=f"F-{name}", proof="P-1")
    signed: dict[str, Any] = {"now": desk.now, "force": "SF-1"}
    yield forces.AssessForce(by=SECOND, **signed, discipline=forces.Discipline.WATER, grade=forces.Grade.TWO, to=desk.now + YEAR)
    yield forces.UpdateRoster(by=LEADER, **signed, members=(Member("M-11", None, True, True), Member("M-12", None, True, True)))
    yield forces.UpdateGear(by=LEADER, **signed, gear=(Gear("boat", 2),))


def _insured(desk: Desk) -> Iterator[Command]:
    signed: dict[str, Any] = {"by": OFFICER, "now": desk.now}
    terms: dict[str, Any] = {"insurer": "an insurer", "risk": "rescue", "amount": Decimal(100000), "from_": desk.now, "territory": AREA}
    yield insurance.RecordPolicy(**signed, policy="POL-1", number="N-1", to=desk.now + YEAR, payer=AREA, group=("V-A",), **terms)
    yield insurance.ExtendPolicy(**signed, policy="POL-1", to=desk.now + 2 * YEAR)
    yield insurance.LinkPersons(**signed, policy="POL-1", group=("V-B",), forces=("SF-1",))
    cover = Cover("POL-1", desk.now, desk.now + 2 * YEAR, AREA, "rescue")
    yield people.NoteVolunteerCover(by=SYSTEM, now=desk.now, volunteer="V-A", cover=cover)
    yield forces.NoteForceCover(by=SYSTEM, now=desk.now, force="SF-1", cover=cover)
    yield insurance.OpenInsuranceClaim(**signed, policy="POL-1", claim="IC-1", holder="V-A", happened=desk.now)
    yield insurance.SettleInsuranceClaim(**signed, policy="POL-1", claim="IC-1", paid=Decimal("86.50"))


def _standing_by(desk: Desk) -> Iterator[Command]:
    signed: dict[str, Any] = {"now": desk.now, "force": "SF-1"}
    measure: dict[str, Any] = {"alert": "AL-1", "measure": "MS-1"}
    yield forces.ReportReadiness(by=LEADER, **signed, people=2, within_minutes=60)
    yield forces.RequestStandBy(by=SYSTEM, now=desk.now, **measure, kind="rescue teams stand by", basis="ERL-67", division=AREA)
    yield forces.SetStandBy(by=HEADQUARTERS, **signed, **measure)
    yield forces.EndStandByRequest(by=SYSTEM, now=desk.now, **measure, reason="lifted")
    yield forces.EndStandBy(by=HEADQUARTERS, **signed, reason="the measure was lifted")
    yield forces.EscalateForceClock(by=SYSTEM, now=desk.now + YEAR, force="SF-1", key="grade.WATER")


def _gone(desk: Desk) -> Iterator[Command]:
    cancelled: dict[str, Any] = {"by": SYSTEM, "now": desk.now, "policy": "POL-1"}
    yield insurance.CancelPolicy(by=OFFICER, now=desk.now, policy="POL-1", reason="not paid")
    yield people.EndVolunteerCover(**cancelled, volunteer="V-A")
    yield forces.EndForceCover(**cancelled, force="SF-1")
    signed: dict[str, Any] = {"by": OFFICER, "now": desk.now}
    yield forces.SuspendForce(**signed, force="SF-2", reason="its vehicles failed")
    yield forces.RestoreForce(**signed, force="SF-2", reason="repaired")
    yield forces.DeregisterForce(**signed, force="SF-2", reason="dissolved")
    yield people.PauseVolunteer(**signed, volunteer="V-A")
    yield people.ResumeVolunteer(**signed, volunteer="V-A")
    yield people.MergeVolunteers(**signed, volunteer="V-B", into="V-A", reason="same document", cosigner=SECOND)
    yield people.WithdrawVolunteer(**signed, volunteer="V-C")
    yield people.EraseVolunteer(by=GUARDS, now=desk.now, volunteer="V-C")
