"""Comparing tells nothing: digests are compared in constant time alone, and who is unknown is judged like who is known."""

import ast
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.intake import ConnectionSecrets, Forged, judge

HOUSE = Path(__file__).parents[2]
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ROUTES = {"main": ConnectionSecrets(shop_secrets=(SECRET,), back_office_secrets=(SECRET,))}
MADE = {"digest", "hexdigest", "b64encode", "sign", "signature"}
"""What makes a digest, or writes it down."""


def makes_a_digest(node: ast.expr) -> bool:
    calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
    return bool(
        MADE & {one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in calls}
    )


def compared(tree: ast.AST) -> Iterator[int]:
    """Lines on which something of which a digest was made, under whatever name, is compared by == or `in`."""
    named = {
        target.id
        for one in ast.walk(tree)
        if isinstance(one, ast.Assign) and makes_a_digest(one.value)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    for one in ast.walk(tree):
        if isinstance(one, ast.Compare) and isinstance(one.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            sides = [one.left, *one.comparators]
            if any(makes_a_digest(s) or (isinstance(s, ast.Name) and s.id in named) for s in sides):
                yield one.lineno


def test_no_digest_is_compared_by_its_first_different_byte() -> None:
    judges = [
        path
        for path in sorted((HOUSE / "adapters").rglob("*.py"))
        if "sandbox" not in path.parts and "compare_digest" in path.read_text(encoding="utf-8")
    ]
    assert {path.stem for path in judges} >= {"doorbells", "standard_webhooks", "webhooks"}
    found = [
        (path.name, line) for path in judges for line in compared(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_the_search_finds_what_it_looks_for() -> None:
    assert list(compared(ast.parse("made = hmac.new(k, b, h).digest()\nif made == given:\n    pass"))) == [2]
    assert list(compared(ast.parse("ok = sign(body, key) in given"))) == [1]
    assert list(compared(ast.parse("ok = hmac.compare_digest(sign(body, key), given)"))) == []


@pytest.mark.parametrize(
    ("source", "headers"),
    [
        ("shop", {"x-shopify-hmac-sha256": "AAAA", "x-shopify-topic": "orders/create"}),
        ("back_office", {"webhook-id": "1", "webhook-timestamp": f"{NOW.timestamp():.0f}", "webhook-signature": "v1,AAAA"}),
    ],
)  # fmt: skip
def test_a_connection_nobody_has_costs_as_many_digests_as_one_that_is_there(
    source: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    made, fits = hmac.new, hmac.compare_digest

    def making(*words: object, **more: object) -> hmac.HMAC:
        done.append("made")
        return made(*words, **more)  # type: ignore[arg-type]

    def comparing(one: bytes, other: bytes) -> bool:
        done.append("compared")
        return fits(one, other)

    monkeypatch.setattr(hmac, "new", making)
    monkeypatch.setattr(hmac, "compare_digest", comparing)
    cost = []
    for connection in ("main", "nobody"):
        done.clear()
        with pytest.raises(Forged):
            judge(ROUTES, source, connection, headers, b"{}", NOW)  # type: ignore[arg-type]
        cost.append(list(done))
    assert cost[0] == cost[1]
    assert {"made", "compared"} <= set(cost[0])
