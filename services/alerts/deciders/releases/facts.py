"""Figures that go out come from a named report version and say what it says (domain 3.23, `fact.source`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from services.alerts.deciders.reports.state import NEW, Report
from services.alerts.events.release import ReleaseContent, ReleaseFigure
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all

SOURCE = "fact.source"


def taken_from(name: str | None, report: Report | None, figures: Mapping[str, Decimal]) -> tuple[ReleaseFigure, ...]:
    """The figures as the report has them. Refused, all at once, where it has another, none, or one that waits for a person."""
    if not figures:
        return ()
    if name is None or report is None:
        raise RuleBroken(Failure(SOURCE, "name the report version the figures come from", "from_report"))
    wrong = [
        Failure(SOURCE, cure, f"figures.{metric}") for metric, value in figures.items() if (cure := _wrong(name, report, metric, value))
    ]
    refuse_all(RuleBroken, wrong)
    known = {metric: found for metric in figures if (found := report.known(metric)) is not None}
    return tuple(ReleaseFigure(metric, figures[metric], found.unit, found.as_of) for metric, found in known.items())


def required(name: str | None, report: Report | None) -> Report | None:
    """The report that is named. NotFound when nobody submitted such a one."""
    if name is not None and (report is None or report.status == NEW):
        raise NotFound(Failure("reference", f"report {name} is unknown: check the id", "from_report"))
    return report


def worded(content: ReleaseContent, name: str | None, report: Report | None, rules: Rules) -> None:
    """Refused, all at once, where its words count people otherwise than the report. Who clarifies repeats what is false."""
    row = rules.value("fact.words")
    if content.kind.value in row["repeating"]:
        return
    faults = []
    for field in ("headline", "text"):
        for metric, value in dict.fromkeys(_counted(getattr(content, field), row["words"])):
            cure = _wrong(name, report, metric, value) if name and report else "name the report version it comes from"
            if cure:
                faults.append(Failure(SOURCE, f"it says {value} {metric}: {cure}", field))
    refuse_all(RuleBroken, faults)


def _counted(text: str, words: Mapping[str, list[str]]) -> Iterator[tuple[str, Decimal]]:
    """The numbers that stand beside words for people dead, missing or hurt. What comes first takes the number."""
    metric_of = {word: metric for metric, of in words.items() for word in of}
    word = "|".join(sorted(map(re.escape, metric_of), key=len, reverse=True))
    number = r"(?<![A-Za-z\d.,-])(\d[\d,]*)"
    people = r"\s*(?:余|多)?(?:名|个|位)?(?:人|群众|村民|居民|people|persons?)?\s*(?:were|are|was|is|为|已)?\s*"
    pattern = rf"{number}{people}({word})|({word})\s*(?:人数|人员|toll)?\s*(?:为|达|共|[:：=]|is|are)?\s*(\d[\d,]*)"
    for found in re.finditer(pattern, text, re.IGNORECASE):
        said, before, after, later = found.groups()
        yield metric_of[(before or after).lower()], Decimal((said or later).replace(",", ""))


def compared(content: ReleaseContent, name: str, report: Report, rules: Rules) -> None:
    """Refused unless the facts of a text still are those of the report it names, and no other has taken its place."""
    if report.superseded_by is not None:
        raise RuleBroken(Failure(SOURCE, f"{report.superseded_by} took the place of {name}: draft it from that", "from_report"))
    if content.from_report is not None and name != content.from_report:
        raise RuleBroken(Failure(SOURCE, f"it was drafted from {content.from_report}: compare it with that", "facts"))
    taken_from(name, report, {figure.metric: figure.value for figure in content.figures})
    worded(content, name, report, rules)


def _wrong(name: str, report: Report, metric: str, value: Decimal) -> str | None:
    found = report.known(metric)
    if found is None:
        return f"{name} gives no number of {metric}"
    if metric in report.held:
        return f"the number of {metric} in {name} waits for a person to look at it"
    return None if found.value == value else f"{name} gives {found.value} for {metric}"
