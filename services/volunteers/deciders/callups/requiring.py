"""What has to be so before somebody can answer: the call-up is open, there is work left, they are registered, a place is free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.volunteers.deciders.callups.commands import AnswerCallUp, StayOnReserve
from services.volunteers.deciders.callups.gate import NUMBERS, known
from services.volunteers.deciders.callups.state import ACCEPTED, ASKED, CLOSED, OPEN, RESERVE, CallUp, Party
from services.volunteers.deciders.people.state import GONE, Volunteer
from shared.kernel.errors import Failure, RuleBroken, WrongState


def require_open(callup: CallUp) -> None:
    if callup.status != OPEN:
        raise WrongState(Failure("callup.over", f"{callup.call_up} is {callup.status}, thank you"))


def require_time(callup: CallUp, command: AnswerCallUp | StayOnReserve) -> None:
    """There is work left to come to, and who comes arrives before it ends. WrongState, RuleBroken."""
    if callup.until is None:
        return
    if callup.until <= command.now:
        raise WrongState(Failure("callup.over", f"the work of {callup.call_up} ended at {callup.until:%Y-%m-%d %H:%M %Z}, thank you"))
    if isinstance(command, AnswerCallUp) and command.eta is not None and command.eta > callup.until:
        raise RuleBroken(Failure("callup.eta", "arrive before the work ends, or leave the time out", "eta"))


def require_registered(party: Party, states: Mapping[str, Any]) -> None:
    """Whose registration is given up, or led to another, is called no more. WrongState."""
    who = known(party, states)
    if isinstance(who, Volunteer) and who.status in GONE:
        cure = f"answer as {who.into}" if who.into else "register anew, and whoever calls asks again"
        raise WrongState(Failure("callup.callable", f"{party.holder} is {who.status} and is called no more: {cure}", "volunteer"))


def require_place(callup: CallUp, party: Party) -> None:
    """A place is free for them, and they were asked. WrongState."""
    if party.status == ACCEPTED and (party.place or not callup.full):
        return
    if party.status in (CLOSED, RESERVE) or (callup.full and party.status in (ASKED, ACCEPTED)):
        raise WrongState(Failure("callup.quota", f"{places(callup.quota)} taken, thank you; StayOnReserve keeps you on the reserve list"))
    if party.status != ASKED:
        raise WrongState(Failure("callup.answered", f"{party.holder} has {party.status}: who calls may ask again"))


def places(quota: int | None) -> str:
    """`the four places are`, for people to read."""
    if quota is None or quota < 1:
        return "the places are"
    if quota == 1:
        return "the one place is"
    word = "two" if quota == 2 else NUMBERS[quota] if quota < len(NUMBERS) else str(quota)
    return f"the {word} places are"
