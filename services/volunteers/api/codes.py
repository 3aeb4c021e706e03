"""`ReissueCode`: another code for who lost theirs. The command is recorded; the code is told in the answer and nowhere else.
`ShowRegistration`: number and code instead of a token, for who asks for their rights."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.responses import Response

from services.volunteers.deciders.people.commands import ReissueCode
from services.volunteers.reception.desk import Desk, opened, shown_of
from shared.web.call import Call, answered, call
from shared.web.commands import Accepted, body_of
from shared.web.host import Host
from shared.web.problems import MEDIA_TYPE, RESPONSES

SERVICE = "volunteers"
TOO_OFTEN: dict[str, Any] = {"description": "Too often", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
BODY: Any = body_of(ReissueCode, without=("volunteer",))
ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"model": Accepted},
    200: {"model": Accepted, "description": "A repeat: the same code again"},
    **RESPONSES,
}


class ShowRegistrationBody(BaseModel):
    """What opens a registration."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    code: Annotated[SecretStr, Field(min_length=1, max_length=100)]


class Shown(BaseModel):
    """What privacy believes, until then, of who asks for their rights."""

    shown: str
    until: datetime


def add(router: APIRouter, host: Host, desk: Desk | None) -> None:
    """The operations; without a desk they are only described."""

    @router.post("/volunteers/{volunteer}/showings", operation_id="ShowRegistration", responses={**RESPONSES, 429: TOO_OFTEN})
    async def show(
        volunteer: Annotated[str, Path(max_length=64)], body: ShowRegistrationBody, caller: Annotated[Call, Depends(call)]
    ) -> Shown:
        """Show public number and confirmation code, without a token. `shown` in ReceiveRightsRequest says that it is themself who asks, and
        opens nothing else. A wrong code and a number nobody has are answered alike."""
        assert desk is not None
        shown, until = shown_of(host, await opened(desk, host, caller, volunteer, body.code.get_secret_value()), caller.now)
        return Shown(shown=shown, until=until)

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
