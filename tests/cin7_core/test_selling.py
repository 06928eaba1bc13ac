"""An order gets in once and to the cent, whatever was left half done before."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adapters.cin7_core.selling import Terms, terms
from adapters.parts import split
from engine.model.failure import Failure, Misset, OutcomeUnknown, RateLimited, Refused, Unmapped
from engine.model.ids import OrderId
from engine.model.sale import DocumentStatus, SalesDocument
from tests.accounts import REF, sale
from tests.cin7_core.conftest import BOWL, MUG, WH1, WH2


def sales(account: Any) -> list[Any]:
    """What the list of sales says of our order: (status, total calls) by number."""
    listed: list[Any] = account.by_hand.get("saleList", params={"ExternalID": "trueup-1"}).json()["SaleList"]
    return listed


async def test_an_empty_sale_left_behind_is_used_and_not_made_again(account: Any, office: Any) -> None:
    account.do("faults", mode="apply_then_timeout", op="change", count=1, seconds=1)
    with pytest.raises(OutcomeUnknown):
        await office(answer_seconds=0.5).create(sale((MUG, 2, WH1)))
    (shell,) = sales(account)
    assert shell["Status"] == "ORDERING"
    assert account.shelf(MUG, "WH1") == (10, 0)
    assert await office().documents([REF]) == {}
    made = await office().create(sale((MUG, 2, WH1)))
    assert [each["SaleID"] for each in sales(account)] == [made.id] == [shell["SaleID"]]
    assert account.shelf(MUG, "WH1") == (10, 2)


async def test_of_several_empty_sales_the_oldest_is_used(account: Any, office: Any) -> None:
    head = {
        "Customer": "Shopify",
        "Location": "WH1",
        "TaxRule": "Tax Exempt",
        "CurrencyRate": 1,
        "SkipQuote": True,
    }
    for _ in range(2):
        account.by_hand.post("sale", json=head | {"SaleType": "Advanced", "ExternalID": "trueup-1"})
    made = await office().create(sale((MUG, 2, WH1)))
    oldest, other = sales(account)
    assert (oldest["SaleID"], oldest["Status"], other["Status"]) == (made.id, "ORDERED", "ORDERING")
    assert (await office().documents([REF]))[REF] == made


async def test_an_order_takes_four_calls(account: Any, office: Any) -> None:
    one = office()
    await one.warehouses()
    await one.create(sale((MUG, 1, WH1), ref=OrderId("gid://shopify/Order/9")))
    account.calls.clear()
    await one.create(sale((MUG, 2, WH1)))
    assert account.calls == [("GET", "saleList"), ("POST", "sale"), ("POST", "sale/order"), ("GET", "sale")]


async def test_an_order_from_two_locations_is_two_sales_and_one_document(account: Any, office: Any) -> None:
    wanted = sale((MUG, 2, WH1), (BOWL, 3, WH2))
    made = await office().create(wanted)
    assert len(sales(account)) == 2
    assert made.total == wanted.total
    assert account.shelf(MUG, "WH1") == (10, 2)
    assert account.shelf(BOWL, "WH2") == (5, 3)
    assert (await office().documents([REF]))[REF] == made
    assert await office().copies([REF]) == {REF: (made.id,)}


async def cut_short(office: Any, wanted: SalesDocument) -> None:
    """Only the sale for its first location was made."""
    (_, first), *_ = split(wanted)
    await office.create(first)


async def test_an_order_cut_short_between_two_locations_is_completed(account: Any, office: Any) -> None:
    wanted = sale((MUG, 2, WH1), (BOWL, 3, WH2))
    await cut_short(office(), wanted)
    assert account.shelf(MUG, "WH1") == (10, 2)
    made = await office().create(wanted)
    assert len(sales(account)) == 2
    assert (made.status, made.total) == (DocumentStatus.OPEN, wanted.total)
    assert (account.shelf(MUG, "WH1"), account.shelf(BOWL, "WH2")) == ((10, 2), (5, 3))


async def test_of_an_order_cut_short_the_rest_of_which_is_declined_nothing_stays(
    account: Any, office: Any
) -> None:
    wanted = sale((MUG, 2, WH1), (BOWL, 3, WH2))
    await cut_short(office(), wanted)
    account.do("faults", mode="refuse_orders", match=BOWL, message="On credit hold", count=1)
    with pytest.raises(Refused, match=r"On credit hold\."):
        await office().create(wanted)
    account.do("faults", mode="none")
    assert account.shelf(MUG, "WH1") == (10, 0)
    assert (await office().create(wanted)).total == wanted.total
    assert (account.shelf(MUG, "WH1"), account.shelf(BOWL, "WH2")) == ((10, 2), (5, 3))


async def test_half_an_order_that_is_to_leave_from_elsewhere_is_voided_first(
    account: Any, office: Any
) -> None:
    await cut_short(office(), sale((MUG, 2, WH1), (BOWL, 3, WH2)))
    made = await office().create(sale((MUG, 2, WH2), (BOWL, 3, WH2)))
    assert account.shelf(MUG, "WH1") == (10, 0)
    assert (account.shelf(MUG, "WH2"), account.shelf(BOWL, "WH2")) == ((6, 2), (5, 3))
    assert (await office().documents([REF]))[REF] == made


async def test_an_error_in_a_200_is_no_success(account: Any, office: Any) -> None:
    account.do("errors", soft=True)
    with pytest.raises(Refused, match="Total or Tax is incorrect"):
        await office(terms=Terms(account.sandbox.customer, tax_rule="Tax on Sales")).create(
            sale((MUG, 2, WH1))
        )
    assert account.shelf(MUG, "WH1") == (10, 0)


@pytest.mark.parametrize(
    ("given", "failure", "named"),
    [
        (Terms("Nobody"), Refused, "Nobody"),
        (
            Terms("Shopify", products=terms("Shopify", "x", {"shipping": "PARCEL"}, {}).products),
            Unmapped,
            "PARCEL",
        ),
        (Terms("Shopify", tax_rule="VAT 0"), Refused, "VAT 0"),
    ],
)
async def test_what_is_not_set_up_there_is_named(
    account: Any, office: Any, given: Terms, failure: type[Failure], named: str
) -> None:
    with pytest.raises(failure, match=named):
        await office(terms=given).create(sale((MUG, 2, WH1)))
    assert await office().documents([REF]) == {}


async def test_another_currency_needs_a_rate_and_a_customer_of_its_own(account: Any, office: Any) -> None:
    swiss = sale((MUG, 2, WH1), currency="CHF")
    with pytest.raises(Unmapped, match="books in EUR") as unknown:
        await office().create(swiss)
    assert "rates table" in unknown.value.remedy
    assert sales(account) == []
    with pytest.raises(Refused, match="base currency"):
        await office(terms=Terms("Shopify", rates={"CHF": Decimal("0.9")})).create(swiss)


def test_a_kind_of_line_nobody_knows_is_refused() -> None:
    with pytest.raises(Misset, match="gift_cards"):
        terms("Shopify", "Tax Exempt", {"gift_cards": "GC"}, {})


async def test_a_deprecated_location_takes_no_order(account: Any, office: Any) -> None:
    account.sandbox.books.closed.add("WH2")
    with pytest.raises(Unmapped, match="WH2"):
        await office().create(sale((MUG, 2, WH2)))
    assert sales(account) == []


@pytest.mark.parametrize("style", ["429", "503", "400"])
async def test_a_call_too_many_is_known_in_every_dress(account: Any, office: Any, style: str) -> None:
    account.do("errors", limit=style)
    account.do("faults", mode="429", seconds=7)
    with pytest.raises(RateLimited) as busy:
        await office().warehouses()
    assert busy.value.after == (7.0 if style == "429" else 60.0), "7 Seconds, or a minute where none is named"


async def test_a_page_instead_of_data_is_not_taken_for_an_answer(account: Any, office: Any) -> None:
    wrong = office(terms=Terms("Shopify"))
    wrong._client._client.base_url = f"{account.sandbox.control}/elsewhere"
    with pytest.raises(Failure) as page:
        await wrong.warehouses()
    assert page.value.code == "cin7_core_page"
    with pytest.raises(OutcomeUnknown):
        await wrong._client.post("sale", {})


async def test_prices_with_more_than_two_places_arrive_to_the_cent(account: Any, office: Any) -> None:
    wanted = sale((MUG, 3, WH1))
    odd = replace(wanted.lines[0], discount=Decimal("0.01"))
    made = await office().create(
        replace(wanted, lines=(odd, wanted.lines[1]), total=wanted.total - Decimal("0.01"))
    )
    assert made.total == Decimal("12.39")
