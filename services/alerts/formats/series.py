"""Which series a message belongs to: its references against the messages that are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.alerts.formats.model import Reference

Known = Callable[[str], Iterable[tuple[str, datetime, str]]]
"""Of an identifier: (sender, sent, series) of every message known under it."""


@dataclass(frozen=True, slots=True)
class Match:
    """The series found, by which reference, and how far the reference had to be trusted."""

    series: str
    reference: Reference
    by: Literal["triple", "sender", "identifier"]


def parent(references: Iterable[Reference], known: Known) -> Match | None:
    """The series of the earlier messages: by the whole triple, else sender and identifier, else identifier alone.

    CAP 1.2, 3.3.3 names a message by all three; real senders put the new message's time there, so the time may give way,
    then the sender. An identifier alone that belongs to two series names neither: nobody's warning is cancelled by guess.
    """
    candidates = [(reference, tuple(known(reference.identifier))) for reference in references]
    for reference, found in candidates:
        for sender, sent, series in found:
            if sender == reference.sender and sent == reference.sent:
                return Match(series, reference, "triple")
    for reference, found in candidates:
        named = {series for sender, _, series in found if sender == reference.sender}
        if len(named) == 1:
            return Match(named.pop(), reference, "sender")
    for reference, found in candidates:
        named = {series for _, _, series in found}
        if len(named) == 1:
            return Match(named.pop(), reference, "identifier")
    return None
