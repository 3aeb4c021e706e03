"""The reception desk: values into the vault, then the command with their reference and the results of checks."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from services.volunteers.deciders.people.commands import IdentityMethod, RegisterVolunteer, VerifyIdentity
from services.volunteers.deciders.people.state import ERASED
from services.volunteers.projections.assessments import assessed
from services.volunteers.projections.volunteers import find
from services.volunteers.reception.application import Application, Asking, judged
from services.volunteers.reception.codes import Codes
from services.volunteers.reception.forms import Forms
from services.volunteers.reception.identity import Checked, ChecksumAndAge, IdentityCheck
from services.volunteers.reception.sealing import Sealer
from shared.handling.pending import Answer, Pending, fingerprint
from shared.kernel.commands import Code, Signature, derived_id
from shared.kernel.errors import DomainError, Failure, RuleBroken, refuse_all
from shared.vault.index import Kind
from shared.vault.scope import REGISTER, Scope, person_ref
from shared.vault.vault import Vault
from shared.web.call import Call
from shared.web.host import Host, Waiter
from shared.web.limiting import Buckets
from shared.web.problems import TooMany

SERVICE = "volunteers"
OFFICERS = ("EMD", "CIV", "HQ", "ICP", "L4", "L5", "SYS")  # who has the person before them, or their papers
VOLUNTEER = "VOL"
ASSESSMENT = "PIPL-55"
CLOSED = (
    "registration is not open yet: module register has no valid impact assessment; whoever answers for personal data drafts one "
    "(DraftImpactAssessment), another person approves it (ApproveImpactAssessment)"
)
BANNER = 3  # the level a registration belongs to


@dataclass(frozen=True, slots=True)
class Desk:
    """What a process of the volunteers service has beside its log."""

    vault: Vault
    codes: Codes
    forms: Forms
    sealer: Sealer
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
    if application.place is not None and host.directory.divisions.in_force(application.place):
        host.directory.may(RegisterVolunteer.__name__, entry.by, (placed(host, application.place)[0],))  # before anything is kept
    refuse_all(RuleBroken, faults)
    await run_in_threadpool(_open, host, caller)
    assert application.place is not None
    division, township = placed(host, application.place)
    ref = person_ref(derived_id("registration", entry.volunteer, entry.content))
    duplicates = await run_in_threadpool(_kept, desk, host, application, entry.volunteer, ref, caller)
    adult = application.adult if told.years is None else told.years >= asking.rules.value("volunteer.adult_age")
    command = RegisterVolunteer(
        by=entry.by,
        now=caller.now,
        cosigner=caller.cosigner,
        volunteer=entry.volunteer,
        division=Code(division),
        township=Code(township) if township else None,
        person=ref,
        fields=tuple(application.kept()),
        id_valid=told.checked.valid if told.checked else None,
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
        duplicates=duplicates,
    )
    answer = await caller.send(SERVICE, command, caller.request.scope["path"], entry.content.encode())
    code = desk.forms.code(entry.nonce)
    await run_in_threadpool(desk.codes.give, entry.volunteer, code, caller.now)
    if told.checked is not None and told.checked.valid and not answer.repeated:
        await _checked(host, caller, entry.volunteer, told.checked, answer)
    return Entered(answer, entry.volunteer, code, duplicates)


def _open(host: Host, caller: Call) -> None:
    """Nothing is kept before the register's impact assessment holds: privacy would refuse to hold it afterwards. RuleBroken."""
    if not assessed(host.read(SERVICE), caller.now):
        raise RuleBroken(Failure(ASSESSMENT, CLOSED))


def take_turn(buckets: Buckets, host: Host, caller: Call, rule: str, line: str | None = None) -> None:
    """One entry or try from this address, or on this line. TooMany."""
    rate = host.directory.rules_for(None, caller.now, None).value(rule)
    client = caller.request.client
    address = line if line is not None else client.host if client else ""
    wait_s = buckets.wait_s(address, rate["burst"], rate["per_minute"], time.monotonic())
    if wait_s:
        raise TooMany(Failure(rule, f"send it again in {wait_s} s"), retry_after_s=wait_s)


def _kept(desk: Desk, host: Host, application: Application, volunteer: str, ref: str, caller: Call) -> tuple[str, ...]:
    """Who else has this number or phone; then the values are kept, before anything names them. Of who was erased nothing is kept again:
    the command that follows is refused, or is the repeat of one that came before."""
    known = find(host.read(SERVICE), volunteer)
    if known is not None and known["status"] == ERASED:
        return ()
    asked: tuple[tuple[Kind, str], ...] = (("id", "id_number"), ("phone", "phone"))
    found = [scope for kind, name in asked if name in application.typed for scope in desk.vault.find(kind, application.typed[name])]
    desk.vault.keep(Scope(volunteer, REGISTER, REGISTER), ref, application.kept(), caller.now)
    return tuple(sorted({scope.subject for scope in found if scope.register == REGISTER and scope.subject != volunteer}))


async def _checked(host: Host, caller: Call, volunteer: str, checked: Checked, answer: Answer) -> None:
    """What the check came to, as the node's own word; a person reviews it. When it gets lost here, an officer checks."""
    command = VerifyIdentity(
        by=Signature("SYS.IDENTITY", ("SYS",), host.province, 1, realm=host.principals.realm),
        now=caller.now,
        volunteer=volunteer,
        method=IdentityMethod.CHECKSUM_AND_AGE,
        adult=checked.adult,
        elderly=checked.elderly,
    )
    waiter = Waiter(asyncio.get_running_loop())
    pending = Pending(
        id=derived_id("identity", answer.command),
        command=command,
        fingerprint=fingerprint("VerifyIdentity", b"by checksum"),
        done=waiter,
    )
    host.submit(SERVICE, pending)
    result = await waiter.future
    if isinstance(result, BaseException) and not isinstance(result, DomainError):
        raise result
