"""The pages behind one-time links. Whoever holds a link is its recipient for this one act; no session, no cookie is asked or heeded."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, HTMLResponse, Response

from services.alerts.api.issuing import cap_of
from services.alerts.channels import pages
from services.alerts.channels.desk import Desk
from services.alerts.channels.letters import BulletinOf
from services.alerts.channels.links import Asked
from services.alerts.channels.ports import Bulletin
from services.alerts.channels.words import WORDS
from services.alerts.deciders.warnings.commands import AcknowledgeAlert
from services.alerts.events.message import MessageIssued
from services.alerts.projections import reach, series
from shared.handling.pending import Pending, fingerprint
from shared.kernel.commands import Signature, derived_id
from shared.kernel.decoding import read_json
from shared.kernel.errors import DomainError, Failure, NotAllowed, NotFound
from shared.reach.ports import Letter
from shared.web.host import Host, Waiter
from shared.web.problems import status_of

STYLE = Path(pages.__file__).parent / "static" / "answer.css"
PRIVATE = {"Cache-Control": "no-store"}  # the address is a secret and the page an inner matter
LINK = "LINK"  # the role under which a link's holder signs: it acknowledges and may nothing else
Language = Annotated[str | None, Query(alias="lang", max_length=8)]


def router(host: Host, desk: Desk) -> APIRouter:
    """`/answer/<token>`: the warning, and a form that acknowledges it."""
    made = APIRouter(include_in_schema=False)

    @made.get("/answer.css")
    async def style() -> Response:
        return FileResponse(STYLE, headers={"Cache-Control": "no-cache"})

    @made.api_route("/answer/{token}", methods=["GET", "HEAD"])
    def warning(token: str, request: Request, lang: Language = None) -> Response:
        language = language_of(request, lang)
        try:
            asked = desk.links.read(token, host.now())
            return _page(host, desk, asked, token, language)
        except DomainError as refusal:
            return _refused(refusal, language)

    @made.post("/answer/{token}")
    async def acknowledge(token: str, request: Request, lang: Language = None) -> Response:
        language = language_of(request, lang)
        try:
            asked = desk.links.read(token, host.now())
            if not desk.links.from_our_form(token, _sent(await request.body())):
                raise NotAllowed(Failure("channel.link", "open the link and use the button on its page"))
            await _acknowledged(host, asked)
            return await run_in_threadpool(_page, host, desk, asked, token, language, host.now())
        except DomainError as refusal:
            return _refused(refusal, language)

    return made


def language_of(request: Request, asked: str | None) -> str:
    """As asked for, else the browser's, else Chinese."""
    if asked is not None and asked in WORDS:
        return asked
    return "en" if request.headers.get("accept-language", "").strip().lower().startswith("en") else "zh"


def bulletin_of(host: Host, alert: str, identifier: str | None = None) -> Bulletin | None:
    """The newest message of one of our own warnings, or the one named; None before it was issued."""
    messages = series.messages(host.read("alerts"), {"id": alert, "own": 1})
    own = [m for m in messages if m["own"] and identifier in (None, m["identifier"])]
    if not own:
        return None
    issued = read_json(own[-1]["fact"], MessageIssued)
    return Bulletin(issued, cap_of(issued, host.directory.divisions, host.principals.realm))


def bulletins(host: Host, desk: Desk) -> BulletinOf:
    """What the outbox sends: the message, with a link for its recipient where the node has an address to be reached at."""

    def find(letter: Letter) -> Bulletin | None:
        found = bulletin_of(host, letter.about, letter.identifier)
        if found is None or desk.public_url is None or found.issued.msg_type == "Cancel":
            return found
        asked = Asked(letter.about, letter.recipient)
        return replace(found, answer=f"{desk.public_url}/answer/{desk.links.make(asked, link_ends(host, letter.division))}")

    return find


def link_ends(host: Host, division: str | None) -> datetime:
    """When a link made now lapses."""
    now = host.now()
    ends: datetime = now + host.directory.rules_for(division, now, None).value("channel.link_valid")
    return ends


def _page(host: Host, desk: Desk, asked: Asked, token: str, language: str, answered_at: datetime | None = None) -> Response:
    db = host.read("alerts")
    row, found = series.find(db, asked.alert), bulletin_of(host, asked.alert)
    if row is None or found is None:
        raise NotFound(Failure("reference", WORDS[language]["not_there"]))
    asking = reach.one(db, asked.alert, asked.recipient) or {}
    if asking.get("acknowledged_at"):
        answered_at = datetime.fromisoformat(asking["acknowledged_at"])
    reply = pages.Reply(asked.recipient, desk.links.form(token), asking.get("due_at") is not None, answered_at)
    return HTMLResponse(pages.answer_page(pages.Shown(found, row["state"], desk.zone), reply, language), headers=PRIVATE)


def _refused(refusal: DomainError, language: str) -> Response:
    return HTMLResponse(pages.refusal_page(refusal.cure, language), status_of(refusal), headers=PRIVATE)


def _sent(body: bytes) -> str:
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=5)
    except ValueError:
        return ""
    return fields.get("form", [""])[0]


async def _acknowledged(host: Host, asked: Asked) -> None:
    """As the recipient, once however often the button is pressed: the id follows from what is asked."""
    waiter = Waiter(asyncio.get_running_loop())
    by = Signature(asked.recipient, (LINK,), realm=host.principals.realm)
    host.submit(
        "alerts",
        Pending(
            id=derived_id("answer", asked.alert, asked.recipient),
            command=AcknowledgeAlert(by=by, now=host.now(), alert=asked.alert),
            fingerprint=fingerprint("AcknowledgeAlert", b"by link"),
            done=waiter,
        ),
    )
    result = await waiter.future
    if isinstance(result, BaseException):
        raise result
