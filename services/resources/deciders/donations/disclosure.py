"""What was published of goods and money: once, as the ledgers had it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from services.resources.deciders.streams import disclosure_stream
from services.resources.events.disclosure import DisclosurePublished, Matter
from shared.kernel.commands import Command, PublicId
from shared.kernel.decider import About, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDisclosure(Command):
    """Show what a campaign's ledger said. Only policies send it: nobody types these figures."""

    disclosure: PublicId
    campaign: PublicId
    incident: PublicId | None = None
    money: Mapping[str, Decimal] = field(default_factory=dict)
    goods: Mapping[str, int] = field(default_factory=dict)
    final: bool = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class Disclosure:
    """`published` None: not yet."""

    published: DisclosurePublished | None = None


def decide(command: PublishDisclosure, disclosure: Disclosure, rules: Rules) -> Sequence[DisclosurePublished]:
    """Once."""
    if disclosure.published is not None:
        return []
    return [
        DisclosurePublished(
            disclosure=command.disclosure,
            matter=Matter.DONATIONS,
            incident=command.incident,
            source=command.campaign,
            money=command.money,
            goods=command.goods,
            grants=(),
            final=command.final,
            late=command.late,
            until=None,
            division=command.by.division,
            by=command.by.actor,
            at=command.now,
        )
    ]


def evolve(disclosure: Disclosure, event: DisclosurePublished) -> Disclosure:
    """The disclosure after the event."""
    return Disclosure(event)


def _about(disclosure: Disclosure) -> About:
    """For everybody."""
    said = disclosure.published
    return About(said.division, "public", said.incident) if said else About(None, "public")


DISCLOSURE = Decider(
    category="disclosure",
    initial=Disclosure(),
    decide=decide,
    evolve=evolve,
    about=_about,
    handles={PublishDisclosure: Handles(lambda c: (disclosure_stream(c.disclosure),), creates=True)},
)
