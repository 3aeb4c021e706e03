"""Operations on rights requests, breaches, processors and impact assessments."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.privacy.api.asking import SAID, Asked, ask, receipt, signer
from services.privacy.api.opening import values_of
from services.privacy.api.records import ACCEPTED
from services.privacy.deciders.duties import assessments, breaches, minors, processors, rights
from services.privacy.events.duties import Right
from shared.blobs.store import digest
from shared.handling.guard import is_public_id
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound
from shared.web.call import Call, answered, call
from shared.web.host import Host
from shared.web.limiting import Buckets, take_turn
from shared.web.paging import Row
from shared.web.principals import ANYBODY
from shared.web.problems import MEDIA_TYPE, RESPONSES, Malformed
from shared.web.vaulted import first

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
Text = Annotated[str, Field(max_length=20_000)]
Line = Annotated[str, Field(max_length=500)]
TOO_OFTEN = {"description": "Too often", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
RATE = "privacy.rights_rate"


class RightsBody(BaseModel):
    """What somebody asks for. Nothing of it is needed for it to be taken."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    request: Annotated[
        str | None, Field(min_length=1, max_length=64, description="a number is given where it is left out; without a token it is")
    ] = None
    subject: Annotated[
        str | None, Field(max_length=200, description="the public number of who it is about; without a token it lies with the words")
    ] = None
    right: Right | None = None
    text: Text = ""
    name: Line = ""
    contact: Annotated[str, Field(max_length=500, description="how whoever asks is reached")] = ""
    relative: bool = False
    proof: Text | None = None
    division: Annotated[str | None, Field(max_length=20, description="whose office answers: the caller's unless named")] = None
    shown: Annotated[str | None, Field(max_length=300, description="what ShowRegistration answered, instead of a token")] = None


def add(router: APIRouter, host: Host, log: str) -> None:
    buckets = Buckets()

    @router.post(
        "/rights-requests",
        operation_id="ReceiveRightsRequest",
        status_code=201,
        response_model=None,
        responses=ACCEPTED | {429: TOO_OFTEN},
    )
    async def receive(body: RightsBody, caller: Annotated[Call, Depends(call)]) -> Response:
        """Ask for access, a copy, correction, deletion and the like; also for a dead relative. Anybody may, without a token. Taken
        whatever is missing; the answer's stream names the request, `due_at` says by when it is answered; it never says who is known."""
        raw = await caller.request.body()
        if caller.by is ANYBODY:
            take_turn(buckets, host, caller, RATE)
            if body.request is not None:
                raise Malformed(Failure("schema", "without a token leave it out: the number is given", "request"))
            if caller.key is not None:  # strangers are one caller: the same words under the same key are the same request
                caller.key = f"{digest(raw)}:{caller.key}"
        by = await run_in_threadpool(signer, host, caller, body.shown)
        words = {"text": body.text, "proof": body.proof or "", "name": body.name, "contact": body.contact}
        request = body.request if body.request is not None and is_public_id(body.request) else None
        asked = Asked(words, body.subject, body.right, body.relative, body.division, request)
        return answered(log, await ask(host, caller, by, asked, raw))

    @router.get("/rights-receipts/{request}", operation_id="GetRightsReceipt", responses=RESPONSES)
    def get_receipt(request: Annotated[str, Path(max_length=64)], caller: Annotated[Call, Depends(call)]) -> Row:
        """How far a request is, for whoever holds its number. Nothing of what it asks or of whom."""
        found = receipt(host, request)
        if found is None:
            raise NotFound(Failure("reference", "no request has this number: check each letter", "request"))
        return found | {"request": request, "positions": host.positions()}

    @router.post(
        "/rights-requests/{request}/reading",
        operation_id="ReadRightsRequest",
        status_code=201,
        response_model=None,
        responses=ACCEPTED,
    )
    async def read(request: Annotated[str, Path(max_length=64)], caller: Annotated[Call, Depends(call)]) -> Response:
        """What a request says, for who checks and answers it. That it was read is durable before the words leave."""
        answer = await caller.handle("privacy", rights.ReadRightsRequest, {"request": request})
        first(answer)
        ref = answer.extra["ref"]
        words = (await values_of(host, {ref: (request, set(SAID))}))[ref] if ref else {}
        return answered(log, answer, words=words, ref=None)
