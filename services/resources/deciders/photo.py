"""Photos of goods: sent first, then named by what they show (domain 3.10, 3.12). The same picture twice is one."""

from __future__ import annotations

from dataclasses import dataclass

from services.resources.deciders.streams import photo_stream
from services.resources.events.photo import PhotoKept
from shared.kernel.commands import Command, Opaque
from shared.kernel.decider import About, Decided, Decider, Handles, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPhoto(Command):
    """Keep a photo of goods or of a thing taken; `photo` of the answer is the digest by which a receipt, a taking or a return names it."""

    photo: Opaque  # the digest, made by the edge of the picture it made anew
    size: int


@dataclass(frozen=True, slots=True)
class Photo:
    """Whether it was sent, and out of which division."""

    photo: str | None = None
    division: str | None = None


def decide(command: KeepPhoto, state: Photo, rules: Rules) -> Decided:
    """Kept, once."""
    answer = {"photo": command.photo}
    if state.photo is not None:
        return Decided(answer=answer | {"outcome": "repeated"})
    return Decided([PhotoKept(command.photo, command.size, command.by.division, command.by.actor, command.now)], answer)


PHOTO: Decider[Photo] = Decider(
    category="photo",
    initial=Photo(),
    decide=decide,
    evolve=lambda state, event: Photo(event.photo, event.division),
    about=lambda state: About(state.division, "internal"),
    handles={KeepPhoto: Handles(lambda command: (photo_stream(command.photo),), creates=True)},
)
