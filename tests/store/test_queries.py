"""What the desk shows is what the store holds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.model.ids import ItemId, LocationId, OrderId, Sku
from engine.model.stock import CellKey, ShopLevel
from engine.ports import Place
from engine.stock.memory import Memory
from engine.store.queries import cell_terms, failed_detail, failed_page, pulse, stock_page
from engine.store.queries.searched import LASTS
from engine.store.rows import FailureNote, Published
from engine.store.session import Store
from engine.store.verbs.claim import claim
from engine.store.verbs.effect import intend, settle_effect
from engine.store.verbs.endings import dead_letter, hold, uncertain
from engine.store.verbs.lease import acquire
from engine.store.verbs.orders import remember_order
from engine.store.verbs.person import redrive
from engine.store.verbs.places import save_places
from engine.store.verbs.publish import cell_failed, publish
from engine.store.verbs.stock import mark_dirty, see_level
from engine.store.verbs.watch import note_remote

ADDRESS = FailureNote("The address has no street.", "Correct it in the shop.", "no_street", "line 3")
SECOND = timedelta(seconds=1)

UNKNOWN = Memory(0, None)
"""A cell as nothing has been agreed on."""


def level(sku: str, location: str, on_hand: int = 5, active: bool = True) -> ShopLevel:
    item = ItemId(f"i-{sku}")
    return ShopLevel(Sku(sku), item, LocationId(location), active, True, on_hand, on_hand, 0)


def stocked(store: Store, now: datetime) -> None:
    shop = [Place("L2", "Amsterdam", True), Place("L1", "Berlin", True), Place("L9", "Old", False)]
    store.write_sync(save_places, "main", "shop", shop, now)
    levels = [level("b-mug", "L1"), level("A_cup", "L1", 7), level("A_cup", "L2", 1, active=False)]
    titled = [replace(one, title="Blue mug") if one.sku == "b-mug" else one for one in levels]
    store.write_sync(see_level, "main", [*titled, level("C%", "L2")], now)
    store.write_sync(see_level, "main", levels, now)  # a reading without titles takes none away


def page(store: Store, now: datetime, filter: str = "", offset: int = 0, limit: int = 10) -> Any:
    return store.read_sync(stock_page, filter=filter, offset=offset, limit=limit, now=now)


def test_stock_is_sorted_by_sku_with_locations_by_name(store: Store, now: datetime) -> None:
    stocked(store, now)
    whole = page(store, now)
    assert [row.sku for row in whole.rows] == ["A_cup", "C%", "b-mug"]
    assert whole.locations == (("L2", "Amsterdam"), ("L1", "Berlin"))
    cup = whole.rows[0]
    assert cup.total == 8
    assert [cell.on_hand for cell in cup.cells if cell] == [1, 7]
    assert whole.rows[2].cells[0] is None
    assert [row.sku for row in page(store, now, offset=1, limit=1).rows] == ["C%"]
    assert page(store, now, offset=1, limit=1).total == 3


NARROWED = {
    "blue": ["b-mug"],
    "mug !blue": [],
    "!mug": ["A_cup", "C%"],
    "location:berlin": ["A_cup", "b-mug"],
    "location:l9": [],
    "location:amster on_hand:<2": ["A_cup"],
    "location:berlin on_hand:<2": [],
    "on_hand:<2 !state:inactive": [],
    "state:inactive": ["A_cup"],
    "!state:inactive": ["A_cup", "C%", "b-mug"],
    "total:8": ["A_cup"],
    "total:>4 location:berlin !cup": ["b-mug"],
    "!total:8": ["C%", "b-mug"],
    "seen:<1m": [],
    "erp_on_hand:>0": [],
    '"blue mug" connection:main': ["b-mug"],
}


def test_stock_is_narrowed_by_conditions_of_which_one_cell_fulfils_all(store: Store, now: datetime) -> None:
    stocked(store, now)
    for wish, fits in NARROWED.items():
        found = page(store, now, wish)
        assert ([row.sku for row in found.rows], found.total) == (fits, len(fits)), wish


def test_stock_is_sorted_by_total_lowest_cell_title_and_age(store: Store, now: datetime) -> None:
    stocked(store, now)
    store.write_sync(see_level, "main", [level("C%", "L2", 5), level("old", "L2", 90)], now - SECOND)

    def by(sort: str, descending: bool, wish: str = "", offset: int = 0) -> list[str]:
        found = store.read_sync(
            stock_page, filter=wish, offset=offset, limit=9, now=now, sort=sort, descending=descending
        )
        return [row.sku for row in found.rows]

    assert by("", True) == ["old", "b-mug", "C%", "A_cup"]
    assert by("total", False) == ["C%", "b-mug", "A_cup", "old"]
    assert by("total", True, offset=1) == ["A_cup", "C%", "b-mug"]
    assert by("available", False) == ["A_cup", "C%", "b-mug", "old"]
    assert by("title", True)[0] == "b-mug"
    assert by("seen", False)[0] == "old"
    assert by("total", True, "!location:berlin total:<50") == ["A_cup", "C%"]
    store.write_sync(see_level, "main", [level("old", "L2", 0)], now)
    assert by("total", False)[0] == "old", "a small store is sorted anew each time"


def test_the_filter_is_taken_literally_and_ignores_case(store: Store, now: datetime) -> None:
    stocked(store, now)
    assert [row.sku for row in page(store, now, "BLUE").rows] == ["b-mug"]
    assert [row.sku for row in page(store, now, "%").rows] == ["C%"]
    assert [row.sku for row in page(store, now, "a_c").rows] == ["A_cup"]
    assert page(store, now, "none").total == 0


def test_a_cell_shows_the_worst_that_can_be_said_of_it(store: Store, now: datetime) -> None:
    stocked(store, now)

    def states() -> dict[tuple[str, str], str]:
        rows = page(store, now).rows
        return {(row.sku, cell.location): cell.state for row in rows for cell in row.cells if cell}

    assert set(states().values()) == {"unknown", "inactive"}
    keys = [CellKey(Sku("A_cup"), LocationId("L1")), CellKey(Sku("b-mug"), LocationId("L1"))]
    done = [
        Published(key, UNKNOWN, Memory(1, 4, pos), 4, 5, '{"on_hand": 4}', 0)
        for key, pos in zip(keys, (0, 1), strict=True)
    ]
    store.write_sync(publish, "main", done, now)
    failing = CellKey(Sku("C%"), LocationId("L2"))
    store.write_sync(cell_failed, "main", failing, ADDRESS, now)
    assert states() == {
        ("A_cup", "L1"): "ok",
        ("A_cup", "L2"): "inactive",
        ("b-mug", "L1"): "conflict",
        ("C%", "L2"): "failed",
    }
    store.write_sync(mark_dirty, "main", keys[:1], reason="", lane=0, now=now)
    assert states()["A_cup", "L1"] == "waiting"
    [(connection, cell, terms)] = store.read_sync(cell_terms, "A_cup", "L1")
    assert (connection, cell.base, terms) == ("main", 4, '{"on_hand": 4}')


def fail(store: Store, put: Callable[..., int], now: datetime, count: int = 1) -> list[int]:
    for number in range(count):
        put(f"o{number}")
    taken = store.write_sync(claim, connection="main", epoch=1, now=now, lanes=(count,) * 5, lease_seconds=60)
    for number, item in enumerate(taken):
        store.write_sync(hold, item.id, 1, ADDRESS, now + number * SECOND)
    return [item.id for item in taken]


def failures(store: Store, now: datetime, filter: str = "", limit: int = 10) -> Any:
    return store.read_sync(failed_page, filter=filter, limit=limit, now=now)


def test_failed_records_are_listed_newest_first_under_their_shop_name(
    store: Store, put: Callable[..., int], now: datetime
) -> None:
    store.write_sync(remember_order, "main", OrderId("o1"), "#1001", now, "{}", [], "open", Decimal(9), now)
    ids = fail(store, put, now, 3)
    listed = failures(store, now)
    assert [row.id for row in listed.rows] == ids[::-1]
    assert (listed.total, listed.groups) == (3, 1)
    assert [row.ref for row in listed.rows] == ["o2", "#1001", "o0"]
    assert listed.rows[0].remedy == "Correct it in the shop."
    assert [row.ref for row in failures(store, now, "#1001").rows] == ["#1001"]
    assert failures(store, now, "STREET", limit=2).total == 3
    assert len(failures(store, now, limit=2).rows) == 2


def test_only_what_waits_for_a_person_is_listed(store: Store, put: Callable[..., int], now: datetime) -> None:
    for key in ("waits", "looked up", "decided"):
        put(key)
    taken = store.write_sync(claim, connection="main", epoch=1, now=now, lanes=(9,) * 5, lease_seconds=60)
    by_key = {item.key: item.id for item in taken}
    store.write_sync(uncertain, by_key["waits"], 1, None, ADDRESS, now)
    store.write_sync(uncertain, by_key["looked up"], 1, now, ADDRESS, now)
    store.write_sync(dead_letter, by_key["decided"], 1, ADDRESS, now)
    store.write_sync(redrive, by_key["decided"], operator="kim", now=now)
    assert [row.ref for row in failures(store, now).rows] == ["waits"]


def test_a_failed_record_shows_what_was_sent_and_what_happened(
    store: Store, put: Callable[..., int], now: datetime
) -> None:
    first, other = fail(store, put, now, 2)
    call = {"remote": "back office", "op": "create", "ext_ref": "o0", "key": "k", "fingerprint": "f"}
    made = store.write_sync(intend, connection="main", work_id=first, body="SENT", now=now, **call)
    store.write_sync(settle_effect, made, "rejected", None, "GOT", now)
    detail = store.read_sync(failed_detail, first)
    assert detail is not None
    assert (detail.sent, detail.got, detail.same_cause, detail.row.tries) == ("SENT", "GOT", 1, 1)
    assert [line.action for line in detail.timeline] == ["queued", "claimed", "held", "intended", "rejected"]
    without_call = store.read_sync(failed_detail, other)
    assert without_call is not None
    assert (without_call.sent, without_call.got) == ("", "line 3")
    store.write_sync(redrive, first, operator="kim", now=now)
    assert store.read_sync(failed_detail, first) is None


def test_the_overview_counts_what_there_is(store: Store, put: Callable[..., int], now: datetime) -> None:
    empty = store.read_sync(pulse, me="here", now=now)
    assert (empty.engine, empty.queue, empty.cells, empty.push_p95_ms) == ("stopped", 0, 0, None)
    assert empty.orders_series == empty.writes_series == (0,) * 30
    stocked(store, now)
    store.write_sync(acquire, "main", "here", 60.0, now)
    fail(store, put, now)
    put("next")
    for number, age in enumerate((0, 90, 60 * 40)):
        at = now - age * SECOND
        order = OrderId(f"s{number}")
        store.write_sync(remember_order, "main", order, f"#{number}", at, "{}", [], "", None, at)
    key = CellKey(Sku("A_cup"), LocationId("L1"))
    store.write_sync(mark_dirty, "main", [key], reason="", lane=0, now=now - SECOND)
    store.write_sync(publish, "main", [Published(key, UNKNOWN, Memory(1, 4, 2), 4, 7, "{}", 1)], now)
    store.write_sync(mark_dirty, "main", [key], reason="", lane=0, now=now)
    store.write_sync(note_remote, "main", "shop", "OK", "12 ms", now, ok=True)
    store.write_sync(note_remote, "main", "shop", "FAIL", "refused", now + SECOND, ok=False)
    seen = store.read_sync(pulse, me="here", now=now)
    assert seen.engine == "running here"
    assert store.read_sync(pulse, me=None, now=now).engine == "running elsewhere"
    assert (seen.orders_last_minute, seen.orders_total) == (1, 3)
    assert (seen.queue, seen.failed, seen.uncertain) == (2, 1, 0)
    assert (seen.cells, seen.cells_waiting, seen.conflicts) == (3, 1, 1)
    assert seen.push_p95_ms == 1000
    assert (seen.orders_series[-1], sum(seen.orders_series), seen.writes_series[-1]) == (1, 2, 1)
    [shop] = seen.remotes
    assert (shop.state, shop.detail, shop.last_ok) == ("FAIL", "refused", now)
    texts = [event.text for event in seen.events]
    assert texts[0] == "The shop fails: refused"
    assert "Stock of A_cup at Berlin set from 7 to 4" in texts
    assert "Order o0 waits for a person: The address has no street." in texts


def test_a_long_listing_can_be_entered_anywhere_and_grows_with_new_skus(store: Store, now: datetime) -> None:
    many = [f"s{number:03d}" for number in range(450)]
    store.write_sync(see_level, "main", [level(sku, place) for sku in many for place in ("L1", "L2")], now)
    for offset in (0, 199, 200, 399, 449, 450, 900):
        assert [row.sku for row in page(store, now, offset=offset, limit=3).rows] == many[offset : offset + 3]
    store.write_sync(see_level, "main", [level("a-new", "L1")], now)
    assert [row.sku for row in page(store, now, offset=200, limit=2).rows] == ["s199", "s200"]
    assert page(store, now, offset=450).total == 451


def test_a_new_sku_is_found_at_once_and_a_new_title_within_minutes(store: Store, now: datetime) -> None:
    def found(sought: str, at: datetime) -> list[str]:
        page = store.read_sync(stock_page, filter=sought, offset=0, limit=9, now=at)
        assert page.total == len(page.rows)
        return [row.sku for row in page.rows]

    store.write_sync(see_level, "main", [replace(level("MUG-1", "L1"), title="Blue mug")], now)
    assert found("blue", now) == ["MUG-1"] == found("ug-1", now)
    store.write_sync(see_level, "main", [replace(level("CUP-1", "L1"), title="Blue cup")], now)
    assert found("BLUE", now) == ["CUP-1", "MUG-1"]
    store.write_sync(see_level, "main", [replace(level("CUP-1", "L1"), title="Red cup")], now)
    assert found("red", now + LASTS) == ["CUP-1"] and found("blue", now + LASTS) == ["MUG-1"]
    assert found('"1\nred"', now + LASTS) == [] == found("%", now + LASTS)
