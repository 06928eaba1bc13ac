"""Working beside another connector: what TrueUp would write is compared with what that one wrote, and sent nowhere.

Levels are judged by both books alone: what was agreed on before is the other connector's business. An order whose
document bears no reference of ours counts as reserved in the back office as far as the reservations there go.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from engine.flows.cell_reading import Reading
from engine.flows.deciding import decided
from engine.flows.product_looking import Look
from engine.flows.remember import remember
from engine.flows.site import Site
from engine.model.failure import NotApplied
from engine.model.money import exponent
from engine.model.order import Order
from engine.model.remit import WHOLE, Subject
from engine.model.sale import Document
from engine.orders.amending import called_off
from engine.orders.mapping import sales_document
from engine.orders.step import Amend, Book, Cancel, Fulfil, Move, Reroute, Ship, Step, TakeBack, Track
from engine.orders.steps import finished
from engine.products.fields import shown
from engine.store.rows import CellState, Published
from engine.store.verbs.products import later
from engine.store.verbs.settled import SETTLED
from engine.store.verbs.shadow import Sight, alone_since, began, compare, compare_cells, remit_of, taken

LOOK_AGAIN = timedelta(seconds=30)
"""How soon a cell that differs is looked at again: whoever writes it may just be late."""
PRODUCTS_AGAIN = timedelta(minutes=5)
SENT = (Ship, Reroute, TakeBack, Fulfil, Move, Track)
"""Steps of fulfilment."""


async def take_up_remit(site: Site) -> None:
    """Write what has been taken over so far, and nothing else; everything where no other connector is."""
    if not site.beside:
        site.licence.remit = WHOLE
        since = await site.store.write(alone_since, site.name, site.now())
        if since is not None:
            site.orders_since = max(site.orders_since or since, since)
        return
    await site.store.write(began, site.name, site.now())
    rows = await site.store.read(taken, site.name)
    site.licence.remit = remit_of(rows)
    site.orders_taken = next((row.since for row in rows if row.subject == Subject.ORDERS), None)


def writes_level(site: Site, cell: CellState) -> bool:
    """Is this cell ours to write?"""
    return site.licence.remit.covers(Subject.STOCK, cell.location)


def may_take(site: Site, order: Order, step: Step) -> bool:
    """Is this step of this order ours to take?"""
    remit = site.licence.remit
    if remit.whole or isinstance(step, SENT):
        return remit.covers(Subject.FULFILMENT)
    return books(site, order)


def books(site: Site, order: Order) -> bool:
    """Is the order ours to book, and its money ours to enter? One placed before we took over never is."""
    remit, since = site.licence.remit, site.orders_taken
    if remit.whole:
        return True
    return remit.covers(Subject.ORDERS) and since is not None and order.created_at >= since


async def judge_cells(site: Site, cells: Sequence[CellState], reading: Reading) -> None:
    """Compare what the shop holds with what we would write."""
    seen: list[tuple[Published, int]] = []
    for cell in cells:
        fresh = replace(cell, base=None, pos=0, seen_low=None, seen_at=None)
        plan = decided(site, fresh, reading)
        terms, level = plan.target.terms, reading.levels[cell.key]
        known = sum(at.committed for order, at in plan.orders.items() if order in reading.documents)
        assumed = min(max(level.committed - known, 0), max(terms.erp_reserved - terms.exempt, 0))
        seen.append((plan.published, max(plan.target.plain + assumed, 0)))
    now = site.now()
    if seen:
        await site.store.write(compare_cells, site.name, seen, now + LOOK_AGAIN, now)


async def judge_order(
    site: Site, order: Order, document: Document | None, wanted: Step | NotApplied | None
) -> None:
    """Compare the document of an order with what we would have entered; `wanted` is our next step, or why there is none."""
    sights = {
        Subject.ORDERS: _entered(site, order, document, wanted),
        Subject.FULFILMENT: _sent(order, wanted),
    }
    for subject, seen in sights.items():
        await site.store.write(compare, site.name, subject.value, seen, site.now())
    if document is None or finished(order, document):
        await remember(site, order, SETTLED)


async def judge_products(site: Site, looks: Iterable[Look]) -> None:
    """Compare the fields the shop holds with what we would write."""
    looks = list(looks)
    sights = [
        Sight(
            one.looked.link.sku, "", name,
            shown(field.office if field.written else one.variant.values[name]),
            shown(one.variant.values[name]),
        )
        for one in looks
        for name, field in one.looked.fields.items()
    ]  # fmt: skip
    now = site.now()
    await site.store.write(compare, site.name, Subject.PRODUCTS.value, sights, now)
    waiting = [one.looked.link for one in looks if not one.idle]
    await site.store.write(later, site.name, waiting, now + PRODUCTS_AGAIN)


def _entered(
    site: Site, order: Order, document: Document | None, wanted: Step | NotApplied | None
) -> list[Sight]:
    there = _yes(document is not None)
    sights = [
        _sight(order, "booked", _yes(isinstance(wanted, Book)) if document is None else there, there),
        _flag(order, "content", isinstance(wanted, Amend)),
        _flag(order, "cancelled", isinstance(wanted, Cancel)),
    ]
    total = (
        _total(site, order, document)
        if document and not called_off(order) and not isinstance(wanted, Amend)
        else None
    )
    if document is None or total is None:
        return [*sights, _flag(order, "total", False)]
    return [*sights, _sight(order, "total", total, f"{document.total:.{exponent(order.currency)}f}")]


def _total(site: Site, order: Order, document: Document) -> str:
    """What the document would come to if it were ours; why there would be none, where a person has to decide first."""
    try:
        sale = sales_document(order, site.books_at, site.names, document)
    except NotApplied as held:
        return held.cause
    return f"{sale.total:.{exponent(order.currency)}f}"


def _sent(order: Order, wanted: Step | NotApplied | None) -> list[Sight]:
    return [
        _flag(order, "shipped", isinstance(wanted, Ship | Reroute)),
        _flag(order, "returned", isinstance(wanted, TakeBack)),
        _flag(order, "told", isinstance(wanted, Fulfil | Move | Track)),
    ]


def _flag(order: Order, field: str, owed: bool) -> Sight:
    """Owed: we would have done it, they have not."""
    return _sight(order, field, _yes(owed), _yes(False)) if owed else _sight(order, field, "", "")


def _sight(order: Order, field: str, ours: str, theirs: str) -> Sight:
    return Sight(order.id, "", field, ours, theirs)


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
