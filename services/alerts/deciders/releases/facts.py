"""Figures that go out come from a named report version and say what it says; so do words, or a person says why not (domain 3.23)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from services.alerts.deciders.releases.wording import counted
from services.alerts.deciders.reports.state import NEW, Report
from services.alerts.events.release import ReleaseContent, ReleaseFigure
from shared.kernel.decider import Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all

SOURCE, WORDS = "fact.source", "fact.words"


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


def worded(content: ReleaseContent, name: str | None, report: Report | None, rules: Rules) -> tuple[str, ...]:
    """What its words count otherwise than the report, each with why: it may be true all the same, so a person answers for it. Refused
    is a number that waits for a person. Who clarifies repeats what is false."""
    row = rules.value(WORDS)
    if content.kind.value in row["repeating"]:
        return ()
    held, doubts = [], []
    for field in ("headline", "text"):
        for metric, value in dict.fromkeys(counted(getattr(content, field), row["words"], row["animals"])):
            cure = _wrong(name, report, metric, value) if name and report else "name the report version it comes from"
            if cure and name and report and _waits(report, metric, value):
                held.append(Failure(SOURCE, f"it says {value} {metric}: {cure}", field))
            elif cure:
                doubts.append(f"it says {value} {metric}: {cure}")
    refuse_all(RuleBroken, held)
    return tuple(dict.fromkeys(doubts))


def unanswered(doubts: Iterable[str]) -> list[Failure]:
    """One failure for each doubt that no review answered."""
    return [Failure(WORDS, f"{doubt}; or say in a review (`words`) why it is right", "words") for doubt in doubts]


def compared(content: ReleaseContent, name: str, report: Report) -> None:
    """Refused unless the facts of a text still are those of the report it names, and no other has taken its place."""
    if report.superseded_by is not None:
        raise RuleBroken(Failure(SOURCE, f"{report.superseded_by} took the place of {name}: draft it from that", "from_report"))
    if content.from_report is not None and name != content.from_report:
        raise RuleBroken(Failure(SOURCE, f"it was drafted from {content.from_report}: compare it with that", "facts"))
    taken_from(name, report, {figure.metric: figure.value for figure in content.figures})


def _wrong(name: str, report: Report, metric: str, value: Decimal) -> str | None:
    found = report.known(metric)
    if found is None:
        return f"{name} gives no number of {metric}"
    if metric in report.held:
        return f"the number of {metric} in {name} waits for a person to look at it"
    return None if found.value == value else f"{name} gives {found.value} for {metric}"


def _waits(report: Report, metric: str, value: Decimal) -> bool:
    found = report.known(metric)
    return metric in report.held and found is not None and found.value == value
