"""What /metrics says: clean by the rules of Prometheus, true by the store, and all that dashboard and rules ask for."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.monitoring.lint import faults

FUNCTIONS = {
    "sum", "max", "by", "rate", "time", "histogram_quantile", "or", "label_values", "le",
}  # fmt: skip
FOLDER = Path(__file__).parents[2] / "docs" / "monitoring"


def value(exposition: str, name: str, **labels: str) -> float:
    [found] = [
        sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.name == name and all(sample.labels.get(k) == v for k, v in labels.items())
    ]
    return found


def test_the_exposition_is_clean(exposition: str) -> None:
    assert list(faults(exposition)) == []


@pytest.mark.skipif(shutil.which("promtool") is None, reason="this machine has no promtool")
def test_promtool_has_nothing_to_say_of_the_exposition_and_the_rules(exposition: str) -> None:
    for words, given in (
        (["check", "metrics"], exposition),
        (["check", "rules", str(FOLDER / "prometheus-rules.yml")], ""),
    ):
        judged = subprocess.run(
            ["promtool", *words], input=given, capture_output=True, text=True, check=False
        )
        assert judged.returncode == 0, judged.stdout + judged.stderr
        assert judged.stderr == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("# TYPE a gauge\na 1\n", "a has no help text"),
        ("# HELP a_ms x y\n# TYPE a_ms gauge\na_ms 1\n", "a_ms is not in a base unit"),
        ("# HELP a_total x y\n# TYPE a_total gauge\na_total 1\n", "the gauge a_total has a reserved ending"),
        ('# HELP a x y\n# TYPE a gauge\na{b="1"} 1\na{b="1"} 2\n', "a{'b': '1'} is there twice"),
        (
            '# HELP a x y\n# TYPE a histogram\na_bucket{le="1"} 5\na_bucket{le="+Inf"} 4\na_sum 1\na_count 4\n',
            "the buckets of a_bucket() do not grow",
        ),
    ],
)
def test_the_check_finds_what_is_wrong(text: str, fault: str) -> None:
    assert fault in list(faults(text))


@pytest.mark.parametrize(
    ("name", "labels", "said"),
    [
        ("trueup_led", {"connection": "main"}, 1),
        ("trueup_lag_seconds", {"connection": "main"}, 2.5),
        ("trueup_backlog", {"lane": "orders"}, 1),
        ("trueup_backlog_age_seconds", {"lane": "orders"}, 90),
        ("trueup_backlog", {"lane": "decreases"}, 1),
        ("trueup_records_waiting", {"code": "tax_unmapped"}, 2),
        ("trueup_attempts_total", {"outcome": "delivered"}, 8),
        ("trueup_calls_total", {"remote": "shop", "kind": "read", "outcome": "ok"}, 12),
        ("trueup_allowance_left", {"remote": "shop"}, 840),
        ("trueup_retry_budget", {"connection": "main"}, 4),
        ("trueup_breaker_open", {"remote": "shop", "kind": "write"}, 1),
        ("trueup_breaker_open", {"remote": "shop", "kind": "read"}, 0),
        ("trueup_remote_up", {"remote": "back office"}, 0),
        ("trueup_webhooks_missed", {"topic": "orders/create"}, 2),
        ("trueup_cells", {"state": "kept"}, 2),
        ("trueup_cells", {"state": "oversold"}, 1),
        ("trueup_cells", {"state": "conflict"}, 1),
        ("trueup_cells", {"state": "at_risk"}, 3),
        ("trueup_mapping_gaps", {}, 1),
        ("trueup_alarms", {"code": "webhooks_silent"}, 1),
        ("trueup_disk_free_bytes", {}, 10**8),
    ],
)
def test_figures_are_those_of_the_store(
    exposition: str, name: str, labels: dict[str, str], said: float
) -> None:
    assert value(exposition, name, **labels) == said


def test_every_write_is_in_one_commit(busy, exposition: str) -> None:  # type: ignore[no-untyped-def]
    commits = value(exposition, "trueup_store_writes_per_commit_count")
    assert commits == sum(busy.groups.counts) > 10
    assert value(exposition, "trueup_store_writes_per_commit_sum") == busy.groups.writes >= commits


def exported(exposition: str) -> set[str]:
    return {
        sample.name for family in text_string_to_metric_families(exposition) for sample in family.samples
    } | {"up"}  # made by Prometheus itself


def expressions() -> Iterator[tuple[str, str]]:
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["query"]
    rules = (FOLDER / "prometheus-rules.yml").read_text(encoding="utf-8")
    found = re.findall(r"- alert: (\w+)\n\s+expr: (.+)\n", rules)
    assert len(found) == rules.count("- alert:")
    yield from found


def names(expression: str) -> set[str]:
    """Metrics an expression asks for: words that are neither functions, label names, durations nor strings."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\bby\s*\([^)]*\)", " ", bare)
    return set(re.findall(r"[a-z_][a-z0-9_]+", bare)) - FUNCTIONS - {"connection"}


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_what_dashboard_and_rules_ask_for_is_exported(exposition: str, where: str, expression: str) -> None:
    asked = names(expression)
    assert asked
    assert asked - exported(exposition) == set(), where


def test_the_dashboard_shows_every_metric_of_ours(exposition: str) -> None:
    shown = {name for _, expression in expressions() for name in names(expression)}
    ours = {
        name for name in exported(exposition) if name.startswith("trueup_") and not name.endswith("_created")
    }
    parts = re.compile(r"_(bucket|sum|count)$")
    assert {parts.sub("", n) for n in ours} - {parts.sub("", n) for n in shown} == {"trueup_build_info"}
