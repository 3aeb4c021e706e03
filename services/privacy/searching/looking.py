"""How a person is looked for: by the form of a number, or by a reference that still opens. What is found is a count, never a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shared.eventlog.ports import EventFeed
from shared.handling.guard import valid_id
from shared.kernel.envelope import Recorded
from shared.kernel.errors import Destroyed
from shared.vault.vault import READ, Vault

CHUNK = 1_000
_APART = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"  # whole words: digests are full of digits
_MOBILE = re.compile(r"1[3-9]\d{9}".join(_APART))
_RESIDENT_ID = re.compile(r"\d{17}[\dXx]".join(_APART))


def persons(text: str) -> int:
    """How many mobile and identity numbers stand in a text as whole words."""
    return len(_MOBILE.findall(text)) + sum(map(valid_id, _RESIDENT_ID.findall(text)))


def readable(vault: Vault, refs: Sequence[str]) -> int:
    """How many of these references still open."""
    found = 0
    for start in range(0, len(refs), READ):
        left = list(refs[start : start + READ])
        try:
            found += len(vault.read(left, ()))
        except Destroyed as gone:
            left = [ref for ref in left if ref not in {failure.field for failure in gone.failures}]
            found += len(left)
    return found


def every(feed: EventFeed) -> Iterator[Recorded]:
    """All records of a log."""
    position = 0
    while batch := feed.read(position, CHUNK):
        yield from batch
        position = batch[-1].position
