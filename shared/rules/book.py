"""Which pack holds where and when, and its values: asked on every command, so answers are kept."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.kernel.errors import Failure, NotFound
from shared.rules.packs import Resolved, RulePack


class Tree(Protocol):
    """Who lies under whom, as `shared/geo` knows it."""

    def chain(self, code: str) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Adoption:
    """A division judges by this pack from then on, and so does everything below that adopts none of its own."""

    division: str
    pack: str
    starts: datetime


class RuleBook:
    """All packs of a node with who adopted which. Immutable; a new one is made when the tree or an adoption changes.

    Where nothing is adopted the newest pack in force holds; before the first of them, that first one.
    """

    def __init__(self, packs: Iterable[RulePack], divisions: Tree, adoptions: Iterable[Adoption] = ()) -> None:
        self.packs: Mapping[str, RulePack] = {pack.id: pack for pack in packs}
        if not self.packs:
            raise ValueError("a node needs at least one rule pack")
        self._divisions = divisions
        self._by_age = sorted(self.packs.values(), key=lambda pack: pack.starts(pack.valid_from))
        self._adopted: dict[str, list[Adoption]] = {}
        for adoption in sorted(adoptions, key=lambda each: each.starts):
            if adoption.pack not in self.packs:
                raise ValueError(f"{adoption.division} adopted {adoption.pack}, which this release does not have")
            self._adopted.setdefault(adoption.division, []).append(adoption)
        moments = {moment for pack in self.packs.values() for moment in pack.changes()}
        moments |= {adoption.starts for own in self._adopted.values() for adoption in own}
        self._changes = sorted(moments)
        self._known: dict[tuple[str | None, str | None, int], Resolved] = {}
        self._made: dict[tuple[str, tuple[str, ...], int], Resolved] = {}

    def resolve(self, division: str | None, at: datetime, pack: str | None = None) -> Resolved:
        """The values for a division at a time; of a pack pinned by id or `id@digest` if named."""
        stretch = bisect_right(self._changes, at)
        found = self._known.get((division, pack, stretch))
        return found if found is not None else self._resolved(division, at, pack, stretch)

    def pack(self, name: str) -> RulePack:
        """A pack by its id or `id@digest`; NotFound when this node does not have it."""
        return find_pack(self.packs.values(), name)

    def _resolved(self, division: str | None, at: datetime, pack: str | None, stretch: int) -> Resolved:
        chain = self._divisions.chain(division) if division else ()
        chosen = self.pack(pack) if pack else self._holding(chain, at)
        own = tuple(code for code in chain if code in chosen.places)  # most places share the values of those above
        made = self._made.get((chosen.id, own, stretch))
        if made is None:
            made = self._made[chosen.id, own, stretch] = chosen.resolve(own, at)
        if chain or division is None:  # a code nobody knows must not fill the memory
            self._known[division, pack, stretch] = made
        return made

    def _holding(self, chain: Sequence[str], at: datetime) -> RulePack:
        for code in chain:
            begun = [adoption for adoption in self._adopted.get(code, ()) if adoption.starts <= at]
            if begun:
                return self.packs[begun[-1].pack]
        in_force = [pack for pack in self._by_age if pack.starts(pack.valid_from) <= at]
        return in_force[-1] if in_force else self._by_age[0]


def find_pack(packs: Iterable[RulePack], name: str) -> RulePack:
    """The pack of this id or `id@digest`. NotFound when it is not among them."""
    known = {pack.id: pack for pack in packs}
    id, _, digest = name.partition("@")
    found = known.get(id)
    if found is None or not found.digest.startswith(digest):
        raise NotFound(Failure("rulepack", f"{name} is not here; this node has {', '.join(pack.name for pack in known.values())}"))
    return found
