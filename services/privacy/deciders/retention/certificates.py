"""A destruction from its order to the last copy (DESIGN 5.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.privacy.deciders.retention.commands import CertifyDestruction, ConfirmCopyDestroyed
from services.privacy.deciders.retention.holders import Holders
from services.privacy.deciders.streams import HOLDERS, certificate_stream
from services.privacy.events.certificate import (
    CertificateEvent,
    CopyDestructionConfirmed,
    DestructionBegun,
    DestructionCertified,
    DestructionCompleted,
    DestructionSearched,
)
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState

RULE = "ERL-85"
FOR_OTHERS = ("DPO", "ADMIN")  # who may say it for a holder


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is destroyed under it, and who has yet to confirm."""

    certificate: str = ""
    incident: str | None = None
    register: str = ""
    subjects: int = 0
    by: str = ""
    division: str | None = None
    begun: bool = False
    certified: bool = False
    outstanding: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    complete: bool = False


def decide(command: CertifyDestruction | ConfirmCopyDestroyed, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Certified once; complete when nobody holds a copy any more."""
    match command:
        case CertifyDestruction():
            return _certify(command, state)
        case ConfirmCopyDestroyed():
            return _confirm(command, state)
        case _:
            assert_never(command)


def _certify(command: CertifyDestruction, states: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
    own = certificate_stream(command.certificate)
    certificate: Certificate = states[own]
    holders: Holders = states[HOLDERS]
    if certificate.certified:
        return []
    of = f"{certificate.incident}, register {certificate.register}" if certificate.incident else f"register {certificate.register}"
    what = f"{certificate.subjects} subjects of {of}"
    outstanding = tuple(sorted(holders.holders))
    said = (what, command.position, command.chain, command.root, outstanding, command.now)
    facts: list[tuple[str, Any]] = [(own, DestructionCertified(command.certificate, *said))]
    return facts if outstanding else [*facts, (own, DestructionCompleted(command.certificate, command.now))]


def _confirm(command: ConfirmCopyDestroyed, certificate: Certificate) -> Decided:
    if not certificate.certified:
        raise WrongState(Failure(RULE, "its keys are being destroyed: confirm once it is certified", "certificate"))
    if command.holder in certificate.confirmed:
        raise WrongState(Failure(RULE, f"{command.holder} has confirmed", "holder"))
    if not command.by.has(*FOR_OTHERS) and command.by.actor != command.holder:
        cure = f"{command.holder} says it with its own account, or the personal-information officer who has its statement"
        raise NotAllowed(Failure("PIPL-21", cure, "holder"))
    if command.holder not in certificate.outstanding:
        raise NotFound(Failure("reference", f"{command.holder} owes no confirmation for {command.certificate}", "holder"))
    if not command.statement:
        raise RuleBroken(Failure("PIPL-21", "say how the copy was destroyed", "statement"))
    facts: list[Any] = [CopyDestructionConfirmed(command.certificate, command.holder, command.statement, command.by.actor, command.now)]
    if certificate.outstanding == (command.holder,):
        facts.append(DestructionCompleted(command.certificate, command.now))
    return Decided(facts, basis=RULE)


def evolve(certificate: Certificate, event: CertificateEvent) -> Certificate:
    """The certificate after the event."""
    match event:
        case DestructionBegun():
            known = (event.certificate, event.incident, event.register, event.subjects, event.by, event.division)
            return Certificate(*known, begun=True)
        case DestructionCertified(outstanding=outstanding):
            return replace(certificate, certified=True, outstanding=outstanding)
        case CopyDestructionConfirmed(holder=holder):
            left = tuple(one for one in certificate.outstanding if one != holder)
            return replace(certificate, outstanding=left, confirmed=(*certificate.confirmed, holder))
        case DestructionCompleted():
            return replace(certificate, complete=True)
        case DestructionSearched():
            return certificate
        case _:
            assert_never(event)


def about(certificate: Certificate) -> About:
    """Internal: it names nobody."""
    return About(certificate.division, "internal", certificate.incident)


def _own(command: Any) -> tuple[str, ...]:
    return (certificate_stream(command.certificate),)


CERTIFICATE = Decider(
    category="certificate",
    initial=Certificate(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        CertifyDestruction: Handles(lambda c: (certificate_stream(c.certificate), HOLDERS)),
        ConfirmCopyDestroyed: Handles(_own),
    },
    joint=frozenset({CertifyDestruction}),
)
