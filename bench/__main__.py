"""`python -m bench [NAME ...] [--quick]`: print the figures; all in full also go into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, Scale

DOCS = Path(__file__).parent.parent / "docs"
CLOSE = "<!-- end of figures -->"
NAMES = (
    *("commands", "http", "cap", "replay", "sse", "incidents", "candidates"),
    *("vault", "registrations", "people", "receipts", "ledger", "bulk", "availability", "allocation"),
)


def main(package: str = "bench", names: Sequence[str] = NAMES, target: str = "bench", doc: Path = DOCS / "benchmarks.md") -> int:
    """Measure the modules of a package that were asked for; the figures of all of them go into the doc that `make TARGET` writes."""
    given = argparse.ArgumentParser(prog=f"python -m {package}", description=f"print the figures; all in full also go into {doc.name}")
    given.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    given.add_argument("--quick", action="store_true", help="small numbers: shows that every figure is produced")
    given.add_argument("--runs", type=int, help="pairs to take the median of (5; 1 with --quick)")
    asked = given.parse_args()
    scale = Scale(asked.quick, asked.runs or (1 if asked.quick else 5))
    found: list[Figure] = []
    for name in asked.names or names:
        began = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        found += importlib.import_module(f"{package}.{name}").run(scale)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(table(found))
    if not asked.names and not scale.quick:
        write(found, doc, f"<!-- figures: written by `make {target}` -->")
    return 0


def write(figures: list[Figure], doc: Path, begin: str) -> None:
    """Replace the table in a doc."""
    text = doc.read_text(encoding="utf-8")
    before, rest = text.split(begin)
    doc.write_text(f"{before}{begin}\n{table(figures)}\n{CLOSE}{rest.split(CLOSE)[1]}", encoding="utf-8")


def table(figures: list[Figure]) -> str:
    """The figures as a table of Markdown."""
    lines = ["| what | ours | beside it | unit | ratio | asked for |", "|---|--:|--:|---|--:|---|"]
    for f in figures:
        raw, ratio = "" if f.raw is None else number(f.raw), "" if f.ratio is None else f"{f.ratio:.2f}"
        bound = f.bound + ("" if f.met is None else " ✓" if f.met else " ✗")
        lines.append(f"| {f.name} | {number(f.ours)} | {raw} | {f.unit} | {ratio} | {bound} |")
    return "\n".join(lines)


def number(value: float) -> str:
    """Three figures that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
