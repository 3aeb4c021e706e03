"""One accepted example of every command of privacy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from services.privacy.deciders import activity
from services.privacy.deciders.duties import assessments, breaches, minors, processors, rights
from services.privacy.deciders.records import commands as records
from services.privacy.deciders.records.exporting import ExportPersonalData
from services.privacy.deciders.retention import commands as retention
from services.privacy.events.duties import BreachGrade, Right, RightsOutcome
from services.privacy.events.told import Delivery
from shared.kernel.commands import Command, Signature
from tests.handling.desk import Desk
from tests.hosts.alert_work import AREA, GOVERNMENT, OFFICER

SYSTEM = Signature("SYS", ("SYS",), AREA)
LEAD = Signature("B.LEAD", ("TASK.lead",), AREA, 3)
DPO = Signature("B.DPO", ("DPO",), AREA, 3)
LEGAL = Signature("B.LEG", ("LEG",), AREA, 3)
AUDITOR = Signature("B.AUD", ("AUD",), AREA, 3)
DAY = timedelta(days=1)


def privacy_tour(desk: Desk) -> Iterator[Command]:
    """Assessed, collected, read and given on, decided about and destroyed; and what people ask for."""
    yield from _assessed(desk)
    yield from _records(desk)
    yield from _retention(desk)
    yield from _copies(desk)
    yield from _duties(desk)


def _assessed(desk: Desk) -> Iterator[Command]:
    said = {"lawfulness": "needed", "risks": "few", "protection": "vault"}
    for module in ("shelter", "register", "training", "callup", "report"):
        yield assessments.DraftImpactAssessment(by=DPO, now=desk.now, module=module, assessment="PIA-1", **said)
        yield assessments.ApproveImpactAssessment(by=GOVERNMENT, now=desk.now, module=module, assessment="PIA-1")
    late = desk.now + 400 * DAY
    yield assessments.EscalateAssessmentClock(by=SYSTEM, now=late, module="report", key="expires-PIA-1")


def _records(desk: Desk) -> Iterator[Command]:
    signed = {"by": LEAD, "now": desk.now, "subject": "P-1", "purpose": "shelter.list"}
    for subject, incident in (("P-1", "INC-1"), ("P-2", "INC-1"), ("P-3", None)):
        values = {"fields": ("name",), "ref": f"ref-{subject}", "incident": incident}
        yield records.CollectPersonalData(by=LEAD, now=desk.now, subject=subject, purpose="shelter.list", **values)
    yield records.AttachPersonalData(by=OFFICER, now=desk.now, subject="P-3", incident="INC-1", purpose="shelter.list")
    yield records.CollectPersonalData(by=SYSTEM, now=desk.now, subject="RP-1", purpose="report.words", ref="ref-RP-1", report="RP-1")
    yield records.NoteUnclaimed(by=SYSTEM, now=desk.now, subject="RP-1", purpose="report.words", why="refuted")
    called = {"by": SYSTEM, "now": desk.now, "subject": "P-1", "incident": "INC-1", "task": "CU-1"}
    yield records.NoteTaskBegan(**called)
    yield records.NoteTaskEnded(**called, returning=True)
    contact = {"purpose": "callup.contact", "incident": "INC-1", "ref": "ref-P-1c", "fields": ("email",)}
    yield records.CollectPersonalData(by=SYSTEM, now=desk.now, subject="P-1", **contact)
    letter = {"by": SYSTEM, "now": desk.now, "subject": "P-1", "incident": "INC-1", "call_up": "CU-1"}
    yield records.TellCalledPerson(**letter)
    yield records.RecordTold(**letter, state=Delivery.SENT)
    yield records.ReadPersonalData(by=LEAD, now=desk.now, subjects=("P-1", "P-2"), purpose="shelter.list")
    yield records.DisclosePersonalData(**signed, recipient="clinic", basis="PIPL-13.1(4)")
    yield records.CorrectPersonalData(**signed, fields=("name",), reason="misread")
    yield records.GiveDeferredNotice(by=LEAD, now=desk.now, subject="P-1", notice="shelter/1")
    lock = {"now": desk.now, "subject": "P-1", "lock": "LK-1", "reason": "lawsuit"}
    yield records.LockPersonalData(by=LEGAL, **lock, basis="PIPL-47", until=desk.now + DAY)
    yield records.EscalateRecordClock(by=SYSTEM, now=desk.now + 2 * DAY, subject="P-1", key="LK-1")
    yield records.ReleaseLock(by=LEGAL, **lock)
    yield records.CollectPersonalData(
        by=OFFICER, now=desk.now, subject="V-2", purpose="register", ref="ref-V-2", fields=("name",), consent="form"
    )
    yield records.RestrictPersonalData(by=SYSTEM, now=desk.now, subject="V-2", request="RR-V-2-1")
    yield records.LiftRestriction(by=SYSTEM, now=desk.now, subject="V-2", request="RR-V-2-1")
    consent = {"subject": "V-1", "purpose": "training.invite"}
    yield records.CollectPersonalData(
        by=OFFICER, now=desk.now, **consent, basis="PIPL-13.1(1)", consent="form 1", ref="ref-V-1", fields=("phone",)
    )
    yield records.WithdrawConsent(by=OFFICER, now=desk.now, **consent)
    yield ExportPersonalData(by=Signature("V-1", ("VOL",), AREA, 3), now=desk.now, subject="V-1")
    erase = {"subject": "V-1", "certificate": "DC-0", "reason": "consent withdrawn"}
    yield records.ErasePersonalData(by=DPO, cosigner=LEGAL, now=desk.now, **erase)


def _retention(desk: Desk) -> Iterator[Command]:
    part = {"incident": "INC-1", "register": "alerts"}
    by_dpo = {"by": DPO, "now": desk.now, **part}
    response = {"by": SYSTEM, "now": desk.now, "incident": "INC-1", "activation": "ACT-1"}
    yield activity.NoteResponseRuns(**response)
    yield activity.NoteResponseOver(**response)
    yield retention.OpenRetentionAssessment(by=SYSTEM, now=desk.now, **part)
    yield retention.ResumeRetention(by=SYSTEM, now=desk.now, **part)
    yield retention.OpenRetentionAssessment(by=SYSTEM, now=desk.now, **part)
    yield retention.AssessRetention(**by_dpo, legality="lawful", necessity="needed", safety="safe")
    until = (desk.now + DAY).date()
    yield retention.DecideRetention(**by_dpo, cosigner=LEGAL, retain=("P-3",), until=until, reason="audit")
    yield retention.RegisterCopyHolder(**_holder(desk, "H-1"), name="tape room", what="nightly backups")
    yield retention.DestroyPersonalData(**by_dpo, subjects=("P-1", "P-2"), certificate="DC-1")
    sealed = {"position": 1, "chain": "c" * 64, "root": "r" * 16}
    yield retention.CertifyDestruction(by=SYSTEM, now=desk.now, certificate="DC-1", **sealed)
    found = {"replay_shows_person": False, "export_shows_person": False, "backup_shows_person": False, "searched": 9}
    yield retention.VerifyDestruction(by=AUDITOR, now=desk.now, **part, certificate="DC-1", **found)
    yield retention.EscalateRetentionClock(by=SYSTEM, now=desk.now + 3 * DAY, part="INC-1.alerts", key="retained-until")


def _copies(desk: Desk) -> Iterator[Command]:
    confirmed = {"certificate": "DC-1", "holder": "H-1", "statement": "overwritten"}
    yield retention.ConfirmCopyDestroyed(by=DPO, now=desk.now, **confirmed)
    yield retention.ReleaseCopyHolder(**_holder(desk, "H-1"), reason="no tapes any more")


def _holder(desk: Desk, holder: str) -> dict[str, object]:
    return {"by": DPO, "now": desk.now, "holder": holder}


def _duties(desk: Desk) -> Iterator[Command]:
    asked = {"by": DPO, "now": desk.now, "request": "RQ-1"}
    yield rights.ReceiveRightsRequest(**asked, subject="P-1", right=Right.DELETION)
    yield rights.CheckRequestIdentity(**asked, confirmed=True, how="id card seen")
    yield rights.ReadRightsRequest(**asked)
    yield rights.EscalateRightsClock(by=SYSTEM, now=desk.now + 60 * DAY, request="RQ-1", key="K-54")
    yield rights.DecideRightsRequest(**asked, outcome=RightsOutcome.REFUSED, reasons="kept for audit", remedy="court")
    yield rights.CompleteRightsRequest(**asked, note="told by letter")
    leak = {"by": DPO, "now": desk.now, "breach": "BR-1"}
    yield breaches.ReportBreach(**leak, kinds=("phone",), cause="lost laptop", harm="calls")
    yield breaches.EscalateBreachClock(by=SYSTEM, now=desk.now + DAY, breach="BR-1", key="K-40")
    yield breaches.ContainBreach(**leak, measures="wiped")
    yield breaches.GradeBreach(**leak, grade=BreachGrade.LARGER)
    yield breaches.NotifyAuthority(**leak, to="region CAC", contact="B.DPO")
    yield breaches.NotifySubjects(**leak, how="letter")
    yield breaches.CloseBreach(**leak, lessons="encrypt laptops")
    other = {"by": DPO, "now": desk.now, "processor": "PR-1"}
    said = {"name": "printer", "purposes": ("register",), "agreement": "AGR-1", "measures": "sealed", "until": (desk.now + DAY).date()}
    yield processors.RegisterProcessor(**other, **said)
    yield processors.SuperviseProcessor(**other, finding="in order")
    yield processors.EndProcessor(**other, proof="protocol")
    yield minors.NoteMinorsHeld(by=SYSTEM, now=desk.now, register="volunteers")
    yield minors.EscalateMinorsClock(by=SYSTEM, now=desk.now + 365 * DAY, register="volunteers", key="K-53")
    audit = {"findings": "in order", "report": "AU-1", "reported_to": "region CAC"}
    yield minors.RecordMinorsAudit(by=DPO, now=desk.now + 366 * DAY, register="volunteers", **audit)
