"""Credit notes against an order: entered as a draft first and then approved, as Omni's own help does it.

What tells ours apart is how their reference begins. It is unique, so one that was entered and not approved is found and
approved, not entered again.
"""

from collections.abc import Sequence

from adapters.cin7_omni.client import OmniClient, Row, all_written, stamp
from adapters.cin7_omni.orders import Orders
from adapters.cin7_omni.wire import DRAFT
from engine.model.clock import Clock
from engine.model.ids import OrderId

COMMENTS = 250


class CreditNotes:
    """Enters them and reads what is there."""

    def __init__(self, client: OmniClient, orders: Orders, clock: Clock) -> None:
        self._client, self._orders, self._clock = client, orders, clock

    async def settled(self, ref: OrderId, mark: str) -> Sequence[Row]:
        """All of an order, once every draft whose reference begins with `mark` is approved."""
        rows = await self._orders.credits(ref)
        drafts = [
            row
            for row in rows
            if str(row.get("status") or "").upper() == DRAFT
            and str(row.get("reference") or "").startswith(mark)
        ]
        if not drafts:
            return rows
        now = stamp(self._clock.now())
        records: list[Row] = [{"id": row["id"], "isApproved": True, "completedDate": now} for row in drafts]
        all_written(await self._client.put("CreditNotes", records))
        return await self._orders.credits(ref)

    async def draft(
        self, order: Row, reference: str, *, comments: str, lines: Sequence[Row], branch: int | None = None
    ) -> None:
        """Enter one against an order, at a branch or at the order's own; `settled` approves it."""
        note: Row = {
            "reference": reference,
            "salesReference": order["reference"],
            "isApproved": False,
            "branchId": order["branchId"] if branch is None else branch,
            "currencyCode": order["currencyCode"],
            "taxStatus": "Exempt",
            "internalComments": comments[:COMMENTS],
            "lineItems": [*lines],
        }
        for name in ("memberId", "memberEmail"):
            if order.get(name):
                note[name] = order[name]
        all_written(await self._client.post("CreditNotes", [note]))
