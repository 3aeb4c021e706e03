"""Things that were opened and must be settled; none may stay open in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was opened: what it is, what it rests on, and how it ended (None while open)."""

    kind: str
    basis: str = ""
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class OpenItems:
    """Items by id, in the order they were opened. Settling twice, or what was never opened, changes nothing."""

    items: Mapping[str, Item] = field(default_factory=dict)

    def open(self, id: str, kind: str, basis: str = "") -> OpenItems:
        """A new item, or a settled one opened again. An open one stays as it is."""
        return self if self.is_open(id) else self._with(id, Item(kind, basis))

    def settle(self, id: str, how: str) -> OpenItems:
        """The item ended so."""
        return self._with(id, replace(self.items[id], ended=how)) if self.is_open(id) else self

    def is_open(self, id: str) -> bool:
        return id in self.items and self.items[id].ended is None

    def get(self, id: str) -> Item | None:
        return self.items.get(id)

    def unsettled(self) -> tuple[str, ...]:
        """The ids still open, oldest first."""
        return tuple(id for id, item in self.items.items() if item.ended is None)

    def _with(self, id: str, item: Item) -> OpenItems:
        return OpenItems({**self.items, id: item})


NOTHING = OpenItems()
