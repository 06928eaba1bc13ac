"""Lists are narrowed and sorted as typed, and people's acts on failed records reach the ledger."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import orjson
import pytest

from engine.desk import Look
from engine.model.ids import LocationId, OrderId, Sku, WorkId
from engine.model.stock import OrderCell
from engine.store.queries.failed import failed_causes, failed_chosen, failed_page
from engine.store.queries.orders import order_detail, order_page
from engine.store.queries.sync import sync_page
from engine.store.queries.trail import trail_page, verified
from engine.store.rows import FailureNote
from engine.store.session import Store
from engine.store.verbs.asked import do
from engine.store.verbs.claim import claim
from engine.store.verbs.effect import intend
from engine.store.verbs.endings import hold
from engine.store.verbs.lease import acquire
from engine.store.verbs.ledger import append, tail
from engine.store.verbs.orders import document_seen, remember_order
from engine.store.verbs.person import PERSON
from engine.store.verbs.watch import note_remote

SKU_UNKNOWN = FailureNote("Nobody knows SKU ZZ-9.", "Create it.", "sku_unknown")
SALE = {
    "total": "25.90",
    "taxes_included": True,
    "lines": [
        {"kind": "goods", "sku": "A", "title": "Mug", "quantity": 2, "unit_price": "10.50", "discount": "1.00",
         "tax": "3.00"},
        {"kind": "shipping", "sku": None, "title": "Post", "quantity": 1, "unit_price": "5.90", "discount": "0",
         "tax": "0.90"},
    ],
    "payments": [{"kind": "SALE", "gateway": "card", "amount": "25.90"}],
}  # fmt: skip


@pytest.fixture
def orders(store: Store, now: datetime, put: Callable[..., int]) -> None:
    for number, total in ((1, "9.90"), (2, "25.90"), (3, "100.00")):
        order = OrderId(f"o{number}")
        cells = [OrderCell(order, Sku("A"), LocationId("L1"), 2, 1, now, 0)]
        cells += [OrderCell(order, Sku("MUG-9"), LocationId("L2"), 4, 0, None, 0)] if number == 2 else []
        body = orjson.dumps({"currency": "EUR"}).decode()
        at = now + timedelta(minutes=number)
        store.write_sync(
            remember_order, "main", order, f"#10{number}", at, body, cells, "open", Decimal(total), at
        )
    store.write_sync(
        document_seen, "main", OrderId("o2"), "S-88", "open", '[{"sku": "A", "quantity": 2}]', now
    )
    store.write_sync(
        intend, connection="main", work_id=None, remote="back_office", op="create", ext_ref="o2", key="o2",
        fingerprint="f", body=orjson.dumps(SALE).decode(), now=now,
    )  # fmt: skip


@pytest.fixture
def waiting(orders: None, store: Store, now: datetime, put: Callable[..., int]) -> list[int]:
    ids = [put("o1"), put("o3")]
    for one in store.write_sync(claim, connection="main", epoch=1, lanes=(9,) * 5, now=now, lease_seconds=60):
        store.write_sync(hold, one.id, 1, SKU_UNKNOWN, now)
    return ids


def names(store: Store, now: datetime, filter: str, sort: str = "", descending: bool = True) -> list[str]:
    look = Look(filter=filter, sort=sort, descending=descending)
    return [row.name for row in store.read_sync(order_page, look, now).rows]


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("", ["#103", "#102", "#101"]),
        ("total:>9.90", ["#103", "#102"]),
        ("total:100", ["#103"]),
        ("!total:100", ["#102", "#101"]),
        ("document:s-8", ["#102"]),
        ("!document:s-8", ["#103", "#101"]),
        ("#102", ["#102"]),
        ("state:open total:<30", ["#102", "#101"]),
        ("total:many", []),
        ("placed:<2m", []),
        ("nothing:here", []),
        ("units:>3", ["#102"]),
        ("units:3 left:1", ["#103", "#101"]),
        ("left:<1", []),
        ("sku:mug", ["#102"]),
        ("!sku:MUG-9", ["#103", "#101"]),
        ('"#10"', ["#103", "#102", "#101"]),
        ("%", []),
    ],
)
def test_orders_are_narrowed_as_typed(
    orders: None, store: Store, now: datetime, filter: str, found: list[str]
) -> None:
    assert names(store, now, filter) == found


def test_orders_are_sorted_by_amount_not_by_its_text(orders: None, store: Store, now: datetime) -> None:
    assert names(store, now, "", "total") == ["#103", "#102", "#101"]
    assert names(store, now, "", "total", descending=False) == ["#101", "#102", "#103"]
    page = store.read_sync(order_page, Look(offset=1, limit=1), now)
    assert [row.name for row in page.rows] == ["#102"] and page.total == 3
    assert (page.rows[0].units, page.rows[0].shipped) == (7, 1)


def test_an_order_shows_what_was_written_for_it_and_that_it_adds_up(
    orders: None, store: Store, now: datetime
) -> None:
    detail = store.read_sync(order_detail, "main", "o2")
    assert detail is not None
    assert [line.amount for line in detail.lines] == [Decimal("20.00"), Decimal("5.90")]
    assert detail.sent_total == sum(line.amount for line in detail.lines) == Decimal("25.90")
    assert detail.payments[0].gateway == "card" and detail.booked[0].quantity == 2
    assert [step.action for step in detail.timeline] == ["seen", "document", "intended"]
    assert store.read_sync(order_detail, "main", "o1").lines == ()
    assert store.read_sync(order_detail, "main", "none") is None


def test_a_held_order_says_so_in_the_list_and_names_its_record(
    waiting: list[int], store: Store, now: datetime
) -> None:
    assert sorted(names(store, now, "state:held")) == ["#101", "#103"]
    assert names(store, now, "cause:zz-9 total:>50") == ["#103"]
    assert store.read_sync(order_detail, "main", "o1").waiting == waiting[0]


def test_causes_count_what_hangs_on_them(waiting: list[int], store: Store, now: datetime) -> None:
    (cause,) = store.read_sync(failed_causes, filter="", now=now)
    assert (cause.records, cause.orders, cause.units) == (2, 2, 4)
    assert cause.held == (("EUR", Decimal("109.90")),)
    assert store.read_sync(failed_causes, filter="record:#101", now=now)[0].records == 1
    assert store.read_sync(failed_causes, filter="none", now=now) == ()


def test_causes_of_money_count_its_orders_and_what_a_person_is_asked_to_enter(
    orders: None, store: Store, now: datetime, put: Callable[..., int]
) -> None:
    number = put("o1", kind="money")
    for at, (op, amount, currency) in enumerate((("refund", "3.33", "EUR"), ("payment", "10", "JPY"))):
        body = orjson.dumps({"amount": amount, "currency": currency}).decode()
        store.write_sync(
            intend, connection="main", work_id=number, remote=PERSON, op=op, ext_ref=f"t{at}", key=f"t{at}",
            fingerprint="f", body=body, now=now,
        )  # fmt: skip
    for one in store.write_sync(claim, connection="main", epoch=1, lanes=(9,) * 5, now=now, lease_seconds=60):
        store.write_sync(hold, one.id, 1, FailureNote("Enter it.", "By hand.", "enter_by_hand"), now)
    (cause,) = store.read_sync(failed_causes, filter="kind:money", now=now)
    assert (cause.records, cause.orders, cause.units) == (1, 1, 0)
    assert cause.held == (("EUR", Decimal("3.33")), ("JPY", Decimal("10")))


def test_people_take_tag_park_and_resolve_records_and_the_ledger_says_before_and_after(
    waiting: list[int], store: Store, now: datetime
) -> None:
    first = WorkId(waiting[0])

    def act(verb: str, value: str) -> tuple[int, int]:
        return store.write_sync(do, verb, [(first, None)], value, "ana", now)

    assert (
        act("assign", "bo")
        == act("assign", "ana")
        == act("tag", "vat eu")
        == act("park", "waits for Bo")
        == (1, 0)
    )
    page = store.read_sync(failed_page, filter="assignee:ana tag:vat", limit=5, now=now)
    assert [(row.id, row.parked) for row in page.rows] == [(first, "waits for Bo")]
    assert store.read_sync(failed_page, filter="!parked:bo", limit=5, now=now).total == 1
    lines = store.read_sync(tail, 10, "order:o1")
    assert ("ana", "assigned", "bo -> ana") in [(line.actor, line.action, line.detail) for line in lines]
    assert act("resolve", "entered by hand") == (1, 0)
    assert act("park", "late") == (0, 1)
    assert [row.ref for row in store.read_sync(failed_page, filter="", limit=5, now=now).rows] == ["#103"]


def test_what_changed_since_it_was_seen_is_left_alone(
    waiting: list[int], store: Store, now: datetime
) -> None:
    seen = store.read_sync(failed_chosen, filter="record:#103", now=now)
    assert [one.ref for one in seen] == ["#103"]
    target = (seen[0].id, seen[0].version)
    assert store.write_sync(do, "retry", [target], "", "bo", now) == (1, 0)
    assert store.write_sync(do, "retry", [target], "", "ana", now) == (0, 1)


def test_the_trail_of_people_is_a_part_of_the_trail(waiting: list[int], store: Store, now: datetime) -> None:
    store.write_sync(do, "tag", [(WorkId(waiting[0]), None)], "vat", "ana", now)
    for actor, action in (("shop", "received"), ("back office", "shelf moved"), ("shop", "levels listed")):
        store.write_sync(append, "main", action, "stock", now, detail="told by a remote", actor=actor)
    store.write_sync(append, "main", "asked", "command:9", now, detail="by one of that name", actor="shop")
    asked, *_ = store.read_sync(trail_page, Look(), people=True, now=now).rows
    assert (asked.actor, asked.action) == ("shop", "asked")
    people = store.read_sync(trail_page, Look("actor:ana"), people=True, now=now)
    assert [(row.actor, row.action) for row in people.rows] == [("ana", "tagged")]
    everything = store.read_sync(trail_page, Look(limit=3), people=False, now=now)
    assert everything.total > 3 and len(everything.rows) == 3 and everything.rows[0].action == "asked"
    assert store.read_sync(trail_page, Look("action:held"), people=False, now=now).total == 2
    by_action = store.read_sync(trail_page, Look(sort="action", descending=False), people=False, now=now)
    assert by_action.total == everything.total
    assert by_action.rows == tuple(sorted(by_action.rows, key=lambda row: (row.action, -row.seq)))
    oldest = store.read_sync(trail_page, Look(sort="at", descending=False), people=False, now=now)
    assert [row.seq for row in oldest.rows] == sorted(row.seq for row in by_action.rows)
    assert store.read_sync(verified, now).bad is None


def test_each_connection_shows_its_steps_lanes_and_lease(
    waiting: list[int], store: Store, put: Callable[..., int], now: datetime
) -> None:
    store.write_sync(acquire, "main", "ops-1", 30, now)
    store.write_sync(note_remote, "main", "shop", "FAIL", "401", now, ok=False)
    put("o9", due_at=now - timedelta(minutes=2))
    (row,) = store.read_sync(sync_page, now).rows
    assert row.live and row.holder == "ops-1"
    assert [(lane.lane, lane.waiting) for lane in row.lanes] == [(1, 1)]
    states = {step.step: step.state for step in row.steps}
    assert states["shop"] == "FAIL" and states["records"] == "SLOW" and states["webhooks in"] == "IDLE"
    later = store.read_sync(sync_page, now + timedelta(minutes=5)).rows[0]
    if not later.live:  # PostgreSQL judges leases by its own clock
        assert {step.state for step in later.steps} == {"FAIL", "STALE"}
