"""What `promtool check metrics` would say of an exposition: parsed by the reference parser, then judged by its rules."""

import re
from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

NAME = re.compile(r"^[a-z_][a-z0-9_]*$")
NOT_BASE = re.compile(
    r"_(milli|micro|nano)?(seconds|bytes)?_?(ms|minutes|hours|days|kb|mb|gb|percent|percentage)$"
)
RESERVED = ("_total", "_count", "_sum", "_bucket")


def faults(exposition: str) -> Iterator[str]:
    """One sentence for each thing that is wrong."""
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    names: set[str] = set()
    helped = set(re.findall(r"^# HELP (\S+) \S", exposition, re.M))
    typed = re.findall(r"^# TYPE (\S+) ", exposition, re.M)
    for name in typed:
        if name not in helped:
            yield f"{name} has no help text"
        if typed.count(name) > 1:
            yield f"{name} is declared more than once"
    for family in text_string_to_metric_families(exposition):
        if family.type == "unknown":
            yield f"{family.name} has no type"
        if family.name in names:
            yield f"{family.name} stands in two places"
        names.add(family.name)
        if not NAME.match(family.name):
            yield f"{family.name} is not in small letters with underscores"
        if NOT_BASE.search(family.name):
            yield f"{family.name} is not in a base unit"
        if family.type == "gauge" and family.name.endswith(RESERVED):
            yield f"the gauge {family.name} has a reserved ending"
        for sample in family.samples:
            if family.type == "counter" and not sample.name.endswith("_total"):
                yield f"the counter {sample.name} does not end in _total"
            key = (sample.name, tuple(sorted(sample.labels.items())))
            if key in seen:
                yield f"{sample.name}{sample.labels} is there twice"
            seen.add(key)
            for label in sample.labels:
                if not NAME.match(label) or label.startswith("__"):
                    yield f"the label {label} of {sample.name} is not allowed"
            if family.type == "histogram":
                yield from _buckets(family.samples)
                break


def _buckets(samples: list) -> Iterator[str]:  # type: ignore[type-arg]
    """Cumulative, with +Inf, which is the count."""
    rows: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    counts: dict[tuple[tuple[str, str], ...], float] = {}
    for sample in samples:
        of = tuple(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
        if sample.name.endswith("_bucket"):
            rows.setdefault(of, []).append((float(sample.labels["le"]), sample.value))
        elif sample.name.endswith("_count"):
            counts[of] = sample.value
    for of, found in rows.items():
        values = [value for _, value in sorted(found)]
        if values != sorted(values):
            yield f"the buckets of {samples[0].name}{of} do not grow"
        if sorted(found)[-1][0] != float("inf") or counts.get(of) != values[-1]:
            yield f"{samples[0].name}{of} has no bucket for all"
