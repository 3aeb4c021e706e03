"""A part of the retention assessment of an incident: who belongs to it, and how far it is (domain 3.25)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never

from services.privacy.deciders.retention.commands import (
    AssessRetention,
    DecideRetention,
    DestroyPersonalData,
    OpenRetentionAssessment,
    ResumeRetention,
    VerifyDestruction,
)
from services.privacy.deciders.retention.roster import Roster
from services.privacy.events.clock import ClockMissed
from services.privacy.events.retention import (
    DestructionOrdered,
    NoticeNoted,
    PersonFound,
    RetentionDecided,
    RetentionEvent,
    RetentionLapsed,
    RetentionOpened,
    RetentionResumed,
    RetentionReviewed,
    RetentionVerified,
    SubjectNoted,
    SubjectsLeft,
)
from shared.blocks.clocks import STILL, Clocks
from shared.blocks.deadlines import deadline
from shared.blocks.flow import Flow
from shared.kernel.commands import Command
from shared.kernel.decider import About, Rules

RULE = "ERL-85"
COLLECTING, OPENED, REVIEWED, DECIDED, EXECUTED, VERIFIED = "collecting", "opened", "reviewed", "decided", "executed", "verified"
AFTER = (OPENED, REVIEWED, DECIDED, EXECUTED, VERIFIED)
OWES_NOTICE, OWES_DECISION, LAPSES = "K-51", "K-55", "retained-until"
FLOW = Flow(
    RULE,
    {
        (COLLECTING, OpenRetentionAssessment): OPENED,
        (EXECUTED, OpenRetentionAssessment): OPENED,
        (VERIFIED, OpenRetentionAssessment): OPENED,
        (OPENED, ResumeRetention): COLLECTING,
        (REVIEWED, ResumeRetention): COLLECTING,
        (OPENED, AssessRetention): REVIEWED,
        (REVIEWED, AssessRetention): REVIEWED,
        (REVIEWED, DecideRetention): DECIDED,
        (DECIDED, DestroyPersonalData): DECIDED,
        (EXECUTED, DestroyPersonalData): EXECUTED,  # what was retained and has lapsed
        (VERIFIED, DestroyPersonalData): VERIFIED,
        **{(status, VerifyDestruction): status for status in (COLLECTING, OPENED, REVIEWED)},  # who was called again began another round
        (DECIDED, VerifyDestruction): DECIDED,
        (EXECUTED, VerifyDestruction): VERIFIED,
        (VERIFIED, VerifyDestruction): VERIFIED,
    },
)


@dataclass(frozen=True, slots=True)
class Part:
    """Who belongs to it, what was found and decided, and what is destroyed."""

    incident: str = ""
    register: str = ""
    status: str = COLLECTING
    round: int = 0
    division: str | None = None
    roster: Roster = field(default_factory=Roster)
    retained: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()  # who came while the others were being destroyed: that decision did not know of them
    readers: tuple[str, ...] = ()
    until: date | None = None
    lapsed: bool = False
    to_destroy: int = 0
    destroyed: int = 0
    decided_at: datetime | None = None  # the last time
    clocks: Clocks = STILL

    @property
    def over(self) -> bool:
        """The response is over: data are no longer in use."""
        return self.status in AFTER

    def kept(self, subject: str) -> bool:
        """By a decision that has not lapsed."""
        return subject in self.retained and not self.lapsed

    def carried_out(self, roster: Roster, destroyed: int) -> bool:
        """Whether, with these left and so many destroyed, nobody is left whom the decision destroys."""
        return destroyed >= self.to_destroy and all(one in self.retained or one in self.later for one in roster)


def evolve(part: Part, event: RetentionEvent | ClockMissed) -> Part:
    """The part after the event."""
    match event:
        case SubjectNoted():
            came = {event.subject} if part.status == DECIDED and event.subject not in part.roster else set()
            noted = replace(_of(part, event), roster=part.roster.add(event.subject, event.deferred), later=part.later | came)
            return replace(noted, clocks=part.clocks.start(*event.clocks))
        case NoticeNoted():
            return replace(part, roster=part.roster.add(event.subject, False), clocks=part.clocks.end(event.at, *event.met))
        case RetentionOpened():
            opened = replace(_of(part, event), status=OPENED, round=event.round, clocks=part.clocks.start(*event.clocks))
            return replace(opened, to_destroy=0, destroyed=0, later=frozenset())
        case RetentionResumed():
            return replace(part, status=COLLECTING, clocks=part.clocks.end(event.at, *event.stopped))
        case RetentionReviewed():
            return replace(part, status=REVIEWED)
        case RetentionDecided():
            return _decided(part, event)
        case RetentionLapsed():
            return replace(part, lapsed=True, clocks=part.clocks.miss(LAPSES).start(*event.clocks))
        case SubjectsLeft(subjects=subjects):
            left = part.roster.without(subjects)
            return replace(part, roster=left, retained=part.retained.difference(subjects), later=part.later.difference(subjects))
        case DestructionOrdered():
            done = replace(part, destroyed=part.destroyed + event.subjects, clocks=part.clocks.end(event.at, *event.met))
            over = done.carried_out(done.roster, done.destroyed) and not done.later  # whoever came later has a round of their own
            return replace(done, status=EXECUTED) if part.status == DECIDED and over else done
        case RetentionVerified():
            return replace(part, status=VERIFIED) if part.status == EXECUTED else part
        case PersonFound():
            return part
        case ClockMissed(key=key):
            return replace(part, clocks=part.clocks.miss(key))
        case _:
            assert_never(event)


def _of(part: Part, event: SubjectNoted | RetentionOpened) -> Part:
    return replace(part, incident=event.incident, register=event.register, division=part.division or event.division)


def _decided(part: Part, event: RetentionDecided) -> Part:
    return replace(
        part,
        status=DECIDED if event.destroy else EXECUTED,
        retained=part.retained | frozenset(event.retain) if not part.lapsed else frozenset(event.retain),
        readers=event.readers or part.readers,
        until=event.until or part.until,
        lapsed=False if event.retain else part.lapsed,
        to_destroy=event.destroy,
        decided_at=event.at,
        clocks=part.clocks.end(event.at, *event.met).start(*event.clocks),
    )


def opened(part: Part, of: tuple[str, str], roster: Roster, command: Command, rules: Rules) -> RetentionOpened:
    """The next round, of everybody in this roster: `of` names incident and register. A deadline that runs already runs on."""
    deferred = roster.marks()
    owed = (OWES_DECISION, OWES_NOTICE) if deferred else (OWES_DECISION,)
    clocks = [deadline(rules, key, command.now) for key in owed if not part.clocks.runs(key)]
    division = part.division or getattr(command, "division", None) or command.by.division
    return RetentionOpened(*of, part.round + 1, len(roster), deferred, division, command.now, tuple(clocks))


def about(part: Part) -> About:
    """Internal to the organs of the own chain: no person is in it but by public id."""
    return About(part.division, "restricted", part.incident or None)
