"""The figures of one incident from all its reports: what counts, and what contradicts (domain 3.6). Nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Protocol, TypeVar, assert_never

import msgspec
from msgspec.structs import replace

from services.alerts.deciders.incidents.state import CLOSED, DISMISSED, Incident
from services.alerts.deciders.reports.commands import Figures
from services.alerts.deciders.reports.content import counted
from services.alerts.deciders.streams import figures_stream, incident_stream
from services.alerts.events.report import Doubt, Figure, Why
from services.alerts.events.triage import Carried, FiguresCarried, FiguresEntered, FiguresEvent, FiguresSettled
from shared.kernel.commands import OPAQUE, Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterFigures(Command):
    """Lay a report's figures beside those of the others; `held` are in doubt by the report alone. Only policies send it."""

    incident: PublicId
    report: PublicId
    root: PublicId
    figures: Figures
    since: datetime | None = None  # when the report was submitted
    above: Annotated[tuple[str, ...], OPAQUE] = ()
    held: Annotated[tuple[Doubt, ...], OPAQUE] = ()
    restricted: bool = False  # as the report


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleFigures(Command):
    """A person looked at the doubtful figures of a report. Only policies send it."""

    incident: PublicId
    report: PublicId
    counted: bool


class Entry(msgspec.Struct, frozen=True):
    """One number of one report; while it is in doubt `before` is what the report said that counts."""

    root: str
    division: str | None
    value: Decimal
    as_of: datetime
    since: datetime
    counts: bool
    before: Entry | None = None
    refuted: bool = False  # a person found that it does not count

    @property
    def counted(self) -> Entry | None:
        """What counts of it."""
        return self if self.counts else self.before

    @property
    def waits(self) -> bool:
        """A person has still to look at it."""
        return not self.counts and not self.refuted


class Book(msgspec.Struct, frozen=True):
    """Every number of every report, in the order they came, by metric and report."""

    incident: str | None = None
    division: str | None = None
    entries: Mapping[str, Mapping[str, Entry]] = {}
    above: Mapping[str, tuple[str, ...]] = {}  # by division, those over it
    reports: frozenset[str] = frozenset()  # all, also those that state no number
    into: str | None = None  # the incident was merged there
    restricted: bool = False

    def standing(self, metric: str) -> dict[str | None, Entry]:
        """The number that counts, of each division."""
        counted = [entry.counted for entry in self.entries.get(metric, {}).values()]
        return newest(entry for entry in counted if entry is not None)


class Said(Protocol):
    """A number, as far as it matters which of several counts."""

    @property
    def root(self) -> str: ...
    @property
    def division(self) -> str | None: ...
    @property
    def as_of(self) -> Any: ...  # a time, or as rows have it
    @property
    def since(self) -> Any: ...


S = TypeVar("S", bound=Said)


def newest(said: Iterable[S]) -> dict[str | None, S]:
    """Of each division what stands: within a line what its latest report says, whatever time it names; of several lines the newest."""
    lines: dict[tuple[str | None, str], S] = {}
    for one in said:
        line = one.division, one.root
        if line not in lines or one.since >= lines[line].since:
            lines[line] = one
    found: dict[str | None, S] = {}
    for one in lines.values():
        if one.division not in found or one.as_of >= found[one.division].as_of:
            found[one.division] = one
    return found


def decide(command: EnterFigures | SettleFigures, state: Any, rules: Rules) -> Sequence[FiguresEvent]:
    """What is new; the same numbers of the same report again change nothing. `state` is a book, for EnterFigures the states by stream."""
    match command:
        case EnterFigures():
            return _entered(command, state[figures_stream(command.incident)], state.get(incident_stream(command.incident)), rules)
        case SettleFigures(incident=incident, report=report, counted=counted, now=now):
            book: Book = state
            waits = any(report in of and of[report].waits for of in book.entries.values())
            return [FiguresSettled(incident, report, counted, now, book.into)] if waits else []
        case _:
            assert_never(command)


def evolve(book: Book, event: FiguresEvent | FiguresCarried) -> Book:
    """The figures after the event."""
    match event:
        case FiguresEntered():
            return _with(book, event)
        case FiguresSettled(report=report, counted=counted):
            found = {"counts": True, "before": None} if counted else {"refuted": True}
            entries = {
                metric: {**of, report: replace(of[report], **found)} if report in of and of[report].waits else of
                for metric, of in book.entries.items()
            }
            return replace(book, entries=entries)
        case FiguresCarried():
            return replace(book, incident=event.incident, division=book.division or event.division, into=event.into)
        case _:
            assert_never(event)


def about(book: Book) -> About:
    """Internal to the organs of the own chain, restricted as the reports (ERL art. 69); figures go out by releases."""
    return About(book.division, "restricted" if book.restricted else "internal", book.incident)


def uppermost(above: Mapping[str, Iterable[str]], divisions: Iterable[str]) -> list[str]:
    """Those that lie under none of the others, so that nobody is counted twice."""
    named = set(divisions)
    return sorted(division for division in named if named.isdisjoint(above.get(division, ())))


def carried(book: Book) -> tuple[Carried, ...]:
    """What every report said, as it stands, for the incident that this one is merged into: what counts of it before what is in doubt."""
    found: list[Carried] = []
    for report in dict.fromkeys(report for of in book.entries.values() for report in of):
        entries = {metric: of[report] for metric, of in book.entries.items() if report in of}
        before = {metric: entry.before for metric, entry in entries.items() if entry.before is not None}
        said = {metric: entry for metric, entry in entries.items() if not entry.refuted}
        found += [_carried(book, report, some) for some in (before, said) if some]
    return tuple(found)


def _carried(book: Book, report: str, entries: Mapping[str, Entry]) -> Carried:
    one = next(iter(entries.values()))
    return Carried(
        report,
        one.root,
        one.division,
        book.above.get(one.division or "", ()),
        tuple(Figure(metric, entry.value, as_of=entry.as_of) for metric, entry in entries.items()),
        tuple(Doubt(Why.UNSETTLED, metric) for metric, entry in entries.items() if not entry.counts),
        one.since,
    )


def _entered(command: EnterFigures, book: Book, incident: Incident | None, rules: Rules) -> Sequence[FiguresEntered]:
    new = [
        changed(figure, as_of=min(figure.as_of or command.now, command.now))
        for figure in (counted(figure, rules) for figure in command.figures)
        if not _known(book, command.report, figure)
    ]
    if not new and command.report in book.reports:
        return []
    held = {doubt.of for doubt in command.held}
    doubts = [doubt for doubt in command.held if any(figure.metric == doubt.of for figure in new)]
    if incident is not None and incident.status in (CLOSED, DISMISSED):
        doubts += [Doubt(Why.INCIDENT_OVER, figure.metric) for figure in new if figure.value is not None and figure.metric not in held]
        held |= {doubt.of for doubt in doubts}
    if book.into is None:
        doubts += [doubt for figure in new if figure.metric not in held for doubt in _contradicted(command, book, figure)]
    fact = FiguresEntered(
        command.incident,
        command.report,
        command.root,
        command.by.division,
        command.above,
        tuple(new),
        command.now,
        tuple(doubts),
        book.into,
        command.since or command.now,
        restricted=command.restricted,
        home=incident.division if incident is not None else None,
    )
    return [fact if book.into else changed(fact, below=tuple(_below(_with(book, fact), fact)))]


def _known(book: Book, report: str, figure: Figure) -> bool:
    entry = book.entries.get(figure.metric, {}).get(report)
    return entry is None if figure.value is None else entry is not None and entry.value == figure.value


def _contradicted(command: EnterFigures, book: Book, figure: Figure) -> Iterator[Doubt]:
    """Another line's number for the same place, or a total below what the parts have reported (domain 3.6)."""
    standing, own = book.standing(figure.metric), command.by.division
    beside = standing.get(own)
    if figure.value is None:
        return
    if beside is not None and beside.root != command.root and beside.value != figure.value:
        yield Doubt(Why.CONTRADICTION, figure.metric)
    if figure.value < _parts(book, standing, own):
        yield Doubt(Why.BELOW_PARTS, figure.metric)


def _parts(book: Book, standing: Mapping[str | None, Entry], over: str | None) -> Decimal:
    """What the divisions below have reported together."""
    parts = [division for division in standing if division is not None and over in book.above.get(division, ())]
    return sum((standing[part].value for part in uppermost(book.above, parts)), Decimal())


def _below(book: Book, event: FiguresEntered) -> Iterator[tuple[str, str]]:
    """The totals over the division that are less than their parts with its new numbers: they do not count until somebody looked."""
    for metric in dict.fromkeys(figure.metric for figure in event.figures):
        standing = book.standing(metric)
        for division in event.above:
            if division in standing and standing[division].value < _parts(book, standing, division):
                low = standing.pop(division)
                yield metric, next(report for report, entry in book.entries[metric].items() if entry.counted is low)


def _with(book: Book, event: FiguresEntered) -> Book:
    doubtful = {doubt.of for doubt in event.doubts}
    entries = dict(book.entries)
    for figure in event.figures:
        of = dict(entries.get(figure.metric, {}))
        was = of.pop(event.report, None)
        if figure.value is not None:
            counts = figure.metric not in doubtful
            before = was.counted if was is not None and not counts else None
            times = figure.as_of or event.at, event.since or event.at
            of[event.report] = Entry(event.root, event.division, figure.value, *times, counts, before)
        entries[figure.metric] = of
    for metric, report in event.below:
        entries[metric] = {**entries[metric], report: replace(entries[metric][report], counts=False, before=None)}
    above = {**book.above, event.division: event.above} if event.division else book.above
    return replace(
        book,
        incident=event.incident,
        division=event.home or book.division or event.division,
        entries=entries,
        above=above,
        reports=book.reports | {event.report},
        restricted=book.restricted or event.restricted,
    )


FIGURES = Decider(
    category="figures",
    initial=Book(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        EnterFigures: Handles(lambda c: (figures_stream(c.incident), incident_stream(c.incident)), creates=True),
        SettleFigures: Handles(lambda c: (figures_stream(c.incident),)),
    },
    joint=frozenset({EnterFigures}),
)
