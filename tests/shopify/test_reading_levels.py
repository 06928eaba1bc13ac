"""Stock levels are read fresh, in few calls, and each query stays under Shopify's cost limit."""

import pytest

from adapters.shopify.levels import batches
from engine.model.ids import ItemId, LocationId

ITEMS = [ItemId(f"gid://shopify/InventoryItem/{n}") for n in range(1000)]
PLACES = [LocationId(f"gid://shopify/Location/{n}") for n in range(40)]


def figures(on_hand: int = 7, active: bool = True) -> dict[str, object]:
    amounts = {"on_hand": on_hand, "available": on_hand - 2, "committed": 2}
    return {
        "isActive": active,
        "quantities": [{"name": name, "quantity": value} for name, value in amounts.items()],
    }


def full(asked: dict[str, object]) -> dict[str, object]:
    places = [name for name in asked["variables"] if name.startswith("at")]
    return {
        "nodes": [
            {"id": item, "sku": "S" + item.rsplit("/", 1)[1], "tracked": True}
            | {place: figures() for place in places}
            for item in asked["variables"]["ids"]
        ]
    }


@pytest.mark.parametrize(
    ("items", "places", "most_calls"), [(1000, 1, 4), (500, 2, 3), (250, 4, 3), (100, 10, 3)]
)
async def test_a_thousand_cells_take_few_calls(shop, scripted, items, places, most_calls):
    scripted.answers(*[full] * most_calls)
    read = await shop.read_levels(ITEMS[:items], PLACES[:places])
    assert len(read) == items * places == len({(level.item, level.location) for level in read})
    assert len(scripted.asked) <= most_calls


@pytest.mark.parametrize("places", [1, 2, 5, 12])
def test_no_query_asks_for_more_than_shopify_allows(places):
    for batch in batches(ITEMS, places):
        assert len(batch) <= 250
        assert len(batch) * (1 + 2 * places) <= 1000
    assert [item for batch in batches(ITEMS, places) for item in batch] == ITEMS


async def test_levels_that_are_not_there_are_left_out(shop, scripted):
    scripted.answers(
        {
            "nodes": [
                {"id": ITEMS[0], "sku": " A ", "tracked": False, "at0": figures(3, active=False)},
                {"id": ITEMS[1], "sku": "B", "tracked": True, "at0": None},
                {"id": ITEMS[2], "sku": None, "tracked": True, "at0": figures()},
                None,
            ]
        }
    )
    (level,) = await shop.read_levels(ITEMS[:4], PLACES[:1])
    assert (level.sku, level.active, level.tracked, level.on_hand, level.available) == (
        "A",
        False,
        False,
        3,
        1,
    )


async def test_many_locations_are_split_over_calls(shop, scripted):
    scripted.answers(*[full] * 4)
    assert len(await shop.read_levels(ITEMS[:3], PLACES)) == 120


async def test_nothing_asked_is_no_call(shop, scripted):
    assert await shop.read_levels([], PLACES) == ()
    assert scripted.requests == []


async def test_the_whole_inventory_is_listed_with_the_levels_of_wide_items(shop, scripted):
    def item(number: int, *places: int, more: str | None = None) -> dict[str, object]:
        levels = [figures() | {"location": {"id": PLACES[place]}} for place in places]
        return {
            "id": ITEMS[number],
            "sku": f"S{number}",
            "tracked": True,
            "inventoryLevels": {"nodes": levels, "pageInfo": {"hasNextPage": bool(more), "endCursor": more}},
        }

    end = {"hasNextPage": False, "endCursor": None}
    scripted.answers(
        {
            "inventoryItems": {
                "nodes": [item(0, 0), item(1, 0, more="w")],
                "pageInfo": {"hasNextPage": True, "endCursor": "p"},
            }
        },
        {"inventoryItem": item(1, 1)},
        {"inventoryItems": {"nodes": [item(2, 0)], "pageInfo": end}},
    )
    pages = [[(level.sku, level.location) for level in page] async for page in shop.levels()]
    assert pages == [[("S0", PLACES[0]), ("S1", PLACES[0]), ("S1", PLACES[1])], [("S2", PLACES[0])]]


@pytest.mark.parametrize(
    ("variant", "title"),
    [("Default Title", "Moss Bowl"), ("Large", "Moss Bowl - Large"), ("La\x1brge", "Moss Bowl - Large")],
)
async def test_an_article_is_called_by_its_product_and_variant(shop, scripted, variant, title):
    levels = {"nodes": [figures() | {"location": {"id": PLACES[0]}}], "pageInfo": {"hasNextPage": False}}
    named = {"nodes": [{"displayName": f"Moss Bowl - {variant}"}]}
    item = {"id": ITEMS[0], "sku": "S0", "tracked": True, "inventoryLevels": levels, "variants": named}
    scripted.answers(
        {"inventoryItems": {"nodes": [item], "pageInfo": {"hasNextPage": False, "endCursor": None}}}
    )
    assert [[level.title for level in page] async for page in shop.levels()] == [[title]]
