"""Operations on rights requests, breaches, processors and impact assessments."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.privacy.api.records import ACCEPTED
from services.privacy.deciders.duties import assessments, breaches, minors, processors, rights
from services.privacy.deciders.streams import STANDING
from services.privacy.events.duties import Right
from shared.handling.guard import is_public_id
from shared.kernel.commands import Command
from shared.vault.personal import Personal
from shared.vault.scope import Scope
from shared.web.call import Call, answered, call
from shared.web.host import Host
from shared.web.vaulted import ref_of, vault_of

COMMANDS: tuple[tuple[str, type[Command]], ...] = (
    ("/rights-requests/{request}/identity", rights.CheckRequestIdentity),
    ("/rights-requests/{request}/decision", rights.DecideRightsRequest),
    ("/rights-requests/{request}/completion", rights.CompleteRightsRequest),
    ("/breaches", breaches.ReportBreach),
    ("/breaches/{breach}/containment", breaches.ContainBreach),
    ("/breaches/{breach}/grade", breaches.GradeBreach),
    ("/breaches/{breach}/authority", breaches.NotifyAuthority),
    ("/breaches/{breach}/subjects", breaches.NotifySubjects),
    ("/breaches/{breach}/closure", breaches.CloseBreach),
    ("/processors/{processor}", processors.RegisterProcessor),
    ("/processors/{processor}/supervision", processors.SuperviseProcessor),
    ("/processors/{processor}/end", processors.EndProcessor),
    ("/minors/{register}/audits", minors.RecordMinorsAudit),
    ("/modules/{module}/assessments", assessments.DraftImpactAssessment),
    ("/modules/{module}/assessments/{assessment}/approval", assessments.ApproveImpactAssessment),
)
WORDS = "rights.request"  # what the vault keeps the words of a request for, under the request's number
Text = Annotated[str, Field(max_length=20_000)]


class RightsBody(BaseModel):
    """What somebody asks for. Nothing of it is needed for it to be taken."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    request: Annotated[str | None, Field(min_length=1, max_length=64, description="a number is given where it is left out")] = None
    subject: Annotated[str | None, Field(max_length=200, description="the public number of who it is about")] = None
    right: Right | None = None
    text: Text = ""
    relative: bool = False
    proof: Text | None = None


def add(router: APIRouter, host: Host, log: str) -> None:
    @router.post("/rights-requests", operation_id="ReceiveRightsRequest", status_code=201, response_model=None, responses=ACCEPTED)
    async def receive(body: RightsBody, caller: Annotated[Call, Depends(call)]) -> Response:
        """Ask for access, a copy, correction, deletion and the like; also for a dead relative. Taken whatever is missing; the answer's
        stream names the request and `due_at` says by when it is answered."""
        subject = body.subject if body.subject is not None and is_public_id(body.subject) else None
        unfit = body.subject if subject is None else None  # a name, a number: the words' own
        said = {"text": body.text, "proof": body.proof, "subject": unfit}
        words = {name: Personal(text) for name, text in said.items() if text}
        ref = ref_of(caller, words)
        named = body.request is not None and is_public_id(body.request)
        request = str(body.request) if named else f"RQ-{ref.replace('-', '')[:12].upper()}"
        if words:
            await run_in_threadpool(vault_of(host).keep, Scope(request, STANDING, WORDS), ref, words, caller.now)
        name = ref if words else ""
        fields = {
            "request": request,
            "subject": subject,
            "right": body.right,
            "digest": name,
            "relative": body.relative,
            "proof": name if body.proof else None,
        }
        return answered(log, await caller.handle("privacy", rights.ReceiveRightsRequest, fields))
