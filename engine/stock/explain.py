"""Why a cell holds what it holds: what is kept of a target, and how its terms are told apart again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.model.explanation import Source, Term
from engine.model.ids import OrderId
from engine.stock.order_at_cell import OrderAtCell
from engine.stock.target import Target

Kept = dict[str, Any]


def kept(target: Target, orders: Mapping[OrderId, OrderAtCell]) -> Kept:
    """The terms of a target with the share of each order, fit for JSON."""
    terms = target.terms
    shares = {
        str(order): {
            "reserved": held.reserved,
            "exempt": held.exempt,
            "shipped_here_only": held.shipped_here_only,
            "held_up": held.held_up,
            "named": held.named,
        }
        for order, held in orders.items()
    }
    return {
        **{name: getattr(terms, name) for name in terms.__slots__},
        "orders": {order: share for order, share in shares.items() if any(share.values())},
        "quantity": target.quantity,
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
        _buffer(kept, behind),
    )
    plain = sum(term.units for term in terms)
    return tuple(
        term for term in (*terms, _rest(kept, behind, plain)) if term.units or term.name == "erp_on_hand"
    )


def _shelf(kept: Mapping[str, Any], behind: Behind) -> Term:
    event, taken = behind.shelf
    units = int(kept["erp_on_hand"])
    source = Source("snapshot", event, f"the back office counted {units}", units, taken)
    return Term("erp_on_hand", "on hand in the back office", units, (source,))


def _reserved(kept: Mapping[str, Any], behind: Behind) -> Term:
    units = int(kept["erp_reserved"])
    ours = {order: share["reserved"] for order, share in kept["orders"].items() if share["reserved"]}
    sources = [Source("order", order, behind.order(order), -count) for order, count in ours.items()]
    if others := units - sum(ours.values()):
        event, taken = behind.shelf
        sources.append(Source("snapshot", event, "other documents of the back office", -others, taken))
    return Term("erp_reserved", "reserved in the back office", -units, tuple(sources))


def _by_order(kept: Mapping[str, Any], behind: Behind, name: str, sign: int, text: str) -> Term:
    sources = tuple(
        Source("order", order, behind.order(order), sign * share[name])
        for order, share in kept["orders"].items()
        if share[name]
    )
    return Term(name, text, sign * int(kept[name]), sources)


def _remainder(kept: Mapping[str, Any], behind: Behind) -> Term:
    units = min(int(kept["remainder"]), 0)
    event, since = behind.level
    source = Source("level", event, "gone from the level, cause not told yet", units, since)
    return Term(
        "remainder", "an unexplained fall, a sale until proven otherwise", units, (source,) if units else ()
    )


def _buffer(kept: Mapping[str, Any], behind: Behind) -> Term:
    units = -int(kept["buffer"])
    return Term(
        "buffer", "held back", units, (Source("rule", behind.look, "buffer", units),) if units else ()
    )


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
        if share["held_up"]
    ]
    over = sum(source.units for source in sources) - units
    if over < 0:
        source = Source("rule", behind.look, "Shopify takes no figure below zero", -over)
        return Term("oversold", "promised beyond what there is", units, (*sources, source))
    if over:
        sources.append(Source("rule", behind.look, "may keep the level, never raise it", -over))
    text = "shipped in the back office, still open in Shopify"
    return Term("held_up", text, units, tuple(sources) if units else ())
