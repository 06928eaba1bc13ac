"""Traces: what a collector is sent, and what it never is."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pydantic import AnyHttpUrl

from console.settings import Settings, SettingsTrouble
from console.settings.model import TracingSettings
from console.tracing import tracing
from console.world.world import World
from engine.model.failure import Refused
from engine.model.hidden import conceal
from engine.model.trace import about, span
from tests.alerts.receivers import Receiver, web
from tests.journeys.conftest import stage

HERE = "gid://shopify/Location/1"


def spans(collector: Receiver) -> list[tuple[str, bytes, bytes, dict[str, str]]]:
    """(name, id, parent's id, attributes) of everything that came."""
    found = []
    for posted in collector.came:
        for resource in ExportTraceServiceRequest.FromString(posted.body).resource_spans:
            for scope in resource.scope_spans:
                for one in scope.spans:
                    told = {each.key: each.value.string_value for each in one.attributes}
                    found.append((one.name, one.span_id, one.parent_span_id, told))
    return found


def sent_to(collector: Receiver) -> Settings:
    return Settings.model_construct(
        tracing=TracingSettings(endpoint=AnyHttpUrl(f"http://127.0.0.1:{collector.port}/v1/traces"))
    )


async def test_a_failure_is_the_outcome_of_every_span_it_leaves_and_nothing_hidden_is_told() -> None:
    conceal("a-very-secret-key")
    async with web() as collector:
        async with tracing(sent_to(collector)):
            with (
                about(connection="main"),
                pytest.raises(Refused),
                span("attempt order", {"record": "order:7"}),
            ):
                with span("shop a-very-secret-key", {}) as note:
                    note("said", "a-very-secret-key twice")
                raise Refused("no", "do", code="refused")
        inner, outer = spans(collector)
    assert (outer[0], outer[2]) == ("attempt order", b"")
    assert outer[3] == {"connection": "main", "record": "order:7", "outcome": "refused", "code": "refused"}
    assert inner[2] == outer[1]
    assert b"a-very-secret-key" not in b"".join(posted.body for posted in collector.came)


async def test_a_collector_that_is_away_hinders_nobody() -> None:
    async with web() as gone:
        settings = sent_to(gone)
    async with tracing(settings):
        with span("attempt order", {}):
            pass


async def test_without_its_packages_the_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    async with web() as collector:
        with pytest.raises(SettingsTrouble, match=r"Install trueup\[tracing\]"):
            async with tracing(sent_to(collector)):
                pass
    assert collector.came == []


async def test_an_order_is_traced_with_the_calls_that_booked_it(tmp_path: Path) -> None:
    async with web() as collector:
        async with stage(tmp_path, "odoo", before=traced(collector)) as on:
            shop, _ = await on.states()
            sku = next(
                cell["sku"] for cell in shop["levels"] if cell["location"] == HERE and cell["available"]
            )
            order = (await on.shop("checkout", {"location": HERE, "lines": [{"sku": sku, "quantity": 1}]}))[
                "id"
            ]
            await on.until(
                lambda _, erp: any(one["ref"] == order for one in erp["documents"]), "it is booked"
            )
        found = spans(collector)
    attempts = {
        id_: told
        for name, id_, _, told in found
        if name == "attempt order" and told["record"].endswith(order)
    }
    calls = [told for _, _, parent, told in found if parent in attempts]
    assert {told["peer"] for told in calls} == {"The shop", "Odoo"}
    assert {told["http.response.status_code"] for told in calls} == {"200"}
    assert all(told["connection"] == "main" and told["correlation"] for told in attempts.values())
    assert any(name == "stock round" for name, *_ in found)


def traced(collector: Receiver) -> Callable[[World], None]:
    def before(world: World) -> None:
        endpoint = f"http://127.0.0.1:{collector.port}/v1/traces"
        world.config.write_text(world.config.read_text() + f'[tracing]\nendpoint = "{endpoint}"\n')

    return before
