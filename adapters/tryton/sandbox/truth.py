"""The whole truth of the sandbox's Tryton as JSON, worked out from its sales and stock moves alone."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

Json = dict[str, Any]


class Truth:
    """Rows read from Tryton at one moment, and what follows from them."""

    def __init__(
        self,
        codes: Mapping[int, str],
        inside: Mapping[int, str],
        customers: Collection[int],
        moves: Sequence[Json],
        sales: Sequence[Json],
        returns: Sequence[Json],
        opened: int = 0,
    ) -> None:
        """`opened` is the last move that was there when the doors opened; the opening stock is no event."""
        self._opened = opened
        self._codes = codes
        self._inside = inside
        self._customers = customers
        self._moves = moves
        self._sales = sales
        self._owner: dict[int, str] = {
            move: row["reference"].removesuffix(" returned")
            for row in returns
            for move in row["incoming_moves"]
        }
        self._of_sale: dict[int, list[Json]] = defaultdict(list)
        self._of_ref: dict[str, list[Json]] = defaultdict(list)
        for move in moves:
            self._of_sale[move["sale"]].append(move)
            if move["id"] in self._owner:
                self._of_ref[self._owner[move["id"]]].append(move)

    def told(self) -> Json:
        """Everything, in the words all sandboxes share."""
        return {
            "shelves": self._shelves(),
            "documents": [self._document(row) for row in self._sales if row["web_shop"]],
            "erp_sales": [
                {**line, "id": str(row["id"]), "at": _epoch(row["create_date"]), "status": row["state"]}
                for row in self._sales
                if not row["web_shop"]
                for line in self._document(row)["lines"]
            ],
            "events": sorted(self._events(), key=lambda event: float(event["at"])),
            "webhooks": {"sent": 0, "delivered": 0, "failed": 0, "dropped": 0, "ack_ms": []},
        }

    def _shelves(self) -> list[Json]:
        on_hand: dict[tuple[str, str], int] = defaultdict(int)
        reserved: dict[tuple[str, str], int] = defaultdict(int)
        for move in self._moves:
            sku, units = self._codes.get(move["product"], ""), round(move["internal_quantity"])
            start, end = self._inside.get(move["from_location"]), self._inside.get(move["to_location"])
            if move["state"] == "done":
                if start:
                    on_hand[sku, start] -= units
                if end:
                    on_hand[sku, end] += units
            elif move["state"] in ("draft", "assigned") and start and move["to_location"] in self._customers:
                reserved[sku, start] += units
        return [
            {"sku": sku, "warehouse": at, "on_hand": on_hand[sku, at], "reserved": reserved[sku, at]}
            for sku, at in sorted({*on_hand, *reserved})
        ]

    def _document(self, row: Json) -> Json:
        lines: dict[tuple[str, str], Json] = {}
        live = gone = 0
        mine = self._of_sale[row["id"]]
        plans = [move for move in mine if move["state"] != "cancelled"] or mine
        for move in (*plans, *self._of_ref[row["web_id"] or ""]):
            returned = move["id"] in self._owner
            at = self._inside.get(move["to_location" if returned else "from_location"], "")
            key = (self._codes[move["product"]], at)
            zero = {"sku": key[0], "warehouse": at, "quantity": 0, "shipped": 0, "returned": 0}
            line, units = lines.setdefault(key, zero), round(move["internal_quantity"])
            if returned:
                line["returned"] += units if move["state"] == "done" else 0
                continue
            line["quantity"] += units
            line["shipped"] += units if move["state"] == "done" else 0
            gone += move["state"] == "done"
            live += move["state"] in ("draft", "assigned")
        status = "open" if live or not mine else "shipped" if gone else "cancelled"
        if row["state"] == "cancelled":
            status = "cancelled"
        elif not mine and row["state"] in ("processing", "done"):
            status = "shipped"
        return {
            "id": str(row["id"]),
            "ref": row["web_id"],
            "name": row["reference"],
            "status": status,
            "total": str(row["total_amount"]),
            "created_at": _epoch(row["create_date"]),
            "lines": [lines[key] for key in sorted(lines)],
        }

    def _events(self) -> list[Json]:
        refs = {row["id"]: row["web_id"] for row in self._sales}
        events: list[Json] = []
        for move in self._moves:
            if move["id"] <= self._opened:
                continue
            sku, units = self._codes[move["product"]], round(move["internal_quantity"])
            start, end = self._inside.get(move["from_location"]), self._inside.get(move["to_location"])
            if start == end:
                continue
            made, done = _epoch(move["create_date"]), _epoch(move["write_date"] or move["create_date"])
            ref = refs.get(move["sale"]) or self._owner.get(move["id"])
            sold = move["to_location"] in self._customers
            common = {"sku": sku, "ref": ref}
            if start and sold:
                kind = "order" if ref else "sale"
                at = {"at": made, "warehouse": start, "kind": kind}
                events.append({**common, **at, "delta": -units, "on_hand_delta": 0})
                if move["state"] == "cancelled":
                    at = {"at": done, "warehouse": start, "kind": "cancel"}
                    events.append({**common, **at, "delta": units, "on_hand_delta": 0})
            if move["state"] == "done":
                if start:
                    at = {"at": done, "warehouse": start, "kind": "ship" if sold else "transfer_out"}
                    delta = 0 if sold else -units
                    events.append({**common, **at, "delta": delta, "on_hand_delta": -units})
                if end:
                    at = {"at": done, "warehouse": end, "kind": "return" if ref else "receipt"}
                    events.append({**common, **at, "delta": units, "on_hand_delta": units})
        return events


def _epoch(moment: datetime) -> float:
    return moment.timestamp()
