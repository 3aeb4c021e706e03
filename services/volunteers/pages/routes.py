"""Every page of the volunteers service."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from services.volunteers.pages import answering, certificates, own, papers, registering
from services.volunteers.pages.rendering import HERE
from services.volunteers.reception.desk import Desk
from shared.web.host import Host


def router(host: Host, desk: Desk) -> APIRouter:
    """`/volunteer`, `/volunteer/me`, `/volunteer/answer/<token>`, `/certificates`."""
    made = APIRouter(include_in_schema=False)

    @made.get("/volunteer.css")
    async def style() -> Response:
        return FileResponse(HERE / "static" / "volunteer.css", headers={"Cache-Control": "no-cache"})

    for part in (registering, papers, own, answering, certificates):
        part.add(made, host, desk)
    return made
