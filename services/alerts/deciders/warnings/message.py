"""CAP messages, one stream per identifier: what is a repeat, what contradicts, and which series a message continues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, assert_never

import msgspec
from msgspec.structs import replace

from services.alerts.deciders.streams import cap_stream
from services.alerts.deciders.warnings.content import own_identifier
from services.alerts.events.content import AlertContent, MessageReference
from services.alerts.events.message import (
    MessageConflicting,
    MessageEvent,
    MessageFault,
    MessageIssued,
    MessageReceived,
    ReceivedMessage,
)
from services.alerts.formats.model import Reference
from services.alerts.formats.series import parent
from shared.kernel.commands import OPAQUE, Command
from shared.kernel.decider import About, Decided, Decider, Handles, Rules

REFERENCES = 63  # streams a command may name beside its own
TOMORROW = timedelta(days=1)  # own default: a wrong zone is less than a day
AHEAD = MessageFault("sent.ahead", "sent more than a day ahead of its arrival: ask the sender which time is meant", "sent")
CONFLICT = MessageFault("message.conflicting", "same identifier, sender and time as a message we hold, but another text")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAlert(Command):
    """A message came in and was read, however badly it keeps the standard. Never refused for what it says."""

    message: Annotated[ReceivedMessage, OPAQUE]  # never refused for what it says: cleaned at the edge


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueMessage(Command):
    """One of our own warnings changed: say so to the public."""

    identifier: str
    sender: str
    sent: datetime
    msg_type: str
    series: str
    alert: str
    content: AlertContent
    references: tuple[MessageReference, ...] = ()
    note: str = ""


class Known(msgspec.Struct, frozen=True, gc=False):
    """One message under the identifier."""

    sender: str
    sent: datetime
    series: str
    digests: tuple[str, ...] = ()
    meaning: str = ""
    alert: str | None = None  # of our own warning: then it was issued, not received


class Messages(msgspec.Struct, frozen=True, gc=False):
    """Every message under one identifier, in the order they came; usually one."""

    known: tuple[Known, ...] = ()
    division: str | None = None
    public: bool = True

    @property
    def issued(self) -> Known | None:
        """The one that is ours."""
        return next((known for known in self.known if known.alert is not None), None)


def decide(command: ImportAlert | IssueMessage, state: Any, rules: Rules) -> Sequence[Any] | Decided:
    """Facts that follow from a message. `state` is a mapping of its own stream and the others it names."""
    match command:
        case ImportAlert(message=message, now=now):
            return _import(message, state, now)
        case IssueMessage():
            return _issue(command, state)
        case _:
            assert_never(command)


def evolve(messages: Messages, event: MessageEvent) -> Messages:
    """What is known under the identifier after the event."""
    match event:
        case MessageReceived(series=series, message=message):
            known = Known(message.sender, message.sent, series, (message.digest,), message.meaning)
            return Messages(
                (*messages.known, known),
                messages.division or message.division,
                messages.public and message.scope == "Public",
            )
        case MessageConflicting(message=message):
            return replace(
                messages,
                known=tuple(_with(known, message) for known in messages.known),
                public=messages.public and message.scope == "Public",
            )
        case MessageIssued():
            known = Known(event.sender, event.sent, event.series, alert=event.alert)
            return replace(
                messages,
                known=(*messages.known, known),
                division=messages.division or event.division,
                public=messages.public and event.scope == "Public",
            )
        case _:
            assert_never(event)


def about(messages: Messages) -> About:
    """What was sent to everybody is public; anything else is for those who may."""
    return About(messages.division, "public" if messages.public else "restricted")


def _import(message: ReceivedMessage, states: Mapping[str, Messages | None], now: datetime) -> Decided:
    stream = cap_stream(message.identifier)
    here = states[stream] or Messages()
    if message.sent - now > TOMORROW:
        message = replace(message, faults=(*message.faults, AHEAD))
    faults = message.faults
    # Our own come back from the national platform under another sender and time: the identifier alone names them.
    repeated = here.issued or next((known for known in here.known if _same(known, message)), None)
    if repeated is not None:
        return _answered((), "repeated", repeated, faults)
    twin = next((known for known in here.known if (known.sender, known.sent) == (message.sender, message.sent)), None)
    if twin is not None:
        conflict = MessageConflicting(twin.series, message, now)
        return _answered(((stream, conflict),), "accepted_with_faults", twin, (*faults, CONFLICT), flags=("Q-TRIAGE",))
    alone = not message.references and not here.known
    found = Known(message.sender, message.sent, message.identifier) if alone else _continues(message, states)
    return _answered(
        ((stream, MessageReceived(found.series, message, now)),), "accepted_with_faults" if faults else "accepted", found, faults
    )


def _answered(events: Sequence[Any], outcome: str, known: Known, faults: Iterable[MessageFault], flags: Sequence[str] = ()) -> Decided:
    named = [{"code": fault.code, "message": fault.message, "path": fault.path} for fault in faults]
    answer = {"outcome": outcome, "alert": known.alert or known.series, "faults": named}
    return Decided(events, answer, flags=flags)


def _same(known: Known, message: ReceivedMessage) -> bool:
    if message.digest in known.digests:
        return True
    named = (known.sender, known.sent) == (message.sender, message.sent)
    return named and bool(message.meaning) and message.meaning == known.meaning


def _continues(message: ReceivedMessage, states: Mapping[str, Messages | None]) -> Known:
    """The series it belongs to: of the parent if we hold it, else named by the oldest message it refers to, else its own."""
    references = [Reference(ref.sender, ref.identifier, ref.sent) for ref in message.references]
    # A sender who keeps the identifier and changes only the time means the same warning.
    references.append(Reference(message.sender, message.identifier))
    match = parent(references, lambda identifier: _triples(states.get(cap_stream(identifier))))
    if match is not None:
        here = states.get(cap_stream(match.reference.identifier)) or Messages()
        return next(known for known in here.known if known.series == match.series)
    return Known(message.sender, message.sent, _oldest(message))


def _triples(messages: Messages | None) -> Iterable[tuple[str, datetime, str]]:
    return ((known.sender, known.sent, known.series) for known in messages.known) if messages else ()


def _oldest(message: ReceivedMessage) -> str:
    if not message.references:
        return message.identifier
    return min(message.references, key=lambda ref: ref.sent.timestamp() if ref.sent else float("inf")).identifier


def _with(known: Known, message: ReceivedMessage) -> Known:
    if (known.sender, known.sent) != (message.sender, message.sent):
        return known
    return replace(known, digests=(*known.digests, message.digest))


def _issue(command: IssueMessage, states: Mapping[str, Messages | None]) -> Sequence[tuple[str, MessageIssued]]:
    """Once. An identifier that names a message of another of our warnings gives way to one that cannot: nothing stays unsaid."""
    identifier = command.identifier
    issued = _issued(states, identifier)
    if issued is not None and issued.alert != command.alert:
        identifier = _spare(command)
        issued = _issued(states, identifier)
    if issued is not None:
        return []
    message = MessageIssued(
        identifier,
        command.sender,
        command.sent,
        command.msg_type,
        command.series,
        command.alert,
        command.content,
        command.references,
        command.note,
        command.by.division,
    )
    return [(cap_stream(identifier), message)]


def _issued(states: Mapping[str, Messages | None], identifier: str) -> Known | None:
    here = states[cap_stream(identifier)]
    return here.issued if here else None


def _spare(command: IssueMessage) -> str:
    """Unique since the warning's id is; of the message's own time, so that a repeat finds it again."""
    return own_identifier(command.by.division, command.alert, command.sent) + f"_{command.msg_type}"


def _importing(command: ImportAlert) -> tuple[str, ...]:
    own = cap_stream(command.message.identifier)
    if not command.message.references:
        return (own,)
    named = dict.fromkeys(cap_stream(ref.identifier) for ref in command.message.references)
    named.pop(own, None)
    return (own, *tuple(named)[:REFERENCES])


MESSAGE = Decider(
    category="cap",
    initial=Messages(),
    decide=decide,
    evolve=evolve,
    about=about,
    handles={
        ImportAlert: Handles(_importing, creates=True),
        IssueMessage: Handles(lambda c: (cap_stream(c.identifier), cap_stream(_spare(c))), creates=True),
    },
    joint=frozenset({ImportAlert, IssueMessage}),
)
