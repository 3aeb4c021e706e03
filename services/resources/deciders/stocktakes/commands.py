"""What is asked of a stocktake. One call per scan; the same scan again under its key answers the same."""

from __future__ import annotations

from dataclasses import dataclass

from shared.kernel.commands import Command, PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStocktake(Command):
    """Count a store; with `items` or `positions`, only these (a cycle count). `blind`: who counts is not told what to expect."""

    stocktake: PublicId
    store: PublicId
    items: tuple[PublicId, ...] = ()
    positions: tuple[str, ...] = ()
    blind: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CountLine(Command):
    """So much of a lot was found, in a position or in the whole store; 0: nothing of it. Counted again it is a recount, kept beside the
    first. The same number by the same person while nothing moved changes nothing. `unit` may be a pack of the item."""

    stocktake: PublicId
    lot: PublicId
    qty: int
    position: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """A line of a sheet of counts."""

    lot: PublicId
    qty: int
    position: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountMany(Command):
    """A sheet of counts, all of its lines or none: each as `CountLine`."""

    stocktake: PublicId
    lines: tuple[Counted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCount(Command):
    """Counting is over: the differences are listed, and what moved since it was counted. Refused while anything is not counted."""

    stocktake: PublicId


@dataclass(frozen=True, slots=True, kw_only=True)
class PostStocktake(Command):
    """The books follow the shelf: each lot that differs is adjusted, all or none. Two persons, the second of whom counted nothing."""

    stocktake: PublicId
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelStocktake(Command):
    """Nothing of it is posted."""

    stocktake: PublicId
    reason: str = ""
