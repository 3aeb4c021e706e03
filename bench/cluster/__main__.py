"""`python -m bench.cluster [NAME ...] [--quick]`: print the figures; all in full also go into docs/benchmarks-cluster.md."""

from __future__ import annotations

import sys

from bench.__main__ import DOCS, main

NAMES = ("commands", "relay", "importer", "loading", "running")

if __name__ == "__main__":
    sys.exit(main("bench.cluster", NAMES, "bench-cluster", DOCS / "benchmarks-cluster.md"))
