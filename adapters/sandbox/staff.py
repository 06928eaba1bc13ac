"""The people in a back office: what they do all day, asked for over the control API, and the whole truth as JSON."""

from collections.abc import Callable
from decimal import Decimal

from adapters.sandbox.books import BookedOrder, Books, Counts, Json, NotPossible


class Staff:
    """Verbs of the control API; each takes the question as JSON and raises NotPossible when the answer is no."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.verbs: dict[str, Callable[[Json], Json]] = {
            "sale": self.sale,
            "receipt": self.receipt,
            "adjust": self.adjust,
            "transfer": self.transfer,
            "transfer_in": self.transfer_in,
            "ship": self.ship,
            "ship_any": self.ship_any,
            "cancel": self.cancel,
            "article": self.article,
        }

    def sale(self, ask: Json) -> Json:
        """A counter sale: takes only what is free, reserves it, ships later."""
        sku, warehouse, units = str(ask["sku"]), str(ask["warehouse"]), int(ask["quantity"])
        free = self._books.free(sku, warehouse)
        if units < 1 or free < units:
            raise NotPossible(f"only {free} free")
        order = self._books.draft(None, "counter", {})
        self._books.confirm(order, [(sku, warehouse, units)], total=Decimal(0), currency="", kind="sale")
        return {"document": str(order.id)}

    def receipt(self, ask: Json) -> Json:
        """Goods received."""
        units = int(ask["quantity"])
        if units < 1:
            raise ValueError("quantity must be at least 1")
        self._books.enter(str(ask["sku"]), str(ask["warehouse"]), "receipt", units)
        return {}

    def adjust(self, ask: Json) -> Json:
        """Goods counted or lost."""
        self._books.enter(str(ask["sku"]), str(ask["warehouse"]), "adjust", int(ask["delta"]))
        return {}

    def transfer(self, ask: Json) -> Json:
        """Goods leave for another warehouse."""
        self._books.transfer(str(ask["sku"]), str(ask["from"]), str(ask["to"]), int(ask["quantity"]))
        return {}

    def transfer_in(self, ask: Json) -> Json:
        """Everything under way arrives."""
        return {"arrived": self._books.arrive(everything=True)}

    def ship(self, ask: Json) -> Json:
        """Ship all that is left of one document, named by its id or its external reference."""
        order = self._find(str(ask["document"]))
        if not self._all_there(order) or not self._ship(order):
            raise NotPossible(f"document {ask['document']} has nothing it could ship")
        return {"document": str(order.id)}

    def ship_any(self, ask: Json) -> Json:
        """Ship the oldest open documents whose goods are all there."""
        shipped: list[Json] = []
        for order in list(self._books.orders.values()):
            if len(shipped) >= int(ask.get("limit", 1)):
                break
            if order.status == "open" and order.allotments and self._all_there(order) and self._ship(order):
                shipped.append({"document": str(order.id), "ref": order.ref})
        return {"shipped": shipped}

    def cancel(self, ask: Json) -> Json:
        """Cancel a document nothing of which has left."""
        order = self._find(str(ask["document"]))
        self._books.cancel(order)
        return {"document": str(order.id)}

    def article(self, ask: Json) -> Json:
        """Facts of an article are entered."""
        if ask["sku"] not in self._books.products:
            raise NotPossible(f"no article {ask['sku']}")
        self._books.articles.enter(str(ask["sku"]), ask["facts"], self._books.now())
        return {}

    def state(self) -> Json:
        """The whole truth; drafts are told apart, for they promise nothing."""
        books = self._books
        held = [one for one in books.orders.values() if not one.facts.get("discarded")]
        documents = [one for one in held if one.ref is not None and one.status != "draft"]
        sales = [one for one in held if one.ref is None and one.status != "draft"]
        return {
            "shelves": [
                {"sku": sku, "warehouse": warehouse, "on_hand": counts.on_hand, "reserved": counts.reserved}
                for (sku, warehouse), counts in books.shelves.items()
            ],
            "documents": [_joined(parts) for parts in _sales(documents)],
            "drafts": [_document(one) for one in held if one.status == "draft"],
            "erp_sales": [
                _document(one) | _document(one)["lines"][0] | {"at": one.created_at} for one in sales
            ],
            "in_transit": [
                {"sku": one.sku, "origin": one.origin, "warehouse": one.warehouse, "units": one.units}
                for one in books.transits
            ],
            "events": [
                {
                    "sequence": one.sequence,
                    "at": one.at,
                    "sku": one.sku,
                    "warehouse": one.warehouse,
                    "kind": one.kind,
                    "delta": one.delta,
                    "on_hand_delta": one.on_hand_delta,
                    "ref": one.ref,
                }
                for one in books.log
                if one.sku is not None
            ],
            "refusals": [{"ref": ref, "message": message} for ref, message in books.refusals],
        }

    def _find(self, name: str) -> BookedOrder:
        if name.isdigit() and int(name) in self._books.orders:
            return self._books.orders[int(name)]
        found = self._books.by_ref(name)
        if not found:
            raise NotPossible(f"no document {name}")
        return found[0]

    def _all_there(self, order: BookedOrder) -> bool:
        shelves = self._books.shelves
        return all(
            shelves.get(shelf, Counts()).on_hand >= each.quantity - each.shipped
            for shelf, each in order.allotments.items()
        )

    def _ship(self, order: BookedOrder) -> int:
        left = {shelf: each.quantity - each.shipped for shelf, each in order.allotments.items()}
        for (sku, warehouse), units in left.items():
            if units:
                self._books.ship(order, sku, warehouse, units)
        return sum(left.values())


def _sales(documents: list[BookedOrder]) -> list[list[BookedOrder]]:
    """Documents that are parts of one sale, together; a second one for the same part stands alone."""
    sales: list[list[BookedOrder]] = []
    for order in documents:
        for parts in sales:
            if parts[0].ref == order.ref and all(each.part != order.part for each in parts):
                parts.append(order)
                break
        else:
            sales.append([order])
    return sales


def _joined(parts: list[BookedOrder]) -> Json:
    """One sale: open while any part is, cancelled only when all are; cancelled parts beside others count for nothing."""
    living = [each for each in parts if each.status != "cancelled"] or parts
    status = "open" if any(each.status == "open" for each in living) else living[0].status
    whole = _document(parts[0]) | {"status": status}
    whole["total"] = format(sum((each.total or Decimal(0) for each in living), Decimal(0)), "f")
    whole["lines"] = [line for each in living for line in _document(each)["lines"]]
    return whole


def _document(order: BookedOrder) -> Json:
    return {
        "id": str(order.id),
        "ref": order.ref,
        "name": order.name,
        "status": order.status,
        "total": None if order.total is None else format(order.total, "f"),
        "currency": order.currency,
        "created_at": order.created_at,
        "lines": [
            {
                "sku": sku,
                "warehouse": warehouse,
                "quantity": each.quantity,
                "shipped": each.shipped,
                "shipped_at": each.shipped_at,
                "returned": each.returned,
            }
            for (sku, warehouse), each in order.allotments.items()
        ],
    }
