"""A gift through its life (domain 3.15): pledged, received, used as its donor wishes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.resources.deciders.donations import commands as c
from services.resources.deciders.donations.receiving import implied, pledge, receive, sought, store_area
from services.resources.deciders.donations.state import Donation, about, evolve
from services.resources.deciders.donations.using import reached, use
from services.resources.deciders.streams import donation_stream
from shared.kernel.decider import Decided, Decider, Handles, Rules

HANDLING: tuple[type[Any], ...] = (
    c.ChangePurpose,
    c.AllocateDonation,
    c.RecordDonationUse,
    c.ConvertDonation,
    c.ReturnDonation,
    c.AnswerDonorQuery,
)


def decide(command: c.RecordPledge | c.ReceiveDonation | c.Handling, states: Mapping[str, Any], rules: Rules) -> Decided | Sequence[Any]:
    """Facts that follow from a command, or a refusal."""
    match command:
        case c.RecordPledge():
            return pledge(command, states)
        case c.ReceiveDonation():
            return receive(command, states, rules)
        case _:
            return use(command, states)


def _where(command: c.RecordPledge) -> tuple[str, ...]:
    return (command.by.division,) if command.by.division else ()


def _own(command: Any) -> tuple[str, ...]:
    return (donation_stream(command.donation),)


DONATION = Decider(
    category="donation",
    initial=Donation(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        c.RecordPledge: Handles(sought, areas=_where, creates=True, further=implied),
        c.ReceiveDonation: Handles(sought, creates=True, state_areas=store_area, further=implied),
        **{kind: Handles(_own, further=reached) for kind in HANDLING},
    },
    joint=frozenset({c.RecordPledge, c.ReceiveDonation, *HANDLING}),
)
