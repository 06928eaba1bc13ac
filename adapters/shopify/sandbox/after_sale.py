"""What happens to an order once it is placed: shipped, moved, cancelled, refunded, edited."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from adapters.shopify.sandbox.checkout import Till, open_fulfilment_order
from adapters.shopify.sandbox.money import NOTHING, Bag, rounded, total
from adapters.shopify.sandbox.order_totals import received, refunded, shipping_left
from adapters.shopify.sandbox.paying import (
    amount_back,
    part_of,
    refund_money,
    shipping_back,
    suggested,
    void_rest,
)
from adapters.shopify.sandbox.shop import NotPossible, Shop
from adapters.shopify.sandbox.things import (
    Fulfilment,
    FulfilmentOrder,
    FulfilmentOrderLine,
    Line,
    Location,
    Order,
    Refund,
    RefundLine,
)

Picked = Sequence[tuple[FulfilmentOrderLine, int]]


def close_if_done(shop: Shop, ship: FulfilmentOrder) -> None:
    """A fulfilment order ends with its last unit."""
    ship.status = "IN_PROGRESS" if any(row.remaining for row in ship.lines) else "CLOSED"
    ship.updated_at = shop.clock.now()


def fulfil(shop: Shop, picks: Sequence[tuple[FulfilmentOrder, Picked]]) -> Fulfilment:
    """Units of fulfilment orders at one location leave; they were committed there."""
    order, place = picks[0][0].order, picks[0][0].location
    gone = [(shop.next(), row.line, count) for _, rows in picks for row, count in rows if count]
    done = Fulfilment(
        shop.next(), order, place, gone, shop.clock.now(), f"{order.name}-F{len(order.fulfilments) + 1}"
    )
    for ship, rows in picks:
        for row, count in rows:
            row.remaining -= count
            row.line.fulfilled += count
            shop.shift(row.line.item, place, committed=-count)
            shop.note_act(order, "fulfilled", row.line, count, place)
        close_if_done(shop, ship)
    order.fulfilments.append(done)
    shop.fulfilments[done.number] = done
    shop.emit("fulfillments/create", done)
    shop.touch_order(order)
    return done


def move(shop: Shop, ship: FulfilmentOrder, place: Location, picked: Picked | None = None) -> FulfilmentOrder:
    """Let remaining units be shipped from another location; answers the fulfilment order that holds them now."""
    wanted = (
        list(picked) if picked is not None else [(row, row.remaining) for row in ship.lines if row.remaining]
    )
    for row, count in wanted:
        shop.shift(row.line.item, ship.location, committed=-count, available=count)
        shop.shift(row.line.item, place, committed=count, available=-count)
        shop.note_act(ship.order, "moved", row.line, count, ship.location, to=place)
    whole = all(count == row.remaining for row, count in wanted) and len(wanted) == sum(
        1 for row in ship.lines if row.remaining
    )
    there = next(
        (o for o in ship.order.fulfilment_orders if o.open and o.location is place and o is not ship), None
    )
    if whole and there is None and ship.status == "OPEN":
        ship.location = place
        ship.updated_at = shop.clock.now()
        found = ship
    else:
        arriving: list[tuple[Line, int, int]] = [(row.line, count, count) for row, count in wanted]
        if there is not None:
            arriving += [(row.line, row.remaining, row.remaining) for row in there.lines if row.remaining]
            for row in there.lines:
                row.remaining = 0
            there.status = "CLOSED"
        for row, count in wanted:
            row.remaining -= count
            row.total -= count
        if not any(row.remaining for row in ship.lines):
            ship.status = "CLOSED"
        ship.updated_at = shop.clock.now()
        found = open_fulfilment_order(shop, ship.order, place, arriving)
    for row, _ in wanted:
        row.line.location = place
    shop.touch_order(ship.order)
    return found


def take_out(shop: Shop, line: Line, count: int, *, restock: bool) -> Location:
    """Units that never left are no longer wanted; they go back to available, or off the books."""
    left, place = count, line.location
    for ship in line_ships(shop, line):
        for row in ship.lines:
            if row.line is line and left and row.remaining:
                part = min(left, row.remaining)
                row.remaining -= part
                left -= part
                place = ship.location
                shop.shift(line.item, place, committed=-part, available=part if restock else 0)
                shop.note_act(ship.order, "taken_out", line, part, place, restock=restock)
        if not any(row.remaining for row in ship.lines):
            ship.status = "CLOSED"
            ship.updated_at = shop.clock.now()
    if left:
        raise AssertionError("more units taken out than were open")
    return place


def line_ships(shop: Shop, line: Line) -> list[FulfilmentOrder]:
    """Open fulfilment orders with units of a line."""
    order = shop.lines[line.number]
    return [
        ship for ship in order.fulfilment_orders if ship.open and any(row.line is line for row in ship.lines)
    ]


def worth(order: Order, line: Line, count: int) -> tuple[Bag, Bag]:
    """What so many units cost after discounts, and their tax; the last units take the cents that are left."""

    def part(whole: Bag, upto: int) -> Bag:
        ratio = Decimal(upto) / line.quantity
        return Bag(
            rounded(whole.shop * ratio, order.currency), rounded(whole.presentment * ratio, order.presentment)
        )

    def between(whole: Bag) -> Bag:
        return part(whole, line.removed + count) - part(whole, line.removed)

    return between(line.discounted), between(total([tax.amount for tax in line.taxes]))


def give_back(
    shop: Shop,
    order: Order,
    wanted: Sequence[tuple[Line, int]],
    *,
    restock: bool,
    place: Location | None,
    pay: bool = True,
    returned: bool = False,
) -> Refund:
    """A refund: units that never left as CANCEL, units that left as RETURN; only the latter when `returned`."""
    found = Refund(shop.next(), order, [], shop.clock.now())
    money = NOTHING
    for line, count in wanted:
        never_left = min(count, line.waiting) if line.item.ships else count
        if returned:
            never_left = 0
        for part, kind in ((never_left, "CANCEL"), (count - never_left, "RETURN")):
            if not part:
                continue
            subtotal, tax = worth(order, line, part)
            where: Location | None = None
            if not line.item.ships:
                where = line.location
            elif kind == "CANCEL":
                where = take_out(shop, line, part, restock=restock)
            else:
                line.returned += part
                where = place or line.location
                if restock:
                    shop.shift(line.item, where, available=part)
                shop.note_act(order, "returned", line, part, where, restock=restock)
            line.removed += part
            if restock:
                line.restocked += part
            found.lines.append(
                RefundLine(
                    shop.next(),
                    line,
                    part,
                    kind if restock else "NO_RESTOCK",
                    where if restock else None,
                    subtotal,
                    tax,
                    kind == "CANCEL",
                )
            )
            money += subtotal if order.taxes_included else subtotal + tax
    order.refunds.append(found)
    shop.refunds[found.number] = found
    if pay:
        refund_money(shop, order, found, money)
    return found


def refund(shop: Shop, asked: dict[str, Any]) -> Refund:
    """A refund by staff; all that is left when no line is named, only of what has left when they say `returned`."""
    order = shop.order(asked["order"])
    wanted: list[tuple[Line, int]] = []
    returned = bool(asked.get("returned"))
    only_money = asked.get("line") is None and ("shipping" in asked or "amount" in asked)
    for line in () if only_money else order.lines:
        left = line.fulfilled_here if returned else line.quantity - line.removed
        if asked.get("line") is not None and not line.gid.endswith(
            f"/{str(asked['line']).rsplit('/', 1)[-1]}"
        ):
            continue
        count = min(left, int(asked.get("quantity") or left))
        if count:
            wanted.append((line, count))
    shipping = shipping_back(order, asked["shipping"]) if asked.get("shipping") else []
    amount = amount_back(order, asked["amount"]) if "amount" in asked else None
    if not wanted and not shipping and amount is None:
        raise NotPossible("nothing left to refund")
    place = shop.place(asked["location"]) if asked.get("location") is not None else None
    restock = bool(asked.get("restock", True))
    done = give_back(shop, order, wanted, restock=restock, place=place, pay=False, returned=returned)
    done.shipping, done.note = shipping, str(asked.get("note", ""))
    worth_back = suggested(order, done)
    if amount is not None:
        done.adjustment = amount - worth_back
    refund_money(shop, order, done, worth_back if amount is None else amount)
    shop.emit("refunds/create", done)
    shop.touch_order(order)
    return done


def cancel(
    shop: Shop, order: Order, *, restock: bool, pay_back: bool, reason: str, note: str | None = None
) -> None:
    """The whole order is called off; only for orders of which nothing has left."""
    if order.cancelled_at is not None:
        raise NotPossible("Order has already been cancelled")
    if order.fulfilments:
        raise NotPossible("Cannot cancel an order with fulfilled line items")
    wanted = [(line, line.quantity - line.removed) for line in order.lines if line.quantity > line.removed]
    done = give_back(shop, order, wanted, restock=restock, place=None, pay=False) if wanted else None
    if done is not None and pay_back:
        left = [(charge, shipping_left(order, charge)) for charge in order.shipping]
        done.shipping = [part_of(order, charge, part) for charge, part in left if part.shop]
        refund_money(shop, order, done, received(order) - refunded(order))
    void_rest(shop, order)
    order.cancelled_at, order.cancel_reason, order.staff_note = shop.clock.now(), reason, note
    shop.emit("orders/cancelled", order)
    if done is not None:
        shop.emit("refunds/create", done)
    shop.touch_order(order)


def fulfil_all(shop: Shop, asked: dict[str, Any]) -> list[Fulfilment]:
    """Staff ship what is open, from another location when they say so."""
    order = shop.order(asked["order"])
    elsewhere = shop.place(asked["location"]) if asked.get("location") is not None else None
    done = []
    for ship in [ship for ship in order.fulfilment_orders if ship.open]:
        if not ship.open:
            continue
        if elsewhere is not None and ship.location is not elsewhere:
            ship = move(shop, ship, elsewhere)
        rows = [(row, row.remaining) for row in ship.lines if row.remaining]
        if asked.get("line") is not None:
            number = str(asked["line"]).rsplit("/", 1)[-1]
            rows = [(row, count) for row, count in rows if str(row.line.number) == number]
        if asked.get("quantity") is not None:
            rows = [(row, min(count, int(asked["quantity"]))) for row, count in rows]
        if rows:
            done.append(fulfil(shop, [(ship, rows)]))
    if not done:
        raise NotPossible("nothing left to fulfil")
    return done


def edit(shop: Shop, asked: dict[str, Any]) -> Order:
    """Staff change an order: fewer units of a line (unshipped ones), or a line more."""
    order = shop.order(asked["order"])
    if order.cancelled_at is not None:
        raise NotPossible("a cancelled order cannot be edited")
    if asked.get("add"):
        add_line(shop, order, asked["add"])
    if asked.get("line") is not None:
        number = str(asked["line"]).rsplit("/", 1)[-1]
        line = next((line for line in order.lines if str(line.number) == number), None)
        if line is None:
            raise NotPossible("no such line")
        fewer = line.quantity - line.removed - int(asked["quantity"])
        if fewer < 0 or fewer > line.waiting:
            raise NotPossible("only unshipped units can be taken out")
        if fewer:
            done = give_back(
                shop, order, [(line, fewer)], restock=bool(asked.get("restock", True)), place=None
            )
            shop.emit("refunds/create", done)
    order.edited = True
    shop.touch_order(order)
    return order


def add_line(shop: Shop, order: Order, said: dict[str, Any]) -> None:
    """One line more, committed where there is room; the buyer owes its price."""
    item, count = shop.article(said["sku"]), int(said["quantity"])
    places = [
        level.location for level in item.levels.values() if level.active and level.units["available"] >= count
    ]
    if not places:
        raise NotPossible(f"not enough {item.sku}")
    till = Till(
        order.currency,
        order.presentment,
        order.lines[0].taxes[0].rate if order.lines[0].taxes else Decimal(0),
        order.taxes_included,
    )
    line = Line(shop.next(), item, count, till.bag(item.price), places[0])
    line.taxes = till.taxes(line.discounted)
    order.lines.append(line)
    shop.lines[line.number] = order
    open_fulfilment_order(shop, order, places[0], [(line, count, count)])
    shop.shift(item, places[0], available=-count, committed=count)
    shop.note_act(order, "promised", line, count, places[0])
