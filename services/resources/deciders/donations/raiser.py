"""Who raises funds in public or receives gifts: the qualification, the open campaigns, the receipts given (CHL art. 22, 38)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, assert_never

from services.resources.deciders.streams import raiser_stream
from services.resources.events.campaign import QualificationRecorded, RaiserCampaign, ReceiptNumbered
from shared.blocks.working_days import day_of
from shared.kernel.commands import Command, PublicId, Signature
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotAllowed, RuleBroken, refuse_all


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordQualification(Command):
    """Write down that an organisation may raise funds in public, and until when."""

    fund_raiser: PublicId
    certificate: str | None = None  # as it is printed on it
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Raiser:
    """`certificate` None: it never showed one."""

    fund_raiser: str = ""
    certificate: str | None = None
    valid_until: date | None = None
    campaigns: tuple[str, ...] = ()  # open ones
    receipts: int = 0
    division: str | None = None

    def qualified(self, on: date) -> bool:
        """Whether it may raise funds in public on that day."""
        return self.certificate is not None and self.valid_until is not None and on <= self.valid_until


def decide(command: RecordQualification, raiser: Raiser, rules: Rules) -> Sequence[QualificationRecorded]:
    """The same again changes nothing."""
    faults = []
    if not (command.certificate or "").strip():
        faults.append(Failure("CHL-22", "name the certificate of the qualification", "certificate"))
    if command.valid_until is None:
        faults.append(Failure("CHL-22", "say until when it is valid", "valid_until"))
    elif command.certificate != raiser.certificate and command.valid_until < day_of(command.now, rules):
        faults.append(Failure("CHL-22", f"it ended on {command.valid_until}: record the one that is valid", "valid_until"))
    refuse_all(RuleBroken, faults)
    assert command.certificate and command.valid_until is not None
    if (command.certificate, command.valid_until) == (raiser.certificate, raiser.valid_until):
        return []
    said = (command.fund_raiser, command.certificate, command.valid_until, raiser.division or command.by.division)
    return [QualificationRecorded(*said, command.by.actor, command.now)]


def evolve(raiser: Raiser, event: QualificationRecorded | RaiserCampaign | ReceiptNumbered) -> Raiser:
    """The fund-raiser after the event."""
    raiser = replace(raiser, fund_raiser=event.fund_raiser, division=raiser.division or event.division)
    match event:
        case QualificationRecorded():
            return replace(raiser, certificate=event.certificate, valid_until=event.valid_until)
        case RaiserCampaign(campaign=campaign):
            others = tuple(one for one in raiser.campaigns if one != campaign)
            return replace(raiser, campaigns=(*others, campaign) if event.open else others)
        case ReceiptNumbered(number=number):
            return replace(raiser, receipts=number)
        case _:
            assert_never(event)


def raiser_of(command: Any) -> str:
    """For whom the signer raises or receives: the organisation it names, else its own; a department receives for its division."""
    by: Signature = command.by
    named: str | None = command.fund_raiser
    return named or (None if by.has("CHA") else by.division) or by.organ or by.actor


def require_own(by: Signature, fund_raiser: str) -> None:
    """A charity acts for itself; departments only where they receive. NotAllowed."""
    own = (by.actor, by.organ) if by.has("CHA") else (by.actor, by.organ, by.division)
    if fund_raiser not in own:
        raise NotAllowed(Failure("donation.own", f"{fund_raiser} does this itself: leave fund_raiser out", "fund_raiser"))


RAISER = Decider(
    category="raiser",
    initial=Raiser(),
    decide=decide,
    evolve=evolve,
    about=lambda raiser: About(raiser.division),
    handles={
        RecordQualification: Handles(
            lambda c: (raiser_stream(c.fund_raiser),), areas=lambda c: (c.by.division,) if c.by.division else (), creates=True
        )
    },
)
