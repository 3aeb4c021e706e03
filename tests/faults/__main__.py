"""`python -m tests.faults --rounds 3 [--seed N] [--few] [--only killed --only cloned]`: every way to break a cluster, so many times."""

from __future__ import annotations

import argparse
import re
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from random import Random

from tests.faults.faults import FAULTS
from tests.faults.judge import judge
from tests.faults.load import Asked, Load
from tests.faults.stand import Stand

REPEATED = 20  # answered commands that are asked again after each fault
FEW = ("kafka", "postgres", "topics", "registry", "alerts", "import-alerts", "resources", "import-resources")
"""The least that decides, sends, receives and reacts: what alerts decides moves resources, and what that decides comes back."""


def suffer(folder: Path, names: Iterable[str], seed: str, services: Collection[str] | None = None) -> Iterator[str]:
    """One cluster under load, broken in each of these ways in turn; a line for each, judged over everything since the cluster was new.
    AssertionError when something is lost; what goes wrong is noted with the seed."""
    asked: list[Asked] = []
    with Stand(folder, services) as stand:
        for name in names:
            try:
                yield _suffer(stand, name, f"{seed}.{name}", asked)
            except Exception as error:
                error.add_note(f"{name}, seed {seed}")
                raise


def _suffer(stand: Stand, name: str, seed: str, before: list[Asked]) -> str:
    random, began = Random(seed), time.monotonic()
    with Load(stand.door, re.sub(r"\W+", "-", seed)) as load:
        noticed = FAULTS[name](stand, load, random)
    load.repeat(REPEATED, random)
    before += load.asked
    assert not load.broken, load.broken
    return f"{name}: {noticed}. {judge(stand, before)} ({time.monotonic() - began:.0f} s)"


def main() -> int:
    """Print a line for each fault; end at the first that loses something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--few", action="store_true", help=f"only {', '.join(FEW)}")
    parser.add_argument("--only", choices=sorted(FAULTS), action="append")
    given = parser.parse_args()
    names = given.only or list(FAULTS)
    print(f"{given.rounds} rounds of {len(names)} faults, seed {given.seed}", flush=True)
    for round_ in range(given.rounds):
        folder = Path(tempfile.mkdtemp(prefix="ortoo-faults-"))
        folder.chmod(0o755)  # PostgreSQL runs as another user
        for said in suffer(folder, names, f"{given.seed}.{round_}", FEW if given.few else None):
            print(f"round {round_ + 1}, {said}", flush=True)
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
