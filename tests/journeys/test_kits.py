"""An article made of others: the shop offers as many as the components allow, and a sold one takes its components."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from console.world.world import World

HERE = "gid://shopify/Location/1"


def kit_of(world: World) -> tuple[str, str, str]:
    """A kit and its two components: the three SKUs that stand highest at the first place."""
    levels = [cell for cell in world.shop.state()["levels"] if cell["location"] == HERE]
    kit, one, two = sorted(levels, key=lambda cell: (-cell["available"], cell["sku"]))[:3]
    return kit["sku"], one["sku"], two["sku"]


def made_of_others(world: World) -> None:
    """One of the first and two of the second make the kit."""
    kit, one, two = kit_of(world)
    for sku in (one, two):
        assert world.erp.ask("receipt", {"sku": sku, "warehouse": "WH1", "quantity": 20}) is not None
    told = world.config.read_text()
    world.config.write_text(f'{told}\n[connections.kits]\n"{kit}" = {{ "{one}" = 1, "{two}" = 2 }}\n')


def free(erp: dict[str, Any], sku: str) -> int:
    shelf = next(s for s in erp["shelves"] if (s["sku"], s["warehouse"]) == (sku, "WH1"))
    return int(shelf["on_hand"] - shelf["reserved"])


def available(shop: dict[str, Any], sku: str) -> int:
    return int(next(c for c in shop["levels"] if (c["sku"], c["location"]) == (sku, HERE))["available"])


async def test_a_kit_is_sold_as_often_as_its_components_allow_and_takes_them(
    staged: Callable[..., Any], tmp_path: Path
) -> None:
    named: list[str] = []

    def before(world: World) -> None:
        named.extend(kit_of(world))
        made_of_others(world)

    async with staged(tmp_path, before=before) as on:
        kit, one, two = named

        def fits(shop: dict[str, Any], erp: dict[str, Any]) -> bool:
            return available(shop, kit) == min(free(erp, one), free(erp, two) // 2)

        await on.until(fits, "as many kits as the components allow")
        _, erp = await on.states()
        sold = free(erp, two) - 5
        assert await on.erp("sale", {"sku": two, "warehouse": "WH1", "quantity": sold}) is not None
        await on.until(lambda shop, erp: fits(shop, erp) and available(shop, kit) == 2, "two pairs are left")

        _, erp = await on.states()
        had = free(erp, one), free(erp, two)
        await on.until(
            lambda shop, _: (available(shop, one), available(shop, two)) == had,
            "the components are offered too",
        )
        await on.shop("checkout", {"location": HERE, "lines": [{"sku": kit, "quantity": 1}]})
        await on.until(
            lambda shop, _: (
                (available(shop, kit), available(shop, one), available(shop, two))
                == (1, had[0] - 1, had[1] - 2)
            ),
            "one kit less, and its components with it",
        )
        assert (await on.term(one, HERE, "kits")).units == -1
