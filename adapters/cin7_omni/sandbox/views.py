"""What the API tells: branches, product options, contacts, stock, orders, credit notes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from adapters.sandbox.books import BookedOrder, Books, Counts, Json, Movement


def date(at: float) -> str:
    """A time: UTC to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Views:
    """Records of each resource, as Omni writes them."""

    def __init__(self, books: Books, services: Sequence[str], contacts: Mapping[int, str]) -> None:
        self._books, self._services, self._contacts = books, services, contacts
        self.moved: dict[tuple[str, str], float] = dict.fromkeys(books.shelves, 0.0)
        self.credits: list[Json] = []
        self.payments: list[Json] = []
        books.listeners.append(self._moved)

    def branch_id(self, code: str) -> int:
        """The id of a branch."""
        return self._books.warehouses.index(code) + 1

    def branch(self, number: object) -> str | None:
        """The branch of an id; None when there is none."""
        known = {self.branch_id(code): code for code in self._books.warehouses}
        return known.get(int(str(number))) if str(number).isdigit() else None

    def branches(self) -> list[Json]:
        """All branches."""
        return [
            {
                "id": self.branch_id(code),
                "company": code,
                "branchType": "Warehouse",
                "isActive": code not in self._books.closed,
            }
            for code in self._books.warehouses
        ]

    def options(self) -> list[Json]:
        """Options of all products, services too."""
        named = [*self._books.products, *self._services]
        return [self._option(at, code) for at, code in enumerate(named)]

    def _option(self, at: int, code: str) -> Json:
        entered = self._books.articles.of(code)
        facts, price = entered.facts, float(entered.facts.get("price") or 0)
        return {
            "id": 9000 + at, "productId": 500 + at, "status": "Disabled" if facts.get("discontinued") else "Primary",
            "productOptionCode": code, "code": None, "productOptionBarcode": facts.get("barcode") or "",
            "retailPrice": price, "wholesalePrice": price / 2, "modifiedDate": date(entered.changed()),
        }  # fmt: skip

    def contacts(self) -> list[Json]:
        """Contacts."""
        return [{"id": number, "email": email} for number, email in self._contacts.items()]

    def stock(self) -> list[Json]:
        """A row for each option and branch where something ever moved."""
        at = {code: number for number, code in enumerate(self._books.products)}
        rows = []
        for (sku, place), moved in self.moved.items():
            counts = self._books.shelves.get((sku, place), Counts())
            rows.append(
                {
                    "productId": 500 + at[sku],
                    "productOptionId": 9000 + at[sku],
                    "code": sku,
                    "branchId": self.branch_id(place),
                    "branchName": place,
                    "available": float(counts.on_hand - counts.reserved),
                    "stockOnHand": float(counts.on_hand),
                    "openSales": float(counts.reserved),
                    "incoming": 0.0,
                    "virtual": 0.0,
                    "holding": 0.0,
                    "modifiedDate": date(moved),
                }
            )
        return rows

    def orders(self) -> list[Json]:
        """Sales orders, those of the counter too."""
        return [self.order(one) for one in self._books.orders.values() if not one.facts.get("discarded")]

    def order(self, one: BookedOrder) -> Json:
        """One order."""
        head = one.facts.get("head") or {}
        done = one.facts.get("dispatched")
        status = "VOID" if one.status == "cancelled" else "DRAFT" if one.status == "draft" else "APPROVED"
        return {
            **head,
            "id": one.id,
            "reference": one.facts.get("reference") or f"SO-{one.id:05}",
            "branchId": self.branch_id(one.part) if one.part else None,
            "status": status,
            "isVoid": status == "VOID",
            "isApproved": status == "APPROVED",
            "dispatchedDate": date(done) if done else None,
            "createdDate": date(one.created_at),
            "modifiedDate": date(one.changed_at),
            "productTotal": float(one.facts.get("total") or 0),
            "total": float(one.facts.get("total") or 0),
            "lineItems": [
                {**line, "qtyShipped": float(one.facts["sent"].get(line["id"], 0))}
                for line in one.facts.get("lines", ())
            ],
        }

    def money(self) -> Json:
        """Payments and approved credit notes of money, by the order they are of."""
        orders = {one.facts.get("reference"): one.id for one in self._books.orders.values()}
        notes = [row for row in self.credits if row["status"] == "APPROVED"]
        return {
            "payments": [
                {
                    "document": str(row["orderId"]),
                    "text": row.get("transactionRef"),
                    "amount": str(row["amount"]),
                }
                for row in self.payments
            ],
            "credits": [
                {
                    "document": str(orders[row["salesReference"]]),
                    "text": row["reference"],
                    "amount": str(
                        sum(
                            -Decimal(str(line["qty"])) * Decimal(str(line.get("unitPrice") or 0))
                            for line in row["lineItems"]
                        )
                    ),
                }
                for row in notes
            ],
            "refunds": [],
        }

    def _moved(self, move: Movement) -> None:
        if move.sku is not None and move.warehouse is not None:
            self.moved[move.sku, move.warehouse] = move.at
