"""The persons of a part: as many as an incident has, and one is added at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

_BUCKETS = 256


@dataclass(frozen=True, slots=True)
class Roster:
    """A frozen set with a mark for each member. Adding copies one of its buckets, not all of it."""

    buckets: tuple[dict[str, bool], ...] = ({},) * _BUCKETS
    size: int = 0

    def add(self, name: str, mark: bool) -> Roster:
        """With this member, marked so."""
        n = crc32(name.encode()) % _BUCKETS
        own = self.buckets[n]
        new = {**own, name: mark}
        return Roster((*self.buckets[:n], new, *self.buckets[n + 1 :]), self.size + (name not in own))

    def without(self, names: Iterable[str]) -> Roster:
        """Without these."""
        left: dict[int, dict[str, bool]] = {}
        for name in names:
            n = crc32(name.encode()) % _BUCKETS
            left.setdefault(n, dict(self.buckets[n])).pop(name, None)
        buckets = tuple(left.get(n, bucket) for n, bucket in enumerate(self.buckets))
        return Roster(buckets, sum(map(len, buckets)))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self.buckets[crc32(name.encode()) % _BUCKETS]

    def marked(self, name: str) -> bool:
        """A member with the mark."""
        return self.buckets[crc32(name.encode()) % _BUCKETS].get(name, False)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[str]:
        return (name for bucket in self.buckets for name in bucket)

    def marks(self) -> int:
        """How many have it."""
        return sum(mark for bucket in self.buckets for mark in bucket.values())
