"""Every amount of an order's node, and the node with one of them off by a minor unit."""

from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

from engine.model.money import exponent

Steps = tuple[str | int, ...]


def amounts(node: dict[str, Any]) -> Iterator[Steps]:
    """Where amounts stand.

    Left out are, in an order of two currencies, transactions that moved no money: nothing else says what they were.
    """
    still = set() if node["currencyCode"] == node["presentmentCurrencyCode"] else _still(node)
    for path in _amounts(node):
        if path[0] != "transactions" or path[1] not in still:
            yield path


def _amounts(value: Any, path: Steps = ()) -> Iterator[Steps]:
    if isinstance(value, dict):
        if "amount" in value and "currencyCode" in value:
            yield path
        for name, inner in value.items():
            yield from _amounts(inner, (*path, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _amounts(inner, (*path, at))


def _still(node: dict[str, Any]) -> set[int]:
    """Transactions that failed, are awaited, or were voided, and what voided them."""
    listed = node["transactions"]
    voided = {(each.get("parentTransaction") or {}).get("id") for each in listed if each["kind"] == "VOID"}
    return {
        at
        for at, each in enumerate(listed)
        if each["kind"] == "VOID" or each["status"] in ("FAILURE", "PENDING") or each["id"] in voided
    }


def off(node: dict[str, Any], path: Steps, by: int) -> dict[str, Any]:
    """The node with the amount at `path` so many minor units off."""
    wrong = deepcopy(node)
    found: Any = wrong
    for step in path:
        found = found[step]
    found["amount"] = str(Decimal(found["amount"]) + Decimal(by).scaleb(-exponent(found["currencyCode"])))
    return wrong
