"""What must be true when everything is quiet: nothing lost, doubled, invented or stuck, and every cell equal."""

from collections import Counter
from decimal import Decimal

from adapters.shopify.sandbox.order_totals import (
    current_total,
    discrepancy,
    received,
    refunded,
    standing_total,
)
from adapters.shopify.sandbox.things import Order
from tests.simulation.erp import WAREHOUSES, Erp, plain
from tests.simulation.person import BY_HAND
from tests.simulation.shop import LaggingShop
from tests.simulation.stage import Stage
from tests.simulation.truth import Truth
from tests.simulation.watcher import Watcher


def judge(
    stage: Stage, shop: LaggingShop, erp: Erp, truth: Truth, watcher: Watcher, *, decided: bool
) -> None:
    """Compare both books, the goods and our own. `decided`: a person has settled every hand edit."""
    if not decided:
        _orders(stage, shop, erp, watcher)
        _inbox(stage, watcher)
        _remainders(stage, shop, truth, watcher)
    _cells(stage, shop, erp, truth, decided)


def _orders(stage: Stage, shop: LaggingShop, erp: Erp, watcher: Watcher) -> None:
    held = Counter(
        plain(row[0]) for row in erp.rows("SELECT ext_ref FROM sales_order WHERE ext_ref IS NOT NULL")
    )
    living = Counter(
        plain(row[0])
        for row in erp.rows(
            "SELECT ext_ref FROM sales_order WHERE ext_ref IS NOT NULL AND status <> 'cancelled'"
        )
    )
    by_hand = {row[1] for row in watcher.waiting() if row[3] == BY_HAND}
    for order in shop.orders.values():
        off = order.cancelled_at is not None or not any(line.quantity > line.removed for line in order.lines)
        called_off = (
            off and not order.fulfilments and not (order.cancelled_at is None and standing_total(order).shop)
        )
        if not held[order.gid] and not called_off:
            stage.violate("LOST", f"{order.name} {order.gid}")
        if held[order.gid] > 1 and (living[order.gid] > 1 or not watcher.admitted(order.gid)):
            stage.violate("DUPLICATED", f"{order.name} {held[order.gid]} times")
        if held[order.gid] == 1 and order.gid not in by_hand:
            _goods(stage, order, erp)
            _money(stage, order, erp)
    for ref in held:
        if ref not in {order.gid for order in shop.orders.values()}:
            stage.violate("PHANTOM DOCUMENT", ref)


def _goods(stage: Stage, order: Order, erp: Erp) -> None:
    """What left, came back and is still to leave is the same in both books, and so is what it is worth."""
    named = (order.gid, f"{order.gid}~%")
    rows = erp.rows(
        "SELECT a.sku, sum(a.shipped), sum(a.returned), sum(a.quantity - a.shipped) FROM allotment AS a"
        " JOIN sales_order AS o ON o.id = a.document WHERE o.ext_ref = ? OR o.ext_ref LIKE ? GROUP BY 1",
        *named,
    )
    there = {row[0]: row[1:] for row in rows}
    [(status, total)] = erp.rows(
        "SELECT status, total FROM sales_order WHERE ext_ref = ? OR ext_ref LIKE ?", *named
    )
    for sku in {line.item.sku: None for line in order.lines}:
        lines = [line for line in order.lines if line.item.sku == sku]
        shipped, returned, waiting = there.get(sku, (0, 0, 0))
        gone, owed = sum(line.fulfilled for line in lines), sum(line.waiting for line in lines)
        if gone != shipped and order.cancelled_at is None:
            stage.violate("SHIPPED", f"{order.name} {sku}: shop {gone}, erp {shipped} {status}")
        back = sum(
            r.quantity for f in order.refunds for r in f.lines if r.line in lines and r.restock == "RETURN"
        )
        if back != returned:
            stage.violate("RETURNED", f"{order.name} {sku}: shop {back}, erp {returned} {status}")
        if order.cancelled_at is None and status != "cancelled" and owed != waiting:
            stage.violate(
                "RESERVED", f"{order.name} {sku}: shop owes {owed}, erp reserves {waiting} {status}"
            )
    worth = standing_total(order).shop
    if order.cancelled_at is None and status != "cancelled" and Decimal(total) != worth:
        stage.violate("TOTAL", f"{order.name}: worth {worth} in the shop, {total} in the erp")


def _money(stage: Stage, order: Order, erp: Erp) -> None:
    """What was received, paid back and credited is the same in both books, however often anything was sent."""

    def there(table: str, where: str = "") -> Decimal:
        amounts = erp.rows(
            f"SELECT m.amount FROM {table} AS m JOIN sales_order AS o ON o.id = m.document"
            f" WHERE (o.ext_ref = ? OR o.ext_ref LIKE ?){where}",
            order.gid,
            f"{order.gid}~%",
        )
        return sum((Decimal(row[0]) for row in amounts), Decimal(0))

    paid, back = there("payment", " AND m.kind IN ('SALE', 'CAPTURE')"), there("refund")
    if (paid, back) != (received(order).shop, refunded(order).shop):
        stage.violate(
            "MONEY",
            f"{order.name}: shop received {received(order).shop} and paid back {refunded(order).shop},"
            f" erp {paid} and {back}",
        )
    [(status, total)] = erp.rows(
        "SELECT status, total FROM sales_order WHERE ext_ref = ? OR ext_ref LIKE ?",
        order.gid,
        f"{order.gid}~%",
    )
    left, owed = Decimal(total) - there("credit_memo"), (current_total(order) + discrepancy(order)).shop
    if order.cancelled_at is None and status != "cancelled" and left != owed:
        stage.violate("CREDIT", f"{order.name}: {owed} in the shop, {left} in the erp after credit memos")


def _inbox(stage: Stage, watcher: Watcher) -> None:
    ids, bodies = watcher.stored()
    for webhook, body in stage.acked.items():
        if webhook not in ids and body not in bodies:
            stage.violate("ACKNOWLEDGED AND GONE", webhook)
    for topic, resource, count in watcher.doubled():
        stage.violate("TAKEN IN TWICE", f"{topic} {resource} {count} times")


def _remainders(stage: Stage, shop: LaggingShop, truth: Truth, watcher: Watcher) -> None:
    """What a person would be asked about is exactly what was edited by hand and not answered."""
    named = watcher.named()
    for sku, location, base, pos, _ in watcher.cells():
        place = int(location.rsplit("/", 1)[-1]) - 1
        level = shop.by_sku[sku].levels[place + 1]
        wanted = sum(edit.units for edit in truth.edits if edit.cell == (sku, place) and not edit.noted)
        if base is None:
            stage.violate("NEVER AGREED", f"{sku} at {place}")
            continue
        found = level.quantity("on_hand") - base - named[sku, location] + pos
        if found != wanted:
            stage.violate("PHANTOM REMAINDER", f"{sku} at {place}: asked about {found}, edited {wanted}")


def _cells(stage: Stage, shop: LaggingShop, erp: Erp, truth: Truth, decided: bool) -> None:
    sellable = truth.sellable()
    shelves = {
        (row[0], row[1]): (row[2], row[3])
        for row in erp.rows("SELECT sku, warehouse, on_hand, reserved FROM shelf")
    }
    edited = {edit.cell for edit in truth.edits}
    for sku, item in shop.by_sku.items():
        for place, warehouse in enumerate(WAREHOUSES):
            if not decided and (sku, place) in edited:
                continue
            available = item.levels[place + 1].units["available"]
            on_hand, reserved = shelves[sku, warehouse]
            # Shopify takes no level below zero, so it cannot sell fewer than none
            nothing = (
                item.levels[place + 1].quantity("on_hand") == 0 and sellable[sku, place] < available <= 0
            )
            if available != sellable[sku, place] and not nothing:
                stage.violate(
                    "DIFFERS",
                    f"{sku} at {place}: shop sells {available}, sellable {sellable[sku, place]},"
                    f" erp {on_hand} less {reserved}{' after decisions' if decided else ''}",
                )
