"""What a report says: its figures made whole, what is missing, and what a person must look at before it counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from services.alerts.deciders.reports.chains import longest
from services.alerts.deciders.reports.commands import SubmitReport
from services.alerts.events.report import Doubt, Figure, ReportKind, Why
from services.alerts.events.scales import EventGrade
from shared.kernel.decider import Rules


def whole(figures: Iterable[Figure], as_of: datetime, source: str, rules: Rules) -> tuple[Figure, ...]:
    """Each figure with unit, as-of time and source: what it names itself, else the catalogue's unit, the report's time, its sender."""
    units = rules.value("report.figures")
    return tuple(
        replace(
            figure,
            unit=figure.unit or units.get(figure.metric, {}).get("unit", ""),
            as_of=figure.as_of or as_of,
            source=figure.source or source,
        )
        for figure in figures
    )


def missing(
    kind: ReportKind, type: str | None, figures: Iterable[Figure], blocks: Iterable[str], said: frozenset[str] | None, rules: Rules
) -> tuple[str, ...]:
    """What the law or our own default asks of such a report and it does not say. `said`: its situations; None when it is silent on them."""
    by_metric = {figure.metric: figure for figure in figures}
    faults = [name for figure in by_metric.values() for name in unstated(figure)]
    if kind == ReportKind.FIRST and type is None:
        faults.append("type")
    for row in rules.value("report.required"):
        fits = kind.value in row["kinds"] and longest(row["types"], type or "") >= 0
        if not fits or ("when" in row and row["when"] not in (said or ())):
            continue
        faults += [metric for metric in row.get("figures", ()) if metric not in by_metric]
        faults += [f"block.{block}" for block in row.get("blocks", ()) if block not in blocks]
        if row.get("situations") and said is None:
            faults.append("situations")
    return tuple(dict.fromkeys(faults))


def situations(
    command: SubmitReport,
    type: str | None,
    grade: EventGrade | None,
    figures: Mapping[str, Decimal],
    known_for: timedelta,
    rules: Rules,
) -> tuple[str, ...]:
    """The situations of a type that hold: those the report names, and those its grade, its figures or its age bring about."""
    found = []
    for row in rules.value("report.situations"):
        if longest(row["types"], type or "") < 0:
            continue
        named = row["id"] in (command.situations or ())
        graded = grade is not None and grade.value in row.get("grades", ())
        counted = any(metric in figures and figures[metric] >= least for metric, least in row.get("figures", {}).items())
        lasting = "hours" in row and command.kind != ReportKind.FINAL and known_for >= timedelta(hours=row["hours"])
        if named or graded or counted or lasting:
            found.append(row["id"])
    return tuple(found)


def doubtful(
    figures: Iterable[Figure], standing: Mapping[str, Decimal], at: datetime, changes_until: datetime | None, rules: Rules
) -> Iterator[Doubt]:
    """Numbers in units nobody knows, parts that are more than their whole, casualties that fall without a reason, or change after their
    window (PSIR art. 13): kept, not counted before somebody looked."""
    catalogue, figures = rules.value("report.figures"), tuple(figures)
    said = {**standing, **{figure.metric: counted(figure, rules).value for figure in figures}}
    for figure in figures:
        whole, part = said.get(catalogue.get(figure.metric, {}).get("part_of", "")), said[figure.metric]
        if part is not None and whole is not None and part > whole:
            yield Doubt(Why.ABOVE_WHOLE, figure.metric)
            continue
        if (why := _odd(figure, rules)) is not None:
            yield Doubt(why, figure.metric)
            continue
        before = standing.get(figure.metric)
        if figure.value is None or before is None or not catalogue.get(figure.metric, {}).get("casualty"):
            continue
        if figure.value < before and not figure.reason:
            yield Doubt(Why.FALLING, figure.metric)
        elif figure.value != before and changes_until is not None and at > changes_until:
            yield Doubt(Why.LATE_FIGURE, figure.metric)


def counted(figure: Figure, rules: Rules) -> Figure:
    """The figure in the unit of the catalogue, where the rules know what its own comes to; the report keeps it as it was said."""
    unit = rules.value("report.figures").get(figure.metric, {}).get("unit", "")
    factor = rules.value("report.units").get(unit, {}).get("also", {}).get(figure.unit.strip().casefold())
    return figure if figure.value is None or factor is None else replace(figure, value=figure.value * factor, unit=unit)


def _odd(figure: Figure, rules: Rules) -> Why | None:
    unit, figure = rules.value("report.figures").get(figure.metric, {}).get("unit"), counted(figure, rules)
    if unit is None or figure.value is None:
        return None
    if figure.unit not in ("", unit):
        return Why.ODD_UNIT
    parts = rules.value("report.units").get(unit, {}).get("whole") and figure.value != figure.value.to_integral_value()
    return Why.NOT_WHOLE if parts else None


def unstated(figure: Figure) -> Iterator[str]:
    """What a figure lacks: the reason why it is not known, or its unit."""
    if figure.value is None:
        if not figure.reason:
            yield figure.metric
    elif not figure.unit:
        yield f"{figure.metric}.unit"
