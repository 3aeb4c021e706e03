"""The contract of a decision: state, `decide`, `evolve`. Pure: no clock, id, random or I/O inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from shared.kernel.commands import Command

S = TypeVar("S")


class Rules(Protocol):
    """Rule values as they hold for one division at one time (see `shared/rules`)."""

    @property
    def pack(self) -> str: ...
    def value(self, rule: str) -> Any: ...


class About(msgspec.Struct, frozen=True, gc=False):
    """What a stream is about: where it belongs, who may see it, which incident it serves."""

    division: str | None = None
    visibility: str = "internal"  # public | internal | restricted | confidential; may only become narrower
    incident: str | None = None


class Decided(msgspec.Struct, frozen=True, gc=False):
    """Events and what the caller is told beside the usual answer."""

    events: Sequence[Any] = ()  # facts; of a joint decider (stream, fact) pairs
    answer: Mapping[str, Any] = {}
    basis: str | None = None  # the legal basis, on the envelope of every event
    flags: Sequence[str] = ()  # A-LATE, A-INCOMPLETE, Q-TRIAGE


@dataclass(frozen=True, slots=True)
class Handles:
    """How one command type finds its streams: the first is the one it acts on, the others are read or written jointly."""

    streams: Callable[[Any], tuple[str, ...]]
    areas: Callable[[Any], tuple[str, ...]] | None = None  # divisions acted on when the stream is new and cannot tell
    creates: bool = False  # False: a stream without history is 404 before `decide` is asked
    state_areas: Callable[[Any, Mapping[str, Any]], tuple[str, ...]] | None = None  # of command and states by stream: what it reaches
    instead: bool = False  # those areas are asked in the place of the stream's own division, since it may lie in several
    under: Callable[[Any, Mapping[str, Any]], Mapping[str, tuple[str, ...]]] | None = None  # who must lie above whom, as the signer must
    bulk: bool = False  # may name more than 64 streams (bulk import, stocktake posting)
    further: Callable[[Any, Mapping[str, Any]], tuple[str, ...]] | None = None  # of command and states: what those streams name in turn


@dataclass(frozen=True)
class Decider(Generic[S]):
    """One aggregate. `category` is the prefix of its stream names: `alert-AL-1` belongs to `alert`.

    `decide(command, state, rules)` returns facts, or a `Decided`; it raises a `DomainError` to refuse.
    A joint decider (`joint=True`) gets `{stream: state}` and returns `(stream, fact)` pairs.
    `evolve` never refuses: what happened, happened.
    """

    category: str
    initial: S
    decide: Callable[[Any, Any, Rules], Sequence[Any] | Decided]
    evolve: Callable[[S, Any], S]
    about: Callable[[S], About]
    handles: Mapping[type[Command], Handles]
    joint: frozenset[type[Command]] = frozenset()
    snapshot: type[S] | None = None  # its state, where histories are so long that states are kept beside the log (ledgers)

    def fold(self, events: Sequence[Any]) -> S:
        return reduce(self.evolve, events, self.initial)


def category(stream: str) -> str:
    """`alert-AL-1` is a stream of the category `alert`."""
    return stream.partition("-")[0]
