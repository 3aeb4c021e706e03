"""The figures of one incident from all its reports: what counts, and what contradicts (domain 3.6). Nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, assert_never

import msgspec
from msgspec.structs import replace

from services.alerts.deciders.reports.commands import Figures
from services.alerts.deciders.streams import figures_stream
from services.alerts.events.report import Doubt, Figure, Why
from services.alerts.events.triage import FiguresEntered, FiguresEvent, FiguresSettled
from shared.kernel.commands import OPAQUE, Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterFigures(Command):
    """Lay a report's figures beside those of the others; `held` are in doubt by the report alone. Only policies send it."""

    incident: PublicId
    report: PublicId
    root: PublicId
    figures: Figures
    above: Annotated[tuple[str, ...], OPAQUE] = ()
    held: Annotated[tuple[Doubt, ...], OPAQUE] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleFigures(Command):
    """A person looked at the doubtful figures of a report. Only policies send it."""

    incident: PublicId
    report: PublicId
    counted: bool


class Entry(msgspec.Struct, frozen=True):
    """One number of one report."""

    root: str
    division: str | None
    value: Decimal
    as_of: datetime
    counts: bool


class Book(msgspec.Struct, frozen=True):
    """Every number of every report, in the order they came, by metric and report."""

    incident: str | None = None
    division: str | None = None
    entries: Mapping[str, Mapping[str, Entry]] = {}
    above: Mapping[str, tuple[str, ...]] = {}  # by division, those over it

    def standing(self, metric: str) -> dict[str | None, Entry]:
        """The newest number that counts, of each division."""
        found: dict[str | None, Entry] = {}
        for entry in self.entries.get(metric, {}).values():
            before = found.get(entry.division)
            if entry.counts and (before is None or entry.as_of >= before.as_of):
                found[entry.division] = entry
        return found


def decide(command: EnterFigures | SettleFigures, book: Book, rules: Rules) -> Sequence[FiguresEvent]:
    """What is new; the same numbers of the same report again change nothing."""
    match command:
        case EnterFigures():
            return _entered(command, book)
        case SettleFigures(incident=incident, report=report, counted=counted, now=now):
            waits = any(report in entries and not entries[report].counts for entries in book.entries.values())
            return [FiguresSettled(incident, report, counted, now)] if waits else []
        case _:
            assert_never(command)


def evolve(book: Book, event: FiguresEvent) -> Book:
    """The figures after the event."""
    match event:
        case FiguresEntered():
            return _with(book, event)
        case FiguresSettled(report=report, counted=counted):
            entries = {
                metric: {**of, report: replace(of[report], counts=of[report].counts or counted)} if report in of else of
                for metric, of in book.entries.items()
            }
            return replace(book, entries=entries)
        case _:
            assert_never(event)


def about(book: Book) -> About:
    """Internal to the organs of the own chain; figures go out by releases."""
    return About(book.division, "internal", book.incident)


def uppermost(above: Mapping[str, Iterable[str]], divisions: Iterable[str]) -> list[str]:
    """Those that lie under none of the others, so that nobody is counted twice."""
    named = set(divisions)
    return sorted(division for division in named if named.isdisjoint(above.get(division, ())))


def _entered(command: EnterFigures, book: Book) -> Sequence[FiguresEntered]:
    new = [figure for figure in command.figures if figure.value is not None and not _known(book, command.report, figure)]
    if not new:
        return []
    held = {doubt.of for doubt in command.held}
    doubts = [doubt for doubt in command.held if any(figure.metric == doubt.of for figure in new)]
    doubts += [doubt for figure in new if figure.metric not in held for doubt in _contradicted(command, book, figure)]
    return [
        FiguresEntered(
            command.incident,
            command.report,
            command.root,
            command.by.division,
            command.above,
            tuple(new),
            command.now,
            tuple(doubts),
        )
    ]


def _known(book: Book, report: str, figure: Figure) -> bool:
    entry = book.entries.get(figure.metric, {}).get(report)
    return entry is not None and entry.value == figure.value


def _contradicted(command: EnterFigures, book: Book, figure: Figure) -> Iterator[Doubt]:
    """Another line's number for the same place, or a total below what the parts have reported (domain 3.6)."""
    standing, own = book.standing(figure.metric), command.by.division
    beside = standing.get(own)
    if beside is not None and beside.root != command.root and beside.value != figure.value:
        yield Doubt(Why.CONTRADICTION, figure.metric)
    parts = [division for division in standing if division is not None and own in book.above.get(division, ())]
    together = sum((standing[part].value for part in uppermost(book.above, parts)), Decimal())
    if figure.value is not None and parts and figure.value < together:
        yield Doubt(Why.BELOW_PARTS, figure.metric)


def _with(book: Book, event: FiguresEntered) -> Book:
    doubtful = {doubt.of for doubt in event.doubts}
    entries = dict(book.entries)
    for figure in event.figures:
        if figure.value is None:
            continue
        entry = Entry(event.root, event.division, figure.value, figure.as_of or event.at, figure.metric not in doubtful)
        others = {report: one for report, one in entries.get(figure.metric, {}).items() if report != event.report}
        entries[figure.metric] = {**others, event.report: entry}
    above = {**book.above, event.division: event.above} if event.division else book.above
    return Book(event.incident, book.division or event.division, entries, above)


FIGURES = Decider(
    category="figures",
    initial=Book(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        EnterFigures: Handles(lambda c: (figures_stream(c.incident),), creates=True),
        SettleFigures: Handles(lambda c: (figures_stream(c.incident),)),
    },
)
