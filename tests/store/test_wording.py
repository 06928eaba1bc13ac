"""What people want the back office to be told: put down, overtaken, taken back, undone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from engine.desk import Chosen
from engine.model.hold import Hold
from engine.model.ids import ItemId, LocationId, OrderId, Sku, WorkId
from engine.model.stock import CellKey, ShopLevel
from engine.model.wording import Stale
from engine.orders.values import Kind
from engine.store.queries.editing import edit_form, overtaken
from engine.store.queries.gaps import open_gaps
from engine.store.queries.undo import CHANGED, NONE, Inverse, inverse
from engine.store.rows import FailureNote
from engine.store.session import Store
from engine.store.verbs.asked import do
from engine.store.verbs.claim import claim
from engine.store.verbs.edited import edit_and_retry
from engine.store.verbs.effect import intend
from engine.store.verbs.endings import hold
from engine.store.verbs.hold import hold_back, holds, let_go
from engine.store.verbs.ledger import tail
from engine.store.verbs.orders import remember_order
from engine.store.verbs.stock import see_level
from engine.store.verbs.watch import note_gap
from engine.store.verbs.wording import wordings, words_of

LACKING = FailureNote("Order #1 has a value: payment gateway “klarna”.", "Name it.", "value_unmapped")
MINUTE = timedelta(minutes=1)
BODY = orjson.dumps({"customer": "Ida", "email": "ida@x", "address": ["Weg 1", "Bonn"], "note": ""}).decode()
TABLES = {"main": {Kind.PAYMENT: {"card": "1200"}}}


def see(store: Store, at: datetime) -> None:
    order = OrderId("o1")
    store.write_sync(remember_order, "main", order, "#1", at, '{"currency": "EUR"}', [], "open", None, at)


@pytest.fixture
def held(store: Store, now: datetime, put: Callable[..., int]) -> Chosen:
    """An order that was sent once and waits for a name."""
    number = WorkId(put("o1"))
    see(store, now)
    store.write_sync(
        intend, connection="main", work_id=number, remote="back_office", op="create", ext_ref="o1", key="o1",
        fingerprint="f", body=BODY, now=now,
    )  # fmt: skip
    store.write_sync(claim, connection="main", epoch=1, lanes=(9,) * 5, now=now, lease_seconds=60)
    store.write_sync(hold, number, 1, LACKING, now)
    store.write_sync(note_gap, "main", "payments", "klarna", "#1", now)
    store.write_sync(note_gap, "main", "payments", "paypal", "#2", now)
    form = store.read_sync(edit_form, number, TABLES)
    assert form is not None
    return form.chosen


def edit(store: Store, now: datetime, record: Chosen | None, *words: list[Any], **more: Any) -> str:
    args = {
        "work": record.id if record else None, "seen": record.version if record else None, "words": words, "stale": "skip",
    }  # fmt: skip
    return store.write_sync(edit_and_retry, "main", args | more, {Kind.PAYMENT}, "ana", now)


def undone(store: Store, now: datetime) -> Inverse | str:
    """The inverse of what somebody did last."""
    lines = [line for line in store.read_sync(tail, 20) if line.actor in ("ana", "bo")]
    return store.read_sync(inverse, lines[0].seq, now)


def test_the_form_has_what_the_record_lacks_and_what_was_sent(store: Store, held: Chosen) -> None:
    form = store.read_sync(edit_form, held.id, TABLES)
    assert form is not None and form.chosen.ref == "#1"
    assert [(one.label, one.shop, one.told, one.known) for one in form.fields] == [
        ("payment gateway klarna", "klarna", "", ("1200",)),
        ("customer", "Ida", "Ida", ()),
        ("email", "ida@x", "ida@x", ()),
        ("address", "Weg 1 / Bonn", "Weg 1 / Bonn", ()),
        ("note", "", "", ()),
    ]


def test_an_edit_names_the_value_closes_its_gap_and_tries_again(
    store: Store, held: Chosen, now: datetime
) -> None:
    said = edit(
        store,
        now,
        held,
        ["payments", "klarna", "", "1210", ""],
        ["order", "o1", "email", "ida@x.de", "ida@x"],
    )
    assert said == "2 edited, tried again"
    assert [one.said for one in store.read_sync(wordings, "main")] == ["1210"]
    [word] = store.read_sync(words_of, "main", "o1")
    assert (word.said, word.instead_of, word.stale) == ("ida@x.de", "ida@x", Stale.SKIP)
    assert [gap.name for gap in store.read_sync(open_gaps)] == ["paypal"]
    lines = {
        (line.actor, line.entity, line.detail)
        for line in store.read_sync(tail, 9)
        if line.action == "reworded"
    }
    assert lines == {
        ("ana", "mapping:payments:klarna", "- -> 1210"),
        ("ana", "order:o1", "email: ida@x -> ida@x.de"),
    }
    assert store.read_sync(edit_form, held.id, TABLES) is None


@pytest.mark.parametrize(
    ("word", "why"),
    [
        (["payments", "klarna", "", "", ""], "It is empty"),
        (["payments", "klarna", "", "12\u202e10", ""], "does not print"),
        (["carriers", "DHL", "", "1", ""], "has no table carriers"),
        (["colours", "red", "", "1", ""], "There is no table colours"),
        (["order", "o1", "total", "1", ""], "Nothing called total can be edited"),
        (["order", "o1", "email", "x@", ""], "no e-mail address"),
        (["order", "o1", "note", "x" * 1001, ""], "1000 are allowed"),
        (["order", "o1", "customer", " Ida", ""], "begins or ends with a blank"),
    ],
)
def test_what_is_not_valid_is_not_put_down_and_nothing_else_is(
    store: Store, held: Chosen, now: datetime, word: list[str], why: str
) -> None:
    said = edit(store, now, held, ["order", "o1", "note", "fine", ""], word)
    assert said.startswith("nothing edited: ") and why in said
    assert store.read_sync(words_of, "main", "o1") == [] == store.read_sync(wordings, "main")


def test_a_record_that_changed_is_left_alone_unless_it_is_forced(
    store: Store, held: Chosen, now: datetime
) -> None:
    store.write_sync(do, "assign", [(held.id, None)], "bo", "bo", now)
    before = Chosen(held.id, held.version - 1, held.ref)
    word = ["payments", "klarna", "", "1210", ""]
    assert edit(store, now, before, word) == "nothing edited: the record changed meanwhile"
    assert edit(store, now, before, word, seen=None, stale="force") == "1 edited, tried again"


def test_what_was_overtaken_is_named_with_why(store: Store, held: Chosen, now: datetime) -> None:
    gone = Chosen(WorkId(99), 1, "#9")
    assert store.read_sync(overtaken, [held]) == ()
    [missing] = store.read_sync(overtaken, [held, gone])
    assert not missing.waits and "does not wait any more" in missing.why
    [moved] = store.read_sync(overtaken, [Chosen(held.id, held.version - 1, held.ref)])
    assert moved.waits and moved.chosen == held and moved.why == "changed since it was seen"
    see(store, now + MINUTE)
    [changed] = store.read_sync(overtaken, [held])
    assert changed.why.startswith("changed in Shopify ")


def test_a_name_that_was_given_is_taken_back_or_becomes_what_it_was(store: Store, now: datetime) -> None:
    edit(store, now, None, ["payments", "klarna", "", "1210", ""])
    first = undone(store, now)
    assert isinstance(first, Inverse) and first.verb == "edit"
    later = now + MINUTE
    edit(store, later, None, ["payments", "klarna", "", "1220", ""])
    second = undone(store, later)
    assert isinstance(second, Inverse)
    args = orjson.loads(second.args_json)
    assert args["words"] == [["payments", "klarna", "", "1210", ""]]
    last = later + MINUTE
    store.write_sync(edit_and_retry, "main", args, {Kind.PAYMENT}, "bo", last)
    assert [one.said for one in store.read_sync(wordings)] == ["1210"]
    lines = [line.seq for line in store.read_sync(tail, 9) if line.action == "reworded"]
    assert store.read_sync(inverse, lines[-1], last) == CHANGED  # two others came after it


def test_notes_and_holds_have_an_inverse_and_a_retry_has_none(
    store: Store, held: Chosen, now: datetime
) -> None:
    for verb, value, back in (
        ("assign", "bo", ("assign", "")),
        ("park", "later", ("unpark", "")),
        ("unpark", "", ("park", "later")),
        ("tag", "vip", ("tag", "")),
    ):
        store.write_sync(do, verb, [(held.id, None)], value, "ana", now)
        found = undone(store, now)
        assert isinstance(found, Inverse)
        assert (found.verb, orjson.loads(found.args_json)["value"]) == back
    [line] = [line for line in store.read_sync(tail, 9) if line.action == "assigned"]
    store.write_sync(do, "assign", [(held.id, None)], "cy", "cy", now)
    assert store.read_sync(inverse, line.seq, now) == CHANGED
    store.write_sync(do, "retry", [(held.id, None)], "", "ana", now)
    retried = next(line for line in store.read_sync(tail, 3) if line.action == "redriven")
    assert store.read_sync(inverse, retried.seq, now) == NONE


def test_what_was_let_go_is_held_back_again_for_the_rest_of_its_time(store: Store, now: datetime) -> None:
    cell = CellKey(Sku("mug"), LocationId("L1"))
    store.write_sync(
        see_level, "main", [ShopLevel(cell.sku, ItemId("i"), cell.location, True, True, 9, 9, 0)], now
    )
    ends = now + 60 * MINUTE
    store.write_sync(hold_back, Hold("main", "mug", "L1", 3, False, "ana", now, ends), now)
    found = undone(store, now)
    assert isinstance(found, Inverse) and found.verb == "let go"
    later = now + 20 * MINUTE
    assert store.write_sync(let_go, "main", cell, "bo", later)
    again = undone(store, later)
    assert isinstance(again, Inverse) and again.verb == "hold"
    assert orjson.loads(again.args_json) == {"sku": "mug", "location": "L1", "units": 3, "minutes": 40}
    assert undone(store, ends) == "Its time is over."
    assert store.read_sync(holds) == []
    assert store.read_sync(inverse, 10_000, now) == "There is no line 10000."
