"""What could not be read waits here, whole, until a person decides (Q-TRIAGE)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from services.alerts.events.quarantine import ImportQuarantined, ImportResolved, QuarantineEvent, Resolution
from shared.blocks.flow import Flow
from shared.kernel.commands import Command, Opaque
from shared.kernel.decider import About, Decided, Decider, Handles, Rules
from shared.kernel.errors import Failure, RuleBroken, refuse_all


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineImport(Command):
    """Keep a body nobody could read; for the caller it is an ImportAlert."""

    quarantine: Opaque  # the first digits of the digest
    digest: Opaque  # SHA-256 of the bytes in hex, the name of their blob
    code: Opaque
    reason: Opaque
    size: int
    content_type: Opaque = ""
    source: Opaque = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveQuarantine(Command):
    """A person says what became of it."""

    quarantine: Opaque
    decision: Resolution
    reason: str | None = None
    replaced_by: Opaque | None = None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One body and whether a person still has to look at it."""

    status: str = "new"
    division: str | None = None


FLOW = Flow("Q-TRIAGE", {("new", QuarantineImport): "open", ("open", ResolveQuarantine): "resolved"})


def decide(command: QuarantineImport | ResolveQuarantine, quarantine: Quarantine, rules: Rules) -> Sequence[QuarantineEvent] | Decided:
    """Facts that follow; the same body sent again is the same entry, open or resolved."""
    match command:
        case QuarantineImport():
            answer = {"outcome": "quarantined", "alert": None, "faults": [_fault(command)]}
            if not FLOW.allows(quarantine.status, QuarantineImport):
                return Decided((), answer | {"outcome": "repeated"})
            return Decided([_quarantined(command)], answer, flags=("Q-TRIAGE",))
        case ResolveQuarantine():
            FLOW.require(quarantine.status, command)
            refuse_all(RuleBroken, _unexplained(command))
            return [
                ImportResolved(
                    command.quarantine, command.decision, command.reason or "", command.by.actor, command.now, command.replaced_by
                )
            ]
        case _:
            assert_never(command)


def evolve(quarantine: Quarantine, event: QuarantineEvent) -> Quarantine:
    """The entry after the event."""
    match event:
        case ImportQuarantined(division=division):
            return Quarantine("open", division)
        case ImportResolved():
            return replace(quarantine, status="resolved")
        case _:
            assert_never(event)


def about(quarantine: Quarantine) -> About:
    """Internal: nobody knows yet what it says."""
    return About(quarantine.division)


def _quarantined(command: QuarantineImport) -> ImportQuarantined:
    return ImportQuarantined(
        command.quarantine,
        command.digest,
        command.code,
        command.reason,
        command.size,
        command.now,
        command.content_type,
        command.source,
        command.by.division,
    )


def _fault(command: QuarantineImport) -> dict[str, str]:
    return {"code": command.code, "message": command.reason, "path": ""}


def _unexplained(command: ResolveQuarantine) -> list[Failure]:
    failures = [] if command.reason else [Failure("Q-TRIAGE", "reason is empty", "reason")]
    if command.decision == Resolution.REPLACED and not command.replaced_by:
        failures.append(Failure("Q-TRIAGE", "replaced_by is empty: name the message that took its place", "replaced_by"))
    return failures


QUARANTINE = Decider(
    category="quarantine",
    initial=Quarantine(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        QuarantineImport: Handles(lambda c: (f"quarantine-{c.quarantine}",), creates=True),
        ResolveQuarantine: Handles(lambda c: (f"quarantine-{c.quarantine}",)),
    },
)
