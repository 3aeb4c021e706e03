"""`/certificates`: whether a certificate is true, and nothing else of whoever holds it (VSR art. 19 to 21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hmac import compare_digest
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.volunteers.deciders.hours.state import spoken
from services.volunteers.deciders.streams import certificate_stream
from services.volunteers.events.service import CertificateIssued, CertificateRevoked, CertificateSuperseded
from services.volunteers.pages.registering import caller_of
from services.volunteers.pages.rendering import WORDS, language_of, shown
from services.volunteers.reception.desk import SERVICE, Desk
from shared.handling.guard import is_public_id
from shared.kernel.errors import DomainError
from shared.web.host import Host
from shared.web.limiting import take_turn
from shared.web.posting import posted
from shared.web.problems import TooMany, status_of


@dataclass(frozen=True, slots=True)
class Found:
    """What anybody with number and check code is told."""

    valid: bool
    why: str = ""
    hours: str = ""
    first: date | None = None
    last: date | None = None
    issuer: str = ""
    issued: date | None = None


def add(router: APIRouter, host: Host, desk: Desk) -> None:
    """The public pages, and the key with which a copy is checked without us."""

    @router.get("/certificates/key.pem")
    def key() -> Response:
        return Response(desk.sealer.public(), media_type="application/x-pem-file")

    @router.api_route("/certificates", methods=["GET", "HEAD"])
    async def ask(request: Request) -> Response:
        return _page(host, request, "", None)

    @router.api_route("/certificates/{number}", methods=["GET", "HEAD"])
    async def named(number: str, request: Request) -> Response:
        return _page(host, request, number.upper() if is_public_id(number) else "", None)

    @router.post("/certificates")
    async def verify(request: Request) -> Response:
        caller, language = caller_of(host, request), language_of(request)
        try:
            sent = await posted(request)
            number = sent.one("number").strip().upper()  # as they are given out, however they are typed
            take_turn(desk.tries, host, caller, "registration.code_rate")
            return _page(
                host,
                request,
                number if is_public_id(number) else "",
                await run_in_threadpool(_found, host, number, sent.one("check"), language),
            )
        except DomainError as refusal:
            words = WORDS[language]
            said = words["too_often"] if isinstance(refusal, TooMany) else words["errors"]["other"]
            realm = host.principals.realm
            return shown("said.html", language, realm, status_of(refusal), title=words["refused"], said=said, back="/certificates")


def issued_of(host: Host, number: str) -> tuple[CertificateIssued | None, bool]:
    """A certificate as it was issued, and whether it was taken back."""
    if not is_public_id(number):
        return None, False
    facts: Sequence[Any] = [recorded.event for recorded in host.history(SERVICE, certificate_stream(number))]
    issued = next((fact for fact in facts if isinstance(fact, CertificateIssued)), None)
    return issued, any(isinstance(fact, CertificateRevoked | CertificateSuperseded) for fact in facts)


def named_place(host: Host, division: str | None, language: str) -> str:
    """A division in words."""
    unit = host.directory.divisions.units.get(division) if division else None
    return str(getattr(unit, language)) if unit is not None else ""


def _found(host: Host, number: str, check: str, language: str) -> Found:
    issued, revoked = issued_of(host, number)
    words = WORDS[language]
    if issued is None or not compare_digest(issued.check.encode(), check.strip().upper().encode()):
        return Found(False, words["invalid_lead"])
    if revoked:
        return Found(False, words["revoked_lead"])
    place = named_place(host, issued.division, language)
    return Found(True, "", spoken(issued.minutes), issued.first, issued.last, place, issued.at.date())


def _page(host: Host, request: Request, number: str, found: Found | None) -> Response:
    return shown("verify.html", language_of(request), host.principals.realm, number=number, found=found)
