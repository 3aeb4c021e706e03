"""What stations send over Kafka: a record is the body of `IngestObservation` or of `IngestObservations`, its key the station."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from services.alerts.observations.incoming import Observation, Observations, faulty
from services.alerts.observations.readings import Reading
from services.alerts.observations.store import ObservationStore, Refused
from shared.web.logging import log

Bounds = Callable[[], Mapping[int, tuple[int, int]]]
_BODY: TypeAdapter[Observation | Observations] = TypeAdapter(Observation | Observations)


class NotKept(Exception):
    """Why no reading of a record counts."""


class Stations:
    """Keeps the readings of a topic in the observation store, where the monitor judges them like any others.

    What cannot be kept is set aside with its reason. Reading a record again changes nothing.
    """

    ordered = False

    def __init__(self, store: ObservationStore, topic: str, bounds: Bounds, division: str, clock: Callable[[], datetime]) -> None:
        """`division` is that of a station nobody registered: whose topic it is."""
        self.topic = topic
        self._store, self._bounds, self._division, self._clock = store, bounds, division, clock

    def begin(self) -> dict[int, tuple[int, int]]:
        """Where to read on in each partition, and its end. What was made anew is read from its beginning."""
        found = {}
        for partition, (begin, end) in self._bounds().items():
            kept, _ = self._store.cursor(self._cursor(partition))
            if kept > end or 0 < kept < begin:
                log("observations", topic=self.topic, partition=partition, fault=f"read up to {kept}; the topic holds {begin} to {end}")
            found[partition] = (kept if begin <= kept <= end else begin, end)
        return found

    def store(self, partition: int, records: Sequence[tuple[int, bytes]]) -> None:
        """Keep a batch of one partition, and then that it was kept."""
        now = self._clock()
        readings: list[Reading] = []
        refused: list[Refused] = []
        for offset, value in records:
            try:
                readings += self._readings(value, now)
            except NotKept as why:
                refused.append(Refused(f"{self.topic}[{partition}]@{offset}", str(why), value, now))
        if readings:
            self._store.add(readings, now)
        self._store.refuse(refused)
        self._store.save_cursor(self._cursor(partition), records[-1][0] + 1)

    def _readings(self, value: bytes, now: datetime) -> list[Reading]:
        try:
            body = _BODY.validate_json(value)
        except ValidationError as error:  # without what was sent: it stands beside
            raise NotKept("; ".join(sorted({f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg']}" for e in error.errors()}))) from None
        sent = body.readings if isinstance(body, Observations) else [body]
        if any(one.at is None for one in sent):
            raise NotKept("time.at: over a topic each reading says when its span ended")  # "now" would be another one when it is read again
        made = [one.reading(self._store.division(one.station) or self._division, now) for one in sent]
        if failures := faulty(sent, made, now):
            raise NotKept("; ".join(f"{f.rule} {f.field}: {f.cure}" for f in failures))
        return made

    def _cursor(self, partition: int) -> str:
        return f"topic {self.topic} {partition}"
