"""Who was asked about a warning: a mapping that changes by a small copy, since a warning asks thousands one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zlib import crc32

import msgspec

from services.alerts.events.reach import Channel, Delivery

SHELVES = 256  # a change copies one of them: twenty thousand recipients cost under a second


class Asked(msgspec.Struct, frozen=True, gc=False):
    """One recipient: what was sent where, what was asked, what came back."""

    due_at: datetime | None = None
    acknowledged: bool = False
    overdue: bool = False
    sent: frozenset[tuple[str, Channel, Delivery]] = frozenset()  # identifier, channel, state

    def told(self, identifier: str) -> bool:
        """Whether this message of the series went to it already."""
        return any(known == identifier for known, _, _ in self.sent)


class Roll(Mapping[str, Asked]):
    """Immutable: `with_` answers a new roll that shares all shelves but one. The same roll in any order of events."""

    __slots__ = ("_shelves",)

    def __init__(self, shelves: tuple[Mapping[str, Asked], ...] = ({},) * SHELVES) -> None:
        self._shelves = shelves

    def with_(self, recipient: str, asked: Asked) -> Roll:
        """The roll with this recipient as it is now."""
        n = _shelf(recipient)
        return Roll((*self._shelves[:n], {**self._shelves[n], recipient: asked}, *self._shelves[n + 1 :]))

    def __getitem__(self, recipient: str) -> Asked:
        return self._shelves[_shelf(recipient)][recipient]

    def __iter__(self) -> Iterator[str]:
        return (recipient for shelf in self._shelves for recipient in shelf)

    def __len__(self) -> int:
        return sum(map(len, self._shelves))


NOBODY = Roll()


def _shelf(recipient: str) -> int:
    return crc32(recipient.encode()) % SHELVES  # not `hash`: that differs from process to process
