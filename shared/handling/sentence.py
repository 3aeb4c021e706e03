"""How a policy is said: one fact, one sentence, signed by nobody but the system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared.handling.declare import Policy
from shared.kernel.commands import Command, Signature
from shared.kernel.envelope import Envelope
from shared.kernel.events import family


def policy(
    event: str, react: Callable[[Any, Envelope], Iterable[Command]], *others: str, formerly: Mapping[str, str] | None = None
) -> Policy:
    """The policy of that name, for facts of the family of `event`, and of those of `others`."""
    names = {family(event): name for event, name in (formerly or {}).items()}
    return Policy(react.__name__, tuple(map(family, (event, *others))), react, formerly=names)


def system(at: Envelope) -> Signature:
    """Who signs what follows from a fact: a policy, in the division of the fact."""
    return Signature("SYS.POLICY", ("SYS",), at.division)


def restricted(at: Envelope) -> bool:
    """Whether what follows from a fact is kept as narrow as that is."""
    return at.visibility in ("restricted", "confidential")
