"""What the rooms of back offices with an account on loopback share: its staff, an order, what an adapter sent."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from engine.model.entry import CreditLine, Entry, EntryKind
from engine.model.ids import OrderId, Sku, WarehouseId
from engine.model.sale import LineKind, SalesDocument, SalesLine

REF = OrderId("gid://shopify/Order/1")


@dataclass
class Staffed:
    """An account and the people of the back office."""

    staff: httpx.Client

    def do(self, verb: str, **ask: Any) -> Any:
        """Have the staff do something."""
        answer = self.staff.post(f"/_control/{verb}", json=ask)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self) -> Any:
        """The whole truth."""
        return self.staff.get("/_control/state").json()

    def shelf(self, sku: str, place: str) -> tuple[int, int]:
        """Units on hand and reserved; none where nothing ever was."""
        rows = [r for r in self.state()["shelves"] if (r["sku"], r["warehouse"]) == (sku, place)]
        return (rows[0]["on_hand"], rows[0]["reserved"]) if rows else (0, 0)


def watched(office: Any, note: Callable[[httpx.Request], None]) -> None:
    """Have every request an adapter sends noted."""

    async def noted(request: httpx.Request) -> None:
        note(request)

    office._client._client.event_hooks = {"request": [noted], "response": []}


def sale(*goods: tuple[Sku, int, WarehouseId], **more: Any) -> SalesDocument:
    """An order for these goods at 2.50 each and 4.90 for the parcel."""
    lines = [
        SalesLine(
            f"{at}", LineKind.GOODS, sku, sku, units, Decimal("2.50"), Decimal(0), Decimal(0), (), place
        )
        for at, (sku, units, place) in enumerate(goods)
    ]
    parcel = SalesLine(
        "parcel", LineKind.SHIPPING, None, "Parcel", 1, Decimal("4.90"), Decimal(0), Decimal(0), (), None
    )
    total = sum((line.quantity * line.unit_price for line in (*lines, parcel)), Decimal(0))
    made = SalesDocument(
        ref=REF, name="#1", placed_at=datetime(2026, 5, 4, tzinfo=UTC), currency="EUR", taxes_included=False,
        lines=(*lines, parcel), total=total, presentment_currency="EUR", presentment_total=total,
        payments=(), customer="Ada", email="ada@example.com", address=("1 Long Street",), note="",
    )  # fmt: skip
    return replace(made, **more)


def entry(kind: EntryKind, number: int, amount: str, *lines: CreditLine, **more: Any) -> Entry:
    """Money of the order above that moved later."""
    key = f"gid://shopify/{'Refund' if kind is EntryKind.CREDIT else 'OrderTransaction'}/{number}"
    worth = Decimal(amount)
    made = Entry(
        key, key, kind, REF, "#1001", worth, "EUR", worth, "EUR", datetime(2026, 5, 5, tzinfo=UTC), lines=lines
    )  # fmt: skip
    return replace(made, **more)


FEE_OFF = (
    CreditLine("l", Sku("MUG"), "Mug", 1, Decimal("2.50"), Decimal("0.40")),
    CreditLine("", None, "Refund adjustment", 1, Decimal("-1.00"), Decimal(0)),
)
"""A mug that came back, less a restocking fee: 1.50 with its tax inside."""
