"""What live streams ask of this service: who may see an event, and under which incident it is found. As in its lists (`seeing.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from threading import RLock

from services.alerts.api.seeing import RESTRICTED, Concern, concerned, named, seen
from services.alerts.deciders.incidents.incident import INCIDENT
from services.alerts.deciders.incidents.state import Incident
from services.alerts.deciders.streams import incident_stream
from services.alerts.events.message import MessageConflicting, MessageReceived
from services.alerts.projections.joining import codes_of
from shared.handling.matters import Sees, Streams
from shared.kernel.decider import category
from shared.kernel.envelope import Recorded

MOST = 20_000  # incidents kept in mind
OF_INCIDENTS = incident_stream("")


class Circle:
    """Incidents as the log has them, kept in memory for those whose events pass. What it keeps holds all up to `_until`."""

    def __init__(self, log: Streams) -> None:
        self._log, self._lock = log, RLock()
        self._known: dict[str, Concern | None] = {}
        self._until = 0

    def learn(self, log: str, batch: Sequence[Recorded]) -> None:
        with self._lock:
            if log == self._log.name and batch:
                self._pass(batch)
            for incident in {one.envelope.correlationid for one in batch}:
                concern = self._of(incident) if incident is not None else None
                if concern is not None and concern.into is not None:
                    self._of(concern.into)

    def shown(self, recorded: Recorded, sees: Sees) -> bool:
        at = recorded.envelope
        if at.log != self._log.name:
            return sees(at.division, at.visibility)
        kind = category(recorded.stream)
        if kind == "cap" and at.visibility == RESTRICTED:
            event = recorded.event
            return named(sees, at.division, codes_of(event.message) if isinstance(event, MessageReceived | MessageConflicting) else ())
        return seen(sees, at.division, at.visibility, concerned(sees, at.correlationid, self._of), kind)

    def under(self, incident: str) -> str:
        concern = self._of(incident)
        return incident if concern is None or concern.into is None else concern.into

    def _pass(self, batch: Sequence[Recorded]) -> None:
        """What changed since is looked up anew; after a gap everything is."""
        if batch[0].position > self._until + 1 or len(self._known) > MOST:
            self._known.clear()
        for one in batch:
            if one.position > self._until and one.stream.startswith(OF_INCIDENTS):
                self._known.pop(one.stream.removeprefix(OF_INCIDENTS), None)
        self._until = max(self._until, batch[-1].position)

    def _of(self, incident: str) -> Concern | None:
        try:
            return self._known[incident]
        except KeyError:
            with self._lock:
                past = [one.event for one in self._log.stream(incident_stream(incident))]
                found = self._known[incident] = _concern(INCIDENT.fold(past))
                return found


def _concern(incident: Incident) -> Concern | None:
    if incident.incident is None:
        return None
    return Concern(incident.visibility == RESTRICTED, (incident.division, *incident.divisions), incident.merged_into)
