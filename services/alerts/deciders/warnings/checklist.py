"""The duties of ERL art. 66 and 67 for one warning, each to be done or found unnecessary with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from services.alerts.deciders.streams import checklist_stream
from services.alerts.events.checklist import ChecklistEvent, ChecklistItem, ChecklistItemCompleted, ChecklistOpened, ItemOutcome
from shared.blocks.open_items import OpenItems
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, refuse_all

LOWER, UPPER = "ERL-66", "ERL-67"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChecklist(Command):
    """Open the list that belongs to a warning's level."""

    alert: PublicId
    checklist: PublicId
    incident: PublicId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteChecklistItem(Command):
    """A duty was done, or is not needed for a reason."""

    alert: PublicId
    checklist: PublicId
    item: PublicId
    outcome: ItemOutcome = ItemOutcome.DONE
    reason: str | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Checklist:
    """The items of one list; none before it was opened."""

    items: OpenItems = field(default_factory=OpenItems)
    division: str | None = None
    incident: str | None = None


def checklist_for(number: int | None) -> str:
    """Levels 3 and 4 open the list of art. 66, levels 1 and 2 that of art. 67. An unknown level is taken for a low one."""
    return UPPER if number in (1, 2) else LOWER


def decide(command: OpenChecklist | CompleteChecklistItem, state: Any, rules: Rules) -> Sequence[Any]:
    """Facts that follow; opening or completing twice changes nothing."""
    match command:
        case OpenChecklist():
            return _open(command, state, rules)
        case CompleteChecklistItem():
            return _complete(command, state)
        case _:
            assert_never(command)


def evolve(checklist: Checklist, event: ChecklistEvent) -> Checklist:
    """The list after the event."""
    match event:
        case ChecklistOpened(items=opened, division=division, incident=incident):
            items = checklist.items
            for item in opened:
                items = items.open(item.item, "duty", event.checklist)
            return Checklist(items, division, incident)
        case ChecklistItemCompleted(item=item, outcome=outcome):
            return replace(checklist, items=checklist.items.settle(item, outcome))
        case _:
            assert_never(event)


def about(checklist: Checklist) -> About:
    """Internal to the organs of the own chain."""
    return About(checklist.division, "internal", checklist.incident)


def _open(command: OpenChecklist, states: Mapping[str, Checklist | None], rules: Rules) -> Sequence[tuple[str, ChecklistOpened]]:
    """Art. 67 adds to art. 66: a warning that starts high has both in one list, one that rises only what is new."""
    stream, *others = _opening(command)
    here = states[stream]
    if here and here.items.items:
        return []
    listed = {item for other in others if (known := states[other]) for item in known.items.items}
    articles = (LOWER, UPPER) if command.checklist == UPPER else (command.checklist,)
    rows = [row for article in articles for row in rules.value(article) if row["id"] not in listed]
    if not rows:
        return []
    items = tuple(ChecklistItem(row["id"], row["zh"], row["en"]) for row in rows)
    opened = ChecklistOpened(command.alert, command.checklist, items, command.by.division, command.now, command.incident)
    return [(stream, opened)]


def _complete(command: CompleteChecklistItem, checklist: Checklist) -> Sequence[ChecklistItemCompleted]:
    if checklist.items.get(command.item) is None:
        raise NotFound(Failure(command.checklist, f"{command.item} is not on this list", "item"))
    if not checklist.items.is_open(command.item):
        return []
    refuse_all(RuleBroken, _unexplained(command))
    return [
        ChecklistItemCompleted(
            command.alert,
            command.checklist,
            command.item,
            command.outcome,
            command.by.actor,
            command.now,
            command.reason or "",
            command.basis or "",
        )
    ]


def _unexplained(command: CompleteChecklistItem) -> list[Failure]:
    if command.outcome == ItemOutcome.NOT_NEEDED and not command.reason:
        return [Failure(command.checklist, "reason is empty: why is it not needed?", "reason")]
    if command.outcome == ItemOutcome.DONE and command.item.startswith(UPPER) and not command.basis:
        return [Failure(UPPER, "basis is empty: measures of art. 67 touch rights and name their legal basis", "basis")]
    return []


def _opening(command: OpenChecklist) -> tuple[str, ...]:
    return tuple(dict.fromkeys(checklist_stream(command.alert, name) for name in (command.checklist, LOWER, UPPER)))


CHECKLIST = Decider(
    category="checklist",
    initial=Checklist(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        OpenChecklist: Handles(_opening, creates=True),
        CompleteChecklistItem: Handles(lambda c: (checklist_stream(c.alert, c.checklist),)),
    },
    joint=frozenset({OpenChecklist}),
)
