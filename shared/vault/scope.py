"""What one data key covers, and the references that events hold instead of values."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

REGISTER = "register"
"""The register of a standing registration; every other one is an incident's id."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """One data key: of a person, in one incident or the standing register, for one purpose (PIPL art. 6). All three are public codes."""

    subject: str
    register: str
    purpose: str

    def __post_init__(self) -> None:
        if not (self.subject and self.register and self.purpose):
            raise ValueError("a scope names subject, register and purpose")


def person_ref(command_id: UUID, n: int = 0) -> str:
    """The reference an event holds to the n-th personal content of a command: the same whenever the command is sent again."""
    return str(uuid5(command_id, f"person:{n}"))
