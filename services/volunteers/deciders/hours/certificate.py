"""Certificates of service: from the ledger only, free, verifiable, taken back by another fact (VSR art. 19; domain SV-13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

from services.volunteers.deciders.hours.commands import IssueCertificate, RequestCertificate, RevokeCertificate, SupersedeCertificate
from services.volunteers.deciders.hours.state import MINUTE, Service, Shift, hours, spoken
from services.volunteers.deciders.people.state import Volunteer
from services.volunteers.deciders.streams import certificate_stream, service_stream, volunteer_stream
from services.volunteers.events.service import (
    CertificateEvent,
    CertificateIssued,
    CertificateNoted,
    CertificateRequested,
    CertificateRevoked,
    CertificateSuperseded,
)
from shared.blocks.clocks import Due
from shared.blocks.working_days import working_days
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState

REQUEST = "K-38"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate; `person` is empty while the number is free."""

    person: str = ""
    division: str | None = None
    incident: str | None = None
    minutes: int = 0
    check: str = ""
    revoked: bool = False
    superseded: bool = False


def request(command: RequestCertificate, service: Service, rules: Rules) -> Sequence[CertificateRequested]:
    """For oneself, or by a desk for who came in person. While one is asked for, asking again changes nothing."""
    if command.by.has("VOL", "TEAM") and command.by.actor != command.volunteer:
        raise NotAllowed(Failure("callup.self", "everybody asks for the own hours; a desk for who comes in person", "volunteer"))
    if service.clocks.runs(REQUEST):
        return []
    due = Due(REQUEST, REQUEST, command.now, working_days(command.now, rules.value(REQUEST)["working_days"], rules))
    return [CertificateRequested(command.volunteer, command.incident, command.by.actor, command.now, (due,))]


def decide(command: IssueCertificate | RevokeCertificate | SupersedeCertificate, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """`state` is a certificate; of `IssueCertificate` the states by stream."""
    match command:
        case IssueCertificate():
            return _issue(command, state)
        case SupersedeCertificate():
            if state.revoked or state.superseded or not state.person:
                return []
            return [CertificateSuperseded(command.certificate, state.person, command.now)]
        case RevokeCertificate():
            if state.revoked:
                raise WrongState(Failure("certificate.life", f"{command.certificate} is revoked already"))
            if not command.reason:
                raise RuleBroken(Failure("certificate.reason", "say why it is taken back", "reason"))
            return [CertificateRevoked(command.certificate, state.person, command.reason, command.by.actor, command.now)]
        case _:
            assert_never(command)


def _issue(command: IssueCertificate, states: Mapping[str, Any]) -> Decided:
    own, ledger = certificate_stream(command.certificate), service_stream(command.volunteer)
    if states[own].person:
        raise WrongState(Failure("certificate.life", f"{command.certificate} is issued already"))
    service: Service = states[ledger]
    kept: Volunteer = states[volunteer_stream(command.volunteer)]
    if kept.into is not None:
        raise WrongState(Failure("certificate.life", f"{command.volunteer} was merged: certify {kept.into}", "volunteer"))
    ledgers = _ledgers(command, states)
    shifts = [shift for one in ledgers for shift in states[one].counted(command.incident)]
    minutes = once(shifts)
    if minutes == 0 or (command.hours is not None and command.hours != hours(minutes)):
        cure = "" if minutes else ": check them in and out first, or let two put it right (CorrectHours)"
        raise RuleBroken(Failure("VSR-19", f"the ledger has {spoken(minutes)} h{cure}", "hours"))
    met = (REQUEST,) if service.clocks.runs(REQUEST) else ()
    before = _before(command, states)
    same = next((name for name, one in before.items() if one.minutes == minutes), None)
    if same is not None:  # the same hours are certified already: the first, again
        noted = [(ledger, CertificateNoted(command.volunteer, same, minutes, command.now, met, command.incident))] if met else []
        return Decided(noted, basis="VSR-19", answer=_told(same, before[same].check, minutes))
    days = [each.day for shift in shifts for each in shift.days]
    issued = CertificateIssued(
        command.certificate,
        command.check,
        command.volunteer,
        minutes,
        command.incident,
        min(days, default=None),
        max(days, default=None),
        service.division,
        command.by.actor,
        command.now,
    )
    noted = [
        (
            one,
            CertificateNoted(command.volunteer, command.certificate, minutes, command.now, met if one == ledger else (), command.incident),
        )
        for one in ledgers
    ]
    replaced = [
        (certificate_stream(name), CertificateSuperseded(name, one.person, command.now, command.certificate))
        for name, one in before.items()
    ]
    return Decided([(own, issued), *noted, *replaced], basis="VSR-19", answer=_told(command.certificate, command.check, minutes))


def _told(certificate: str, check: str, minutes: int) -> dict[str, str]:
    return {"certificate": certificate, "check": check, "hours": str(hours(minutes))}


def _before(command: IssueCertificate, states: Mapping[str, Any]) -> dict[str, Certificate]:
    """What certifies hours of the same scope and still holds: one hour stands on one of them (VSR art. 19)."""
    ledgers = (states[one] for one in _ledgers(command, states))
    names = dict.fromkeys(number for ledger in ledgers for number, of in ledger.certificates if of == command.incident)
    found = {name: states.get(certificate_stream(name)) for name in names}
    return {name: one for name, one in found.items() if isinstance(one, Certificate) and not (one.revoked or one.superseded)}


def once(shifts: Sequence[Shift]) -> int:
    """Minutes worked, each counted once: second registrations that were merged may have been clocked in at the same time."""
    total, until = 0, None
    for shift in sorted(shifts, key=lambda one: one.started):
        assert shift.ended is not None
        if until is None or shift.started >= until:
            total += shift.minutes
        else:
            total += max((shift.ended - until) // MINUTE, 0)
        until = shift.ended if until is None else max(until, shift.ended)
    return total


def evolve(certificate: Certificate, event: CertificateEvent) -> Certificate:
    """The certificate after the event."""
    match event:
        case CertificateIssued():
            return Certificate(event.person, event.division, event.incident, event.minutes, event.check)
        case CertificateRevoked():
            return replace(certificate, revoked=True)
        case CertificateSuperseded():
            return replace(certificate, superseded=True)
        case _:
            assert_never(event)


def about(certificate: Certificate) -> About:
    """Restricted: it holds what lets anybody verify it."""
    return About(certificate.division, "restricted", certificate.incident)


def _ledgers(command: IssueCertificate, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The person's, and those of second registrations that were merged into theirs: no hour is lost."""
    volunteer: Volunteer = states[volunteer_stream(command.volunteer)]
    return tuple(map(service_stream, (command.volunteer, *sorted(volunteer.taken))))


def _noted(command: IssueCertificate, states: Mapping[str, Any]) -> tuple[str, ...]:
    """Those ledgers, and the certificates they name."""
    ledgers = _ledgers(command, states)
    known = (found for one in ledgers if isinstance(found := states.get(one), Service))
    return (*ledgers, *(certificate_stream(number) for ledger in known for number, of in ledger.certificates if of == command.incident))


def _where(command: IssueCertificate, states: Mapping[str, Any]) -> tuple[str, ...]:
    division = states[service_stream(command.volunteer)].division
    return (division,) if division else ()


CERTIFICATE = Decider(
    category="certificate",
    initial=Certificate(),
    decide=decide,
    evolve=evolve,
    about=about,
    joint=frozenset({IssueCertificate}),
    handles={
        IssueCertificate: Handles(
            lambda c: (certificate_stream(c.certificate), service_stream(c.volunteer), volunteer_stream(c.volunteer)),
            creates=True,
            state_areas=_where,
            further=_noted,
        ),
        SupersedeCertificate: Handles(lambda c: (certificate_stream(c.certificate),)),
        RevokeCertificate: Handles(lambda c: (certificate_stream(c.certificate),)),
    },
)
