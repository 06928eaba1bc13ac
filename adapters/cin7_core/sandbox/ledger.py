"""Sales over the books: what each holds beside its promise, and what the staff did to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from adapters.cin7_core.sandbox.naming import Wrong, guid, text
from adapters.sandbox.books import BookedOrder, Books, Json, Movement

STEPS = ("Pick", "Pack", "Ship")
OPEN = ("NOT AVAILABLE", "DRAFT")


class Ledger:
    """Every sale. Shipments that no call made become fulfilments by themselves."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self._own = False
        books.listeners.append(self._moved)

    def all(self) -> list[BookedOrder]:
        """Sales, oldest first; the counter's have no head."""
        return list(self.books.orders.values())

    def sale(self, number: object) -> BookedOrder:
        """A sale by its id; Wrong when there is none."""
        for one in self.books.orders.values():
            if guid("sale", one.id) == number and one.facts.get("head"):
                return one
        raise Wrong(f"Sale with specified ID {number} not found", 404)

    def of_task(self, task: object) -> tuple[BookedOrder, Json]:
        """A fulfilment and its sale by the task's id."""
        for one in self.books.orders.values():
            for each in one.facts.get("fulfilments", ()):
                if each["TaskID"] == task:
                    return one, each
        raise Wrong(f"Fulfilment with TaskID {task} not found", 404)

    def begun(self, one: BookedOrder) -> Json:
        """A new fulfilment of a sale."""
        made: Json = {
            "TaskID": guid("fulfilment", f"{one.id}.{len(one.facts['fulfilments'])}"),
            "FulfillmentNumber": len(one.facts["fulfilments"]) + 1,
            **{step: {"Status": "NOT AVAILABLE", "Lines": []} for step in STEPS},
        }
        one.facts["fulfilments"].append(made)
        self.touch(one)
        return made

    def touch(self, one: BookedOrder) -> None:
        """It was changed."""
        one.changed_at = self.books.now()

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Movements inside are told by the call that makes them."""
        self._own = True
        try:
            yield
        finally:
            self._own = False

    def settle(self, one: BookedOrder) -> None:
        """Let the promise stand where the picks say the goods are to leave from, the rest at the sale's location."""
        home = str(one.facts["head"].get("Location"))
        wanted: dict[tuple[str, str], int] = {}
        for line in one.facts["order"]["Lines"]:
            wanted[line["SKU"], home] = wanted.get((line["SKU"], home), 0) + int(line["Quantity"])
        for each in one.facts["fulfilments"]:
            for line in each["Pick"]["Lines"] if each["Pick"]["Status"] != "VOIDED" else ():
                wanted[line["SKU"], home] -= int(line["Quantity"])
                if each["Ship"]["Status"] != "AUTHORISED":
                    shelf = (line["SKU"], place_of(line["Location"], self.books))
                    wanted[shelf] = wanted.get(shelf, 0) + int(line["Quantity"])
        held = {shelf: each.quantity - each.shipped for shelf, each in one.allotments.items()}
        for (sku, place), units in wanted.items():
            lacking = units - held.get((sku, place), 0)
            for (name, origin), there in list(held.items()):
                spare = there - wanted.get((name, origin), 0)
                if name == sku and lacking > 0 and spare > 0:
                    moved = min(lacking, spare)
                    with self.acting():
                        self.books.reroute(one, sku, origin, place, moved)
                    held[name, origin] -= moved
                    lacking -= moved

    def _moved(self, move: Movement) -> None:
        """The staff shipped: a fulfilment that is through all its steps, and no draft that says otherwise."""
        one = self.books.orders.get(move.document or 0)
        if self._own or one is None or move.kind != "ship" or not one.facts.get("head"):
            return
        left = -move.on_hand_delta
        for each in one.facts["fulfilments"]:
            for line in each["Pick"]["Lines"] if each["Pick"]["Status"] == "DRAFT" else ():
                if (line["SKU"], place_of(line["Location"], self.books)) == (move.sku, move.warehouse):
                    taken = min(left, int(line["Quantity"]))
                    line["Quantity"] -= taken
                    left -= taken
            each["Pick"]["Lines"] = [line for line in each["Pick"]["Lines"] if line["Quantity"]]
        made = self.begun(one)
        sold: Any = next(line for line in one.facts["order"]["Lines"] if line["SKU"] == move.sku)
        line = {
            "ProductID": sold["ProductID"],
            "SKU": move.sku,
            "Name": sold["Name"],
            "Quantity": -move.on_hand_delta,
            "Location": move.warehouse,
        }
        made["Pick"] = {"Status": "AUTHORISED", "Lines": [line]}
        made["Pack"] = {"Status": "AUTHORISED", "Lines": [line | {"Box": "Box 1"}]}
        made["Ship"] = {
            "Status": "AUTHORISED",
            "Lines": [{"ShipmentDate": text(move.at), "Boxes": "Box 1", "IsShipped": True}],
        }


def place_of(where: str, books: Books) -> str:
    """The location of a text that may name a bin; Wrong for one nobody knows."""
    for name in books.warehouses:
        if where == name or where.startswith(f"{name}: "):
            return name
    raise Wrong(f"Location {where} not found")
