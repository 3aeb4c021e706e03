"""`/volunteer/answer/<token>`: what somebody is asked for, and a form to say yes or no, for whoever holds the link that was sent to them.
No session is asked or heeded; nothing of the person is shown (VSR art. 12, 25)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.volunteers.deciders.callups.callup import CALLUP
from services.volunteers.deciders.callups.commands import AnswerCallUp, StayOnReserve
from services.volunteers.deciders.callups.state import ACCEPTED, ARRIVED, ASKED, COMING, DEPARTED, OPEN, CallUp, Party, answer_key
from services.volunteers.deciders.people.folding import LIVE
from services.volunteers.deciders.people.volunteer import VOLUNTEER
from services.volunteers.deciders.streams import callup_stream, volunteer_stream
from services.volunteers.events.callup import Answer, AnswerVia
from services.volunteers.pages.certificates import named_place
from services.volunteers.pages.ownwork import hours_of
from services.volunteers.pages.registering import caller_of
from services.volunteers.pages.rendering import WORDS, faults_of, language_of, shown, text_if_any
from services.volunteers.pages.working import moment
from services.volunteers.reception.desk import SERVICE, Desk, oneself
from services.volunteers.reception.links import AnswerLinks, Invited
from shared.handling.guard import is_public_id
from shared.kernel.commands import Command
from shared.kernel.errors import DomainError, Failure, NotAllowed, RuleBroken, WrongState, refuse_all
from shared.web.host import Host
from shared.web.posting import Posted, posted
from shared.web.problems import status_of
from shared.web.sealing import Seals

SAID = {ASKED: "", ACCEPTED: "accepted", DEPARTED: "accepted", ARRIVED: "accepted", "declined": "declined", "on reserve": "reserved"}


@dataclass(frozen=True, slots=True)
class _Offer:
    invited: Invited
    division: str | None
    callup: CallUp
    party: Party


def add(router: APIRouter, host: Host, desk: Desk) -> None:
    """Looking changes nothing; the form of this very page answers."""
    links = AnswerLinks(Seals(lambda: host.principals.secret))

    @router.api_route("/volunteer/answer/{token}", methods=["GET", "HEAD"])
    def look(token: str, request: Request) -> Response:
        offer = _offer(host, links, token)
        return _page(host, links, request, token, offer) if offer is not None else _over(host, request)

    @router.post("/volunteer/answer/{token}")
    async def say(token: str, request: Request) -> Response:
        offer = await run_in_threadpool(_offer, host, links, token)
        if offer is None:
            return _over(host, request)
        sent = Posted({})
        try:
            sent = await posted(request)
            if not links.from_our_form(token, sent.one("form")):
                raise NotAllowed(Failure("callup.link", "open the link and use the buttons of its page"))
            await _said(host, request, offer, sent)
        except DomainError as refusal:
            now = await run_in_threadpool(_offer, host, links, token) or offer
            return await run_in_threadpool(_page, host, links, request, token, now, refusal, sent)
        offer = await run_in_threadpool(_offer, host, links, token) or offer
        return await run_in_threadpool(_page, host, links, request, token, offer)


def _offer(host: Host, links: AnswerLinks, token: str) -> _Offer | None:
    """None where there is nothing to answer any more: a link that lapsed, a call-up that is over, somebody who is registered no more."""
    invited = links.read(token, host.now())
    if invited is None or not (is_public_id(invited.volunteer) and is_public_id(invited.call_up)):
        return None
    person = VOLUNTEER.fold([one.event for one in host.history(SERVICE, volunteer_stream(invited.volunteer))])
    callup = CALLUP.fold([one.event for one in host.history(SERVICE, callup_stream(invited.call_up))])
    party = callup.parties.get(invited.volunteer)
    if person.status not in LIVE or callup.status != OPEN or party is None or callup.until is None or callup.until <= host.now():
        return None
    return _Offer(invited, person.division, callup, party)


async def _said(host: Host, request: Request, offer: _Offer, sent: Posted) -> None:
    """The same command as the API's, by the volunteer and for nobody else; once, however often the button is pressed."""
    caller = caller_of(host, request)
    by = oneself(host, offer.invited.volunteer, offer.division or host.province)
    named: dict[str, Any] = {"by": by, "now": caller.now, "call_up": offer.invited.call_up, "volunteer": offer.invited.volunteer}
    command: Command
    if offer.party.status != ASKED and not (sent.one("answer") == "accept" and offer.party.status in COMING):
        raise WrongState(Failure("callup.answered", "to change the answer sign in to the own page, or ring who asked"))
    match sent.one("answer"):
        case "accept":
            command = _accepting(host, offer, named, sent)
        case "decline":
            command = AnswerCallUp(**named, answer=Answer.DECLINE, channel=AnswerVia.LINK)
        case "reserve":
            command = StayOnReserve(**named)
        case _:
            raise RuleBroken(Failure("callup.answer", "accept or decline", "answer"))
    await caller.send(SERVICE, command, request.url.path, b"")


def _accepting(host: Host, offer: _Offer, named: Mapping[str, Any], sent: Posted) -> Command:
    faults: list[Failure] = []
    eta = moment(sent.one("eta"), host.now().tzinfo, faults, "eta")
    risk = sent.one("risk_text")
    if risk != str(offer.callup.risk_text):  # none, or another than the page shows
        faults.append(Failure("VSR-12", "read and accept the risk statement", "risk_text"))
    refuse_all(RuleBroken, faults)
    return AnswerCallUp(**named, answer=Answer.ACCEPT, risk_text=int(risk), eta=eta, channel=AnswerVia.LINK)


def _page(
    host: Host,
    links: AnswerLinks,
    request: Request,
    token: str,
    offer: _Offer,
    refusal: DomainError | None = None,
    sent: Posted | None = None,
) -> Response:
    language, zone, callup = language_of(request), host.now().tzinfo, offer.callup
    due = callup.clocks.get(answer_key(offer.party.holder))
    assert callup.since is not None and callup.until is not None  # every offer says when
    return shown(
        "answer.html",
        language,
        host.principals.realm,
        status_of(refusal) if refusal is not None else 200,
        errors=faults_of(refusal.failures, language) if refusal is not None else {},
        typed={name: sent.one(name) for name in ("eta", "risk_text")} if sent is not None else {"eta": "", "risk_text": ""},
        callup=callup,
        party=offer.party,
        said=SAID.get(offer.party.status, "over"),
        place=named_place(host, callup.place, language),
        caller=named_place(host, callup.division, language),
        when=hours_of(callup.since.astimezone(zone), callup.until.astimezone(zone)),
        answer_by=_in(due.due_at, zone) if due is not None else None,
        risk=text_if_any("risk", str(callup.risk_text), language),
        form=links.form(token),
    )


def _in(at: datetime, zone: Any) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _over(host: Host, request: Request) -> Response:
    """The same whatever the reason: a link tells nothing of anybody."""
    language = language_of(request)
    words = WORDS[language]
    title, said = words["link_over"], words["link_over_lead"]
    return shown("said.html", language, host.principals.realm, 410, title=title, said=said, back="/volunteer/me")
