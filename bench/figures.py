"""A measured figure beside its raw limit."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured: ours, the raw limit beside it (None: there is none), and the bound it is held to."""

    name: str
    unit: str
    ours: float
    raw: float | None
    bound: str  # `ratio >= 0.5`, `ours <= 100`, or empty: stated only
    ratio: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the bound holds; None when there is none."""
        if not self.bound:
            return None
        what, sign, limit = self.bound.split()
        value = self.ours if what == "ours" else self.ratio
        assert value is not None, f"{self.name} has a bound on a ratio but none was taken"
        return value >= float(limit) if sign == ">=" else value <= float(limit)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: in full, or just enough to see that the figures are produced."""

    quick: bool
    runs: int

    def of(self, full: int, quick: int) -> int:
        return quick if self.quick else full


def rates(name: str, unit: str, measured: Sequence[tuple[float, float]], least: float | None = None) -> Figure:
    """Of rates (more is better): medians, and the median of the ratios taken pair by pair."""
    ratio = median(ours / raw for ours, raw in measured)
    return Figure(name, unit, median(o for o, _ in measured), median(r for _, r in measured), f"ratio >= {least}" if least else "", ratio)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder of its own on the disk where temporary files lie (ORTOO_BENCH names another)."""
    path = Path(tempfile.mkdtemp(prefix="ortoo-bench-", dir=os.environ.get("ORTOO_BENCH")))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        path.with_name(f"{path.name}.root.key").unlink(missing_ok=True)  # of a node's vault: it lies beside its data
