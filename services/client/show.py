"""What the client commands print. Names come from outside and are never read as markup."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.client.cap_import import Imported, summary
from services.client.load import Loaded
from services.client.story import Outcome

COLOURS = {"shown": "green", "pending": "yellow", "failed": "red", "accepted": "green", "no command yet": "yellow"}


def played(console: Console, outcomes: Iterable[Outcome]) -> Counter[str]:
    """One line per step as it is played, then the counts."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        counts[outcome.state] += 1
        step = outcome.step
        told = "; ".join(dict.fromkeys(outcome.told))
        _line(console, outcome.state, f"{step.id:<12}", f"{step.at[:16].replace('T', ' ')}  {step.actor:<10} {step.do or step.read}", told)
        for remark, colour in [*((fault, "red") for fault in outcome.faults), *((later, "yellow") for later in outcome.pending)]:
            console.print(Text("         " + remark, style=colour), soft_wrap=True)
    console.print(Text(f"{counts['shown']} shown, {counts['pending']} pending, {counts['failed']} failed"))
    return counts


def loaded(console: Console, results: Iterable[Loaded]) -> Counter[str]:
    """One line per fixture, then the counts."""
    counts: Counter[str] = Counter()
    for one in results:
        counts[one.outcome] += 1
        _line(console, one.outcome, f"{one.part:<15}", one.entry, one.detail, width=15)
    console.print(Text(", ".join(f"{times} {outcome}" for outcome, times in counts.items())))
    return counts


def imported(console: Console, results: list[Imported], seconds: float) -> None:
    """The table of outcomes, and every failed file by name."""
    counts = summary(results)
    table = Table("outcome", "messages", title=f"{len(results)} files in {seconds:.1f} s")
    table.columns[1].justify = "right"
    for outcome, times in counts.most_common():
        table.add_row(Text(outcome, style="red" if outcome == "failed" else ""), str(times))
    console.print(table)
    for one in results:
        if one.failure is not None:
            console.print(Text(f"{one.path}: {one.failure}", style="red"), soft_wrap=True)


def _line(console: Console, state: str, name: str, what: str, detail: str, width: int = 8) -> None:
    text = Text.assemble((f"{state:<{width}}", COLOURS.get(state, "")), " ", (name, "bold"), " ", what)
    if detail:
        text.append("  " + detail, style="dim")
    console.print(text, soft_wrap=True)
