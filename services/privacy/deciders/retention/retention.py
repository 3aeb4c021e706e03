"""The retention assessment of an incident, a part for each register (domain 3.25)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from services.privacy.deciders.clock import escalate
from services.privacy.deciders.retention.certificates import Certificate
from services.privacy.deciders.retention.commands import (
    AssessRetention,
    DecideRetention,
    DestroyPersonalData,
    EscalateRetentionClock,
    OpenRetentionAssessment,
    ResumeRetention,
    VerifyDestruction,
)
from services.privacy.deciders.retention.deciding import decide_retention, unknown_here
from services.privacy.deciders.retention.destroying import destroy
from services.privacy.deciders.retention.state import (
    COLLECTING,
    FLOW,
    LAPSES,
    OWES_DECISION,
    OWES_NOTICE,
    RULE,
    Part,
    about,
    evolve,
    opened,
)
from services.privacy.deciders.streams import STANDING, certificate_stream, person_stream, retention_stream
from services.privacy.events.certificate import DestructionSearched
from services.privacy.events.retention import (
    PersonFound,
    RetentionLapsed,
    RetentionOpened,
    RetentionResumed,
    RetentionReviewed,
    RetentionVerified,
)
from shared.blocks.deadlines import deadline
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, WrongState, refuse_all

REPLAY, EXPORT, BACKUP, BLOBS = "replay", "export", "backup", "blobs"
Single = OpenRetentionAssessment | ResumeRetention | AssessRetention | EscalateRetentionClock
Joint = DecideRetention | DestroyPersonalData | VerifyDestruction


def decide(command: Single | Joint, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal; joint ones get the states by stream."""
    match command:
        case OpenRetentionAssessment():
            return _open(command, state, rules)
        case ResumeRetention():
            return _resume(command, state)
        case AssessRetention():
            return _assess(command, state, rules)
        case DecideRetention():
            return decide_retention(command, state, rules)
        case DestroyPersonalData():
            return destroy(command, state, rules)
        case VerifyDestruction():
            return _verify(command, state)
        case EscalateRetentionClock():
            return _escalate(command, state, rules)
        case _:
            assert_never(command)


def _open(command: OpenRetentionAssessment, part: Part, rules: Rules) -> Sequence[RetentionOpened]:
    """Again only for persons who came after the last decision."""
    again = part.status != COLLECTING and any(not part.kept(subject) for subject in part.roster)
    if part.status != COLLECTING and not (again and FLOW.allows(part.status, OpenRetentionAssessment)):
        return []
    return [opened(part, (command.incident, command.register), part.roster, command, rules)]


def _resume(command: ResumeRetention, part: Part) -> Sequence[RetentionResumed]:
    """What is decided stays decided."""
    if not FLOW.allows(part.status, ResumeRetention):
        return []
    stopped = tuple(key for key in (OWES_DECISION, OWES_NOTICE) if part.clocks.runs(key))
    return [RetentionResumed(command.incident, command.register, command.now, stopped)]


def _assess(command: AssessRetention, part: Part, rules: Rules) -> Decided:
    FLOW.require(part.status, command)
    findings = {"legality": command.legality, "necessity": command.necessity, "safety": command.safety}
    least: int = rules.value("privacy.finding_shortest")
    bare = [name for name, said in findings.items() if len((said or "").strip()) < least]
    refuse_all(RuleBroken, [Failure(RULE, f"write the finding on {name}: what was found, and why", name) for name in bare])
    said = (str(command.legality), str(command.necessity), str(command.safety))
    return Decided([RetentionReviewed(command.incident, command.register, *said, command.by.actor, command.now)], basis=RULE)


def _verify(command: VerifyDestruction, states: Any) -> Decided:
    standing, own = command.register == STANDING, _verifying(command)[0]
    certificate: Certificate = states[certificate_stream(command.certificate)]
    if (certificate.incident, certificate.register) != (command.incident, command.register):
        of = f"{certificate.register}{f' of {certificate.incident}' if certificate.incident else ''}"
        raise RuleBroken(Failure(RULE, f"{command.certificate} is of register {of}: name that one", "certificate"))
    if command.by.actor == certificate.by:
        raise NotAllowed(Failure("two.persons", "another than who ordered the destruction verifies it"))
    if not standing:
        FLOW.require(states[own].status, command)
    if not certificate.certified:
        raise WrongState(Failure(RULE, f"the keys of {command.certificate} are being destroyed: ask again", "certificate"))
    shown = (command.replay_shows_person, command.export_shows_person, command.backup_shows_person)
    said = (str(command.incident), command.register, command.certificate, *shown, command.searched, command.backup)
    in_blobs = bool(command.blobs_show_person)
    if standing:
        return _verify_standing(command, own, any(shown) or in_blobs)
    if any(shown) or in_blobs:
        looked_at = (in_blobs, command.records, command.finders, command.backups, command.words, command.words_found)
        found = PersonFound(*said, command.found, command.by.actor, command.now, *looked_at)
        return Decided(
            [(own, found)],
            answer={"verified": False, "words_found": command.words_found, **_backups(command)},
            basis=RULE,
            flags=("Q-TRIAGE",),
        )
    if command.unsearched is not None:
        raise WrongState(Failure(RULE, command.unsearched, "certificate"))
    looked = _looked_in(command)
    counted = (in_blobs, command.records, command.finders, command.backups, command.words, command.words_found)
    verified = RetentionVerified(*said, command.by.actor, command.now, looked, *counted)
    answer = {"verified": True, "looked_in": looked, "finders": command.finders, "words": command.words, **_backups(command)}
    flags = ("A-INCOMPLETE",) if answer["backups_left_out"] else ()
    return Decided([(own, verified)], answer=answer, basis=RULE, flags=flags)


def _verify_standing(command: VerifyDestruction, own: str, found: bool) -> Decided:
    if command.unsearched is not None and not found:
        raise WrongState(Failure(RULE, command.unsearched, "certificate"))
    searched = DestructionSearched(
        certificate=command.certificate,
        replay_shows_person=command.replay_shows_person,
        export_shows_person=command.export_shows_person,
        backup_shows_person=command.backup_shows_person,
        blobs_show_person=bool(command.blobs_show_person),
        searched=command.searched,
        found=command.found,
        by=command.by.actor,
        at=command.now,
        looked_in=_looked_in(command),
        records=command.records,
        finders=command.finders,
        backups=command.backups,
        words=command.words,
        words_found=command.words_found,
    )
    answer = {"verified": not found, "looked_in": searched.looked_in, "words": command.words, **_backups(command)}
    answer |= {"words_found": command.words_found}
    flags = ("Q-TRIAGE",) if found else ("A-INCOMPLETE",) if answer["backups_left_out"] else ()
    return Decided([(own, searched)], answer=answer, basis=RULE, flags=flags)


def _looked_in(command: VerifyDestruction) -> tuple[str, ...]:
    return (REPLAY, EXPORT, *((BACKUP,) if command.backup else ()), *((BLOBS,) if command.blobs_show_person is not None else ()))


def _verifying(command: VerifyDestruction) -> tuple[str, ...]:
    certificate = certificate_stream(command.certificate)
    return (certificate,) if command.register == STANDING else (*_own(command), certificate)


def _backups(command: VerifyDestruction) -> dict[str, Any]:
    """Which were looked into, which of those held the data before, and which were left for another time."""
    looked = [one for one in command.backups if one.held is not None]
    return {
        "backups_searched": [one.name for one in looked],
        "backups_that_held_it": [one.name for one in looked if one.held],
        "backups_left_out": [one.name for one in command.backups if one.held is None],
    }


def _escalate(command: EscalateRetentionClock, part: Part, rules: Rules) -> Sequence[Any]:
    """Kept until a date: from then on they are due, and their destruction has a deadline of its own."""
    if command.key != LAPSES:
        return escalate(command, part.clocks)
    due = part.clocks.passed(LAPSES, command.now)
    if due is None or part.until is None or part.lapsed:
        return []
    lapsed = tuple(sorted(part.retained))
    owed = () if part.clocks.runs(OWES_DECISION) else (deadline(rules, OWES_DECISION, command.now),)
    return [RetentionLapsed(part.incident, part.register, lapsed, part.until, command.now, owed)]


def _own(command: Any) -> tuple[str, ...]:
    return (retention_stream(command.incident, command.register),)


def _destroying(command: DestroyPersonalData) -> tuple[str, ...]:
    certificate = (certificate_stream(command.certificate),) if command.certificate else ()
    return (*_own(command), *certificate, *dict.fromkeys(map(person_stream, command.subjects)))


RETENTION = Decider(
    category="retention",
    initial=Part(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        OpenRetentionAssessment: Handles(_own, creates=True),
        ResumeRetention: Handles(_own, creates=True),
        AssessRetention: Handles(_own),
        DecideRetention: Handles(_own, bulk=True, further=unknown_here),
        DestroyPersonalData: Handles(_destroying, bulk=True),
        VerifyDestruction: Handles(_verifying),
        EscalateRetentionClock: Handles(lambda c: (f"retention-{c.part}",)),
    },
    joint=frozenset({DecideRetention, DestroyPersonalData, VerifyDestruction}),
)
