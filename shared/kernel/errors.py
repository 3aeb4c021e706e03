"""Refusals and log faults. No error knows an HTTP status; the table is in `shared/web/problems.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Failure:
    """One fault: the rule that was broken and what would cure it."""

    rule: str
    cure: str
    field: str | None = None


class DomainError(Exception):
    """A rule said no. Never retried by itself; carries every failure of the first failing group at once."""

    code: ClassVar[str] = "refused"  # stable: clients switch on it

    def __init__(self, *failures: Failure, code: str | None = None) -> None:
        if not failures:
            raise ValueError("a refusal names at least one failure")
        super().__init__("; ".join(f"{f.rule}: {f.cure}" for f in failures))
        self.failures: tuple[Failure, ...] = failures
        if code is not None:
            self.code = code  # type: ignore[misc]

    @property
    def rule(self) -> str:
        return self.failures[0].rule

    @property
    def cure(self) -> str:
        return "; ".join(f.cure for f in self.failures)


class NotAllowed(DomainError):
    """Role, level, area or legal power is missing."""

    code = "not_allowed"


class NotFound(DomainError):
    """What the command names is unknown."""

    code = "not_found"


class WrongState(DomainError):
    """The command does not fit the state things are in."""

    code = "wrong_state"


class RuleBroken(DomainError):
    """A legal or business invariant would break."""

    code = "rule_broken"


class Destroyed(DomainError):
    """The personal content is gone; only the tombstone is left."""

    code = "destroyed"


class OnHold(DomainError):
    """A legal hold, evidence or retention order stands against the command."""

    code = "on_hold"


class Behind(DomainError):
    """What it rests on has not been read here yet. Asked again later it is answered."""

    code = "behind"


def refuse_all(kind: type[DomainError], failures: Sequence[Failure]) -> None:
    """Raise `kind` with every failure, or return when there is none."""
    if failures:
        raise kind(*failures)


class LogGap(Exception):
    """A position is missing between what was read and what came: read again."""


class LogFork(Exception):
    """Two histories claim one position: stop, a person decides."""


class TopicFork(LogFork):
    """A topic holds what its log does not. The topic may be cured beside the process, so who only sends looks again."""


class Unreadable(Exception):
    """A stored record that no known type can decode."""


class TooNew(Unreadable):
    """A known family in a version this release does not know: stop or park, never skip."""
