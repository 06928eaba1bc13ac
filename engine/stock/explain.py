"""Why a cell holds what it holds: what is kept of a target, and how its terms are told apart again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.model.explanation import Component, Source, Term
from engine.model.ids import OrderId, Sku
from engine.stock.order_at_cell import OrderAtCell
from engine.stock.target import Target

Kept = dict[str, Any]
NONE: Mapping[Any, Any] = {}


def kept(
    target: Target,
    orders: Mapping[OrderId, OrderAtCell],
    buffer: str = "",
    kits: Mapping[OrderId, int] = NONE,
    components: Mapping[Sku, tuple[int, int]] = NONE,
    elsewhere: Mapping[OrderId, int] = NONE,
) -> Kept:
    """The terms of a target with the share of each order, fit for JSON.

    `buffer` are the words of its rule, `kits` what sold kits take by order; of a kit `components` have (free units,
    units in one kit). `elsewhere` is what other shops sold, by order.
    """
    terms = target.terms
    shares: dict[str, dict[str, int]] = {
        str(order): {
            "reserved": held.reserved,
            "exempt": held.exempt,
            "shipped_here_only": held.shipped_here_only,
            "held_up": held.held_up,
            "named": held.named,
        }
        for order, held in orders.items()
    }
    for order, units in kits.items():
        shares.setdefault(str(order), {})["kits"] = units
    for order, units in elsewhere.items():
        shares.setdefault(str(order), {})["elsewhere"] = units
    return {
        **{name: getattr(terms, name) for name in terms.__slots__},
        "components": {str(sku): list(figures) for sku, figures in components.items()},
        "orders": {order: share for order, share in shares.items() if any(share.values())},
        "quantity": target.quantity,
        "held_back": buffer,
        "waiting": target.waiting,
    }


@dataclass(frozen=True, slots=True)
class Behind:
    """What a figure's sources are called."""

    order: Callable[[str], str]
    """The name of an order, with its document."""
    shelf: tuple[str, datetime | None]
    """The stored event with which the back office's figures came in, and when they were taken."""
    level: tuple[str, datetime | None]
    """The stored event with which the level was first seen to have fallen without a cause, and when."""
    look: str
    """The stored event of the attempt itself."""
    taken_out: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """By order, its name and units that were taken out of it without restock since the level fell."""


def terms_of(kept: Mapping[str, Any], behind: Behind) -> tuple[Term, ...]:
    """The signed terms of what was kept; they add up to `quantity`. Empty for a cell never looked at."""
    if "quantity" not in kept:
        return ()
    terms = (
        _shelf(kept, behind),
        _reserved(kept, behind),
        _by_order(kept, behind, "exempt", 1, "reserved there, and subtracted by Shopify itself"),
        _by_order(
            kept, behind, "shipped_here_only", -1, "left in Shopify, not yet shipped in the back office"
        ),
        _remainder(kept, behind),
        _kits(kept, behind),
        _elsewhere(kept, behind),
        _closed(kept, behind),
        _buffer(kept, behind),
    )
    plain = sum(term.units for term in terms)
    return tuple(
        term for term in (*terms, _rest(kept, behind, plain)) if term.units or term.name == "erp_on_hand"
    )


def components_of(kept: Mapping[str, Any]) -> tuple[Component, ...]:
    """What a kit is made of, as it was kept; empty for a cell that is no kit."""
    return tuple(Component(sku, free, each) for sku, (free, each) in kept.get("components", {}).items())


def _shelf(kept: Mapping[str, Any], behind: Behind) -> Term:
    event, taken = behind.shelf
    units = int(kept["erp_on_hand"])
    if parts := kept.get("components"):
        said = ", ".join(f"{sku} has {free} for {each} a kit" for sku, (free, each) in parts.items())
        source = Source("snapshot", event, f"{said}; those promised are added", units, taken)
        return Term("erp_on_hand", "kits that the components allow", units, (source,))
    source = Source("snapshot", event, f"the back office counted {units}", units, taken)
    return Term("erp_on_hand", "on hand in the back office", units, (source,))


def _reserved(kept: Mapping[str, Any], behind: Behind) -> Term:
    units = int(kept["erp_reserved"])
    ours = {order: share["reserved"] for order, share in kept["orders"].items() if share.get("reserved")}
    sources = [Source("order", order, behind.order(order), -count) for order, count in ours.items()]
    if others := units - sum(ours.values()):
        event, taken = behind.shelf
        sources.append(Source("snapshot", event, "other documents of the back office", -others, taken))
    return Term("erp_reserved", "reserved in the back office", -units, tuple(sources))


def _by_order(kept: Mapping[str, Any], behind: Behind, name: str, sign: int, text: str) -> Term:
    sources = tuple(
        Source("order", order, behind.order(order), sign * share[name])
        for order, share in kept["orders"].items()
        if share.get(name)
    )
    return Term(name, text, sign * int(kept[name]), sources)


def _remainder(kept: Mapping[str, Any], behind: Behind) -> Term:
    units = min(int(kept["remainder"]), 0)
    event, since = behind.level
    sources, left = list[Source](), -units
    for order, (name, count) in behind.taken_out.items():
        if mine := min(count, left):
            sources.append(Source("order", order, f"taken out of {name} without restock", -mine))
            left -= mine
    if left:
        sources.append(Source("level", event, "gone from the level, cause not told yet", -left, since))
    text = (
        "an unexplained fall, a sale until proven otherwise"
        if left
        else "taken out of orders without restock"
    )
    return Term("remainder", text, units, tuple(sources))


def _kits(kept: Mapping[str, Any], behind: Behind) -> Term:
    units = -int(kept.get("kits", 0))
    ours = {order: share["kits"] for order, share in kept["orders"].items() if share.get("kits")}
    sources = [Source("order", order, behind.order(order), -count) for order, count in ours.items()]
    if rest := units + sum(ours.values()):
        sources.append(Source("rule", behind.look, "kits gone from their level, cause not told yet", rest))
    return Term("kits", "taken by kits that are sold", units, tuple(sources))


def _elsewhere(kept: Mapping[str, Any], behind: Behind) -> Term:
    """By the orders of the other shops; every unit has one."""
    units = -int(kept.get("elsewhere", 0))
    sources = tuple(
        Source("order", order, behind.order(order), -share["elsewhere"])
        for order, share in kept["orders"].items()
        if share.get("elsewhere")
    )
    text = "sold in another shop, and not booked in the back office yet"
    return Term("elsewhere", text, units, sources)


def _buffer(kept: Mapping[str, Any], behind: Behind) -> Term:
    units, rule = -int(kept["buffer"]), kept.get("held_back") or "buffer"
    return Term("buffer", "held back", units, (Source("rule", behind.look, rule, units),) if units else ())


def _closed(kept: Mapping[str, Any], behind: Behind) -> Term:
    units = -int(kept.get("closed", 0))
    event, taken = behind.shelf
    source = Source("snapshot", event, "units of warehouses that are switched off", units, taken)
    return Term("closed", "in a warehouse that is switched off", units, (source,) if units else ())


def _rest(kept: Mapping[str, Any], behind: Behind, plain: int) -> Term:
    """What stands between the sum and the figure: goods the back office shipped first, or a rise not proven yet."""
    units = int(kept["quantity"]) - plain
    if units < 0:
        source = Source(
            "rule", behind.look, "not raised before a complete listing has shown every sale", units
        )
        return Term("unproven", "a rise that waits for proof", units, (source,))
    sources = [
        Source("order", order, behind.order(order), share["held_up"])
        for order, share in kept["orders"].items()
        if share.get("held_up")
    ]
    over = sum(source.units for source in sources) - units
    if over < 0:
        source = Source("rule", behind.look, "Shopify takes no figure below zero", -over)
        return Term("oversold", "promised beyond what there is", units, (*sources, source))
    if over:
        sources.append(Source("rule", behind.look, "may keep the level, never raise it", -over))
    text = "shipped in the back office, still open in Shopify"
    return Term("held_up", text, units, tuple(sources) if units else ())
