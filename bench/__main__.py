"""`python -m bench [NAME ...] [--quick]`: print the figures; all in full also go into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

from bench.figures import Figure, Scale

DOC = Path(__file__).parent.parent / "docs" / "benchmarks.md"
OPEN, CLOSE = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"
NAMES = ("commands", "http", "cap", "replay", "sse")


def main() -> int:
    given = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    given.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    given.add_argument("--quick", action="store_true", help="small numbers: shows that every figure is produced")
    given.add_argument("--runs", type=int, help="pairs to take the median of (5; 1 with --quick)")
    asked = given.parse_args()
    scale = Scale(asked.quick, asked.runs or (1 if asked.quick else 5))
    found: list[Figure] = []
    for name in asked.names or NAMES:
        began = time.monotonic()
        print(f"{name} ...", file=sys.stderr, flush=True)
        found += importlib.import_module(f"bench.{name}").run(scale)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(table(found))
    if not asked.names and not scale.quick:
        write(found)
    return 0


def write(figures: list[Figure]) -> None:
    """Replace the table in the docs."""
    text = DOC.read_text(encoding="utf-8")
    before, rest = text.split(OPEN)
    DOC.write_text(f"{before}{OPEN}\n{table(figures)}\n{CLOSE}{rest.split(CLOSE)[1]}", encoding="utf-8")


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
