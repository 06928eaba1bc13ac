"""Kits: an article made of others when it is sold; it has no shelf of its own, its components have.

A kit sold in Shopify is committed at the kit's level, not at those of its components, so the rule needs two
corrections at a location:

    component: − units that sold kits take and the back office has not taken off yet (`kits`)
    kit:       the fewest that the free units of any component allow, plus those Shopify has promised already

Nothing else of the rule changes. Components are counted at the kit's own location only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.model.ids import OrderId, Sku
from engine.stock.order_at_cell import OrderAtCell

Recipe = Mapping[Sku, int]
"""Units of each component in one kit."""


def leaves(recipes: Mapping[Sku, Recipe]) -> dict[Sku, dict[Sku, int]]:
    """Every kit down to components that are no kits themselves. ValueError naming the chain when one contains itself."""
    found: dict[Sku, dict[Sku, int]] = {}

    def down(sku: Sku, above: tuple[Sku, ...]) -> dict[Sku, int]:
        if sku in above:
            raise ValueError(f"a kit contains itself: {' > '.join((*above, sku))}")
        if sku not in found:
            units: dict[Sku, int] = {}
            for component, count in recipes[sku].items():
                inside = down(component, (*above, sku)) if component in recipes else {component: 1}
                for leaf, each in inside.items():
                    units[leaf] = units.get(leaf, 0) + count * each
            found[sku] = units
        return found[sku]

    for sku in recipes:
        down(sku, ())
    return found


def families(kits: Mapping[Sku, Recipe]) -> dict[Sku, frozenset[Sku]]:
    """For every kit and component all SKUs that share components with it, itself too."""
    family: dict[Sku, set[Sku]] = {}
    for kit, recipe in kits.items():
        together = {kit}.union(*(family.get(sku, {sku}) for sku in (kit, *recipe)))
        for sku in together:
            family[sku] = together
    return {sku: frozenset(together) for sku, together in family.items()}


@dataclass(frozen=True, slots=True)
class SoldKit:
    """One kit at one location: what its orders and its level say."""

    per_kit: int
    """Units of the component in question in one kit."""
    orders: Mapping[OrderId, OrderAtCell]
    unexplained: int = 0
    """Kits that vanished from the level without a cause: sales, until proven otherwise."""


def taken_by_kits(sold: Iterable[SoldKit], spare: Mapping[OrderId, int]) -> tuple[dict[OrderId, int], int]:
    """Units of a component that sold kits take beyond what the back office took off: by order, and without one.

    `spare` are units of the component the back office reserves for an order beyond those the order asks for itself.
    """
    by_order: dict[OrderId, int] = {}
    without = 0
    for kit in sold:
        without += kit.per_kit * kit.unexplained
        for order, held in kit.orders.items():
            kits = held.committed - held.held_up + held.shipped_here_only
            by_order[order] = by_order.get(order, 0) + kit.per_kit * kits
    owed = {order: max(units - spare.get(order, 0), 0) for order, units in by_order.items()}
    return {order: units for order, units in owed.items() if units}, without


def buildable(free: Mapping[Sku, int], recipe: Recipe, orders: Iterable[OrderAtCell]) -> int:
    """Kits the level should hold: as many as the components allow besides those sold, and those still promised.

    `free` are the units of each component that may still be sold. Those the back office has shipped while Shopify
    holds them promised are left to the rule: they may hold the level up, never raise it.
    """
    promised = sum(order.committed - order.held_up for order in orders)
    return min(free[sku] // units for sku, units in recipe.items()) + promised
