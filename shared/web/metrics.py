"""`/metrics` in Prometheus form, read off the host when it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of the host: metric name, help, labels, value. Names ending in `_total` are counters."""

    name: str
    help: str
    labels: tuple[tuple[str, str], ...]
    value: float


class Collector:
    """Turns the host's samples into metric families at each scrape."""

    def __init__(self, samples: Callable[[], Iterable[Sample]]) -> None:
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for sample in self._samples():
            family = families.get(sample.name)
            if family is None:
                kind = CounterMetricFamily if sample.name.endswith("_total") else GaugeMetricFamily
                family = families[sample.name] = kind(sample.name, sample.help, labels=[name for name, _ in sample.labels])
            family.add_metric([value for _, value in sample.labels], sample.value)
        yield from families.values()


def exposition(samples: Callable[[], Iterable[Sample]]) -> bytes:
    """The text a Prometheus server scrapes."""
    registry = CollectorRegistry()
    registry.register(Collector(samples))
    return generate_latest(registry)
