"""Who holds a copy of the vault or its keyring: each confirms every destruction. One stream, since a certificate asks for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from services.privacy.deciders.retention.commands import RegisterCopyHolder, ReleaseCopyHolder
from services.privacy.deciders.streams import HOLDERS
from services.privacy.events.certificate import CopyHolderRegistered, CopyHolderReleased, HolderEvent
from shared.kernel.decider import About, Decider, Handles, Rules
from shared.kernel.errors import Failure, NotFound, RuleBroken, WrongState, refuse_all


@dataclass(frozen=True, slots=True)
class Holders:
    """Those who hold a copy now."""

    holders: Mapping[str, str] = field(default_factory=dict)  # holder -> what


def decide(command: RegisterCopyHolder | ReleaseCopyHolder, state: Holders, rules: Rules) -> Sequence[HolderEvent]:
    """A holder is registered once and released once."""
    match command:
        case RegisterCopyHolder(holder=holder):
            if holder in state.holders:
                raise WrongState(Failure("PIPL-51", f"{holder} is registered", "holder"))
            said = {"name": command.name, "what": command.what}
            refuse_all(RuleBroken, [Failure("PIPL-51", f"say the {name} of the holder", name) for name, value in said.items() if not value])
            division = command.division or command.by.division
            return [CopyHolderRegistered(holder, str(command.name), str(command.what), division, command.by.actor, command.now)]
        case ReleaseCopyHolder(holder=holder):
            if holder not in state.holders:
                raise NotFound(Failure("reference", f"{holder} is no registered copy holder", "holder"))
            if not command.reason:
                raise RuleBroken(Failure("PIPL-51", "say what became of the copy", "reason"))
            return [CopyHolderReleased(holder, command.reason, command.by.actor, command.now)]
        case _:
            assert_never(command)


def evolve(state: Holders, event: HolderEvent) -> Holders:
    """Those who hold a copy after the event."""
    match event:
        case CopyHolderRegistered(holder=holder, what=what):
            return Holders({**state.holders, holder: what})
        case CopyHolderReleased(holder=holder):
            return Holders({name: what for name, what in state.holders.items() if name != holder})
        case _:
            assert_never(event)


HOLDERS_DECIDER = Decider(
    category="holders",
    initial=Holders(),
    decide=decide,
    evolve=evolve,
    about=lambda state: About(None, "internal"),
    handles={
        RegisterCopyHolder: Handles(lambda c: (HOLDERS,), areas=lambda c: (c.division,) if c.division else (), creates=True),
        ReleaseCopyHolder: Handles(lambda c: (HOLDERS,)),
    },
)
