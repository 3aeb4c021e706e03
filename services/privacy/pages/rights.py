"""`/rights`: a request by somebody without an account (PIPL art. 50). Taken from anybody; what cannot be shown online, a desk is named for.

Whoever opened their own page with number and code comes from there with a cookie that says so, for a while and for this alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from services.privacy.api.asking import SHOWN, Asked, ask, receipt, seals_of, signer, themself
from services.privacy.api.duties import RATE
from services.privacy.events.duties import Right
from shared.handling.pending import KeyReused
from shared.kernel.errors import DomainError, Failure, WrongState
from shared.web.call import Call
from shared.web.host import Host
from shared.web.limiting import Buckets, take_turn
from shared.web.pages import Pages, cookie_name, give_cookie, places
from shared.web.posting import Posted, posted
from shared.web.principals import ANYBODY
from shared.web.problems import TooMany, status_of
from shared.web.sealing import Form

HOME = "/rights"
BROWSER, COOKIE = "ortoo_rights_form", "ortoo_rights"  # the second is given by the own page of who showed number and code
TYPED = ("kind", "right", "subject", "name", "contact", "place", "relative", "proof", "text", "sum")
LONGEST = {"subject": 200, "name": 500, "contact": 500, "proof": 500, "text": 20_000}
PAGES = Pages(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class Showing:
    """One showing of the form: to which browser, as what, with what is in it."""

    browser: str
    token: str
    form: Form
    sent: Posted


class RightsPage:
    """The form, and what is answered to it."""

    def __init__(self, host: Host) -> None:
        self.host, self.seals, self.buckets = host, seals_of(host), Buckets()

    def shown_by(self, request: Request, sent: Posted) -> str | None:
        """The proof this browser carries, unless whoever sits there asks as somebody else."""
        if "alone" in sent.fields or "alone" in request.query_params:
            return None
        carried = request.cookies.get(cookie_name(self.host.principals.realm, COOKIE), "")[:300]
        return carried if self.seals.proven(SHOWN, carried, self.host.now()) else None

    def _known(self, request: Request, sent: Posted) -> str | None:
        """The number this browser asks as now."""
        shown = self.shown_by(request, sent)
        return self.seals.proven(SHOWN, shown, self.host.now()) if shown else None

    def fresh(self, request: Request, sent: Posted) -> Showing:
        """A form that was not answered yet."""
        browser = self._browser(request) or token_urlsafe(16)
        token = self.seals.new(browser, self.host.now())
        form = self.seals.read(token, browser)
        assert form is not None
        return Showing(browser, token, form, sent)

    def read(self, request: Request, sent: Posted) -> tuple[Showing, list[Failure]]:
        """The showing that is answered, or a new one in its place; and what is wrong with the answer as such."""
        rule = self._rules().value("privacy.rights_form")
        browser, token = self._browser(request), sent.one("form")
        form, now = self.seals.read(token, browser), self.host.now().timestamp()
        if form is None or not 0 <= now - form.at <= rule["most_h"] * 3600:
            return self.fresh(request, sent), [Failure("form.lapsed", "send the form again")]
        faults = [Failure("form.fast", "send the form again")] if now - form.at < rule["least_s"] else []
        if sent.one("website"):
            faults.append(Failure("form.robot", "leave the hidden field empty"))
        answer = sent.one("sum").strip()
        if not (answer.isdecimal() and len(answer) < 4 and int(answer) == sum(self.seals.sum_of(form))):
            faults.append(Failure("form.sum", "add the two numbers", "sum"))
        faults += [Failure("rights.long", f"at most {most}", name) for name, most in LONGEST.items() if len(sent.one(name)) > most]
        if not self.seals.sealed(sent.one("as"), *_asking(form, self._known(request, sent))):  # a proof lapsed meanwhile, or came
            faults.append(Failure("form.lapsed", "see as whom you ask now, and send the form again"))
        if not sent.one("right") and not sent.one("text").strip():
            faults.append(Failure("rights.what", "choose what you ask for, or write it", "right"))
        return Showing(browser, token, form, sent), faults

    async def taken(self, request: Request, showing: Showing, caller: Call) -> Response:
        """The request is in; the page says its number, by when it is answered, and where it is shown who asks."""
        sent, shown = showing.sent, self.shown_by(request, showing.sent)
        by = await run_in_threadpool(signer, self.host, caller, shown)
        said = {name: sent.one(name).strip() for name in ("kind", "name", "contact", "text", "proof")}
        right = sent.one("right")
        asked = Asked(
            words=said,
            subject=sent.one("subject").strip() or None,
            right=next((one for one in Right if one.value == right), None),
            relative=sent.one("relative") == "yes",
            division=sent.one("place")[:20] or None,
        )
        caller.key = f"form:{showing.form.nonce}"  # the same form twice is one request
        body = self.seals.mac(
            "content", msgspec.json.encode(said), msgspec.json.encode((asked.subject, right, asked.division, asked.relative))
        )
        answer = await ask(self.host, caller, by, asked, body)
        language = PAGES.language_of(request)
        desks = self._desks(language)
        page = PAGES.shown(
            "taken.html",
            language,
            self.host.principals.realm,
            201,
            number=(answer.stream or "").removeprefix("rights-"),
            due=datetime.fromisoformat(answer.extra["due_at"]).astimezone(self.host.now().tzinfo).date(),
            known=themself(by, asked) is not None,
            relative=asked.relative,
            desk=desks.get(said["kind"], desks["other"])[1],
        )
        page.delete_cookie(cookie_name(self.host.principals.realm, COOKIE), path=HOME)  # shown for one request
        return page

    def form(self, request: Request, showing: Showing, faults: Sequence[Failure], status: int) -> Response:
        """The form, with everything that was typed."""
        language, sent = PAGES.language_of(request), showing.sent
        known = self._known(request, sent)
        answer = PAGES.shown(
            "rights.html",
            language,
            self.host.principals.realm,
            status,
            token=showing.token,
            sum=self.seals.sum_of(showing.form),
            typed={name: sent.one(name) for name in TYPED},
            errors=PAGES.faults_of(faults, language),
            places=places(self.host.directory.divisions, language),
            desks=self._desks(language),
            rights=[right.value for right in Right],
            known=known,
            asking=self.seals.seal(*_asking(showing.form, known)),
            alone="alone" in sent.fields or "alone" in request.query_params,
            asked=self._asked(request, language),
        )
        realm, seconds = self.host.principals.realm, self._rules().value("privacy.rights_form")["most_h"] * 3600
        give_cookie(answer, request, cookie_name(realm, BROWSER), showing.browser, seconds, HOME)
        if status == 429:
            answer.headers["Retry-After"] = "60"
        return answer

    def said(self, request: Request, refusal: DomainError, title: str, why: str) -> Response:
        """A page that says one thing."""
        language = PAGES.language_of(request)
        words = PAGES.words[language]
        return PAGES.shown("told.html", language, self.host.principals.realm, status_of(refusal), title=words[title], said=words[why])

    def _asked(self, request: Request, language: str) -> str:
        """How far the request is whose number was typed; empty when none was."""
        number, words = request.query_params.get("number", "").strip().upper(), PAGES.words[language]
        if request.method == "POST" or not number:
            return ""
        found = receipt(self.host, number)
        if found is None:
            return str(words["no_such"])
        due = datetime.fromisoformat(found["due"]).astimezone(self.host.now().tzinfo).date() if found["due"] else None
        outcome = words["outcomes"].get(found["outcome"] or "", "")
        until = words["until"].format(due=due) if due else ""
        return f"{number}{words['colon']}{words['states'].get(found['state'], found['state'])}{outcome}{until}"

    def _desks(self, language: str) -> Mapping[str, tuple[str, str]]:
        """Who, and where it is shown, by kind."""
        rows: Sequence[Mapping[str, Any]] = self._rules().value("privacy.rights_desks")
        return {row["kind"]: (row[language], row[f"desk_{language}"]) for row in rows}

    def _rules(self) -> Any:
        return self.host.directory.rules_for(None, self.host.now(), None)

    def _browser(self, request: Request) -> str:
        """What tells this browser from others: forms are bound to it."""
        return request.cookies.get(cookie_name(self.host.principals.realm, BROWSER), "")[:64]


def _asking(form: Form, known: str | None) -> tuple[str, ...]:
    """What a showing of the form is sealed with: as whom one asked when it was filled in."""
    return ("as", form.nonce, known or "")


def router(host: Host) -> APIRouter:
    """`/rights`."""
    made, page = APIRouter(include_in_schema=False), RightsPage(host)

    @made.api_route(HOME, methods=["GET", "HEAD"])
    def form(request: Request) -> Response:
        return page.form(request, page.fresh(request, Posted({})), (), 200)

    @made.post(HOME)
    async def asked(request: Request) -> Response:
        caller = Call(request, host, ANYBODY, None, host.now(), {})  # no session of an officer counts on this page
        try:
            sent = await posted(request)
        except DomainError as refusal:
            return page.said(request, refusal, "refused", "other")
        showing, faults = page.read(request, sent)
        if sent.one("switch"):
            return page.form(request, showing, (), 200)
        try:
            take_turn(page.buckets, host, caller, RATE)
            if faults:
                return page.form(request, showing, faults, 422)
            return await page.taken(request, showing, caller)
        except (WrongState, KeyReused) as refusal:
            return page.said(request, refusal, "sent_title", "sent_lead")
        except TooMany as refusal:
            return page.form(request, showing, [Failure(RATE, "send it again in a minute")], status_of(refusal))
        except DomainError as refusal:
            return page.form(request, showing, [Failure(fault.rule, fault.cure) for fault in refusal.failures], status_of(refusal))

    return made
