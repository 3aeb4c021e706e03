"""`/volunteer/me`: one's own registration, seen, corrected, taken along and given up, by number and code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from secrets import token_urlsafe

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from services.volunteers.deciders.hours.commands import RequestCertificate
from services.volunteers.deciders.hours.state import spoken
from services.volunteers.deciders.people.commands import Contact, CorrectContact, EraseVolunteer, WithdrawVolunteer
from services.volunteers.pages.certificates import named_place
from services.volunteers.pages.owndata import CORRECTED, HELD, Own, own_of, refuse_held
from services.volunteers.pages.posting import Posted, posted
from services.volunteers.pages.registering import FORM_COOKIE, browser_of, caller_of, give_cookie
from services.volunteers.pages.rendering import WORDS, faults_of, language_of, shown
from services.volunteers.pages.session import Sessions
from services.volunteers.reception.application import Application, contact_faults, tidied
from services.volunteers.reception.codes import Fit
from services.volunteers.reception.desk import SERVICE, Desk, asking_of, oneself, take_turn
from shared.kernel.commands import Command
from shared.kernel.errors import DomainError, Failure, NotAllowed, OnHold, RuleBroken, refuse_all
from shared.vault.personal import Personal
from shared.web.host import Host
from shared.web.problems import status_of

HOME = "/volunteer/me"
Said = Callable[..., Command]  # of by, now and volunteer
Act = Callable[[Request, Posted, str], Awaitable[Response]]


class OwnPage:
    """What the owner of a code may do."""

    def __init__(self, host: Host, desk: Desk) -> None:
        self.host, self.desk, self.sessions = host, desk, Sessions(host, desk)

    async def enter(self, request: Request) -> Response:
        """Number and code open the page, in this browser."""
        typed: dict[str, str] = {}
        try:
            sent = await posted(request)
            number = sent.one("number").strip()[:64]
            typed = {"number": number}
            caller = caller_of(self.host, request)
            if self.desk.forms.read(sent.one("form"), browser_of(self.host, request)) is None:
                raise NotAllowed(Failure("form.lapsed", "send the form again"))
            take_turn(self.desk.tries, self.host, caller, "registration.code_rate")
            take_turn(self.desk.tries, self.host, caller, "registration.code_rate", f"code {number.upper()}")
            number, fits = await run_in_threadpool(self._opened, number, sent.one("code"))
            if fits is not Fit.OPENS:
                raise NotAllowed(Failure(f"code.{fits.value}", "check number and code"))
        except DomainError as refusal:
            return self.asked(request, refusal, typed)
        answer = RedirectResponse(f"{HOME}?lang={language_of(request)}", 303)
        self.sessions.open(answer, request, number)
        return answer

    def _opened(self, number: str, code: str) -> tuple[str, Fit]:
        """A number as it was typed; else in capitals, as this page gives them out."""
        fits = self.desk.codes.fits(number, code)
        return (number, fits) if fits is not Fit.NONE else (number.upper(), self.desk.codes.fits(number.upper(), code))

    def asked(self, request: Request, refusal: DomainError | None = None, typed: dict[str, str] | None = None) -> Response:
        """The form that asks for number and code."""
        language = language_of(request)
        browser = browser_of(self.host, request) or token_urlsafe(16)
        answer = shown(
            "enter.html",
            language,
            self.host.principals.realm,
            status_of(refusal) if refusal else 200,
            token=self.desk.forms.new(browser, self.host.now()),
            errors=faults_of(refusal.failures, language) if refusal else {},
            typed=typed or {},
        )
        give_cookie(answer, self.host, request, FORM_COOKIE, browser, 24 * 3600)
        return answer

    def page(
        self, request: Request, volunteer: str, note: str = "", refusal: DomainError | None = None, sent: Posted | None = None
    ) -> Response:
        """Everything, with what can be done about it."""
        language, own = language_of(request), own_of(self.host, self.desk, volunteer)
        kept = own.values or {}
        if own.held and refusal is None:  # told with what is left to see
            refusal = OnHold(Failure(HELD, "it is locked"))
        return shown(
            "own.html",
            language,
            self.host.principals.realm,
            status_of(refusal) if refusal else 200,
            number=volunteer,
            state=own.state,
            open=own.open,
            held=own.held,
            asked=own.asked,
            values=own.values,
            files={name: name in own.files for name in ("photo", "certificate")},
            certificates=own.certificates,
            hours=spoken(own.ledger.minutes()),
            place=named_place(self.host, own.state.division, language),
            token=self.sessions.token(request),
            note=WORDS[language][note] if note else "",
            errors=faults_of(refusal.failures, language) if refusal else {},
            typed={name: sent.one(name) if sent and name in sent.fields else kept.get(name, "") for name in CORRECTED},
        )

    async def correction(self, request: Request, sent: Posted, volunteer: str) -> Response:
        """The fact that values are replaced, then the values: what is refused changes nothing, and what a crash cuts off is seen to be
        unchanged, and sent again."""
        own = await run_in_threadpool(own_of, self.host, self.desk, volunteer)
        refuse_held(own)
        if own.values is None or own.state.person is None or not own.open:
            raise NotAllowed(Failure("volunteer.life", "this registration cannot be corrected"))
        caller = caller_of(self.host, request)
        typed = {name: tidied(sent.one(name)) for name in CORRECTED}
        application = Application({name: Personal(value) for name, value in typed.items() if value})
        faults = contact_faults(application, asking_of(self.desk, self.host, caller, own.state.division))
        refuse_all(RuleBroken, faults)
        changed = {name: value for name, value in typed.items() if value != own.values.get(name, "")}
        if changed:
            added = tuple(Contact(name) for name in changed if name not in own.values)
            fields = tuple(Contact(name) for name in changed if name in own.values)
            await self._say(request, volunteer, own, partial(CorrectContact, fields=fields, added=added))
            values = {name: Personal(value) for name, value in changed.items()}
            await run_in_threadpool(self.desk.vault.correct, own.state.person, values)
        return await run_in_threadpool(self.page, request, volunteer, "saved")

    async def withdrawal(self, request: Request, sent: Posted, volunteer: str) -> Response:
        """Stop being a volunteer."""
        await self._leave(request, sent, volunteer, "withdrawal", WithdrawVolunteer)
        return await run_in_threadpool(self.page, request, volunteer, "withdrawn")

    async def erasure(self, request: Request, sent: Posted, volunteer: str) -> Response:
        """Give up everything."""
        await self._leave(request, sent, volunteer, "erasure", EraseVolunteer)
        return await run_in_threadpool(self.page, request, volunteer, "erased")

    async def certificate(self, request: Request, sent: Posted, volunteer: str) -> Response:
        """Ask for the own hours to be certified."""
        own = await run_in_threadpool(own_of, self.host, self.desk, volunteer)
        await self._say(request, volunteer, own, RequestCertificate)
        return await run_in_threadpool(self.page, request, volunteer, "asked_certificate")

    async def code(self, request: Request, sent: Posted, volunteer: str) -> Response:
        """Another code in the place of the one before."""
        code = self.desk.forms.code(f"{volunteer}:{self.sessions.token(request)}:{self.host.now().isoformat()}")
        await run_in_threadpool(self.desk.codes.give, volunteer, code, self.host.now())
        answer = shown("code.html", language_of(request), self.host.principals.realm, number=volunteer, code=code)
        self.sessions.open(answer, request, volunteer)
        return answer

    async def leave(self, request: Request, sent: Posted, volunteer: str) -> Response:
        """Close the page in this browser."""
        answer = RedirectResponse(f"{HOME}?lang={language_of(request)}", 303)
        self.sessions.close(answer)
        return answer

    async def _leave(self, request: Request, sent: Posted, volunteer: str, name: str, said: Said) -> None:
        if sent.one(name) != "yes":
            raise RuleBroken(Failure("form.sure", "tick that you are sure", name))
        own = await run_in_threadpool(own_of, self.host, self.desk, volunteer)
        if said is EraseVolunteer:
            refuse_held(own)
        await self._say(request, volunteer, own, said)

    async def _say(self, request: Request, volunteer: str, own: Own, said: Said) -> None:
        """A command of the volunteer's own."""
        caller = caller_of(self.host, request)
        by = oneself(self.host, volunteer, own.state.division or self.host.province)
        await caller.send(SERVICE, said(by=by, now=caller.now, volunteer=volunteer), request.url.path, b"")


def add(router: APIRouter, host: Host, desk: Desk) -> None:
    """The page and its acts; each act needs the page open in this browser."""
    own = OwnPage(host, desk)

    @router.api_route(HOME, methods=["GET", "HEAD"])
    def home(request: Request) -> Response:
        volunteer = own.sessions.of(request)
        return own.asked(request) if volunteer is None else own.page(request, volunteer)

    @router.post(HOME)
    async def enter(request: Request) -> Response:
        return await own.enter(request)

    acts: dict[str, Act] = {
        act.__name__: act for act in (own.correction, own.withdrawal, own.erasure, own.certificate, own.code, own.leave)
    }

    @router.post(HOME + "/{name}")
    async def act(name: str, request: Request) -> Response:
        volunteer = own.sessions.of(request)
        lapsed = NotAllowed(Failure("form.lapsed", "enter number and code again"))
        if volunteer is None or name not in acts:
            return own.asked(request, lapsed)
        sent: Posted | None = None
        try:
            sent = await posted(request)
            if not own.sessions.ours(request, sent.one("form")):
                raise lapsed
            return await acts[name](request, sent, volunteer)
        except DomainError as refusal:
            return await run_in_threadpool(own.page, request, volunteer, "", refusal, sent)
