"""Reaching recipients: one's own inbox, addresses, links to hand out, and the warning on paper."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, Response

from services.alerts.api.answering import PRIVATE, Language, bulletin_of, language_of, link_ends
from services.alerts.api.finding import AlertId, found
from services.alerts.channels import pages
from services.alerts.channels.contacts import LONGEST, Contact, faults
from services.alerts.channels.desk import Desk
from services.alerts.channels.links import Asked
from services.alerts.deciders.warnings.commands import HandOutLink
from services.alerts.projections import reach
from shared.handling.pending import Answer
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, refuse_all
from shared.web.call import Call, answered
from shared.web.commands import Accepted
from shared.web.host import Host
from shared.web.logging import log as note
from shared.web.paging import Caller, Limit, Row
from shared.web.problems import RESPONSES, Malformed

OPERATIONS = ("GetInbox", "GetAlertPrintout", "SetContact", "GetContact")  # beside the commands; each needs a permission row
ACCEPTED: dict[int | str, dict[str, Any]] = {201: {"model": Accepted}, 200: {"model": Accepted}, **RESPONSES}
RecipientId = Annotated[str, Path(min_length=1, max_length=200)]


class ContactBody(BaseModel):
    """Everything that is to be known of the recipient from now on; without any address it is forgotten."""

    model_config = ConfigDict(extra="forbid")

    division: Annotated[str | None, Field(max_length=20, description="whose officers keep it; the caller's own if left out")] = None
    mail: Annotated[str | None, Field(max_length=LONGEST)] = None
    webhook: Annotated[str | None, Field(max_length=LONGEST, description="https; http only to this machine itself")] = None
    new_secret: Annotated[bool, Field(description="void the webhook's secret and make another")] = False


def add(router: APIRouter, host: Host, desk: Desk, log: str) -> None:
    _inbox(router, host)
    _contacts(router, host, desk, log)
    _handing_on(router, host, desk, log)


def _inbox(router: APIRouter, host: Host) -> None:
    @router.get("/inbox", operation_id="GetInbox", responses=RESPONSES)
    def get_inbox(caller: Caller, limit: Limit = 100, before: Annotated[str | None, Query(max_length=1100)] = None) -> Row:
        """Warnings in force that the caller was asked to acknowledge and has not yet, newest first."""
        caller.require("GetInbox")
        asked_at, mark, alert = (before or "9~").partition("~")
        if not mark:
            raise Malformed(Failure("schema", "`next` of the page before", "before"))
        rows = reach.inbox(host.read("alerts"), caller.by.actor, (asked_at, alert), limit)
        last = rows[-1] if len(rows) == limit else None
        for row in rows:
            row["overdue"] = row.pop("overdue_at") is not None or datetime.fromisoformat(row["due_at"]) < caller.now
        return {"items": rows, "next": f"{last['asked_at']}~{last['alert']}" if last else None, "positions": host.positions()}


def _contacts(router: APIRouter, host: Host, desk: Desk, log: str) -> None:
    @router.post("/contacts/{recipient}", operation_id="SetContact", status_code=201, response_model=None, responses=ACCEPTED)
    def set_contact(recipient: RecipientId, body: ContactBody, caller: Caller) -> Response:
        """Where a recipient is reached by mail and webhook. Kept beside the log, never in it. A webhook's secret is told once, in
        `webhook_secret`: when its address is new, or on `new_secret`."""
        known = desk.contacts.find(recipient)
        contact = Contact(recipient, body.division or (known.division if known else caller.by.division), body.mail, body.webhook)
        _may(host, caller, "SetContact", contact, known)
        if contact.division is not None and not host.directory.divisions.in_force(contact.division):
            raise NotFound(Failure("reference", f"{contact.division} is not a division in force", "division"))
        refuse_all(RuleBroken, faults(contact))
        more: dict[str, Any] = {}
        if contact.webhook is None:
            desk.keys.forget_webhook(recipient)
        elif body.new_secret or known is None or known.webhook != contact.webhook or desk.keys.webhook(recipient) is None:
            more["webhook_secret"] = desk.keys.new_webhook(recipient)
        desk.contacts.keep(contact, caller.by.actor, caller.now)
        note("contact set", actor=caller.by.actor, recipient=recipient, mail=bool(contact.mail), webhook=bool(contact.webhook))
        answer = answered(log, Answer(command="", position=host.heads()[log], extra={"outcome": "accepted"}), **more)
        answer.headers.update(PRIVATE)
        return answer

    @router.get("/contacts/{recipient}", operation_id="GetContact", responses=RESPONSES)
    def get_contact(recipient: RecipientId, caller: Caller, response: Response) -> Row:
        """The addresses of a recipient, without the webhook's secret."""
        caller.require("GetContact")
        known = desk.contacts.find(recipient)
        if known is None:
            raise NotFound(Failure("reference", "no address is known of this recipient; give one with SetContact", "recipient"))
        _may(host, caller, "GetContact", known)
        response.headers.update(PRIVATE)
        return {"recipient": known.recipient, "division": known.division, "mail": known.mail, "webhook": known.webhook}


def _may(host: Host, caller: Call, operation: str, *contacts: Contact | None) -> None:
    areas = tuple(contact.division for contact in contacts if contact is not None and contact.division)
    caller.allowed(lambda: host.directory.may(operation, caller.by, areas))


def _handing_on(router: APIRouter, host: Host, desk: Desk, log: str) -> None:
    @router.post(
        "/alerts/{alert}/recipients/{recipient}/link",
        operation_id="HandOutLink",
        status_code=201,
        response_model=None,
        responses=ACCEPTED,
    )
    async def hand_out_link(alert: Annotated[str, Path(max_length=200)], recipient: RecipientId, caller: Caller) -> Response:
        """A one-time link for a recipient, in `link`. Whoever holds it can read the warning and acknowledge it as that recipient, so it
        goes to nobody else. The log says who took it. A drill hands out none."""
        if desk.exercise:
            raise NotAllowed(Failure("exercise.isolation", "a drill reaches nobody outside: players acknowledge at the drill's node"))
        answer = await caller.handle("alerts", HandOutLink, {"alert": alert, "recipient": recipient})
        until = link_ends(host, caller.by.division)
        base = desk.public_url or f"{caller.request.url.scheme}://{caller.request.url.netloc}"
        made = answered(log, answer, link=f"{base}/answer/{desk.links.make(Asked(alert, recipient), until)}", until=until)
        made.headers.update(PRIVATE)
        return made

    @router.get(
        "/alerts/{alert:path}/printout",
        operation_id="GetAlertPrintout",
        response_class=HTMLResponse,
        responses={200: {"content": {"text/html": {}}}, **RESPONSES},
    )
    def get_alert_printout(alert: AlertId, caller: Caller, lang: Language = None) -> Response:
        """The warning and its recipients with boxes to tick, to be printed and handed on."""
        caller.require("GetAlertPrintout")
        row = found(host, caller, alert)
        bulletin = bulletin_of(host, row["id"]) if row["own"] and host.sees(caller.by)(row["division"], "internal") else None
        if bulletin is None:
            raise NotFound(Failure("reference", "only one of our own warnings that was issued can be printed", "alert"))
        shown = pages.Shown(bulletin, row["state"], desk.zone)
        recipients = reach.acks(host.read("alerts"), row["id"])["recipients"]
        page = pages.printout(shown, recipients, host.now(), language_of(caller.request, lang))
        return HTMLResponse(page, headers=PRIVATE)
