"""Position vectors, the ids of live streams: `a12.r99` is position 12 of log a and 99 of log r."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.kernel.errors import Failure
from shared.web.problems import Malformed

_PART = re.compile(r"([a-z])(\d{1,15})")


def write(positions: Mapping[str, int]) -> str:
    """Letters in order, so that equal vectors are equal text."""
    return ".".join(f"{letter}{positions[letter]}" for letter in sorted(positions))


def parse(text: str, letters: frozenset[str]) -> dict[str, int]:
    """The positions of a vector; a log it does not name is at 0. Malformed for anything else."""
    positions = dict.fromkeys(letters, 0)
    if text in ("", "0"):
        return positions
    for part in text.split("."):
        found = _PART.fullmatch(part)
        if found is None or found[1] not in letters:
            raise Malformed(Failure("vector", f"a position vector such as {write(positions)}", "after"))
        positions[found[1]] = int(found[2])
    return positions
