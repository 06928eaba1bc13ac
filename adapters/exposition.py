"""Measures as Prometheus text: which families there are, and what their samples say.

Names and types follow the Prometheus naming practice: base units, `_total` for what only grows, `_timestamp_seconds`
for moments.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest

from engine.delivery.lanes import LANE_NAMES
from engine.desk.measures import Measured, Measures
from engine.ports import Allowed

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Process:
    """What only this process knows."""

    version: str
    dialect: str
    store_up: bool
    """The last write or read of the store went well."""
    ended: Sequence[str] = ()
    """Loops that ended by an error."""
    attempts: Mapping[Labels, int] = field(default_factory=dict)
    """(connection, outcome)."""
    calls: Mapping[Labels, int] = field(default_factory=dict)
    """(connection, remote, kind, outcome)."""
    allowed: Mapping[Labels, Allowed] = field(default_factory=dict)
    """(connection, remote)."""
    groups: Sequence[tuple[int, int]] = ()
    """(most writes, commits) of the store's writer."""
    writes: int = 0
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Bytes: `database`, `log` (the write-ahead log), `disk` and `disk_free`."""


def families(process: Process, measured: Measures | None) -> Iterator[Metric]:
    """Every family once; what the store says is left out while it cannot be read."""
    yield from _of_process(process)
    yield from _of_store(measured.rows if measured else (), measured)


class _Families:
    """What prometheus_client wants to collect from: families that are made already."""

    def __init__(self, made: Iterable[Metric]) -> None:
        self._made = list(made)

    def collect(self) -> Iterable[Metric]:
        """The families."""
        return self._made


def text(registry: CollectorRegistry, more: Iterable[Metric]) -> bytes:
    """The exposition of a registry and of these families."""
    together = CollectorRegistry()
    together.register(_Families([*registry.collect(), *more]))
    return generate_latest(together)


def _gauge(
    name: str, says: str, labels: Labels, samples: Iterable[tuple[Labels, float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _counter(
    name: str, says: str, labels: Labels, samples: Iterable[tuple[Labels, float]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, says, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _of_process(process: Process) -> Iterator[Metric]:
    built = InfoMetricFamily("trueup_build", "Version, and where the store lives.")
    built.add_metric((), {"version": process.version, "store": process.dialect})
    yield built
    yield _gauge("trueup_store_up", "1 while the store can be used.", (), [((), process.store_up)])
    yield _gauge("trueup_loops_ended", "Loops that ended by an error.", (), [((), len(process.ended))])
    yield _counter(
        "trueup_attempts",
        "Attempts of records by how they ended: delivered, or the kind of failure, which names its remedy.",
        ("connection", "outcome"),
        process.attempts.items(),
    )
    yield _counter(
        "trueup_calls",
        "Calls to remotes by how they ended.",
        ("connection", "remote", "kind", "outcome"),
        process.calls.items(),
    )
    of = ("connection", "remote")
    left = [(labels, allowed.left) for labels, allowed in process.allowed.items()]
    most = [(labels, allowed.capacity) for labels, allowed in process.allowed.items()]
    yield _gauge("trueup_allowance_left", "What the remote lets us ask, in its own units.", of, left)
    yield _gauge("trueup_allowance_capacity", "The most it lets us ask at once.", of, most)
    commits = HistogramMetricFamily("trueup_store_writes_per_commit", "Writes committed together.")
    sum_, total = 0, []
    for bound, count in process.groups:
        sum_ += count
        total.append((str(float(bound)), float(sum_)))
    commits.add_metric((), [*total, ("+Inf", float(sum_))], float(process.writes))
    yield commits
    yield _gauge(
        "trueup_store_bytes", "Size of the database and of its write-ahead log.", ("part",),
        [((part,), process.sizes[part]) for part in ("database", "log") if part in process.sizes],
    )  # fmt: skip
    for part, says in (("disk", "Size of the disk the store is on."), ("disk_free", "What is free of it.")):
        if part in process.sizes:
            yield _gauge(f"trueup_{part}_bytes", says, (), [((), process.sizes[part])])


def _of_store(rows: Sequence[Measured], measured: Measures | None) -> Iterator[Metric]:
    one, of = ("connection",), ("connection", "remote")
    yield _gauge("trueup_led", "1 while a living engine works on the connection.", one, _each(rows, "led"))
    yield _gauge(
        "trueup_lag_seconds",
        "How long a change of the back office takes to be confirmed by the shop.",
        one,
        _each(rows, "lag_seconds"),
    )
    yield from _lanes(rows, measured)
    yield _gauge("trueup_cells", "Stock cells by state; a cell may be in several.", ("connection", "state"), [
        ((row.connection, state), many) for row in rows for state, many in row.cells.items()
    ])  # fmt: skip
    yield _gauge("trueup_records_waiting", "Records that wait for a person, by cause.", ("connection", "code"), [
        ((row.connection, each.code), each.records) for row in rows for each in row.waiting
    ])  # fmt: skip
    yield _gauge("trueup_mapping_gaps", "Names without a mapping.", one, _each(rows, "gaps"))
    yield _gauge("trueup_alarms", "Alarms of the engine that stand.", ("connection", "code"), _alarms(rows))
    yield _gauge("trueup_breaker_open", "1 while calls are not let through.", ("connection", "remote", "kind"), [
        ((row.connection, gate.remote, gate.kind), gate.open) for row in rows for gate in row.gates
    ])  # fmt: skip
    yield _gauge("trueup_remote_up", "1 while the remote answers.", of, [
        ((row.connection, each.remote), each.state != "FAIL") for row in rows for each in row.remotes
    ])  # fmt: skip
    yield _gauge("trueup_remote_last_ok_timestamp_seconds", "When the remote last answered well.", of, [
        ((row.connection, each.remote), each.last_ok.timestamp())
        for row in rows for each in row.remotes if each.last_ok is not None
    ])  # fmt: skip
    yield _gauge("trueup_retry_budget", "Retries that can be paid for.", one, _each(rows, "retries"))
    yield from _topics(rows)


def _each(rows: Sequence[Measured], name: str) -> list[tuple[Labels, float]]:
    return [((row.connection,), float(getattr(row, name))) for row in rows]


def _alarms(rows: Sequence[Measured]) -> list[tuple[Labels, float]]:
    many: dict[Labels, float] = defaultdict(float)
    for row in rows:
        for alarm in row.alarms:
            many[row.connection, alarm.code] += 1
    return list(many.items())


def _lanes(rows: Sequence[Measured], measured: Measures | None) -> Iterator[Metric]:
    waiting, running, age = [], [], []
    for row in rows:
        known = {lane.lane: lane for lane in row.lanes}
        for number, name in enumerate(LANE_NAMES):
            labels, lane = (row.connection, name), known.get(number)
            waiting.append((labels, lane.waiting if lane else 0))
            running.append((labels, lane.running if lane else 0))
            since = lane.oldest if lane else None
            old = (measured.as_of - since).total_seconds() if measured and since else 0.0
            age.append((labels, max(0.0, old)))
    lanes = ("connection", "lane")
    yield _gauge("trueup_backlog", "Records and cells that wait and are due, by lane.", lanes, waiting)
    yield _gauge("trueup_running", "Records under way, by lane.", lanes, running)
    yield _gauge("trueup_backlog_age_seconds", "How long the oldest of them has been due.", lanes, age)


def _topics(rows: Sequence[Measured]) -> Iterator[Metric]:
    of = ("connection", "topic")
    for name, says in (
        ("heard", "Webhooks of this hour and the one before."),
        ("expected", "Changes of these hours that the shop should have told."),
        ("missed", "Of them, those that were found without being told."),
    ):
        yield _gauge(f"trueup_webhooks_{name}", says, of, [
            ((row.connection, topic.topic), getattr(topic, name)) for row in rows for topic in row.topics
        ])  # fmt: skip
    yield _gauge("trueup_webhooks_last_timestamp_seconds", "When a topic was heard last.", of, [
        ((row.connection, topic.topic), topic.heard_at.timestamp())
        for row in rows for topic in row.topics if topic.heard_at is not None
    ])  # fmt: skip
    yield _counter(
        "trueup_healed", "Changes found without a webhook.", ("connection",), _each(rows, "healed")
    )
