"""Registering, checking and reviewing a volunteer (domain 2.9 SV-01, SV-07, SV-10; VSR art. 12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.volunteers.deciders.people.commands import IdentityMethod, RegisterVolunteer, ReissueCode, ReviewVolunteer, VerifyIdentity
from services.volunteers.deciders.people.state import APPROVED, NEW, PAUSED, Volunteer
from services.volunteers.events.code import CodeReissued
from services.volunteers.events.volunteer import (
    IdentityRejected,
    IdentityVerified,
    VolunteerApproved,
    VolunteerRegistered,
    VolunteerRejected,
)
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all

SECOND_PERSON = "volunteer.second_person"
SEEN = (IdentityMethod.DOCUMENT_SEEN, IdentityMethod.REGISTER)  # ways to know who stands there
BY_CHECK = "SYS.IDENTITY"  # the check signs as itself: nobody vouches


def register(command: RegisterVolunteer, before: Volunteer, rules: Rules) -> Decided:
    """The registration with everything it rests on; what is missing is named at once."""
    refuse_all(RuleBroken, [*_unaccepted(command, rules), *_of_the_person(command, before, rules), *unknown_codes(command, rules)])
    assert command.risk_text is not None and command.notice is not None
    registered = VolunteerRegistered(
        volunteer=command.volunteer,
        person=command.person,
        division=command.division,
        township=command.township,
        adult=command.adult,
        guardian=command.guardian,
        languages=command.languages,
        skills=command.skills,
        organisation=command.organisation,
        excluded=tuple(sorted(hazard.value for hazard in set(command.excluded))),
        risk_text=command.risk_text,
        notice=command.notice,
        by=command.by.actor,
        at=command.now,
        fields=command.fields,
        fit=command.fit,
        duplicates=command.duplicates,
        separate_consent=command.separate_consent,
    )
    return Decided([registered, *_checked(command, before, rules)], basis="PIPL-13.1(1)")


def _checked(command: RegisterVolunteer, before: Volunteer, rules: Rules) -> Iterable[IdentityVerified]:
    """What the edge's own check came to; a person reviews it."""
    if command.checked is not None and command.adult is not None:
        excluded, new = _too_old(command.elderly, rules), before.status == NEW
        yield IdentityVerified(command.volunteer, command.checked, command.adult, excluded, BY_CHECK, command.now, new)


def _too_old(elderly: bool, rules: Rules) -> tuple[str, ...]:
    return tuple(rules.value("GFR-31.2")["elderly"]) if elderly else ()


def _unaccepted(command: RegisterVolunteer, rules: Rules) -> Iterable[Failure]:
    current: int = rules.value("VSR-12")
    if command.risk_text != current:
        yield Failure("VSR-12", f"read and accept the risk statement, version {current}", "risk_text")
    if not command.notice:
        yield Failure("PIPL-17", "show the notice about personal data and name its version", "notice")
    if not command.consent:
        yield Failure("PIPL-14", "ask for consent to keep the registration", "consent")
    if not command.separate_consent:
        yield from unconsented(command.fields, rules)


def unconsented(fields: Iterable[str], rules: Rules) -> Iterable[Failure]:
    """What is sensitive and may be left out is kept by a consent of its own only (PIPL art. 29)."""
    if sensitive := [name for name in rules.value("volunteer.separate_consent") if name in fields]:
        yield Failure("PIPL-29", f"ask for a separate consent to keep {', '.join(sensitive)}, or leave it out", "separate_consent")


def _of_the_person(command: RegisterVolunteer, before: Volunteer, rules: Rules) -> Iterable[Failure]:
    yield from loosened(before, bool(command.fit), tuple(hazard.value for hazard in command.excluded))
    if command.id_valid is False:
        yield Failure("id.checksum", "the identity number is not well formed (GB 11643): check it digit by digit", "id_valid")
    if command.adult is False and not command.guardian:
        yield Failure("volunteer.guardian", rules.value("volunteer.guardian"), "guardian")


def loosened(volunteer: Volunteer, fit: bool, excluded: tuple[str, ...]) -> Iterable[Failure]:
    """What a check found is loosened by another check alone."""
    if volunteer.check is not None and volunteer.check.loosened(fit, excluded):
        yield Failure("volunteer.check", f"a check of {volunteer.check.at:%Y-%m-%d} found otherwise: ask for another check", "fit")


def unknown_codes(command: object, rules: Rules) -> Iterable[Failure]:
    """Languages, skills and trainings are codes of a list that a province may lengthen."""
    for field, rule, wanted in (
        ("languages", "volunteer.languages", getattr(command, "languages", ())),
        ("skills", "volunteer.skills", getattr(command, "skills", ())),
        ("skill", "volunteer.skills", filter(None, (getattr(command, "skill", None),))),
        ("training", "volunteer.trainings", filter(None, (getattr(command, "training", None),))),
    ):
        known = rules.value(rule)
        if unknown := [code for code in wanted if code not in known]:
            yield Failure(rule, f"{', '.join(unknown)[:100]} is not on the list: {', '.join(known)}", field)


def verify(command: VerifyIdentity, volunteer: Volunteer, rules: Rules) -> Sequence[IdentityVerified | IdentityRejected]:
    """The result of the check. An approved volunteer stays one; who does not hold up is no longer on the list."""
    _by_another(command.by.actor, volunteer, command.volunteer, (volunteer.volunteer,))
    if not command.valid:
        if not command.reason:
            raise RuleBroken(Failure("volunteer.reason", "say what does not hold, so that it can be corrected", "reason"))
        return [IdentityRejected(command.volunteer, command.method, command.reason, command.by.actor, command.now)]
    if command.adult is None:
        raise RuleBroken(Failure("ERL-39.2", "say whether the person is of age: the result of the check only", "adult"))
    excluded = _too_old(command.elderly, rules)
    same = volunteer.status in (APPROVED, PAUSED) and (volunteer.adult, volunteer.too_old) == (command.adult, excluded)
    return [] if same else [IdentityVerified(command.volunteer, command.method, command.adult, excluded, command.by.actor, command.now)]


def reissue(command: ReissueCode, volunteer: Volunteer) -> Sequence[CodeReissued]:
    """By an officer who saw who it is, and never to oneself."""
    _by_another(command.by.actor, volunteer, command.volunteer, (volunteer.volunteer,))
    if command.method not in SEEN:
        cure = "look at the document, or ask the register, and say which: whoever has the code sees and changes everything"
        raise RuleBroken(Failure("volunteer.code", cure, "method"))
    return [CodeReissued(command.volunteer, str(command.method), command.by.actor, command.now)]


def review(command: ReviewVolunteer, volunteer: Volunteer) -> Sequence[VolunteerApproved | VolunteerRejected]:
    """Taken on, or not, by a second person."""
    _by_another(command.by.actor, volunteer, command.volunteer, (volunteer.volunteer, volunteer.entered_by))
    if command.approve:
        return [VolunteerApproved(command.volunteer, command.by.actor, command.now, command.reason or "")]
    if not command.reason:
        raise RuleBroken(Failure("volunteer.reason", "say why, so that it can be corrected", "reason"))
    return [VolunteerRejected(command.volunteer, command.reason, command.by.actor, command.now)]


def _by_another(actor: str, volunteer: Volunteer, name: str, excluded: tuple[str, ...]) -> None:
    if actor in excluded:
        raise NotAllowed(Failure(SECOND_PERSON, f"another person than the applicant and than who entered {name} decides this"))
