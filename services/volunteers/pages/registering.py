"""`/volunteer`: the form, which keeps what was typed whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.volunteers.deciders.people.commands import Hazard
from services.volunteers.pages.drafts import TAKES, Drafts, Taken
from services.volunteers.pages.rendering import WORDS, faults_of, language_of, shown, text
from services.volunteers.projections.assessments import assessed
from services.volunteers.reception.application import TYPED, Application, judged, tidied
from services.volunteers.reception.desk import Desk, Entry, asking_of, enter, oneself, placed
from shared.handling.pending import KeyReused
from shared.kernel.decider import Rules
from shared.kernel.errors import DomainError, Failure, WrongState
from shared.vault.personal import Personal
from shared.web import pages
from shared.web.call import Call
from shared.web.host import Host
from shared.web.limiting import take_turn
from shared.web.posting import Posted, posted
from shared.web.principals import ANYBODY
from shared.web.problems import TooMany, status_of
from shared.web.sealing import Form

ASKED = (*(name for name in TYPED), "place", "fit", "sum")
CHOSEN = ("languages", "skills", "excluded", "guardian", "risk_text", "notice", "consent", "separate_consent")
FILES = tuple(TAKES)
FORM_COOKIE = "ortoo_form"
SMALL = 64 * 1024  # bytes of a form without a file, with room to spare
PRESENTED = frozenset({"form", "switch", "go", "website", "sum"})  # of the page, not of the person


@dataclass(frozen=True, slots=True)
class Showing:
    """One showing of the form: to which browser, as what, with what is in it."""

    language: str
    browser: str
    token: str
    form: Form
    sent: Posted = field(default_factory=lambda: Posted({}))
    kept: Mapping[str, str] = field(default_factory=dict)


def caller_of(host: Host, request: Request) -> Call:
    """Whoever sends a form is nobody: no session of an officer counts on these pages."""
    return Call(request, host, ANYBODY, None, host.now(), {})


def browser_of(host: Host, request: Request) -> str:
    """What tells this browser from others: forms are bound to it."""
    return request.cookies.get(cookie_name(host, FORM_COOKIE), "")[:64]


def cookie_name(host: Host, name: str) -> str:
    """As this node has it."""
    return pages.cookie_name(host.principals.realm, name)


def give_cookie(answer: Response, host: Host, request: Request, name: str, value: str, seconds: int) -> None:
    """A cookie of the pages of volunteers."""
    pages.give_cookie(answer, request, cookie_name(host, name), value, seconds, "/volunteer")


def add(router: APIRouter, host: Host, desk: Desk) -> None:
    """The two routes of the form."""
    drafts = Drafts(desk)

    @router.api_route("/volunteer", methods=["GET", "HEAD"])
    async def form(request: Request) -> Response:
        return _form(host, desk, request, _fresh(host, desk, request, Posted({})), (), 200)

    @router.post("/volunteer")
    async def register(request: Request) -> Response:
        caller, language = caller_of(host, request), language_of(request)
        try:
            late = _turn(host, desk, caller)
            sent = await posted(request)
            showing, faults = _read(host, desk, request, sent)
        except DomainError as refusal:
            return _said(host, language, refusal)
        try:
            if late is not None:
                raise late
            if faults:  # files cost the most: whoever did not answer as a person does chooses them once more
                faults += [Failure("upload.again", "choose the file again", name) for name in sent.files]
                sent = Posted(sent.fields)
            taken = await drafts.take(host, caller, sent, showing.browser)
            showing = _with(showing, taken)
            application = _application(sent, taken)
            if sent.one("switch"):
                return _form(host, desk, request, showing, [fault for fault in faults if fault.field in FILES], 200)
            faults += judged(application, asking_of(desk, host, caller, application.place))[1]
            if faults:
                return _form(host, desk, request, showing, faults, 422)
            return await _entered(host, desk, caller, showing, application)
        except (WrongState, KeyReused):
            words = WORDS[language]
            return shown(
                "said.html", language, host.principals.realm, 409, title=words["sent_title"], said=words["sent_lead"], back="/volunteer/me"
            )
        except DomainError as refusal:
            return _form(host, desk, request, showing, refusal.failures, status_of(refusal))


def _turn(host: Host, desk: Desk, caller: Call) -> TooMany | None:
    """The caller's turn, taken before the body is read. What is small is read all the same, so that no typed word is lost; TooMany when
    there is none and the body is not."""
    try:
        take_turn(desk.entries, host, caller, "registration.intake_rate")
    except TooMany as refusal:
        length = caller.request.headers.get("content-length", "")
        if not (length.isdecimal() and len(length) < 10 and int(length) <= SMALL):
            raise
        return refusal
    return None


def _with(showing: Showing, taken: Taken) -> Showing:
    return Showing(showing.language, showing.browser, showing.token, showing.form, showing.sent, taken.carried)


async def _entered(host: Host, desk: Desk, caller: Call, showing: Showing, application: Application) -> Response:
    nonce = showing.form.nonce
    number = desk.forms.number(nonce)
    assert application.place is not None
    words = msgspec.json.encode({name: value for name, value in showing.sent.fields.items() if name not in PRESENTED}, order="sorted")
    content = desk.forms.mac("content", words, *(value.reveal() for _, value in sorted(application.files.items()))).hex()
    caller.key = f"form:{nonce}"
    by = oneself(host, number, placed(host, application.place)[0])
    entered = await enter(desk, host, caller, application, Entry(by, number, nonce, content))
    return shown("done.html", showing.language, host.principals.realm, 201, number=entered.volunteer, code=entered.code)


def _fresh(host: Host, desk: Desk, request: Request, sent: Posted) -> Showing:
    browser = browser_of(host, request) or token_urlsafe(16)
    token = desk.forms.new(browser, host.now())
    form = desk.forms.read(token, browser)
    assert form is not None
    return Showing(language_of(request), browser, token, form, sent)


def _read(host: Host, desk: Desk, request: Request, sent: Posted) -> tuple[Showing, list[Failure]]:
    """The showing that is answered, or a new one in its place; and what is wrong with the answer as such."""
    rule = host.directory.rules_for(None, host.now(), None).value("registration.form")
    browser, token = browser_of(host, request), sent.one("form")
    form, now = desk.forms.read(token, browser), host.now().timestamp()
    if form is None or not 0 <= now - form.at <= rule["most_h"] * 3600:
        return _fresh(host, desk, request, sent), [Failure("form.lapsed", "send the form again", "form")]
    faults = []
    if now - form.at < rule["least_s"]:
        faults.append(Failure("form.fast", "send the form again", "form"))
    if sent.one("website"):
        faults.append(Failure("form.robot", "leave the hidden field empty", "form"))
    answer = sent.one("sum").strip()
    if not (answer.isdecimal() and len(answer) < 4 and int(answer) == sum(desk.forms.sum_of(form))):
        faults.append(Failure("form.sum", "add the two numbers", "sum"))
    return Showing(language_of(request), browser, token, form, sent), faults


def _application(sent: Posted, taken: Taken) -> Application:
    typed = {name: tidied(sent.one(name)) for name in TYPED}
    risk = sent.one("risk_text")
    return Application(
        typed={name: Personal(value) for name, value in typed.items() if value},
        files=taken.files,
        spoiled=taken.spoiled,
        place=sent.one("place") or None,
        languages=sent.all("languages"),
        skills=sent.all("skills"),
        fit={"yes": True, "no": False}.get(sent.one("fit")),
        excluded=tuple(Hazard(code) for code in sent.all("excluded") if code in Hazard.__members__),
        guardian=sent.one("guardian") == "yes",
        risk_text=int(risk) if risk.isdecimal() and len(risk) < 6 else None,
        notice=sent.one("notice")[:40] or None,
        consent=sent.one("consent") == "yes",
        separate_consent=sent.one("separate_consent") == "yes",
    )


def _form(host: Host, desk: Desk, request: Request, showing: Showing, faults: Sequence[Failure], status: int) -> Response:
    rules, language = host.directory.rules_for(None, host.now(), None), showing.language
    risk, notice = rules.value("VSR-12"), rules.value("registration.notice")
    answer = shown(
        "register.html",
        language,
        host.principals.realm,
        status,
        token=showing.token,
        sum=desk.forms.sum_of(showing.form),
        typed={name: showing.sent.one(name) for name in ASKED if name in showing.sent.fields},
        chosen={name: showing.sent.all(name) for name in CHOSEN if name in showing.sent.fields},
        kept=showing.kept,
        errors=faults_of(faults, language),
        places=pages.places(host.directory.divisions, language),
        **listed(rules, language),
        risk=text("risk", str(risk))[language],
        risk_version=risk,
        privacy=noticed(host, notice, showing.sent.one("place"), language),
        notice_version=notice,
        closed=not assessed(host.read("volunteers"), host.now()),
    )
    give_cookie(answer, host, request, FORM_COOKIE, showing.browser, rules.value("registration.form")["most_h"] * 3600)
    if status == 429:
        answer.headers["Retry-After"] = "60"
    return answer


def listed(rules: Rules, language: str) -> Mapping[str, list[tuple[str, str]]]:
    """The languages and skills that can be ticked, each with its word."""
    words = WORDS[language]
    return {
        f"{name}s": [(code, words[name].get(code, code)) for code in rules.value(f"volunteer.{name}s")] for name in ("language", "skill")
    }


def noticed(host: Host, version: str, place: str, language: str) -> list[str]:
    """The notice, with the organ that handles the data where somebody lives and how it is reached (PIPL art. 17, 52)."""
    where = place if host.directory.divisions.in_force(place) else host.province
    found = host.directory.rules_for(where, host.now(), None).value("registration.handler")
    organ = host.directory.organ(where, "EMD") or found["organ"]
    return [said.format(organ=organ[language], contact=found["contact"][language]) for said in text(*version.split("/", 1))[language]]


def _said(host: Host, language: str, refusal: DomainError) -> Response:
    words = WORDS[language]
    said = words["too_often"] if isinstance(refusal, TooMany) else words["errors"]["other"]
    return shown("said.html", language, host.principals.realm, status_of(refusal), title=words["refused"], said=said, back="/volunteer")
