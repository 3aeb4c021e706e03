"""What live streams ask of this service: who may see an event, and under which incident it is found. As in its lists (`seeing.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from threading import Lock

from services.alerts.api.seeing import PUBLIC, RESTRICTED, Concern, concerned, named, seen
from services.alerts.deciders.incidents.incident import INCIDENT
from services.alerts.deciders.incidents.state import Incident
from services.alerts.deciders.streams import incident_stream
from services.alerts.events.message import MessageConflicting, MessageReceived
from services.alerts.projections.joining import codes_of
from shared.handling.matters import Learned, Sees, Streams
from shared.kernel.decider import category
from shared.kernel.envelope import Recorded
from shared.kernel.errors import TooNew, Unreadable

MOST = 5_000  # incidents kept in mind


@dataclass(frozen=True, slots=True)
class Shown:
    """A batch of events, with the incidents that it names and those they were merged into, as they stood when it was read."""

    log: str  # whose events are judged by it
    concerns: Mapping[str, Concern | None]  # None: looked for, and there is none
    codes: Mapping[int, tuple[str, ...]]  # by position, the divisions that a restricted message names

    def shown(self, recorded: Recorded, sees: Sees) -> bool:
        at = recorded.envelope
        plain = sees(at.division, at.visibility)
        if at.log != self.log or at.visibility == PUBLIC or (not plain and at.visibility != RESTRICTED):
            return plain
        if _is_closed_message(recorded):
            return named(sees, at.division, self.codes[recorded.position])
        ours = concerned(sees, at.correlationid, self.concerns.__getitem__)
        return seen(sees, at.division, at.visibility, ours, category(recorded.stream))

    def unknown(self, recorded: Recorded) -> bool:
        at = recorded.envelope
        concern = self.concerns.get(at.correlationid) if at.log == self.log and at.correlationid is not None else None
        into = self.concerns.get(concern.into) if concern is not None and concern.into is not None else None
        return concern is NEWER or into is NEWER

    def under(self, incident: str) -> str:
        concern = self.concerns[incident]
        return incident if concern is None or concern.into is None else concern.into


@dataclass(frozen=True, slots=True)
class Known:
    """An incident as its events up to this version left it."""

    version: int
    incident: Incident
    concern: Concern | None


NOBODYS, NEWER = Concern(True, ()), Concern(True, ())  # whose matter it is now is not known here; of a newer release it is once upgraded
UNKNOWN = Known(0, INCIDENT.initial, None)


class Circle:
    """Incidents as the log has them. What is kept in mind only spares reading their events again: each is read on whenever it is asked."""

    def __init__(self, log: Streams) -> None:
        self._log, self._lock = log, Lock()
        self._known: dict[str, Known] = {}

    def learn(self, log: str, batch: Sequence[Recorded]) -> Learned:
        concerns = {incident: self._now(incident) for incident in {one.envelope.correlationid for one in batch} if incident is not None}
        others = {concern.into for concern in concerns.values() if concern is not None and concern.into is not None}
        concerns |= {incident: self._now(incident) for incident in others - concerns.keys()}
        codes = {one.position: _codes(one) for one in batch if log == self._log.name and _is_closed_message(one)}
        return Shown(self._log.name, concerns, codes)

    def _now(self, incident: str) -> Concern | None:
        """No lock is held while the log is read: of two who ask at once both read, and what is newer is kept."""
        known = self._known.get(incident, UNKNOWN)
        news = self._log.stream(incident_stream(incident), known.version)
        if not news:
            return known.concern
        try:
            state = reduce(INCIDENT.evolve, (one.event for one in news), known.incident)
        except TooNew:
            return NEWER
        except Unreadable:
            return NOBODYS
        known = Known(news[-1].version, state, _concern(state))
        with self._lock:
            if known.version > self._known.get(incident, UNKNOWN).version:
                self._known[incident] = known
                if len(self._known) > MOST:
                    del self._known[next(iter(self._known))]
        return known.concern


def _is_closed_message(one: Recorded) -> bool:
    return category(one.stream) == "cap" and one.envelope.visibility == RESTRICTED


def _codes(message: Recorded) -> tuple[str, ...]:
    event = message.event
    return codes_of(event.message) if isinstance(event, MessageReceived | MessageConflicting) else ()


def _concern(incident: Incident) -> Concern | None:
    if incident.incident is None:
        return None
    return Concern(incident.visibility == RESTRICTED, (incident.division, *incident.divisions), incident.merged_into)
