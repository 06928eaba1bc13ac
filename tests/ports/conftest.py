"""The bench of the port exam: what one question works with, on each of the settings of `tests.ports.settings`."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, Payment, SalesDocument, SalesLine
from engine.ports import BackOffice
from tests.ports.settings import SETTINGS, Setting


@dataclass
class Bench:
    """What one question of the exam works with: the office, the staff, a SKU nobody else uses."""

    office: BackOffice
    staff: httpx.Client
    setting: Setting
    sku: Sku
    other: Sku
    first: WarehouseId
    second: WarehouseId

    def do(self, verb: str, **ask: Any) -> httpx.Response:
        """Have the ERP's own staff do something."""
        return self.staff.post(f"/_control/{verb}", json=ask)

    def trouble(self, **ask: Any) -> None:
        """Switch a fault on, in place of the last one."""
        if self.setting.front is None:
            assert self.do("faults", **ask).status_code == 200
        else:
            self.setting.front.faults.switch(ask)

    async def late_calls(self) -> int:
        """Wait until every call that broke was made after all; how many there were."""
        if self.setting.front is None:
            return int(self.do("late_calls").json()["made"])
        return await self.setting.front.late()

    def state(self) -> dict[str, Any]:
        """The sandbox's whole truth."""
        answer = self.staff.get("/_control/state")
        assert answer.status_code == 200
        truth: dict[str, Any] = answer.json()
        return truth

    def ref(self) -> OrderId:
        """An external reference nobody else uses."""
        return OrderId(f"gid://shopify/Order/{next(self.setting.numbers)}")

    def sale(self, *goods: tuple[Sku, int, WarehouseId], ref: OrderId | None = None) -> SalesDocument:
        """A document whose lines, tax, shipping, discount and payment add up to the cent."""
        lines = [
            SalesLine(
                f"gid://shopify/LineItem/{position}",
                LineKind.GOODS,
                sku,
                f"Article {sku}",
                quantity,
                Decimal("19.99"),
                Decimal("1.50"),
                (tax := Decimal("2.35")),
                (("VAT", tax),),
                warehouse,
            )
            for position, (sku, quantity, warehouse) in enumerate(goods, 1)
        ]
        shipping = SalesLine(
            "shipping-1",
            LineKind.SHIPPING,
            None,
            "Parcel",
            1,
            Decimal("4.90"),
            Decimal(0),
            Decimal(0),
            (),
            None,
        )
        total = sum(
            (line.quantity * line.unit_price - line.discount + line.tax for line in lines), Decimal("4.90")
        )
        return SalesDocument(
            ref=ref or self.ref(),
            name="#1001",
            placed_at=datetime(2026, 5, 4, 10, 30, tzinfo=UTC),
            currency="EUR",
            taxes_included=False,
            lines=(*lines, shipping),
            total=total,
            presentment_currency="EUR",
            presentment_total=total,
            payments=(Payment("gid://shopify/OrderTransaction/1", "SALE", "cards", total),),
            customer="Ada Buyer",
            email="buyer@example.com",
            address=("Ada Buyer", "1 Long Street", "10115 Berlin", "DE"),
            note="ring twice",
        )

    def amended(self, sale: SalesDocument, *goods: tuple[Sku, int, WarehouseId]) -> SalesDocument:
        """The same order with these units instead: lines of a SKU that stays keep their key, and money follows."""
        old = [line for line in sale.lines if line.sku is not None]
        lines: list[SalesLine] = []
        for number, (sku, quantity, warehouse) in enumerate(goods, 1):
            same = [line for line in old if line.sku == sku]
            line = (
                same[0] if same else replace(sale.lines[0], sku=sku, key=f"gid://shopify/LineItem/9{number}")
            )
            old = [each for each in old if each not in same[:1]]
            tax = Decimal("0.78") * quantity
            lines.append(
                replace(
                    line,
                    title=f"Article {sku}",
                    quantity=quantity,
                    discount=Decimal("0.50") * quantity,
                    tax=tax,
                    taxes=(("VAT", tax),) if quantity else (),
                    warehouse=warehouse,
                )
            )
        total = sum(
            (line.quantity * line.unit_price - line.discount + line.tax for line in lines), Decimal("4.90")
        )
        rest = tuple(line for line in sale.lines if line.sku is None)
        return replace(sale, lines=(*lines, *rest), total=total, presentment_total=total)


MARKS = {"tryton": [pytest.mark.tryton]}
AT_ONCE = ("test_an_entry_is_made_once_and_read_back[tryton-payment]", "test_an_entry_is_made_once_and_read_back[tryton-credit_memo]")  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of money a real Tryton is asked everything only in the long run: it prints each credit note, and takes its time."""
    for item in items:
        asked = item.path.name == "test_posting_exam.py" and item.get_closest_marker("tryton")
        if asked and item.name not in AT_ONCE:
            item.add_marker(pytest.mark.long)


@pytest.fixture(scope="session", params=[pytest.param(name, marks=MARKS.get(name, [])) for name in SETTINGS])
def setting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    """One sandbox per back office for the whole exam."""
    name: str = request.param
    more = {"database_url": request.getfixturevalue("new_postgresql")()} if name == "sql-postgresql" else {}
    with SETTINGS[name](tmp_path_factory.mktemp(name), **more) as ready:
        yield ready


@pytest.fixture
async def bench(setting: Setting) -> AsyncIterator[Bench]:
    """A fresh adapter and two SKUs of one's own."""
    office = setting.open_office()
    skus = [Sku(next(setting.skus)) for _ in range(2)]
    ids = [WarehouseId(setting.warehouse_ids[name]) for name in ("WH1", "WH2")]
    with httpx.Client(base_url=setting.control_url, timeout=30, trust_env=False) as staff:
        yield Bench(office, staff, setting, skus[0], skus[1], ids[0], ids[1])
    await office.aclose()
