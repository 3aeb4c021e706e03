"""Photos of goods: sent before what names them, and kept as they are made anew; nothing names a photo that nobody sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.resources.deciders.photo import KeepPhoto
from services.resources.deciders.streams import photo_stream
from shared.blobs.store import digest
from shared.kernel.commands import Command
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all
from shared.web import uploads
from shared.web.call import Call, answered, call
from shared.web.commands import Accepted, CommandRoutes, Fill
from shared.web.directory import Directory
from shared.web.host import Host
from shared.web.problems import RESPONSES

COMMANDS: tuple[tuple[str, type[Command]], ...] = ()
LIMIT = 5 * 1024 * 1024  # bytes of a body; goods.photo says how many are taken
LIMITS = {"/api/resources/photos": LIMIT}
BINARY = {"schema": {"type": "string", "format": "binary"}}
BODY = {"requestBody": {"required": True, "content": dict.fromkeys(("image/jpeg", "image/png", "image/webp"), BINARY)}}
ANSWERS: dict[int | str, dict[str, Any]] = {201: {"model": Accepted}, 200: {"model": Accepted, "description": "A repeat"}, **RESPONSES}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": BINARY}}, **RESPONSES}
_DIGEST = re.compile(r"[0-9a-f]{64}")


def add(router: APIRouter, host: Host, directory: Directory, routes: CommandRoutes) -> None:
    """The one operation that takes a picture of goods."""

    async def keep_photo(request: Request, caller: Annotated[Call, Depends(call)]) -> Response:
        """Send a photo of goods or of a thing taken: the bytes of a JPEG, PNG or WebP picture as the body. It is kept smaller and without
        what a camera adds; `photo` of the answer is the digest that `photos` of a receipt, a taking or a return names. Of goods and
        things: a picture that shows who somebody is has no place here."""
        caller.allowed(lambda: directory.may(KeepPhoto.__name__, caller.by, None))  # before anything is decoded
        limits = uploads.Limits.of(directory.rules_for(caller.by.division, caller.now, caller.pack).value("goods.photo"))
        body = await request.body()
        kept = (await uploads.taken(uploads.photo, body, limits)).reveal()
        made = KeepPhoto(by=caller.by, now=caller.now, cosigner=caller.cosigner, photo=digest(kept), size=len(kept))
        answer = await caller.send("resources", made, request.scope["path"], body, {made.photo: kept})
        return answered(host.log("resources"), answer)

    router.add_api_route(
        "/photos",
        keep_photo,
        methods=["POST"],
        operation_id=KeepPhoto.__name__,
        summary="Keep photo",
        status_code=201,
        response_model=None,
        responses=ANSWERS,
        openapi_extra=BODY,
    )


def picture(host: Host, photo: str, named: Iterable[str]) -> Response:
    """The photo, for who may see what names it. NotFound."""
    kept = host.blobs.get(photo) if photo in named and _DIGEST.fullmatch(photo) else None
    if kept is None:
        raise NotFound(Failure("reference", "names no such photo: `photos` lists those it names", "photo"))
    return Response(kept, media_type="image/jpeg", headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def sent(host: Host, command: type[Command]) -> Fill:
    """In this command every digest among `photos` is that of a photo somebody sent. RuleBroken with all that are not."""

    def strange(photos: tuple[str, ...]) -> list[str]:
        return [one for one in photos if _DIGEST.fullmatch(one) and not host.history("resources", photo_stream(one))]

    async def fill(caller: Call, fields: dict[str, Any]) -> None:
        if not fields.get("photos"):
            return
        caller.allowed(lambda: host.directory.may(command.__name__, caller.by, None))
        unknown = await run_in_threadpool(strange, fields["photos"])
        cure = "nobody sent a photo {}: send it first (KeepPhoto, POST /photos), and name the digest of that answer"
        refuse_all(RuleBroken, [Failure("goods.photo", cure.format(one), "photos") for one in unknown])

    return fill
