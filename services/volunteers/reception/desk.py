"""The reception desk: values into the vault, then the command with their reference and the results of checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool

from services.volunteers.deciders.people.commands import IdentityMethod, RegisterVolunteer
from services.volunteers.reception.application import Application, Asking, judged
from services.volunteers.reception.codes import Codes, Fit
from services.volunteers.reception.forms import Forms
from services.volunteers.reception.identity import ChecksumAndAge, IdentityCheck
from services.volunteers.reception.intake import Arriving, Intake
from services.volunteers.reception.sealing import Sealer
from shared.handling.guard import is_public_id
from shared.handling.pending import Answer
from shared.kernel.commands import Code, Signature, derived_id
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all
from shared.vault.index import Kind
from shared.vault.scope import person_ref
from shared.vault.vault import Vault
from shared.web.call import Call
from shared.web.host import Host
from shared.web.limiting import Buckets, take_turn
from shared.web.sealing import Seals

SERVICE = "volunteers"
NUMBERS: tuple[tuple[Kind, str], ...] = (("id", "id_number"), ("phone", "phone"))
OFFICERS = ("EMD", "CIV", "HQ", "ICP", "L4", "L5", "SYS")  # who has the person before them, or their papers
VOLUNTEER = "VOL"
SHOWN = "rights"  # what a proof that number and code were shown is for; privacy has the same word
BANNER = 3  # the level a registration belongs to


@dataclass(frozen=True, slots=True)
class Desk:
    """What a process of the volunteers service has beside its log."""

    vault: Vault
    codes: Codes
    forms: Forms
    sealer: Sealer
    intake: Intake
    identity: IdentityCheck = field(default_factory=ChecksumAndAge)
    entries: Buckets = field(default_factory=Buckets)
    tries: Buckets = field(default_factory=Buckets)


@dataclass(frozen=True, slots=True)
class Entered:
    """An answer, the public number, and the code that opens the registration again."""

    answer: Answer
    volunteer: str
    code: str
    duplicates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Who registers whom: `nonce` decides number and code, `content` tells one body from another without telling what is in it."""

    by: Signature
    volunteer: str
    nonce: str
    content: str


def asking_of(desk: Desk, host: Host, caller: Call, place: str | None, *, officer: bool = False) -> Asking:
    """What a registration is measured by at this place and time."""
    rules = host.directory.rules_for(place, caller.now, None)
    return Asking(rules, host.directory.divisions, desk.identity, caller.now.date(), officer)


def placed(host: Host, place: str) -> tuple[str, str | None]:
    """The division a registration belongs to, and the township within it."""
    tree = host.directory.divisions
    chain = tree.chain(place)
    banner = next((code for code in chain if tree.level(code) == BANNER), chain[0])
    township = next((code for code in chain if (tree.level(code) or 0) == BANNER + 1), None)
    return banner, township


def oneself(host: Host, volunteer: str, division: str) -> Signature:
    """Somebody who acts for themself and nobody else."""
    return Signature(volunteer, (VOLUNTEER,), division, host.directory.level(division), realm=host.principals.realm)


async def enter(desk: Desk, host: Host, caller: Call, application: Application, entry: Entry) -> Entered:
    """Register. RuleBroken with every fault; a repeat gets the first answer again."""
    asking = asking_of(desk, host, caller, application.place, officer=entry.by.has(*OFFICERS))
    told, faults = judged(application, asking)
    division = township = None
    if application.place is not None and host.directory.divisions.in_force(application.place):
        division, township = placed(host, application.place)
        host.directory.may(RegisterVolunteer.__name__, entry.by, (division,))  # before anything is kept
    refuse_all(RuleBroken, faults)
    assert division is not None
    ref = person_ref(derived_id("registration", entry.volunteer, entry.content))
    numbers = tuple((kind, application.typed[name]) for kind, name in NUMBERS if name in application.typed)
    kept, code = application.kept(), desk.forms.code(entry.nonce)
    duplicates, opens = await desk.intake.kept(Arriving(host, entry.volunteer, ref, kept, numbers, code, caller.now))
    checked = told.checked if told.checked is not None and told.checked.valid else None
    adult = application.adult if told.years is None else told.years >= asking.rules.value("volunteer.adult_age")
    command = RegisterVolunteer(
        by=entry.by,
        now=caller.now,
        cosigner=caller.cosigner,
        volunteer=entry.volunteer,
        division=Code(division),
        township=Code(township) if township else None,
        person=ref,
        fields=tuple(kept),
        id_valid=told.checked.valid if told.checked else None,
        checked=IdentityMethod.CHECKSUM_AND_AGE if checked else None,
        elderly=checked is not None and checked.elderly,
        adult=adult,
        guardian=application.guardian,
        fit=application.fit,
        excluded=application.excluded,
        languages=application.languages,
        skills=application.skills,
        organisation=application.organisation,
        risk_text=application.risk_text,
        notice=application.notice,
        consent=application.consent,
        separate_consent=application.separate_consent,
        duplicates=duplicates,
    )
    answer = await caller.send(SERVICE, command, caller.request.scope["path"], entry.content.encode())
    if not opens:
        await desk.intake.given((entry.volunteer, code, caller.now))
    return Entered(answer, entry.volunteer, code, duplicates)


async def opened(desk: Desk, host: Host, caller: Call, number: str, code: str) -> str:
    """The registration that number and code open: as typed, else in capitals, as they are given out. NotAllowed, the same for a wrong
    code and for a number nobody has; TooMany."""
    take_turn(desk.tries, host, caller, "registration.code_rate")
    take_turn(desk.tries, host, caller, "registration.code_rate", f"code {number.upper()}")

    def tried() -> tuple[str, Fit]:
        fits = desk.codes.fits(number, code)
        return (number, fits) if fits is not Fit.NONE else (number.upper(), desk.codes.fits(number.upper(), code))

    known, fits = await run_in_threadpool(tried) if is_public_id(number) else (number, Fit.NONE)
    if fits is not Fit.OPENS:
        raise NotAllowed(Failure(f"code.{fits.value}", "check number and code"))
    return known


def shown_of(host: Host, volunteer: str, now: datetime, use: str = SHOWN) -> tuple[str, datetime]:
    """That number and code were shown, as the service believes it that has this use for it: privacy of who asks for their rights (PIPL
    art. 50); and until when."""
    until = now + timedelta(minutes=host.directory.rules_for(None, now, None).value("registration.session"))
    return Seals(lambda: host.principals.secret).proof(use, volunteer, until), until
