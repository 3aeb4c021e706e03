"""One hop upwards: how late, how complete, how doubtful, and what is due next. Nothing here refuses a report for what it says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.alerts.deciders.incidents.grading import graver
from services.alerts.deciders.incidents.state import CASUALTIES, CLOSED, DISMISSED, REPORT, Incident
from services.alerts.deciders.incidents.state import NEW as UNREGISTERED
from services.alerts.deciders.reports import chains, content, trust
from services.alerts.deciders.reports.commands import NATIONAL, SubmitReport
from services.alerts.deciders.reports.state import DAILY, REPORT_FLOW, Report
from services.alerts.deciders.streams import incident_stream, report_stream
from services.alerts.events.incident import IncidentType
from services.alerts.events.report import Doubt, Figure, ReportKind, ReportSubmitted, Why
from services.alerts.events.scales import EventGrade
from shared.blocks.clocks import Due
from shared.kernel.decider import Decided, Rules
from shared.kernel.errors import Failure, NotAllowed, WrongState

SKIPS = "ERL-17.1"
_TYPES = frozenset(type.value for type in IncidentType)


@dataclass(frozen=True, slots=True)
class Matter:
    """What is known around a report: its own past, the report before it, the incident."""

    own: Report
    before: Report | None
    incident: str | None
    type: str | None
    grade: EventGrade | None
    changes_until: datetime | None  # until then casualties may change (PSIR art. 13)
    restricted: bool
    doubts: tuple[Doubt, ...]
    foreign: bool  # the report it supersedes is another's: it begins a line of its own, and nothing of it counts
    owed: Due | None  # the report that the incident still awaits, when this is it
    outside: bool  # the sender's place has nothing to do with the incident
    desk: str | None  # where a person looks at what is in doubt


def submit(command: SubmitReport, states: Mapping[str, Any], rules: Rules) -> Decided:
    """The fact, with what it was judged by. A hop counts once: a new version is another report that supersedes this one."""
    command = replace(command, hop=command.hop or _next(command, states[report_stream(command.report)]))
    matter = _matter(command, states, {row["id"] for row in rules.value("report.situations")})
    REPORT_FLOW.require(matter.own.status, command)
    _once_and_own(command, matter.own)
    chain = chains.chain_of(matter.type, rules)
    first_known = _first_known(command, matter)
    figures = content.whole(command.figures, _since(command, matter) or command.now, command.by.actor, rules)
    standing = _standing(matter)
    doubts = (*matter.doubts, *_doubts(command, matter, figures, standing, rules))
    held = {doubt.of for doubt in doubts}
    if matter.own.kind is None:
        standing |= {figure.metric: figure.value for figure in figures if figure.value is not None and figure.metric not in held}
    found = content.situations(command, matter.type, matter.grade, standing, command.now - first_known, rules)
    late = _lateness(command, matter, chain, found)
    skipped = _skipped(command)
    final = command.kind == ReportKind.FINAL or (matter.before is not None and matter.before.final)
    fact = ReportSubmitted(
        command.report,
        command.kind,
        command.hop,
        command.to,
        matter.incident,
        command.by.actor,
        command.by.division,
        command.now,
        root=matter.own.root or (matter.before.root if matter.before else "") or command.report,
        type=matter.type,
        supersedes=command.supersedes,
        line=command.line,
        known_at=_since(command, matter),
        organ=chains.organ_of(command.by),
        changes_until=matter.changes_until,
        minutes_used=_minutes(command, matter),
        late=late is not None,
        clock=late.rule if late else None,
        overdue_s=int((command.now - late.due_at).total_seconds()) if late else 0,
        figures=figures,
        standing=tuple(sorted(standing.items())),
        missing=_lacking(command, matter, figures, found, skipped, rules),
        doubts=doubts,
        situations=found,
        blocks=command.blocks,
        text=command.text,
        skipped=skipped,
        skip_reason=command.skip_reason,
        also=_also(command, chain, found),
        first_known=first_known,
        final=final,
        restricted=matter.restricted or chain.get("visibility") == "restricted",
        clocks=tuple(_starts(command, matter, chain, found, final, rules)),
        met=tuple(key for key in (f"hop.{command.hop}",) if matter.own.clocks.runs(key)),
        handed_on=matter.own.kind is not None,
        outside=matter.outside,
        desk=matter.desk,
        claimed=command.known_at if command.known_at and command.known_at > command.now else None,
        unit=chains.stands(command.by) == chains.UNIT and command.kind != ReportKind.ZERO and not matter.foreign,
    )
    return _told(fact)


def _next(command: SubmitReport, own: Report) -> int:
    """The hop that is meant by who names none: the one after the last; its author's own is the first, which never changes."""
    first, last = min(own.hops, default=1), max(own.hops, default=0)
    return first if own.hops and command.by.division == own.sender else last + 1


def _told(fact: ReportSubmitted) -> Decided:
    raised = (("A-LATE", fact.late), ("A-INCOMPLETE", bool(fact.missing)), ("Q-TRIAGE", bool(fact.doubts)))
    answer = {name: getattr(fact, name) for name in ("report", "hop", "missing", "late", "clock", "overdue_s")}
    flags = [flag for flag, holds in raised if holds]
    return Decided([(report_stream(fact.report), fact)], answer, basis=SKIPS if fact.skipped else "ERL-61", flags=flags)


def _matter(command: SubmitReport, states: Mapping[str, Any], situations: Collection[str]) -> Matter:
    own: Report = states[report_stream(command.report)]
    before: Report | None = states.get(report_stream(command.supersedes)) if command.supersedes else None
    doubts = []
    if command.supersedes is not None and (before is None or before.kind is None):
        before = None
        doubts.append(Doubt(Why.PREDECESSOR_UNKNOWN, command.supersedes))
    elif before is not None and before.superseded_by not in (None, command.report):
        doubts.append(Doubt(Why.SUPERSEDED_TWICE, command.supersedes or ""))
    line = before
    foreign = before is not None and (before.sender, before.organ) != (command.by.division, chains.organ_of(command.by))
    if foreign:
        before = None
        doubts += [Doubt(Why.PREDECESSOR_FOREIGN, of) for of in (command.supersedes or "", *(figure.metric for figure in command.figures))]
    named: Incident | None = states.get(incident_stream(command.incident)) if command.incident else None
    known = named if named is not None and named.status != UNREGISTERED else None
    if command.incident is not None and known is None:
        doubts.append(Doubt(Why.INCIDENT_UNKNOWN, command.incident))
    said = command.type if command.type in _TYPES else None
    if said != command.type:
        doubts.append(Doubt(Why.TYPE_UNKNOWN))
    doubts += [Doubt(Why.SITUATION_UNKNOWN, name) for name in command.situations or () if name not in situations]
    if known is not None and known.status in (CLOSED, DISMISSED) and own.kind is None:
        doubts.append(Doubt(Why.INCIDENT_OVER, command.incident or ""))
    outside = known is not None and not command.over and trust.outside(command.line, command.by.division, known)
    window = known.clocks.get(CASUALTIES) if known is not None else None
    told = [own.type] if own.kind is not None else [said, own.type, line.type if line else None, known.type.value if known else None]
    return Matter(
        own,
        before,
        (known.merged_into or command.incident) if known is not None else own.incident or (line.incident if line else None),
        next((type for type in told if type is not None), None),
        _graver(command.grade, known.grade if known is not None else None),
        window.due_at if window is not None else next((one.changes_until for one in (own, line) if one and one.changes_until), None),
        (known is not None and known.visibility != "internal") or (line is not None and line.restricted),
        tuple(doubts),
        foreign,
        None if outside else _owed(command, known),
        outside,
        trust.desk(command.line, command.by.division, known if outside else None),
    )


def _owed(command: SubmitReport, incident: Incident | None) -> Due | None:
    """The incident awaits the first report upwards of the level that registered it, from its own knowledge on."""
    levels = {**dict(command.line), NATIONAL: 0}
    own, to = levels.get(command.by.division or ""), levels.get(command.to)
    if incident is None or own is None or to is None or to >= own or incident.level not in (None, own):
        return None
    ours = command.kind != ReportKind.ZERO and not chains.of_unit(chains.organ_of(command.by)) and incident.clocks.runs(REPORT)
    return incident.clocks.get(REPORT) if ours else None


def _once_and_own(command: SubmitReport, own: Report) -> None:
    """A hop is submitted once, and handed on by who received it, so that nobody fulfils the duty of a level they are not."""
    if command.hop in own.hops:
        cure = f"hop {command.hop} of {command.report} was submitted and never changes; correct it, or supersede it by a new report"
        raise WrongState(Failure("ERL-61.2", cure))
    reached = max((hop for hop in own.hops if hop < command.hop), default=None)
    if reached is None:
        return
    to = own.hops[reached].to
    if command.by.division != to or chains.of_unit(chains.organ_of(command.by)):
        raise NotAllowed(
            Failure("report.recipient", f"hop {reached} went to {to}: its duty hands it on; report anew, with an id of your own")
        )


def _graver(said: EventGrade | None, known: EventGrade | None) -> EventGrade | None:
    return said if graver(said, known) else known


def _first_known(command: SubmitReport, matter: Matter) -> datetime:
    """The line's first knowledge: what one has received one knows, whatever is said later."""
    said = [matter.own.first_known, matter.before.first_known if matter.before else None, _since(command, matter)]
    return min((at for at in said if at is not None), default=command.now)


def _since(command: SubmitReport, matter: Matter) -> datetime | None:
    """The moment of knowledge of this hop: as claimed, but never later than what reached the sender or the incident was known, and
    never in the future."""
    reached = matter.own.hops.get(command.hop - 1)
    said = [command.known_at, reached.at if reached else None, matter.own.received_at if command.hop == 1 else None]
    said += [matter.owed.since if matter.owed else None]
    known = [at for at in said if at is not None]
    return min(*known, command.now) if known else None


def _minutes(command: SubmitReport, matter: Matter) -> int | None:
    since = _since(command, matter)
    return int((command.now - since).total_seconds() // 60) if since is not None else None


def _standing(matter: Matter) -> dict[str, Decimal]:
    before = matter.own if matter.own.kind is not None else matter.before
    return dict(before.standing) if before is not None else {}


def _doubts(
    command: SubmitReport, matter: Matter, figures: Iterable[Figure], standing: Mapping[str, Decimal], rules: Rules
) -> Iterable[Doubt]:
    if command.line and command.to != NATIONAL and command.to not in dict(command.line):
        yield Doubt(Why.RECIPIENT_UNKNOWN, command.to)
    if command.hop > 1 and command.hop - 1 not in matter.own.hops:
        yield Doubt(Why.HOP_MISSING, f"hop.{command.hop - 1}")
    latest = command.now + rules.value("report.clock_skew")
    if command.known_at is not None and command.known_at > latest:
        yield Doubt(Why.IN_THE_FUTURE, "known_at")
    yield from (Doubt(Why.IN_THE_FUTURE, f"{one.metric}.as_of") for one in figures if one.as_of and one.as_of > latest)
    if matter.own.kind is None:
        yield from content.doubtful(figures, standing, command.now, matter.changes_until, rules)
        yield from trust.untrusted(figures, chains.organ_of(command.by), matter.outside, standing)
        return
    for figure in figures:
        stated = matter.own.figures.get(figure.metric)
        if stated is None or stated.value != figure.value:
            yield Doubt(Why.CHANGED_ON_THE_WAY, figure.metric)


def _lateness(command: SubmitReport, matter: Matter, chain: chains.Row, found: Iterable[str]) -> Due | None:
    """Of all clocks that were missed the one missed by most; a due time the sender names may be earlier, it excuses nothing."""
    dues = []
    hop, since = chains.hop_of(chain, chains.stands(command.by), command.by, found), _since(command, matter)
    if hop is not None and since is not None:
        dues.append(chains.hop_due(hop, since, f"hop.{command.hop}"))
    dues += [due for due in matter.own.clocks.open() if due.key == f"hop.{command.hop}"]
    dues += [matter.owed] if matter.owed else []
    if command.kind != ReportKind.FINAL and matter.before is not None:
        dues += [due for due in matter.before.clocks.open() if due.key == DAILY]
    if command.due_at is not None:
        rule = DAILY if command.known_at is None and chain.get("daily") else hop["clock"] if hop is not None else "ERL-61"
        dues.append(Due("named", rule, command.now, command.due_at))
    late = [due for due in dues if command.now > due.due_at]
    return min(late, key=lambda due: due.due_at, default=None)


def _skipped(command: SubmitReport) -> tuple[str, ...]:
    """The divisions between the sender and the recipient, nearest first."""
    above = [code for code, _ in command.line[1:]]
    if command.to == NATIONAL:
        return tuple(above)
    return tuple(above[: above.index(command.to)]) if command.to in above else ()


def _lacking(
    command: SubmitReport, matter: Matter, figures: Iterable[Figure], found: Iterable[str], skipped: tuple[str, ...], rules: Rules
) -> tuple[str, ...]:
    lacking: tuple[str, ...] = ()
    if matter.own.kind is None:
        said = frozenset(found) if command.situations is not None or found else None
        lacking = content.missing(command.kind, matter.type, figures, command.blocks, said, rules)
        if command.supersedes is None and command.kind in (ReportKind.FOLLOW, ReportKind.ZERO):
            lacking = (*lacking, "supersedes")
    if skipped and not command.skip_reason:
        lacking = (*lacking, "skip_reason")
    return lacking


def _also(command: SubmitReport, chain: chains.Row, found: Iterable[str]) -> tuple[str, ...]:
    hop = chains.hop_of(chain, chains.stands(command.by), command.by, found)
    return tuple(hop.get("also", ())) if hop is not None else ()


def _starts(command: SubmitReport, matter: Matter, chain: chains.Row, found: Iterable[str], final: bool, rules: Rules) -> Iterable[Due]:
    """What is due next: the recipient's own hop if a first report goes further up, and the next daily report until the line is closed."""
    level = {**dict(command.line), NATIONAL: 0}.get(command.to)
    hop = chains.onward(chain, matter.own.kind or command.kind, level, matter.grade, found, rules)
    if hop is not None and command.hop + 1 not in matter.own.hops:
        yield chains.hop_due(hop, command.now, f"hop.{command.hop + 1}")
    if matter.own.kind is None and command.by.has(*chain.get("daily", ())) and not final:
        daily = chains.daily_due(command.by.level, command.now, rules)
        if daily is not None:
            yield daily
