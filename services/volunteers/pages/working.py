"""What somebody does about call-ups and their calendar on their own page (VSR art. 12, 22, 25): asked, never ordered, and no penalty."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from services.volunteers.deciders.callups.commands import AnswerCallUp, StayOnReserve, WithdrawFromCallUp
from services.volunteers.deciders.people.commands import (
    Hazard,
    PauseVolunteer,
    ResumeVolunteer,
    SetAvailability,
    SetFitness,
    SetLanguages,
    SetSkills,
)
from services.volunteers.deciders.people.registering import unknown_codes
from services.volunteers.events.callup import Answer
from services.volunteers.events.validity import Span
from services.volunteers.pages.owndata import Own, own_of, refuse_held
from services.volunteers.pages.ownwork import key_of
from services.volunteers.pages.saying import Said, say
from services.volunteers.reception.application import Application
from services.volunteers.reception.desk import Desk
from shared.handling.guard import is_public_id
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all
from shared.web.host import Host
from shared.web.posting import Posted

Act = Callable[[Request, Posted, str], Awaitable[str]]
"""What is done, by whom; the answer names what the page says then."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_YEARS = range(2000, 2200)


class Working:
    """The acts; each needs the page open in this browser, and is about whose page it is."""

    def __init__(self, host: Host, desk: Desk) -> None:
        self.host, self.desk = host, desk

    def acts(self) -> Mapping[str, Act]:
        """By the last part of their address."""
        return {
            "acceptance": self.acceptance,
            "refusal": self.refusal,
            "reserve": self.reserve,
            "resignation": self.resignation,
            "availability": self.availability,
            "abilities": self.abilities,
            "fitness": self.fitness,
            "pause": self.pause,
            "resumption": self.resumption,
        }

    async def acceptance(self, request: Request, sent: Posted, volunteer: str) -> str:
        """Come, once the risk statement was read (VSR art. 12)."""
        faults: list[Failure] = []
        eta = moment(sent.one("eta"), self.host.now().tzinfo, faults, "eta")
        risk = sent.one("risk_text")
        if not (risk.isdecimal() and len(risk) < 6):
            faults.append(Failure("VSR-12", "read and accept the risk statement", "risk_text"))
        refuse_all(RuleBroken, faults)
        said = partial(AnswerCallUp, call_up=_call_up(sent), answer=Answer.ACCEPT, risk_text=int(risk), eta=eta)
        await self._say(request, volunteer, said)
        return "accepted"

    async def refusal(self, request: Request, sent: Posted, volunteer: str) -> str:
        """Not come; nobody asks why."""
        await self._say(request, volunteer, partial(AnswerCallUp, call_up=_call_up(sent), answer=Answer.DECLINE))
        return "declined"

    async def reserve(self, request: Request, sent: Posted, volunteer: str) -> str:
        """Be asked again when a place becomes free."""
        await self._say(request, volunteer, partial(StayOnReserve, call_up=_call_up(sent)))
        return "reserved"

    async def resignation(self, request: Request, sent: Posted, volunteer: str) -> str:
        """Not come after all, or not go on (VSR art. 22)."""
        _sure(sent, "resignation")
        await self._say(request, volunteer, partial(WithdrawFromCallUp, call_up=_call_up(sent)))
        return "resigned"

    async def availability(self, request: Request, sent: Posted, volunteer: str) -> str:
        """The week in general, and the periods that are different: those that stay, and one more."""
        own = await run_in_threadpool(own_of, self.host, self.desk, volunteer)
        now, dropped = self.host.now(), frozenset(sent.all("drop"))
        kept = [one for one in own.state.spans if one.until > now and key_of(one.since, one.until) not in dropped]
        weekly = tuple(int(day) for day in sent.all("weekly") if day.isdecimal() and len(day) < 3)
        added = _period(sent, now)
        await self._say(request, volunteer, partial(SetAvailability, weekly=weekly, periods=(*kept, *added)), own)
        return "saved_calendar"

    async def abilities(self, request: Request, sent: Posted, volunteer: str) -> str:
        """The languages and skills they say they have; what was certified stays as it was seen."""
        own = await run_in_threadpool(own_of, self.host, self.desk, volunteer)
        refuse_held(own)
        languages, skills = sent.all("languages"), sent.all("skills")
        rules = self.host.directory.rules_for(None, self.host.now(), None)
        refuse_all(RuleBroken, list(unknown_codes(Application({}, languages=languages, skills=skills), rules)))  # of both at once
        await self._say(request, volunteer, partial(SetLanguages, languages=languages), own)
        await self._say(request, volunteer, partial(SetSkills, skills=skills), own)
        return "saved"

    async def fitness(self, request: Request, sent: Posted, volunteer: str) -> str:
        """Whether they are fit, and which fires they keep away from: the result alone, never why (GFR-31, FFR-35)."""
        own = await run_in_threadpool(own_of, self.host, self.desk, volunteer)
        refuse_held(own)
        said, known = sent.one("fit"), {one.value: one for one in Hazard}
        faults = [] if said in ("yes", "no") else [Failure("registration.missing", "yes or no", "fit")]
        faults += [
            Failure("volunteer.hazard", f"one of {', '.join(known)}", "excluded") for one in sent.all("excluded") if one not in known
        ]
        refuse_all(RuleBroken, faults)
        excluded = tuple(known[one] for one in sent.all("excluded"))
        await self._say(request, volunteer, partial(SetFitness, fit=said == "yes", excluded=excluded), own)
        return "saved"

    async def pause(self, request: Request, sent: Posted, volunteer: str) -> str:
        """Not be asked for a while."""
        await self._say(request, volunteer, PauseVolunteer)
        return "paused"

    async def resumption(self, request: Request, sent: Posted, volunteer: str) -> str:
        """Be asked again."""
        await self._say(request, volunteer, ResumeVolunteer)
        return "resumed"

    async def _say(self, request: Request, volunteer: str, said: Said, own: Own | None = None) -> None:
        known = own if own is not None else await run_in_threadpool(own_of, self.host, self.desk, volunteer)
        await say(self.host, request, volunteer, known, said)


def _sure(sent: Posted, name: str) -> None:
    if sent.one(name) != "yes":
        raise RuleBroken(Failure("form.sure", "tick that you are sure", name))


def _call_up(sent: Posted) -> str:
    """Of which call-up the button was."""
    name = sent.one("call_up")
    if not is_public_id(name):
        raise NotFound(Failure("reference", "no call-up of this name"))
    return name


def _period(sent: Posted, now: datetime) -> tuple[Span, ...]:
    """The period that was typed, whole days with the last one in it; nothing when nothing was. RuleBroken."""
    if not (sent.one("since").strip() or sent.one("until").strip()):
        return ()
    faults: list[Failure] = []
    since, until = (moment(sent.one(name), now.tzinfo, faults, name, last=name == "until") for name in ("since", "until"))
    faults += [
        Failure("registration.missing", "fill it in", name)
        for name, moment in (("since", since), ("until", until))
        if moment is None and not sent.one(name).strip()
    ]
    refuse_all(RuleBroken, [*faults, *_unheard(sent, until, now)])
    assert since is not None and until is not None
    return (Span(since, until, sent.one("can") == "yes"),)


def _unheard(sent: Posted, until: datetime | None, now: datetime) -> list[Failure]:
    """What would be stored as something else, or vanish: neither yes nor no, days that are over."""
    found = [] if sent.one("can") in ("yes", "no") else [Failure("own.can", "yes or no", "periods")]
    return found + ([Failure("own.past", "it is over: name days to come", "until")] if until is not None and until <= now else [])


def moment(typed: str, zone: tzinfo | None, faults: list[Failure], field: str, last: bool = False) -> datetime | None:
    """A day or a moment as it is typed, in the node's zone; of a `last` day its end. None for nothing, and with a fault."""
    typed = typed.strip()
    if not typed:
        return None
    try:
        moment = datetime.fromisoformat(typed.replace("/", "-"))
    except ValueError:
        faults.append(Failure("own.moment", "a day or a time, such as 2026-07-18 14:30", field))
        return None
    if moment.year not in _YEARS:
        faults.append(Failure("own.year", f"a day between {_YEARS[0]} and {_YEARS[-1]}", field))
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return moment + timedelta(days=1) if last and _DAY.fullmatch(typed.replace("/", "-")) else moment
