"""What somebody takes along from their own page: a card, a letter, certificates, everything as JSON."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import msgspec
import segno
from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from services.volunteers.deciders.hours.shifts import card_code
from services.volunteers.deciders.hours.state import spoken
from services.volunteers.pages.certificates import issued_of, named_place
from services.volunteers.pages.own import HOME
from services.volunteers.pages.owndata import own_of
from services.volunteers.pages.rendering import PRIVATE, language_of, shown
from services.volunteers.pages.session import Sessions
from services.volunteers.projections import callups, claims
from services.volunteers.projections.hours import duplicates_of
from services.volunteers.reception.desk import SERVICE, Desk
from shared.web.host import Host

Paper = Callable[[Request, str], Response]


def add(router: APIRouter, host: Host, desk: Desk) -> None:
    """Each needs the own page open in this browser."""
    sessions = Sessions(host, desk)

    def for_owner(request: Request, paper: Paper) -> Response:
        volunteer = sessions.of(request)
        return RedirectResponse(f"{HOME}?lang={language_of(request)}", 303) if volunteer is None else paper(request, volunteer)

    @router.get(HOME + "/card")
    def card(request: Request) -> Response:
        return for_owner(request, lambda request, own: _card(host, request, own))

    @router.get(HOME + "/letter")
    def letter(request: Request) -> Response:
        return for_owner(request, lambda request, own: _letter(host, desk, request, own))

    @router.get(HOME + "/export")
    def export(request: Request) -> Response:
        return for_owner(request, lambda request, own: _export(host, desk, own))

    @router.get(HOME + "/photo")
    def photo(request: Request) -> Response:
        return for_owner(request, lambda request, own: _photo(host, desk, own))

    @router.get(HOME + "/certificates/{number}")
    def certificate(number: str, request: Request) -> Response:
        return for_owner(request, lambda request, own: _certificate(host, desk, request, own, number))


def _card(host: Host, request: Request, volunteer: str) -> Response:
    return shown("card.html", language_of(request), host.principals.realm, number=volunteer, qr=drawn(card_code(volunteer)))


def drawn(text: str) -> Markup:
    """A QR code as SVG in the page itself."""
    return Markup(segno.make(text, error="m", micro=False).svg_inline(border=2, omitsize=True))


def _letter(host: Host, desk: Desk, request: Request, volunteer: str) -> Response:
    language, own = language_of(request), own_of(host, desk, volunteer)
    shifts = sorted((shift for ledger in own.ledgers for shift in ledger.counted()), key=lambda one: one.started)
    periods = [(f"{one.started:%Y-%m-%d %H:%M}", f"{one.ended:%Y-%m-%d %H:%M}", spoken(one.minutes)) for one in shifts]
    return shown(
        "letter.html",
        language,
        host.principals.realm,
        number=volunteer,
        name=(own.values or {}).get("name", ""),
        periods=periods,
        place=named_place(host, own.ledgers[0].division or own.state.division, language),
        today=host.now().date(),
    )


def _export(host: Host, desk: Desk, volunteer: str) -> Response:
    own, db = own_of(host, desk, volunteer), host.read(SERVICE)
    body: dict[str, Any] = {
        "volunteer": volunteer,
        "status": own.state.status,
        "division": own.state.division,
        "township": own.state.township,
        "languages": own.state.languages,
        "skills": own.state.declared,
        "skill_certificates": own.state.skills,
        "trainings": own.state.trainings,
        "insurance": own.state.covers,
        "weekly": own.state.weekly,
        "calendar": own.state.spans,
        "excluded": (*own.state.excluded, *own.state.too_old),
        "fit": own.state.fit,
        "values": own.values,
        "files": {name: b64encode(content).decode() for name, content in own.files.items()},
        "hours": spoken(own.minutes),
        "certificates": [_in_detail(host, number) for number in own.certificates],
        "call_ups": [_plain(row) for name in (volunteer, *own.duplicates) for row in callups.of_holder(db, name)],
        "claims": [claim for name in (volunteer, *own.duplicates) for claim in claims.of_claimant(db, name)],
        "record": own.facts,
    }
    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="volunteer.json"'}
    return Response(msgspec.json.format(msgspec.json.encode(body)), 200, headers, "application/json")


def _in_detail(host: Host, number: str) -> dict[str, Any]:
    issued, revoked = issued_of(host, number)
    if issued is None:
        return {"certificate": number}
    period = {"incident": issued.incident, "first": issued.first, "last": issued.last}
    return {"certificate": number, "hours": spoken(issued.minutes), **period, "issued_at": issued.at, "valid": not revoked}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("call_up", "incident", "task", "since", "until", "state", "minutes")}


def _photo(host: Host, desk: Desk, volunteer: str) -> Response:
    found = own_of(host, desk, volunteer).files.get("photo")
    return Response(found, 200, PRIVATE, "image/jpeg") if found else Response(status_code=404, headers=PRIVATE)


def _certificate(host: Host, desk: Desk, request: Request, volunteer: str, number: str) -> Response:
    issued, revoked = issued_of(host, number)
    if issued is None or issued.person not in (volunteer, *duplicates_of(host.read(SERVICE), volunteer)) or revoked:
        return RedirectResponse(f"{HOME}?lang={language_of(request)}", 303)
    address = str(request.url_for("named", number=number))
    return shown(
        "certificate.html",
        language_of(request),
        host.principals.realm,
        issued=issued,
        name=(own_of(host, desk, volunteer).values or {}).get("name", ""),
        hours=spoken(issued.minutes),
        place=named_place(host, issued.division, language_of(request)),
        signature=desk.sealer.sign(issued),
        qr=drawn(address),
        address=address,
    )
