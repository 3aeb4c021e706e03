"""A release from its draft to the public: two persons, three reviews, one competent organ (domain 2.12, 2.16, 3.23)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from services.alerts.deciders.incidents.state import NEW as UNKNOWN
from services.alerts.deciders.incidents.state import RESPONDING, SUSPECTED, VERIFIED, Incident
from services.alerts.deciders.releases.authority import require_competent
from services.alerts.deciders.releases.commands import (
    ApproveRelease,
    DraftRelease,
    HoldBriefing,
    PublishRelease,
    ReviewRelease,
    UpdateRelease,
    WithdrawRelease,
)
from services.alerts.deciders.releases.facts import SOURCE, compared, required, taken_from, unanswered, worded
from services.alerts.deciders.releases.state import NOTHING_FOUND, PUBLISHED, RELEASE_FLOW, Release, about, evolve
from services.alerts.deciders.reports.state import Report
from services.alerts.deciders.scene import surroundings, visibility_of
from services.alerts.deciders.streams import incident_stream, release_stream, report_stream
from services.alerts.events.release import (
    PressBriefingHeld,
    ReleaseApproved,
    ReleaseContent,
    ReleaseDrafted,
    ReleasePublished,
    ReleaseReviewed,
    ReleaseUpdateDrafted,
    ReleaseWithdrawn,
)
from shared.kernel.decider import Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, NotFound, RuleBroken, refuse_all

SECOND_PERSON = "release.second_person"

Making = DraftRelease | UpdateRelease | ReviewRelease
Issuing = ApproveRelease | PublishRelease
After = WithdrawRelease | HoldBriefing


def decide(command: Making | Issuing | After, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a command, or a refusal; of those that read a report or an incident, the states by stream."""
    match command:
        case DraftRelease():
            return _draft(command, state, rules)
        case UpdateRelease():
            return _update(command, state, rules)
        case ReviewRelease():
            return _review(command, state, rules)
        case ApproveRelease():
            return _approve(command, state, rules)
        case PublishRelease():
            return _publish(command, state, rules)
        case WithdrawRelease() | HoldBriefing():
            return _after(command, state)
        case _:
            assert_never(command)


def _draft(command: DraftRelease, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = release_stream(command.release)
    report = required(command.from_report, _report(command.from_report, states))
    incident = _incident(command, report, states)
    RELEASE_FLOW.require(states[own].status, command)
    named = command.incident or (report.incident if report else None)
    told = command.hazard.value if command.hazard else ""
    content = ReleaseContent(
        kind=command.kind,
        hazard=incident.type.value if incident else (report and report.type) or told,
        grade=incident.grade if incident else None,
        from_report=command.from_report,
        figures=taken_from(command.from_report, report, command.figures),
        headline=command.headline or "",
        text=command.text or "",
        mongolian=command.mongolian or "",
        order=command.order,
    )
    _something(content)
    doubts = worded(content, command.from_report, report, rules)
    if not content.hazard and content.kind.value in rules.value("release.hazard"):
        raise RuleBroken(Failure("release.hazard", "name the incident, or the hazard: it says who stands behind it", "hazard"))
    narrow = "restricted" in (states[own].visibility, "restricted" if report and report.restricted else visibility_of(incident))
    visibility = "restricted" if narrow else "internal"
    drafted = ReleaseDrafted(command.release, content, command.by.actor, command.by.division, command.now, named, visibility)
    return _told((own, drafted), report, doubts)


def _update(command: UpdateRelease, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = release_stream(command.release)
    release: Release = states[own]
    report = required(command.from_report, _report(command.from_report, states))
    RELEASE_FLOW.require(release.status, command)
    if not command.reason:
        raise RuleBroken(Failure("ERL-7", "say what changed since the former version", "reason"))
    before = release.content
    content = ReleaseContent(
        kind=before.kind,
        hazard=before.hazard,
        grade=before.grade,
        from_report=command.from_report,
        figures=taken_from(command.from_report, report, command.figures),
        headline=command.headline or before.headline,
        text=command.text or "",
        mongolian=command.mongolian or "",
        order=before.order,
    )
    _something(content)
    doubts = worded(content, command.from_report, report, rules)
    if report is not None and report.incident not in (None, release.incident):
        raise RuleBroken(Failure(SOURCE, f"{command.from_report} is about {report.incident}: name a report of this one", "from_report"))
    visibility = "restricted" if report and report.restricted else release.visibility
    said = (release.public + 1, release.public, command.reason, command.by.actor, command.now, release.incident, visibility)
    return _told((own, ReleaseUpdateDrafted(command.release, content, *said)), report, doubts)


def _review(command: ReviewRelease, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = release_stream(command.release)
    release: Release = states[own]
    report = required(command.facts, _report(command.facts, states))
    if command.by.actor == release.author:
        raise NotAllowed(Failure(SECOND_PERSON, "another than its author reviews it"))
    RELEASE_FLOW.require(release.status, command)
    looked = {"secret": command.secret, "privacy": command.privacy, "facts": command.facts}
    if not any((*looked.values(), command.words)):
        raise RuleBroken(*(Failure("GIR-14", f"say what the review of {name} found, or `none`", name) for name in looked))
    if command.facts and report:
        compared(release.content, command.facts, report)
    doubts = _answers(command, release, report, rules)
    passed = all(found in (None, NOTHING_FOUND) for found in (command.secret, command.privacy))
    found = (command.secret, command.privacy, command.facts, passed)
    said = (command.words or "", doubts if command.words else ())
    reviewed = ReleaseReviewed(command.release, *found, command.by.actor, command.now, release.incident, *said)
    return Decided([(own, reviewed)], basis="GIR-14", flags=() if command.words or not doubts else ("Q-TRIAGE",))


def _answers(command: ReviewRelease, release: Release, report: Report | None, rules: Rules) -> tuple[str, ...]:
    """What its words count otherwise than the report it is compared with, before somebody answered; who compares answers at once."""
    source = release.source
    if command.facts is None and source is not None:
        if command.words:
            raise RuleBroken(Failure(SOURCE, f"its words are held to {source}: compare it with that", "facts"))
        return ()
    doubts = tuple(doubt for doubt in worded(release.content, command.facts, report, rules) if doubt not in release.answered)
    if command.facts and not command.words:
        refuse_all(RuleBroken, unanswered(doubts))
    return doubts


def _approve(command: ApproveRelease, states: Mapping[str, Any], rules: Rules) -> Decided:
    """Judged by what the incident is now, not by what it was when somebody drafted."""
    own = release_stream(command.release)
    release: Release = states[own]
    if command.by.actor == release.author:
        raise NotAllowed(Failure(SECOND_PERSON, "another than its author approves it"))
    if command.by.actor in release.reviewers:
        raise NotAllowed(Failure(SECOND_PERSON, "another than who reviewed it approves it"))
    if command.incident != release.incident:
        raise RuleBroken(Failure(SOURCE, f"it is about {release.incident or 'no incident'}: name that", "incident"))
    content, lasts = release.content, False
    if command.incident is not None:
        incident: Incident = states[incident_stream(command.incident)]
        content = replace(content, hazard=incident.type.value, grade=incident.grade)
        lasts = incident.status in (SUSPECTED, VERIFIED, RESPONDING)
    basis = require_competent(command, content, rules, lasts)
    RELEASE_FLOW.require(release.status, command)
    refuse_all(RuleBroken, _found(release, rules))
    _same(command, release, states, rules)
    return Decided([(own, ReleaseApproved(command.release, command.by.actor, command.now, release.incident))], basis=basis)


def _publish(command: PublishRelease, states: Mapping[str, Any], rules: Rules) -> Decided:
    own = release_stream(command.release)
    release: Release = states[own]
    RELEASE_FLOW.require(release.status, command)
    _same(command, release, states, rules)
    exercise = command.by.realm != "real"
    published = ReleasePublished(
        release=command.release,
        incident=release.incident,
        version=release.version,
        content=release.content,
        approved_by=release.approver,
        by=command.by.actor,
        division=release.division,
        at=command.now,
        refers_to=release.public or None,
        exercise=exercise,
        mark=rules.value("release.exercise_mark") if exercise else "",
    )
    return Decided([(own, published)], basis="ERL-7")


def _after(command: After, release: Release) -> Decided:
    RELEASE_FLOW.require(release.status, command)
    by, now = command.by.actor, command.now
    match command:
        case WithdrawRelease():
            if not command.reason:
                raise RuleBroken(Failure("ERL-7", "say why it is taken back", "reason"))
            public = release.status == PUBLISHED or release.public > 0
            return Decided([ReleaseWithdrawn(command.release, command.reason, by, now, public, release.incident)])
        case HoldBriefing():
            return Decided([PressBriefingHeld(command.release, release.incident, command.place or "", by, now)], basis="GO61")
        case _:
            assert_never(command)


def _same(command: Issuing, release: Release, states: Mapping[str, Any], rules: Rules) -> None:
    """The report says now what the release has from it: it may have been corrected, held or superseded since."""
    name = release.source
    if command.from_report != name:
        raise RuleBroken(Failure(SOURCE, f"its facts are those of {name or 'no report'}: name that", "from_report"))
    report = required(name, _report(name, states))
    if name is not None and report is not None:
        compared(release.content, name, report)
    doubts = worded(release.content, name, report, rules)
    refuse_all(RuleBroken, unanswered(doubt for doubt in doubts if doubt not in release.answered))


def _found(release: Release, rules: Rules) -> list[Failure]:
    """What the reviews found, or did not look at."""
    found = []
    if release.facts is None and release.content.kind.value in rules.value("release.compared"):
        found.append(Failure(SOURCE, "its facts were not compared with a report: review them", "facts"))
    if release.secret != NOTHING_FOUND:
        found.append(Failure("GIR-14", f"secrets: {release.secret or 'not reviewed'}; draft it without them", "secret"))
    if release.privacy != NOTHING_FOUND:
        found.append(Failure("PIPL-25", f"personal data: {release.privacy or 'not reviewed'}; draft it without them", "privacy"))
    return found


def _something(content: ReleaseContent) -> None:
    if not (content.figures or content.headline or content.text or content.mongolian):
        raise RuleBroken(Failure("ERL-7", "say something: a text, or figures of a report", "text"))


def _told(fact: tuple[str, Any], report: Report | None, doubts: tuple[str, ...]) -> Decided:
    """Its author is told what took the place of the report, and what a review must answer."""
    answer: dict[str, Any] = {"superseded_by": report.superseded_by} if report and report.superseded_by else {}
    return Decided([fact], answer=answer | ({"doubts": list(doubts)} if doubts else {}), flags=("Q-TRIAGE",) if doubts else ())


def _incident(command: DraftRelease, report: Report | None, states: Mapping[str, Any]) -> Incident | None:
    """The incident it is about, which is the report's; a release may come also when that is closed."""
    if command.incident is None:
        return None
    found: Incident = states[incident_stream(command.incident)]
    if found.status == UNKNOWN:
        raise NotFound(Failure("reference", f"incident {command.incident} is unknown: check the id", "incident"))
    if report is not None and report.incident not in (None, command.incident):
        raise RuleBroken(Failure(SOURCE, f"{command.from_report} is about {report.incident}: name that incident", "incident"))
    return found


def _report(name: str | None, states: Mapping[str, Any]) -> Report | None:
    return states[report_stream(name)] if name else None


def _reading(report: str | None) -> tuple[str, ...]:
    return (report_stream(report),) if report else ()


def _own(command: Any) -> tuple[str, ...]:
    return (release_stream(command.release),)


RELEASE = Decider(
    category="release",
    initial=Release(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        DraftRelease: Handles(
            lambda c: surroundings(release_stream(c.release), c.incident, *_reading(c.from_report)),
            creates=True,
        ),
        UpdateRelease: Handles(lambda c: (release_stream(c.release), *_reading(c.from_report))),
        ReviewRelease: Handles(lambda c: (release_stream(c.release), *_reading(c.facts))),
        ApproveRelease: Handles(lambda c: surroundings(release_stream(c.release), c.incident, *_reading(c.from_report))),
        PublishRelease: Handles(lambda c: (release_stream(c.release), *_reading(c.from_report))),
        WithdrawRelease: Handles(_own),
        HoldBriefing: Handles(_own),
    },
    joint=frozenset({DraftRelease, UpdateRelease, ReviewRelease, ApproveRelease, PublishRelease}),
)
