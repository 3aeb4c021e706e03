"""`/volunteer/me`: one's own registration, seen, corrected, taken along and given up, by number and code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from secrets import token_urlsafe
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from services.volunteers.deciders.hours.commands import RequestCertificate
from services.volunteers.deciders.hours.state import spoken
from services.volunteers.deciders.people.commands import Contact, CorrectContact, EraseVolunteer, WithdrawVolunteer
from services.volunteers.deciders.people.state import Volunteer
from services.volunteers.pages.certificates import named_place
from services.volunteers.pages.owndata import CORRECTED, HELD, Own, own_of, refuse_held
from services.volunteers.pages.ownwork import hours_of, periods, work_of
from services.volunteers.pages.registering import FORM_COOKIE, browser_of, caller_of, cookie_name, give_cookie, listed
from services.volunteers.pages.rendering import WORDS, faults_of, language_of, shown
from services.volunteers.pages.saying import Said, say
from services.volunteers.pages.session import Sessions
from services.volunteers.pages.working import Working
from services.volunteers.reception.application import LANDLINE, Application, contact_faults, tidied
from services.volunteers.reception.desk import Desk, asking_of, opened, shown_of
from shared.kernel.errors import DomainError, Failure, NotAllowed, OnHold, RuleBroken, refuse_all
from shared.vault.personal import Personal
from shared.web import pages
from shared.web.host import Host
from shared.web.posting import Posted, posted
from shared.web.problems import status_of

HOME = "/volunteer/me"
RIGHTS, CLAIMS = "/rights", "/claims"  # where privacy takes requests, and compensation claims
ELSEWHERE = {RIGHTS: "ortoo_rights", CLAIMS: "ortoo_claims"}  # by page the cookie in which it looks for who comes
CALENDAR = ("since", "until", "periods", "weekly")
ABLE = {"abilities": ("languages", "skills"), "fitness": ("fit", "excluded")}  # by act
TICKED = ("risk_text", "separate_consent", "withdrawal", "erasure", "resignation")
FIELDS = frozenset({*CORRECTED, *CALENDAR, "eta", *chain(*ABLE.values()), *TICKED})  # which faults are shown at
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
            number = await opened(self.desk, self.host, caller, number, sent.one("code"))
        except DomainError as refusal:
            return self.asked(request, refusal, typed)
        answer = RedirectResponse(f"{HOME}?lang={language_of(request)}", 303)
        self.sessions.open(answer, request, number)
        return answer

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
            status_of(refusal) if refusal and not note else 200,
            number=volunteer,
            state=own.state,
            open=own.open,
            held=own.held,
            asked=own.asked,
            values=own.values,
            files={name: name in own.files for name in ("photo", "certificate")},
            certificates=own.certificates,
            hours=spoken(own.minutes),
            place=named_place(self.host, own.state.division, language),
            token=self.sessions.token(request),
            note=WORDS[language][note] if note else "",
            errors=faults_of(_placed(refusal), language) if refusal else {},
            typed={name: sent.one(name) if sent and name in sent.fields else kept.get(name, "") for name in CORRECTED},
            able=_able(own.state, request.path_params.get("name", ""), sent if sent and refusal else Posted({})),
            listed=listed(self.host.directory.rules_for(None, self.host.now(), None), language),
            **self._work(own, volunteer, language, sent if refusal else None),
        )

    def _work(self, own: Own, volunteer: str, language: str, sent: Posted | None) -> Mapping[str, Any]:
        """What they are asked for and did, with what was typed of it and refused."""
        again = sent if sent is not None and "calendar" in sent.fields else None
        return {
            "work": work_of(self.host, own, volunteer, language),
            "spoken": spoken,
            "hours_of": hours_of,
            "now": self.host.now(),
            "periods": periods(own, self.host.now()),
            "weekly": again.all("weekly") if again else tuple(map(str, own.state.weekly)),
            "dropped": again.all("drop") if again else (),
            "calendar": {name: again.one(name) if again else "" for name in ("since", "until", "can")},
            "answered": {name: sent.one(name) if sent else "" for name in ("call_up", "eta", "risk_text")},
        }

    async def correction(self, request: Request, sent: Posted, volunteer: str) -> Response:
        """The values, then the fact that they were replaced, which copies follow at once: what is refused is put back, and what a crash
        cuts off is sent again."""
        own = await run_in_threadpool(own_of, self.host, self.desk, volunteer)
        refuse_held(own)
        if own.values is None or own.state.person is None or not own.open:
            raise NotAllowed(Failure("volunteer.life", "this registration cannot be corrected"))
        caller = caller_of(self.host, request)
        typed = {name: tidied(sent.one(name)) for name in CORRECTED}
        application = Application({name: Personal(value) for name, value in typed.items() if value})
        faults = contact_faults(application, asking_of(self.desk, self.host, caller, own.state.division))
        seen = [fault for fault in faults if fault.rule == LANDLINE and typed[str(fault.field)] == own.values.get(str(fault.field), "")]
        refuse_all(RuleBroken, [fault for fault in faults if fault not in seen])  # what a desk saw stays
        changed = {name: value for name, value in typed.items() if value != own.values.get(name, "")}
        if changed:
            added = tuple(Contact(name) for name in changed if name not in own.values)
            fields = tuple(Contact(name) for name in changed if name in own.values)
            separate = sent.one("separate_consent") == "yes"
            person, correct = own.state.person, self.desk.vault.correct
            await run_in_threadpool(correct, person, {name: Personal(value) for name, value in changed.items()})
            try:
                await self._say(request, volunteer, own, partial(CorrectContact, fields=fields, added=added, separate_consent=separate))
            except DomainError:
                await run_in_threadpool(correct, person, {name: Personal(own.values.get(name, "")) for name in changed})
                raise
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
        await self.desk.intake.given((volunteer, code, self.host.now()))
        answer = shown("code.html", language_of(request), self.host.principals.realm, number=volunteer, code=code)
        self.sessions.open(answer, request, volunteer)
        return answer

    async def rights(self, request: Request, sent: Posted, volunteer: str) -> Response:
        """Go and ask for a right, as who showed number and code: what it is, is asked where requests are taken."""
        return self._gone(request, RIGHTS, volunteer)

    async def claims(self, request: Request, sent: Posted, volunteer: str) -> Response:
        """Go and claim own costs or ask for a review, where claims are kept, as who showed number and code and lives there."""
        own = await run_in_threadpool(own_of, self.host, self.desk, volunteer)
        return self._gone(request, CLAIMS, f"{volunteer}:{own.state.division or self.host.province}")

    def _gone(self, request: Request, page: str, who: str) -> Response:
        """On the way to another service's page, with a proof that it believes."""
        shown, until = shown_of(self.host, who, self.host.now(), page.strip("/"))
        answer = RedirectResponse(f"{page}?lang={language_of(request)}", 303)
        seconds = int((until - self.host.now()).total_seconds())
        pages.give_cookie(answer, request, cookie_name(self.host, ELSEWHERE[page]), shown, seconds, page)
        return answer

    async def leave(self, request: Request, sent: Posted, volunteer: str) -> Response:
        """Close the page in this browser."""
        answer = RedirectResponse(f"{HOME}?lang={language_of(request)}", 303)
        self.sessions.close(answer)
        for page, cookie in ELSEWHERE.items():
            answer.delete_cookie(cookie_name(self.host, cookie), path=page)
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
        await say(self.host, request, volunteer, own, said)


def _able(state: Volunteer, act: str, sent: Posted) -> Mapping[str, Sequence[str]]:
    """What is ticked of what they can do: as they said it, or as they just did and were refused."""
    fit = () if state.fit is None else ("yes",) if state.fit else ("no",)
    said = {"languages": state.languages, "skills": state.declared, "fit": fit, "excluded": state.excluded}
    return said | {name: sent.all(name) for name in ABLE.get(act, ()) if sent.fields}


def _placed(refusal: DomainError) -> list[Failure]:
    """Its faults; those of no field of this page are said of the whole."""
    return [fault if fault.field in FIELDS else replace(fault, field=None) for fault in refusal.failures]


def add(router: APIRouter, host: Host, desk: Desk) -> None:
    """The page and its acts; each act needs the page open in this browser."""
    own, working = OwnPage(host, desk), Working(host, desk).acts()

    @router.api_route(HOME, methods=["GET", "HEAD"])
    def home(request: Request) -> Response:
        volunteer = own.sessions.of(request)
        return own.asked(request) if volunteer is None else own.page(request, volunteer)

    @router.post(HOME)
    async def enter(request: Request) -> Response:
        return await own.enter(request)

    acts: dict[str, Act] = {
        act.__name__: act
        for act in (own.correction, own.withdrawal, own.erasure, own.certificate, own.code, own.rights, own.claims, own.leave)
    }

    @router.api_route(HOME + "/{name}", methods=["GET", "HEAD"])
    def reloaded(request: Request) -> Response:
        """Whoever asks for the address of a button again comes back to the page."""
        return RedirectResponse(f"{HOME}?lang={language_of(request)}", 303)

    @router.post(HOME + "/{name}")
    async def act(name: str, request: Request) -> Response:
        volunteer = own.sessions.of(request)
        lapsed = NotAllowed(Failure("form.lapsed", "enter number and code again"))
        if volunteer is None or name not in (acts.keys() | working.keys()):
            return own.asked(request, lapsed)
        sent: Posted | None = None
        try:
            sent = await posted(request)
            if not own.sessions.ours(request, sent.one("form")):
                raise lapsed
            if name in acts:
                return await acts[name](request, sent, volunteer)
            note = await working[name](request, sent, volunteer)
            return await run_in_threadpool(own.page, request, volunteer, note)
        except DomainError as refusal:
            return await run_in_threadpool(own.page, request, volunteer, "", refusal, sent)
