"""`ReissueCode`: another code for who lost theirs. The command is recorded; the code is told in the answer and nowhere else."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel
from starlette.responses import Response

from services.volunteers.deciders.people.commands import ReissueCode
from services.volunteers.reception.desk import Desk
from shared.web.call import Call, answered, call
from shared.web.commands import Accepted, body_of
from shared.web.host import Host
from shared.web.problems import RESPONSES

SERVICE = "volunteers"
BODY: Any = body_of(ReissueCode, without=("volunteer",))
ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"model": Accepted},
    200: {"model": Accepted, "description": "A repeat: the same code again"},
    **RESPONSES,
}


def add(router: APIRouter, host: Host, desk: Desk | None) -> None:
    """The operation; without a desk it is only described."""

    async def reissue_code(volunteer: Annotated[str, Path(max_length=64)], body: BODY, caller: Annotated[Call, Depends(call)]) -> Response:
        """Give who lost the code of their own page another, once they showed at a desk who they are; the answer's `code` is told only
        here, and the old one opens nothing any more."""
        assert desk is not None
        said: BaseModel = body
        answer = await caller.handle(SERVICE, ReissueCode, {"volunteer": volunteer, "method": said.model_dump()["method"]})
        code = desk.forms.code(f"desk:{answer.command}")
        await desk.intake.given((volunteer, code, caller.now))
        return answered(host.log(SERVICE), answer, volunteer=volunteer, code=code)

    router.add_api_route(
        "/volunteers/{volunteer}/code",
        reissue_code,
        methods=["POST"],
        operation_id=ReissueCode.__name__,
        status_code=201,
        response_model=None,
        responses=ANSWERS,
    )
