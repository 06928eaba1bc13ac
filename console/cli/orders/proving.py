"""The exact-cent proof in print: every summand, then every comparison, then the document in the back office."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import click

from console.cli.options import put_table
from console.cli.trouble import NO, Trouble, plain
from engine.model.currencies import DIGITS
from engine.model.money import exact
from engine.model.order import Order
from engine.model.sale import Document, shipped
from engine.orders.coverage import Gap
from engine.orders.proof import Proof, prove
from engine.orders.standing import standing
from engine.orders.summands import Summand, summands, total_of
from engine.orders.sums import Sum


@dataclass(frozen=True, slots=True)
class Shown:
    """What is printed of one order."""

    order: Order
    parts: tuple[Summand, ...]
    proof: Proof
    gaps: tuple[Gap, ...] = ()
    document: Document | None = None
    trouble: tuple[str, str] | None = None
    """Cause and remedy of what keeps the order from the back office, or the back office from being asked."""

    @property
    def exact(self) -> bool:
        """Everything adds up, the document included, and every field is declared."""
        same = self.document is None or self.document.total == owed(self.order, self.document)
        return self.proof.exact and same and not self.gaps and self.trouble is None


def owed(order: Order, document: Document) -> Decimal:
    """What the document must be worth: the order without what was taken out before it left, unless all was called off."""
    current = order if order.cancelled_at else standing(order, shipped(document))
    return current.total.shop.amount


def shown(
    order: Order,
    *,
    gaps: tuple[Gap, ...] = (),
    document: Document | None = None,
    trouble: tuple[str, str] | None = None,
) -> Shown:
    """Add up an order; Trouble when its amounts are in currencies that cannot be added."""
    unknown = {order.currency, order.presentment_currency} - DIGITS.keys()
    if unknown and trouble is None:
        trouble = (
            f"{unknown.pop()} is a currency TrueUp does not know.",
            "Report the code, so that it can be added.",
        )
    try:
        return Shown(order, summands(order), prove(order), gaps, document, trouble)
    except ValueError as mixed:
        raise Trouble(
            f"Order {order.name} cannot be added up: {mixed}.",
            "Compare the currencies of the order in Shopify.",
            NO,
        ) from mixed


def as_json(one: Shown) -> dict[str, Any]:
    """The same for scripts; amounts as text, exact."""
    home = total_of(one.parts)
    return {
        "order": one.order.name,
        "id": one.order.id,
        "currency": one.order.currency,
        "presentment_currency": one.order.presentment_currency,
        "exact": one.exact,
        "summands": [
            {
                "part": each.part,
                "label": each.label,
                **_pair("amount", each.amount),
                "counted": each.counted,
            }
            for each in one.parts
        ],
        "sum": _pair("amount", home),
        "lines": [
            {
                "label": check.label,
                **_pair("ours", check.ours),
                **_pair("stated", check.stated),
                **_pair("left", check.left),
            }
            for check in one.proof.checks
        ],
        "document": None if one.document is None else _document(one.document),
        "gaps": [{"field": gap.field, "sample": gap.sample} for gap in one.gaps],
        "trouble": None if one.trouble is None else {"cause": one.trouble[0], "remedy": one.trouble[1]},
    }


def _pair(name: str, amounts: tuple[Decimal, Decimal]) -> dict[str, str]:
    return {name: str(amounts[0]), f"{name}_presentment": str(amounts[1])}


def _document(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "status": document.status,
        "total": str(document.total),
        "lines": [
            {
                "sku": line.sku,
                "warehouse": line.warehouse,
                "quantity": line.quantity,
                "shipped": line.shipped,
                "returned": line.returned,
            }
            for line in document.lines
        ],
    }


def say(one: Shown) -> None:
    """Print it for people."""
    order, home = one.order, (one.order.currency, f"buyer {one.order.presentment_currency}")

    def written(amounts: Sum) -> Sum:
        return exact(amounts[0], order.currency), exact(amounts[1], order.presentment_currency)

    rows: list[Sequence[object]] = [
        (each.part, each.label, *written(each.amount), "" if each.counted else "inside another amount")
        for each in one.parts
    ]
    put_table(
        ("part", f"order {plain(order.name)}", *home, ""),
        [*rows, ("", "sum", *written(total_of(one.parts)), "")],
    )
    click.echo("")
    put_table(
        ("compared", *home, "Shopify", home[1], "left", "left"),
        [
            (check.label, *written(check.ours), *written(check.stated), *written(check.left))
            for check in one.proof.checks
        ],
    )
    click.echo("")
    first = one.proof.first
    click.echo(
        f"{plain(order.name)} adds up to the cent in both currencies."
        if first is None
        else f"{plain(order.name)} differs first at {plain(first.label)}: {first.ours[0]} against "
        f"{first.stated[0]} {home[0]}, {first.ours[1]} against {first.stated[1]} {order.presentment_currency}."
    )
    if one.document is not None:
        say_document(one.document, order)
    for gap in one.gaps:
        click.echo(f"gap: {plain(gap.field)} has no declared destination, for example {plain(gap.sample)}")
    if one.trouble is not None:
        click.echo(f"{plain(one.trouble[0])} {plain(one.trouble[1])}")


def say_document(document: Document, order: Order) -> None:
    """The document as read back, and whether it is worth what the order is."""
    worth, charged = owed(order, document), order.total.shop.amount
    verdict = "the same" if document.total == worth else f"NOT the {worth} that the order is worth in Shopify"
    if worth != charged:
        verdict += f", of {charged} charged before units were taken out"
    click.echo(
        f"back office: document {plain(document.id)}, {document.status}, {document.total} "
        f"{order.currency}, {verdict}"
    )
    if document.lines:
        put_table(
            ("SKU", "warehouse", "ordered", "shipped", "returned"),
            [
                (line.sku, line.warehouse, line.quantity, line.shipped, line.returned)
                for line in document.lines
            ],
        )
