"""`/claims`: somebody's own claims, after number and code were shown on their own page (SEED-16, ARC-20): the API's own commands, signed by
the number that was shown and no other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from services.compensation.deciders.claims.amounts import kind_of
from services.compensation.deciders.claims.claim import CLAIM
from services.compensation.deciders.claims.commands import AddEvidence, ClaimCompensation, FileAppeal
from services.compensation.deciders.claims.state import FLOW, OWED, PREPARED, Claim
from services.compensation.deciders.entitlements.entitlement import ENTITLEMENT, Entitlement
from services.compensation.deciders.streams import claim_stream, entitlement_stream
from services.compensation.projections import claims, records
from shared.blocks.money import unfit
from shared.handling.guard import is_public_id
from shared.handling.pending import KeyReused
from shared.kernel.commands import Signature
from shared.kernel.errors import DomainError, Failure, NotAllowed, NotFound, RuleBroken, WrongState, refuse_all
from shared.web.call import Call
from shared.web.host import Host
from shared.web.pages import Pages, cookie_name
from shared.web.posting import Posted, posted
from shared.web.problems import status_of
from shared.web.sealing import Form, Seals

SERVICE, HOME, OWN_PAGE = "compensation", "/claims", "/volunteer/me"
SHOWN, COOKIE = "claims", "ortoo_claims"  # what the proof is for, and where the own page puts it
COSTS = ("receipts", "km")
CASH = "cash"
REASON = 4000  # characters
TYPED = (*COSTS, "reason")
WHICH = ("claim", "claimant", "incident")  # of which form a button was, where the page has several of its kind
PAGES = Pages(Path(__file__).parent)
Acting = ClaimCompensation | AddEvidence | FileAppeal
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,12})?")


@dataclass(frozen=True, slots=True)
class Mine:
    """A claim with what its owner may still do about it."""

    state: Claim
    costs: tuple[str, ...]
    cash: bool
    appeal: bool


@dataclass(frozen=True, slots=True)
class Doing:
    """A button that was pressed: by whom, in which showing of the page."""

    by: Signature
    sent: Posted
    form: Form


class ClaimsPage:
    """What somebody may do about their own claims."""

    def __init__(self, host: Host) -> None:
        self.host, self.seals = host, Seals(lambda: host.principals.secret)
        self.acts: Mapping[str, Callable[[Doing], Acting]] = {
            "opening": self.opening,
            "costs": self.costs,
            "cash": self.cash,
            "appeal": self.appeal,
        }

    def signer(self, request: Request) -> Signature | None:
        """Whose number and code were shown in this browser, and where they live; None when that is over."""
        number, _, division = (self.seals.proven(SHOWN, self._carried(request), self.host.now()) or "").partition(":")
        if not number:
            return None
        return Signature(number, ("VOL",), division, self.host.directory.level(division), realm=self.host.principals.realm)

    def closed(self, request: Request) -> Response:
        """What this browser is told that did not come from the own page, or too late."""
        return PAGES.shown("closed.html", PAGES.language_of(request), self.host.principals.realm, 403, own=OWN_PAGE)

    def page(
        self, request: Request, by: Signature, note: str = "", refusal: DomainError | None = None, sent: Posted | None = None
    ) -> Response:
        """Everything, with what can be done about it."""
        language, again = PAGES.language_of(request), sent if refusal else None
        failures = [one if one.field in TYPED else replace(one, field=None) for one in refusal.failures] if refusal else []
        unclaimed, mine = self._mine(by)
        return PAGES.shown(
            "claims.html",
            language,
            self.host.principals.realm,
            status_of(refusal) if refusal else 200,
            own=OWN_PAGE,
            unclaimed=unclaimed,
            mine=mine,
            token=self.seals.new(self._carried(request), self.host.now()),
            note=PAGES.words[language]["done"][note] if note else "",
            errors=PAGES.faults_of(failures, language),
            pressed="" if again is None else f"{request.path_params['name']}-{''.join(map(again.one, WHICH))}",
            typed={} if again is None else {name: again.one(name) for name in TYPED},
        )

    async def act(self, request: Request, name: str) -> Response:
        """One of the acts; the same form twice is one."""
        by = self.signer(request)
        if by is None or name not in self.acts:
            return self.closed(request)
        sent: Posted | None = None
        try:
            sent = await posted(request)
            form = self.seals.read(sent.one("form"), self._carried(request))
            if form is None:
                raise NotAllowed(Failure("form.lapsed", "send the form again"))
            made = self.acts[name](Doing(by, sent, form))
            caller = Call(request, self.host, by, None, self.host.now(), {})
            caller.key = f"form:{form.nonce}:{name}:{made.claim}"
            words = {one: sent.all(one) for one in sent.fields if one != "form"}
            await caller.send(SERVICE, made, request.url.path, msgspec.json.encode(words, order="sorted"))
        except KeyReused:
            changed = WrongState(Failure("form.lapsed", "it was sent already with other words"))
            return await run_in_threadpool(self.page, request, by, "", changed, sent)
        except DomainError as refusal:
            return await run_in_threadpool(self.page, request, by, "", refusal, sent)
        return await run_in_threadpool(self.page, request, by, name)

    def opening(self, doing: Doing) -> ClaimCompensation:
        """Claim for the days of a call-up, with own costs."""
        claimant, incident = doing.sent.one("claimant"), doing.sent.one("incident")
        name = f"CL-{self.seals.mac('claim', doing.form.nonce, claimant, incident).hex()[:12].upper()}"
        if not is_public_id(claimant) or not is_public_id(incident or claimant):
            raise NotFound(Failure("reference", "no such call-up"))
        receipts, km = _costs(doing.sent)
        signed: dict[str, Any] = {"by": doing.by, "now": self.host.now(), "claimant": claimant, "incident": incident or None}
        return ClaimCompensation(claim=name, **signed, receipts=receipts, km=km)

    def costs(self, doing: Doing) -> AddEvidence:
        """Say own costs of a claim, or put them right."""
        receipts, km = _costs(doing.sent)
        if receipts is None and km is None:
            raise RuleBroken(*(Failure("own.costs", "fill in one of them", name) for name in COSTS))
        return AddEvidence(by=doing.by, now=self.host.now(), claim=_claim(doing.sent), receipts=receipts, km=km)

    def cash(self, doing: Doing) -> AddEvidence:
        """Be paid at the counter, without an account."""
        return AddEvidence(by=doing.by, now=self.host.now(), claim=_claim(doing.sent), account=CASH)

    def appeal(self, doing: Doing) -> FileAppeal:
        """Ask for a review of the decision."""
        reason = unicodedata.normalize("NFC", doing.sent.one("reason")).strip()
        refuse_all(RuleBroken, [Failure("own.long", f"at most {REASON} characters", "reason")] if len(reason) > REASON else [])
        return FileAppeal(by=doing.by, now=self.host.now(), claim=_claim(doing.sent), reason=reason or None)

    def _mine(self, by: Signature) -> tuple[Sequence[Entitlement], Sequence[Mine]]:
        """Call-ups with days that nobody claimed yet, and claims; also of registrations that were merged into this one."""
        db = self.host.read(SERVICE)
        whose = {by.actor, *claims.merged(db, by.actor)}
        settled = dict.fromkeys((name, row["incident"]) for name in sorted(whose) for row in records.settled(db, name))
        did: list[Entitlement] = [ENTITLEMENT.fold(self._facts(entitlement_stream(*one))) for one in settled]
        listed = [row["claim"] for row in claims.listed(db, before=None, limit=100, of=whose)]
        names = dict.fromkeys((*(name for one in did for name in one.claims), *listed))
        found: list[Claim] = [CLAIM.fold(self._facts(claim_stream(name))) for name in names]
        mine = [
            self._may(one) for one in sorted(found, key=lambda one: one.opened or self.host.now(), reverse=True) if one.claimant in whose
        ]
        return [one for one in did if one.unclaimed() and not one.force], mine

    def _may(self, claim: Claim) -> Mine:
        rules = self.host.directory.rules_for(claim.division, self.host.now(), None)
        terms = kind_of(claim.kind, rules)["terms"] if claim.kind is not None and claim.status in PREPARED else ()
        cash = claim.account is None and claim.status in (*PREPARED, *OWED) and CASH in rules.value("compensation.ways")
        appeal = FLOW.allows(claim.status, FileAppeal) and not claim.settled
        return Mine(claim, tuple(name for name in COSTS if name in terms), cash, appeal)

    def _facts(self, stream: str) -> list[Any]:
        return [one.event for one in self.host.history(SERVICE, stream)]

    def _carried(self, request: Request) -> str:
        return request.cookies.get(cookie_name(self.host.principals.realm, COOKIE), "")[:300]


def _claim(sent: Posted) -> str:
    """Of which claim the button was."""
    name = sent.one("claim")
    if not is_public_id(name):
        raise NotFound(Failure("reference", "no claim of this name"))
    return name


def _costs(sent: Posted) -> tuple[Decimal | None, Decimal | None]:
    """What was typed of own costs: receipts and kilometres. RuleBroken with every fault."""
    typed = [unicodedata.normalize("NFKC", sent.one(name)).strip() for name in COSTS]
    receipts, km = (Decimal(one) if _NUMBER.fullmatch(one) else None for one in typed)
    odd = [name for name, one in zip(COSTS, typed, strict=True) if one and not _NUMBER.fullmatch(one)]
    faults = [*unfit(receipts, "receipts"), *unfit(km, "km"), *(Failure("amount.form", "a number, such as 86.50", name) for name in odd)]
    refuse_all(RuleBroken, faults)
    return receipts, km


def router(host: Host) -> APIRouter:
    """`/claims`."""
    made, page = APIRouter(include_in_schema=False), ClaimsPage(host)

    @made.api_route(HOME, methods=["GET", "HEAD"])
    def home(request: Request) -> Response:
        by = page.signer(request)
        return page.closed(request) if by is None else page.page(request, by)

    @made.api_route(HOME + "/{name}", methods=["GET", "HEAD"])
    def reloaded(request: Request) -> Response:
        """Whoever asks for the address of a button again, or its language, comes back to the page."""
        return RedirectResponse(f"{HOME}?lang={PAGES.language_of(request)}", 303)

    @made.post(HOME + "/{name}")
    async def act(name: str, request: Request) -> Response:
        return await page.act(request, name)

    return made
