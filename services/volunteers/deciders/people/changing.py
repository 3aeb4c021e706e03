"""What is noted of a volunteer: trainings, certificates, availability, fitness, covers; and what expired (PSER-11, ERL-40)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.volunteers.deciders.callups.engagement import engaged
from services.volunteers.deciders.people import commands as ask
from services.volunteers.deciders.people import merging
from services.volunteers.deciders.people.folding import with_cover, with_valid
from services.volunteers.deciders.people.registering import loosened, unconsented, unknown_codes
from services.volunteers.deciders.people.state import GONE, MERGED, NEW, Volunteer
from services.volunteers.deciders.streams import volunteer_stream
from services.volunteers.events import volunteer as said
from services.volunteers.events.membership import MembershipConfirmed
from services.volunteers.events.skills import SkillsSet
from services.volunteers.events.validity import Cover, Valid
from shared.blocks.clocks import Due
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, WrongState, refuse_all

VALIDITY = "volunteer.validity"
SPANS = 200


def qualified(
    command: ask.RecordTraining | ask.RecordSkillCertificate, volunteer: Volunteer, rules: Rules
) -> Sequence[said.TrainingRecorded | said.SkillCertified]:
    """A training or certificate with its expiry, which runs as a clock."""
    kind, code = ("training", command.training) if isinstance(command, ask.RecordTraining) else ("skill", command.skill)
    since = (command.passed_at if isinstance(command, ask.RecordTraining) else command.issued_at) or command.now
    refuse_all(RuleBroken, [*unknown_codes(command, rules), *_dates(since, command.to, command.now)])
    valid = Valid(code, since, command.to)
    if valid in (volunteer.trainings if kind == "training" else volunteer.skills):
        return []
    key = f"{kind}.{code}"
    due = (Due(key, VALIDITY, since, command.to),) if command.to else ()
    stopped = (key,) if not due and volunteer.clocks.runs(key) else ()
    made = said.TrainingRecorded if kind == "training" else said.SkillCertified
    return [made(command.volunteer, valid, command.document, command.by.actor, command.now, due, stopped)]


def _dates(since: datetime, until: datetime | None, now: datetime) -> list[Failure]:
    found = [Failure("volunteer.dates", "it lies in the future: record it when it is passed", "passed_at")] if since > now else []
    if until is not None and until <= now:
        found.append(Failure(VALIDITY, f"it expired on {until.date()}: record one that holds", "to"))
    elif until is not None and until <= since:
        found.append(Failure("volunteer.dates", "it ends before it begins", "to"))
    return found


def available(command: ask.SetAvailability, volunteer: Volunteer) -> Sequence[said.AvailabilitySet]:
    """Weekdays and periods as they are from now on."""
    found = [Failure("volunteer.weekly", f"{day} is no weekday: 1 (Monday) to 7", "weekly") for day in command.weekly if not 1 <= day <= 7]
    found += [Failure("volunteer.periods", "a period ends after it begins", "periods") for one in command.periods if one.until <= one.since]
    if len(command.periods) > SPANS:
        found.append(Failure("volunteer.periods", f"at most {SPANS} periods", "periods"))
    refuse_all(RuleBroken, found)
    weekly, spans = tuple(sorted(set(command.weekly))), tuple(sorted(command.periods, key=lambda one: (one.since, one.until)))
    if (weekly, spans) == (volunteer.weekly, volunteer.spans):
        return []
    return [said.AvailabilitySet(command.volunteer, weekly, spans, command.by.actor, command.now)]


def declared(command: ask.SetLanguages | ask.SetSkills, volunteer: Volunteer, rules: Rules) -> Sequence[said.LanguagesSet | SkillsSet]:
    """Codes of the lists, each once; whoever is engaged stays so, and what was certified too."""
    refuse_all(RuleBroken, list(unknown_codes(command, rules)))
    codes, was = (command.languages, volunteer.languages) if isinstance(command, ask.SetLanguages) else (command.skills, volunteer.declared)
    if set(codes) == set(was):
        return []
    made = said.LanguagesSet if isinstance(command, ask.SetLanguages) else SkillsSet
    return [made(command.volunteer, tuple(dict.fromkeys(codes)), command.by.actor, command.now, was)]


def fitness(command: ask.SetFitness, volunteer: Volunteer) -> Sequence[said.FitnessSet]:
    """The result alone; `declared` when the person says so. What a check found is loosened by another check alone."""
    excluded = tuple(sorted(hazard.value for hazard in set(command.excluded)))
    by, was = command.by.actor, (volunteer.fit, volunteer.excluded)
    if command.checked and by == command.volunteer:
        raise NotAllowed(Failure("volunteer.check", "somebody else checks this; leave `checked` out to say it yourself", "checked"))
    if not command.checked:
        refuse_all(RuleBroken, list(loosened(volunteer, command.fit, excluded)))
    if was == (command.fit, excluded) and not command.checked:
        return []
    return [said.FitnessSet(command.volunteer, command.fit, excluded, by == command.volunteer, by, command.now, *was, command.checked)]


def belongs(command: ask.ConfirmMembership, volunteer: Volunteer) -> Sequence[MembershipConfirmed]:
    """By themself only, and taken back at any time."""
    if command.by.actor != command.volunteer:
        raise NotAllowed(Failure("volunteer.self", f"only {command.volunteer} says so", "volunteer"))
    if command.confirmed == (command.force in volunteer.forces):
        return []
    return [MembershipConfirmed(command.volunteer, command.force, command.confirmed, command.by.actor, command.now)]


def contact(command: ask.CorrectContact, volunteer: Volunteer, rules: Rules) -> Sequence[said.ContactCorrected]:
    """That it was corrected, never what; the edge puts the values into the vault once this is decided."""
    if volunteer.person is None:
        raise WrongState(Failure("volunteer.life", "nothing is kept of this registration that could be corrected: register it"))
    if not (command.fields or command.added):
        return []
    if not command.separate_consent:
        refuse_all(RuleBroken, list(unconsented([one.value for one in command.added], rules)))
    fields, added = (tuple(sorted(one.value for one in set(some))) for some in (command.fields, command.added))
    return [
        said.ContactCorrected(command.volunteer, volunteer.person, fields, added, command.by.actor, command.now, command.separate_consent)
    ]


def covered(command: ask.NoteVolunteerCover | ask.EndVolunteerCover, states: Mapping[str, Any]) -> Decided:
    """A cover is noted on whom it covers; of a merged registration on the one that is kept."""
    own = way_to_kept(command.volunteer, states)[-1]
    volunteer: Volunteer = states[own]
    if volunteer.status in GONE:
        return Decided([])
    if isinstance(command, ask.NoteVolunteerCover):
        known = command.cover in volunteer.covers
        return Decided([] if known else [(own, said.VolunteerCoverNoted(volunteer.volunteer, command.cover, command.now))])
    if all(cover.policy != command.policy for cover in volunteer.covers):
        return Decided([])
    return Decided([(own, said.VolunteerCoverEnded(volunteer.volunteer, command.policy, command.now))])


def way_to_kept(volunteer: str, states: Mapping[str, Any]) -> tuple[str, ...]:
    """The streams from a registration to the one that is kept, as far as their states are known."""
    way = [volunteer_stream(volunteer)]
    while (known := states.get(way[-1])) is not None and known.into is not None:
        way.append(volunteer_stream(known.into))
    return tuple(way)


def merge(command: ask.MergeVolunteers, states: Mapping[str, Any]) -> Decided:
    """One registration leads to the other, which takes over what was recorded; hours of both are counted together."""
    own, other = volunteer_stream(command.volunteer), volunteer_stream(command.into)
    if own == other:
        raise RuleBroken(Failure("volunteer.merge", "name two registrations", "into"))
    volunteer, kept = states[own], states[other]
    if kept.status == NEW:
        raise NotFound(Failure("reference", f"{command.into} is unknown: check the id", "into"))
    if kept.status in GONE:
        raise WrongState(Failure("volunteer.life", f"{command.into} is {kept.status}: name the registration that is kept", "into"))
    if promised := engaged(states, command.volunteer).call_ups:
        raise WrongState(
            Failure("volunteer.engaged", f"{command.volunteer} is engaged in {', '.join(promised)}: merge after it", "volunteer")
        )
    if command.cosigner is None:
        raise NotAllowed(Failure("two.persons", "it cannot be undone: a second officer who compared both papers signs too"))
    twice = merging.overlaps(command, states)
    if not command.reason:
        raise RuleBroken(Failure("volunteer.reason", "say what shows that it is one person, without naming it", "reason"))
    if command.differ and not command.numbers:
        cure = "their identity numbers differ: they are two people, or say why one person has both, such as a passport and a card"
        raise RuleBroken(Failure("volunteer.numbers", cure, "numbers"))
    trainings, skills, covers = kept.trainings, kept.skills, kept.covers
    for one in volunteer.trainings:
        trainings = with_valid(trainings, _longer(one, trainings))
    for one in volunteer.skills:
        skills = with_valid(skills, _longer(one, skills))
    for cover in volunteer.covers:
        covers = with_cover(covers, _later(cover, covers))
    stopped = tuple(due.key for due in volunteer.clocks.open())
    asked = engaged(states, command.volunteer).asked_at(command.now)
    why = command.numbers or "" if command.differ else ""
    merged = said.VolunteerMerged(command.volunteer, command.into, command.by.actor, command.now, stopped, asked, why)
    clocks = tuple(due for due in volunteer.clocks.open() if _outlasts(due, kept))
    through = tuple(sorted(volunteer.taken))
    taken = said.DuplicateTaken(command.into, command.volunteer, trainings, skills, covers, command.now, clocks, through)
    flags = (*(("Q-TRIAGE",) if twice else ()), *(("A-DIFFERENT",) if command.differ else ()))
    return Decided([(own, merged), (other, taken), *twice], answer={"overlaps": len(twice)} if twice else {}, flags=flags)


def _outlasts(due: Due, kept: Volunteer) -> bool:
    other = kept.clocks.get(due.key)
    kind, _, code = due.key.partition(".")
    unending = any(one.code == code and one.until is None for one in (kept.trainings if kind == "training" else kept.skills))
    return not unending and (other is None or not kept.clocks.runs(due.key) or due.due_at > other.due_at)


def _longer(one: Valid, known: tuple[Valid, ...]) -> Valid:
    other = next((valid for valid in known if valid.code == one.code), None)
    if other is None or (other.until is not None and (one.until is None or one.until > other.until)):
        return one
    return other


def _later(cover: Cover, known: tuple[Cover, ...]) -> Cover:
    other = next((one for one in known if one.policy == cover.policy), None)
    return cover if other is None or cover.until > other.until else other


def lapsed(command: ask.EscalateVolunteerClock, volunteer: Volunteer) -> Sequence[said.VolunteerLapsed]:
    """Once, when what expires was not renewed."""
    due = volunteer.clocks.passed(command.key, command.now)
    if due is None or volunteer.status == MERGED:
        return []
    kind, _, code = command.key.partition(".")
    return [said.VolunteerLapsed(command.volunteer, kind, code, due.due_at, command.now, (command.key,))]
