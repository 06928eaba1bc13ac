"""A document is sent in a person's words only as long as Shopify says what it said when they were put down."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.model.failure import Refused
from engine.model.ids import OrderId
from engine.model.sale import SalesDocument
from engine.model.wording import Stale, Wording
from engine.orders.rewording import FIELDS, fault, named, reworded, told
from engine.orders.values import Kind

SALE = SalesDocument(
    OrderId("o1"), "#1", datetime(2026, 3, 1, tzinfo=UTC), "EUR", True, (), Decimal("9.90"), "EUR", Decimal("9.90"), (),
    "Ida Berg", "ida@x", ("Weg 1", "Bonn"), "",
)  # fmt: skip


def word(field: str, said: str, before: str, stale: Stale = Stale.SKIP) -> Wording:
    return Wording("main", "order", "o1", field, said, before, stale)


def test_words_take_the_place_of_what_shopify_says_and_nothing_else_moves() -> None:
    words = [
        word("customer", "Ida Berg-Roth", "Ida Berg"),
        word("email", "", "ida@x"),
        word("address", "Weg 2 /  Hof / Bonn", "Weg 1 / Bonn"),
        word("note", "ring", ""),
    ]
    sale, gone = reworded(SALE, words)
    assert gone == ()
    assert (sale.customer, sale.email, sale.note) == ("Ida Berg-Roth", "", "ring")
    assert sale.address == ("Weg 2", "Hof", "Bonn")
    assert (sale.total, sale.ref, sale.lines) == (SALE.total, SALE.ref, SALE.lines)
    assert set(told({"customer": "", "email": "", "address": (), "note": ""})) == set(FIELDS)


@pytest.mark.parametrize(("stale", "sent"), [(Stale.NEWEST, "ida@x"), (Stale.FORCE, "new@x.de")])
def test_what_shopify_changed_since_wins_only_where_the_person_said_so(stale: Stale, sent: str) -> None:
    one = word("email", "new@x.de", "old@x", stale)
    sale, gone = reworded(SALE, [one])
    assert sale.email == sent
    assert gone == ((one,) if stale is Stale.NEWEST else ())


def test_by_default_the_person_is_asked_once_more() -> None:
    with pytest.raises(Refused) as held:
        reworded(SALE, [word("email", "new@x.de", "old@x")])
    assert held.value.code == "edit_overtaken"
    assert "#1" in held.value.cause and "trueup failed edit" in held.value.remedy


def test_a_name_that_a_person_gave_counts_before_the_configuration_s() -> None:
    tables = {Kind.PAYMENT: {"card": "1200", "klarna": "1201"}}
    words = [Wording("main", "payments", "klarna", "", "1210"), Wording("main", "carriers", "DHL", "", "9")]
    assert named(tables, words) == {Kind.PAYMENT: {"card": "1200", "klarna": "1210"}}
    assert named(tables, []) is tables


@pytest.mark.parametrize("said", ["a@b.de", "first.last+tag@sub.domain.example", ""])
def test_an_email_or_none_is_valid(said: str) -> None:
    assert fault("order", "email", said) == ""
