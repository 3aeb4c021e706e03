"""`RegisterVolunteer` with or without a token: what is personal goes into the vault, the command gets its reference."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Annotated, Any, cast

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.responses import Response

from services.volunteers.deciders.people.commands import Hazard, RegisterVolunteer
from services.volunteers.reception.application import TYPED, Application, tidied
from services.volunteers.reception.desk import OFFICERS, VOLUNTEER, Desk, Entry, enter, oneself, placed
from shared.handling.guard import is_public_id
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all
from shared.vault.chance import chance
from shared.vault.personal import Personal
from shared.web import uploads
from shared.web.call import Call, answered, call, signature_of
from shared.web.commands import Accepted
from shared.web.express import directly, sent
from shared.web.host import Host
from shared.web.limiting import take_turn
from shared.web.principals import ANYBODY
from shared.web.problems import MEDIA_TYPE, RESPONSES, Malformed

PATH = "/volunteers"
COMMAND = RegisterVolunteer.__name__
PLACE = {"place": "division"}
DUPLICATE = "A-DUPLICATE"
SMALL = 64 * 1024  # bytes of a body without files: whoever sends more waits for their turn before it is read
FILE = 6 * 1024 * 1024  # characters of base64
PROBLEM = {"description": "Too often", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"model": Accepted},
    200: {"model": Accepted, "description": "A repeat"},
    **RESPONSES,
    429: PROBLEM,
}
Typed = Annotated[SecretStr | None, Field(max_length=1000)]
File = Annotated[SecretStr | None, Field(max_length=FILE, description="base64: a JPEG, PNG or WebP picture; a certificate may be a PDF")]
CodeOf = Annotated[str, Field(min_length=1, max_length=40)]


class RegisterVolunteerBody(BaseModel):
    """What a volunteer tells of themself. Nothing personal of it gets into any event, log or answer."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    volunteer: Annotated[str | None, Field(max_length=64, description="left out, a number is given; without a token it is")] = None
    division: Annotated[str | None, Field(max_length=20, description="where they live: the caller's division unless named")] = None
    township: Annotated[str | None, Field(max_length=20)] = None
    name: Typed = None
    id_number: Typed = None
    document: Typed = None
    birth_date: Typed = None
    phone: Typed = None
    email: Typed = None
    address: Typed = None
    kin_name: Typed = None
    kin_phone: Typed = None
    health_note: Typed = None
    photo: File = None
    certificate: File = None
    languages: Annotated[list[CodeOf], Field(max_length=40)] = []
    skills: Annotated[list[CodeOf], Field(max_length=40)] = []
    organisation: Annotated[str | None, Field(max_length=64, description="the public id of who registers its members")] = None
    fit: bool | None = None
    excluded: Annotated[list[Hazard], Field(max_length=10)] = []
    guardian: bool = False
    adult: Annotated[bool | None, Field(description="as an officer says who saw the person; of an identity number it is the result")] = None
    risk_text: Annotated[int | None, Field(ge=0, le=10**6)] = None
    notice: Annotated[str | None, Field(max_length=40)] = None
    consent: bool = False
    separate_consent: Annotated[bool, Field(description="to a health note and a photo, which are sensitive (PIPL-29)")] = False


def add(router: APIRouter, host: Host, desk: Desk | None) -> None:
    """The operation; without a desk it is only described."""

    async def register_volunteer(body: RegisterVolunteerBody, caller: Annotated[Call, Depends(call)]) -> Response:
        """Become a volunteer, oneself or through an organisation. Anybody may, without a token; the answer's `volunteer` is the public
        number, its `code` opens the registration again and is told only here."""
        return await taken(body, caller)

    async def taken(body: RegisterVolunteerBody, caller: Call) -> Response:
        assert desk is not None
        entry = await _entry(desk, host, caller, body)
        try:
            entered = await enter(desk, host, caller, await _application(desk, host, caller, body), entry)
        except RuleBroken as refusal:  # the form calls it a place
            raise RuleBroken(*(replace(one, field=PLACE.get(one.field or "", one.field)) for one in refusal.failures)) from refusal
        answer = entered.answer
        if entered.duplicates and entry.by.has(*OFFICERS):
            answer = msgspec.structs.replace(answer, flags=(*answer.flags, DUPLICATE))
        return answered(host.log("volunteers"), answer, volunteer=entered.volunteer, code=entered.code)

    async def direct(request: Request, raw: bytes) -> Response | None:
        if (given := sent(request, raw, RegisterVolunteerBody)) is None:
            return None
        _turn(host, desk, request)
        return await taken(cast(RegisterVolunteerBody, given), await call(request))

    directly(register_volunteer, direct, SMALL)
    router.add_api_route(
        PATH,
        register_volunteer,
        methods=["POST"],
        operation_id=COMMAND,
        status_code=201,
        response_model=None,
        responses=ANSWERS,
        route_class_override=_in_turn(host, desk),
    )


def _in_turn(host: Host, desk: Desk | None) -> type[APIRoute]:
    """A route on which a stranger's turn is taken before the body, with its files, is read."""

    class InTurn(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def limited(request: Request) -> Response:
                _turn(host, desk, request)
                return await handle(request)

            return limited

    return InTurn


def _turn(host: Host, desk: Desk | None, request: Request) -> None:
    if desk is not None and signature_of(request, request.headers.get("authorization"), host) is ANYBODY:
        take_turn(desk.entries, host, Call(request, host, ANYBODY, None, host.now(), {}), "registration.intake_rate")


async def _entry(desk: Desk, host: Host, caller: Call, body: RegisterVolunteerBody) -> Entry:
    """Who registers whom. A stranger gets a number, and signs with it for themself alone."""
    content = desk.forms.mac("content", await caller.request.body()).hex()
    stranger = caller.by is ANYBODY
    same = f"{content if stranger else caller.by.actor}:{caller.key}" if caller.key is not None else chance(16).hex()
    if not stranger:
        volunteer = body.volunteer or (caller.by.actor if caller.by.has(VOLUNTEER) else desk.forms.number(same))
        if not is_public_id(volunteer):
            raise RuleBroken(Failure("id.pattern", "1 to 64 letters, digits, '.', '_' and '-'; it names no person", "volunteer"))
        if caller.by.has(VOLUNTEER) and caller.by.actor != volunteer:
            raise NotAllowed(Failure("volunteer.self", "a volunteer registers themself only", "volunteer"))
        return Entry(caller.by, volunteer, same, content)
    wrong = [("volunteer", body.volunteer), ("adult", body.adult), ("organisation", body.organisation)]
    refuse_all(Malformed, [Failure("schema", "without a token leave it out", name) for name, value in wrong if value is not None])
    if caller.key is not None:  # strangers are one caller: the same words under the same key are the same registration
        caller.key = same
    number, place = desk.forms.number(same), body.township or body.division
    known = place is not None and host.directory.divisions.in_force(place)
    return Entry(oneself(host, number, placed(host, place)[0] if known and place else host.province), number, same, content)


async def _application(desk: Desk, host: Host, caller: Call, body: RegisterVolunteerBody) -> Application:
    typed = {name: tidied(value.get_secret_value()) for name in TYPED if (value := getattr(body, name)) is not None}
    limits = uploads.Limits.of(host.directory.rules_for(None, caller.now, None).value("registration.upload"))
    takes: dict[str, uploads.Take] = {"photo": uploads.photo, "certificate": uploads.document}
    files: dict[str, Personal[bytes]] = {}
    spoiled: list[Failure] = []
    for name, take in takes.items():
        if (given := getattr(body, name)) is not None:
            try:
                files[name] = await uploads.taken(take, _decoded(name, given), limits)
            except RuleBroken as refusal:
                spoiled += refusal.failures
    return Application(
        typed={name: Personal(value) for name, value in typed.items() if value},
        files=files,
        spoiled=tuple(spoiled),
        place=body.township or body.division or caller.by.division,
        languages=tuple(dict.fromkeys(body.languages)),
        skills=tuple(dict.fromkeys(body.skills)),
        organisation=body.organisation,
        fit=body.fit,
        excluded=tuple(body.excluded),
        guardian=body.guardian,
        adult=body.adult if caller.by.has(*OFFICERS) else None,
        risk_text=body.risk_text,
        notice=body.notice,
        consent=body.consent,
        separate_consent=body.separate_consent,
    )


def _decoded(name: str, given: SecretStr) -> bytes:
    try:
        return b64decode(given.get_secret_value(), validate=True)
    except (NotBase64, ValueError) as error:
        raise RuleBroken(Failure("upload.type", "send it as base64", name)) from error
