"""What Prometheus reads under ``/metrics``: requests, the index, the sources."""

from collections import Counter as Tally
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from index.views import Status

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"})


class Metrics:
    """The counters of one server. Safe from several threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        names = ("method", "route", "status")
        self._requests = Counter("chipwire_requests", "Requests that were answered.", names, registry=self.registry)
        self._seconds = Histogram(
            "chipwire_request_seconds",
            "Seconds until a request was answered.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.in_flight = Gauge("chipwire_requests_in_flight", "Requests that are being worked on.", registry=self.registry)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. `route` is the pattern of its address: names from outside would grow without end."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status or 499)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, status: Status) -> bytes:
        """Everything in Prometheus' text format, with the state of the data folder."""
        folder = CollectorRegistry()
        folder.register(_Folder(status))
        return generate_latest(self.registry) + generate_latest(folder)


class _Folder(Collector):
    """The state of a data folder as gauges."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        status = self._status
        for name, words, value in (
            ("articles", "Articles that are stored.", status.articles),
            ("passages", "Passages that are stored.", status.passages),
            ("passages_indexed", "Passages of the current index.", status.indexed_passages),
            ("changes_pending", "Articles that changed since the current index.", status.pending),
            ("index_generation", "Number of the current index.", status.generation or 0),
            ("index_trouble", "1 where something is wrong with the index.", int(status.trouble is not None)),
        ):
            yield GaugeMetricFamily(f"chipwire_{name}", words, value=value)
        sizes = GaugeMetricFamily("chipwire_index_bytes", "Size of the current index.", labels=["part"])
        for part, size in status.index_bytes.items():
            sizes.add_metric([part], size)
        yield sizes
        health = GaugeMetricFamily("chipwire_sources", "Sources, by their health.", labels=["health"])
        for state, count in Tally(view.record.health or "unknown" for view in status.sources).items():
            health.add_metric([state], count)
        yield health
