"""The duties of a warning period as a list to be worked through (ERL art. 66, 67)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.events import event


class ItemOutcome(StrEnum):
    """What became of one duty."""

    DONE = "done"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One duty of the law, in both languages of the product."""

    item: str
    zh: str
    en: str


@event("alerts.checklist.opened.v1")
@dataclass(frozen=True, slots=True)
class ChecklistOpened:
    """The list of an article was opened for a warning."""

    alert: str
    checklist: str  # ERL-66 or ERL-67
    items: tuple[ChecklistItem, ...]
    division: str | None
    at: datetime
    incident: str | None = None


@event("alerts.checklist.item_completed.v1")
@dataclass(frozen=True, slots=True)
class ChecklistItemCompleted:
    """A duty was done, or found unnecessary for a stated reason."""

    alert: str
    checklist: str
    item: str
    outcome: ItemOutcome
    by: str
    at: datetime
    reason: str = ""
    basis: str = ""


ChecklistEvent = ChecklistOpened | ChecklistItemCompleted
