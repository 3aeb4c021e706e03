"""What can be asked of a request. What the law wants in it is optional here: the decider names the rule that misses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.resources.events.request import Priority
from shared.blocks.deadlines import EscalateClock
from shared.kernel.commands import Code, Command, PublicId

Items = Mapping[PublicId, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRequest(Command):
    """Ask for goods: what, how much of each in its own unit, for how many people, by when, where, and who takes them in. Without an
    incident say in `ahead` why they are to be placed ahead of need."""

    request: PublicId
    incident: PublicId | None = None
    place: Code | None = None
    receiver: PublicId | None = None
    to_store: PublicId | None = None
    people: int | None = None
    needed_by: datetime | None = None
    items: Items | None = None
    priority: Priority = Priority.URGENT
    ahead: str | None = None
    line: tuple[Code, ...] = ()  # who may allocate, from the place upwards; the edge fills it in from the division tree
    near: bool = False  # whether the owner of the store lies above or below who asks; from the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessRequest(Command):
    """Say what is needed there and who is vulnerable. `raised`: lines of which more is needed than was asked, with the reason."""

    request: PublicId
    vulnerable: Mapping[str, str] | None = None
    raised: Items | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRequest(Command):
    """Approve it whole, or so much of each line as `items` says, with a reason where that is less, or where it is far above the norm for
    so many people. Who asked does not approve."""

    request: PublicId
    items: Items | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CutRequest(Command):
    """Less of these lines, and why. What was asked stays written."""

    request: PublicId
    items: Items | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveOrally(Command):
    """Approve what is still open by word of mouth, in an emergency; `channel` says how it was said, `reason` why so much where it is far
    above the norm. The paper is due by K-24 (SU-05)."""

    request: PublicId
    channel: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperApproval(Command):
    """Put on paper what was approved by word of mouth: `document` is its number, if any. Late it is taken too, and marked (SU-05)."""

    request: PublicId
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineRequest(Command):
    """Grant nothing of it, and say why."""

    request: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardUp(Command):
    """Hand what is still open to the authority directly above, with what the own stores have left. The own level goes first (SU-04): where
    it has stock and promised none of it, say why. `own_stock_snapshot` need not be said: it is always taken, at this position."""

    request: PublicId
    to: Code | None = None
    own_stock_snapshot: str | None = None
    reason: str | None = None
    stores: tuple[PublicId, ...] = ()  # of the own level; the edge fills them in


@dataclass(frozen=True, slots=True, kw_only=True)
class AskNeighbour(Command):
    """Ask a division that is not above for help with what is still open. It answers by an allocation or a refusal, and owes no reason.
    `own_stock_snapshot` is as of ForwardUp."""

    request: PublicId
    to: Code | None = None
    own_stock_snapshot: str | None = None
    reason: str | None = None
    stores: tuple[PublicId, ...] = ()  # of the own level; the edge fills them in
    known: bool = True  # stamped by the edge: the tree has such a division


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseNeighbourHelp(Command):
    """The neighbour cannot help. What it allocated already stays promised."""

    request: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePriority(Command):
    """It goes before others, or after them, and why."""

    request: PublicId
    priority: Priority
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequest(Command):
    """No longer needed. Everything that has not been loaded is free again in the same act; what is under way is named."""

    request: PublicId
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRequest(Command):
    """Nothing more will be done. `unmet` are the lines that stay open; it must agree with what was delivered and handed out."""

    request: PublicId
    unmet: Items | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteShortage(Command):
    """The highest level of the line allocated and lines are still open. Only policies send it."""

    request: PublicId
    allocation: PublicId
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateRequestClock(EscalateClock):
    """A deadline of the request passed."""

    request: PublicId
