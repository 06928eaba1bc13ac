"""One order in print: what was sold, where it stands on both sides."""

from dataclasses import asdict
from typing import Any

import click

from console.cli.options import put_table
from console.cli.orders.proving import say_document
from console.cli.trouble import plain
from console.lookup import Found
from engine.model.order import Order


def as_json(found: Found) -> dict[str, Any]:
    """Both sides for scripts; amounts as text, exact."""
    return {
        "connection": found.connection,
        "order": asdict(found.order),
        "document": None if found.document is None else asdict(found.document),
    }


def say(found: Found) -> None:
    """Print it for people."""
    order = found.order
    head = [f"placed {order.created_at:%Y-%m-%d %H:%M:%S}Z", f"changed {order.updated_at:%Y-%m-%d %H:%M:%S}Z"]
    if order.cancelled_at:
        head.append(f"cancelled {order.cancelled_at:%Y-%m-%d %H:%M:%S}Z")
    click.echo(f"{plain(order.name)}  {order.id}  ({plain(found.connection)})")
    click.echo(", ".join(head))
    total, seen = order.total.shop, order.total.presentment
    click.echo(f"total {total.amount} {total.currency}, the buyer saw {seen.amount} {seen.currency}")
    put_table(
        ("line", "SKU", "units", "left", "at", "ships"),
        [
            (
                line.title, line.sku, line.quantity, line.current_quantity, line.unit_price.shop.amount,
                "yes" if line.requires_shipping else "no",
            )
            for line in order.lines
        ],
    )  # fmt: skip
    _movements(order)
    for paid in order.transactions:
        amount = paid.amount.shop
        click.echo(
            f"{plain(paid.kind)} {plain(paid.gateway)} {amount.amount} {amount.currency}: {plain(paid.status)}"
        )
    if found.document is not None:
        say_document(found.document, order)
    elif found.silent is None:
        click.echo("back office: no document")
    if found.silent is not None:
        click.echo(f"back office: {plain(found.silent.cause)} {plain(found.silent.remedy)}")


def _movements(order: Order) -> None:
    for group in order.fulfilment_orders:
        units = sum(count for _, count in group.lines)
        click.echo(f"to ship from {plain(group.location or 'nowhere')}: {units} units, {plain(group.status)}")
    for parcel in order.fulfilments:
        units = sum(count for _, count in parcel.lines)
        click.echo(f"left {plain(parcel.location or 'nowhere')}: {units} units, {plain(parcel.status)}")
    for refund in order.refunds:
        units = sum(given.quantity for given in refund.lines)
        click.echo(f"given back on {refund.created_at:%Y-%m-%d %H:%M:%S}Z: {units} units")
