"""One accepted example of every command of compensation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from services.compensation.deciders.claims import commands as claims
from services.compensation.deciders.entitlements.entitlement import EscalateEntitlementClock, RecordEntitlement
from services.compensation.deciders.entitlements.leader import NoteClaimantMerged, NoteForceLeader
from services.compensation.deciders.entitlements.place import NoteIncident
from services.compensation.deciders.tariff import SetTariff
from services.compensation.events.appeal import AppealOutcome
from services.compensation.events.decision import Manner
from services.compensation.events.figures import ClaimKind, Day
from services.compensation.events.ground import Ground
from services.compensation.events.ground import Outcome as Reconsidered
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk

AREA = "150722"
SYSTEM = Signature("SYS", ("SYS",), AREA)
VOLUNTEER = Signature("V-A", ("VOL",), AREA, 3)
OWNER = Signature("OW-1", ("CIT",), AREA, 3)
OFFICER = Signature("B.OFF", ("EMD.officer",), AREA, 3)
GOVERNMENT = Signature("B.GOV", ("GOV",), AREA, 3)
APPROVER = Signature("B.APP", ("EMD.approver",), AREA, 3)
LEGAL = Signature("B.LEG", ("LEG",), AREA, 3)
FINANCE, SECOND = (Signature(post, ("FIN",), AREA, 3) for post in ("B.FIN", "B.FIN2"))
DOCUMENT, ACCOUNT = "0" * 64, "00000000-0000-5000-8000-000000000001"


def compensation_tour(desk: Desk) -> Iterator[Command]:
    """Two claims to their end: one decided, paid, reviewed, decided anew; one settled. Two given up or overdue."""
    days, month = timedelta(days=1), timedelta(days=31)
    yield NoteIncident(by=SYSTEM, now=desk.now, incident="INC-1", division=AREA)
    yield NoteForceLeader(by=SYSTEM, now=desk.now, force="SF-1", leader="TL.1", filed=True)
    yield NoteClaimantMerged(by=SYSTEM, now=desk.now, claimant="V-Z", into="V-A")
    rates = {"full": Decimal(120), "half": Decimal(60), "full_from_h": Decimal(6)}
    since = date(desk.now.year, 1, 1)
    yield SetTariff(by=FINANCE, now=desk.now, division=AREA, tariff="volunteer_day", since=since, source="notice 1", **rates)
    yield _claim(desk, "CL-A", "V-A")
    for claimant in ("V-A", "V-B"):
        yield _settled(desk, claimant)
    yield claims.NoteEntitlement(by=SYSTEM, now=desk.now, claim="CL-A")
    yield EscalateEntitlementClock(by=SYSTEM, now=desk.now + 16 * days, entitlement="V-B.INC-1", key="K-26")
    yield claims.AddEvidence(by=VOLUNTEER, now=desk.now, claim="CL-A", receipts=Decimal("86.5"))
    for again in (False, True):
        kind = claims.ReassessClaim if again else claims.AssessClaim
        yield kind(by=OFFICER, now=desk.now, claim="CL-A")
        yield claims.DecideClaim(by=APPROVER, now=desk.now, claim="CL-A", manner=Manner.PAPER)
        yield claims.ServeDecision(by=OFFICER, now=desk.now, claim="CL-A", proof="receipt 1")
        yield claims.PayClaim(by=FINANCE, now=desk.now, claim="CL-A")
        reversal = {"amount": Decimal("206.5"), "reason": "the account was closed"}
        yield claims.CorrectPayment(by=FINANCE, cosigner=SECOND, now=desk.now, claim="CL-A", **reversal)
        if again:
            break
        yield claims.FileAppeal(by=VOLUNTEER, now=desk.now, claim="CL-A", reason="a day is missing")
        said = {"outcome": AppealOutcome.ANNULLED, "document": DOCUMENT}
        yield claims.RecordAppealResult(by=LEGAL, now=desk.now, claim="CL-A", **said)
    yield _settled(desk, "V-A", minutes=240, revision=2)
    yield claims.DoubtClaim(by=SYSTEM, now=desk.now, claim="CL-A", ground=Ground.HOURS, source="150000.compensation:1")
    said = {"outcome": Reconsidered.SET_BACK, "reason": "half a day was entered as a whole one"}
    yield claims.ReconsiderClaim(by=APPROVER, cosigner=GOVERNMENT, now=desk.now, claim="CL-A", **said)
    yield from _of_owners(desk, month)


def _of_owners(desk: Desk, month: timedelta) -> Iterator[Command]:
    proofs = (claims.Proof("requisition_certificate", DOCUMENT),)
    for claim in ("CL-R1", "CL-R2", "CL-R3"):
        used = {"item": f"RE-{claim}", "tariff": "requisition_boat", "days": Decimal(2), "evidence": proofs}
        about = {"claim": claim, "claimant": "OW-1", "kind": ClaimKind.REQUISITION}
        yield claims.ClaimCompensation(by=OWNER, now=desk.now, **about, **used)
    yield claims.WithdrawClaim(by=OWNER, now=desk.now, claim="CL-R2")
    yield claims.EscalateClaimClock(by=SYSTEM, now=desk.now + month, claim="CL-R3", key="K-27")
    yield claims.AssessClaim(by=OFFICER, now=desk.now, claim="CL-R1")
    yield claims.SettleClaim(by=APPROVER, now=desk.now, claim="CL-R1", amount=Decimal(700), document=DOCUMENT)
    yield claims.DoubtClaim(by=SYSTEM, now=desk.now, item="RE-CL-R1", ground=Ground.NOT_BACK, source="150000.resources:1")


def _claim(desk: Desk, claim: str, claimant: str) -> Command:
    return claims.ClaimCompensation(by=VOLUNTEER, now=desk.now, claim=claim, claimant=claimant, incident="INC-1", account=ACCOUNT)


def _settled(desk: Desk, claimant: str, minutes: int = 480, revision: int = 1) -> Command:
    day = Day(claimant, desk.now.date(), minutes)
    said = {"incident": "INC-1", "call_up": "CU-1", "force": False, "payer": AREA, "revision": revision}
    return RecordEntitlement(by=SYSTEM, now=desk.now, claimant=claimant, days=(day,), **said)
