"""What the API changes, record by record: each has a success of its own, whatever became of the others."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from adapters.cin7_omni.sandbox.views import Views, date
from adapters.sandbox.books import BookedOrder, Books, Json, Movement, NotPossible

ORDER = (
    "id", "reference", "customerOrderNo", "memberId", "memberEmail", "firstName", "lastName", "company", "email",
    "deliveryFirstName", "deliveryAddress1", "deliveryCity", "deliveryPostalCode", "deliveryCountry", "branchId",
    "internalComments", "currencyCode", "currencyRate", "taxStatus", "taxRate", "freightTotal", "freightDescription",
    "surcharge", "discountTotal", "discountDescription", "isApproved", "isVoid", "stage", "dispatchedDate",
    "logisticsCarrier", "trackingCode", "lineItems",
)  # fmt: skip
LINE = ("id", "code", "qty", "unitPrice", "discount", "lineComments", "integrationRef", "sort")
CREDIT = (
    "id", "reference", "salesReference", "isApproved", "isVoid", "memberId", "memberEmail", "branchId", "currencyCode",
    "taxStatus", "internalComments", "completedDate", "lineItems",
)  # fmt: skip
PAYMENT = (
    "id", "paymentDate", "amount", "method", "isAuthorized", "transactionRef", "comments", "orderId", "branchId",
    "paymentImportedRef", "reconcileDate",
)  # fmt: skip
LENGTHS = {"reference": 30, "memberEmail": 250, "firstName": 250, "email": 250, "salesReference": 50}
STAGES = ("New", "Awaiting Payment", "Declined", "Dispatched", "Processing", "On Hold")


class Wrong(Exception):
    """A record that is declined, with Omni's words."""


class Acts:
    """Verbs of the API, one record each."""

    def __init__(
        self,
        books: Books,
        views: Views,
        services: Collection[str],
        contacts: Mapping[int, str],
        currencies: Collection[str],
    ) -> None:
        self._books, self._views = books, views
        self._services, self._contacts, self._currencies = services, contacts, currencies
        self._own = False
        books.listeners.append(self._moved)

    def make(self, said: Json) -> tuple[int, str]:
        """POST of one order: (id, reference)."""
        body = _known(said, ORDER)
        mine = str(body.get("reference") or "") or f"SO-{len(self._books.orders) + 1:05}"
        if any(one.facts.get("reference") == mine for one in self._books.orders.values()):
            raise Wrong(f"Reference '{mine}' already exists.")
        self._lengths(body)
        if not body.get("memberId") and not body.get("memberEmail"):
            raise Wrong("MemberId or MemberEmail should be specified.")
        if body.get("memberId") and int(body["memberId"]) not in self._contacts:
            raise Wrong(f"Member {body['memberId']} does not exist.")
        if body.get("stage", "New") not in STAGES:
            raise Wrong(f"Stage '{body['stage']}' is not valid.")
        place = self._open(body.get("branchId"))
        if body.get("currencyCode") not in self._currencies:
            raise Wrong(f"Currency '{body.get('currencyCode')}' does not exist.")
        lines = self._lines(body)
        total = self._total(body, lines)
        number = str(body.get("customerOrderNo") or "")
        head = {
            name: body[name] for name in body if name not in ("lineItems", "isApproved", "isVoid", "branchId")
        }
        facts: Json = {"reference": mine, "head": head, "lines": lines, "sent": {}, "total": total}
        one = self._books.draft(_ref(number), number, facts, part=place)
        for at, line in enumerate(lines):
            line["id"] = one.id * 1000 + at
        if body.get("isApproved", True):
            goods = [
                (line["code"], place, int(line["qty"]))
                for line in lines
                if line["code"] not in self._services
            ]
            try:
                self._books.confirm(one, goods, total=total, currency=str(body["currencyCode"]))
            except NotPossible:
                self._books.discard(one)
                one.facts["reference"] = ""
                raise
        return one.id, mine

    def change(self, said: Json) -> tuple[int, str]:
        """PUT of one order: what is not named or null stays, an empty text clears."""
        body = {name: value for name, value in _known(said, ORDER).items() if value is not None}
        one = self._order(body.get("id"))
        self._lengths(body)
        if one.status == "cancelled":
            raise Wrong(f"Order {one.facts['reference']} is void.")
        if "lineItems" in body:
            raise Wrong("the sandbox changes no lines: what Omni does with them is not confirmed")
        if body.get("isVoid"):
            if one.facts.get("dispatched"):
                raise Wrong("A dispatched order cannot be voided.")
            self._books.cancel(one) if one.status != "draft" else self._books.discard(one)
        elif "branchId" in body:
            self._to(one, self._open(body["branchId"]))
        if body.get("dispatchedDate"):
            self._dispatch(one, _moment(body["dispatchedDate"]))
        for name in ("internalComments", "stage", "logisticsCarrier", "trackingCode"):
            if name in body:
                one.facts["head"][name] = body[name]
        one.changed_at = self._books.now()
        return one.id, one.facts["reference"]

    def credit(self, said: Json) -> tuple[int, str]:
        """POST of one credit note."""
        body = _known(said, CREDIT)
        self._lengths(body)
        mine = str(body.get("reference") or "") or f"CR-{len(self._views.credits) + 1:05}"
        if any(row["reference"] == mine for row in self._views.credits):
            raise Wrong(f"Reference '{mine}' already exists.")
        if not body.get("salesReference"):
            raise Wrong("SalesReference is required.")
        sold = next(
            (o for o in self._books.orders.values() if o.facts.get("reference") == body["salesReference"]),
            None,
        )
        if sold is None:
            raise Wrong(f"Sales order '{body['salesReference']}' does not exist.")
        self._open(body.get("branchId"))
        lines = self._lines(body, negative=True)
        row: Json = {
            **body,
            "id": 70_000 + len(self._views.credits),
            "reference": mine,
            "status": "DRAFT",
            "isVoid": False,
            "lineItems": lines,
            "modifiedDate": date(self._books.now()),
        }
        self._views.credits.append(row)
        if body.get("isApproved", True):
            self._approve(row)
        return int(row["id"]), mine

    def pay(self, said: Json) -> tuple[int, str]:
        """POST of one payment; nothing keeps it from being entered twice."""
        body = _known(said, PAYMENT)
        for name, most in (("transactionRef", 50), ("comments", 250)):
            if len(str(body.get(name) or "")) > most:
                raise Wrong(f"{name} is longer than {most} characters.")
        one = self._books.orders.get(int(body.get("orderId") or 0))
        if one is None or one.facts.get("discarded"):
            raise Wrong(f"Order {body.get('orderId')} does not exist.")
        if one.status == "cancelled":
            raise Wrong(f"Order {body['orderId']} is void.")
        if not body.get("method") or not Decimal(str(body.get("amount") or 0)):
            raise Wrong("Method and Amount are required.")
        _moment(body.get("paymentDate"))
        now = date(self._books.now())
        row: Json = {
            **body,
            "id": 50_000 + len(self._views.payments),
            "createdDate": now,
            "modifiedDate": now,
        }
        self._views.payments.append(row)
        return int(row["id"]), str(body.get("transactionRef") or "")

    def change_credit(self, said: Json) -> tuple[int, str]:
        """PUT of one credit note."""
        body = {name: value for name, value in _known(said, CREDIT).items() if value is not None}
        row = next((each for each in self._views.credits if each["id"] == body.get("id")), None)
        if row is None:
            raise Wrong(f"Credit note {body.get('id')} does not exist.")
        if body.get("isApproved") and row["status"] == "DRAFT":
            self._approve(row)
        row["modifiedDate"] = date(self._books.now())
        return int(row["id"]), str(row["reference"])

    def _approve(self, row: Json) -> None:
        """A negative quantity goes back into stock."""
        place = self._open(row["branchId"])
        sale = next(
            o for o in self._books.orders.values() if o.facts.get("reference") == row["salesReference"]
        )
        family = [o for o in self._books.orders.values() if o.name and o.name == sale.name]
        for line in row["lineItems"]:
            units = 0 if line["code"] in self._services else -int(line["qty"])
            for one in [sale, *family]:
                out = sum(e.shipped - e.returned for s, e in one.allotments.items() if s[0] == line["code"])
                take = min(units, out)
                if take > 0:
                    self._books.take_back(one, line["code"], place, take)
                    units -= take
            if units > 0:
                self._books.enter(line["code"], place, "return", units)
        row["status"] = "APPROVED"

    def _to(self, one: BookedOrder, place: str) -> None:
        if place == one.part:
            return
        if one.facts.get("dispatched"):
            raise Wrong("The branch of a dispatched order cannot be changed.")
        for (sku, origin), each in list(one.allotments.items()):
            if each.quantity and one.status == "open":
                self._books.reroute(one, sku, origin, place, each.quantity)
        one.part = place

    def _dispatch(self, one: BookedOrder, at: float) -> None:
        if one.status == "draft":
            raise Wrong("Only an approved order can be dispatched.")
        if one.facts.get("dispatched"):
            return
        self._own = True
        try:
            left = {shelf: each.quantity - each.shipped for shelf, each in one.allotments.items()}
            short = [s for s, n in left.items() if n and self._books.shelves[s].on_hand < n]
            if short:
                raise Wrong(f"Not enough stock of {short[0][0]} to dispatch.")
            for (sku, place), units in left.items():
                if units:
                    self._books.ship(one, sku, place, units)
        finally:
            self._own = False
        self._sent(one, at)

    def _sent(self, one: BookedOrder, at: float) -> None:
        one.facts["dispatched"] = at
        one.facts["head"]["stage"] = "Dispatched"
        one.facts["sent"] = {line["id"]: line["qty"] for line in one.facts["lines"]}

    def _moved(self, move: Movement) -> None:
        """The staff shipped: dispatched once all of it has left."""
        one = self._books.orders.get(move.document or 0)
        if self._own or one is None or move.kind != "ship" or not one.facts.get("reference"):
            return
        if all(each.shipped >= each.quantity for each in one.allotments.values()):
            self._sent(one, move.at)

    def _lines(self, body: Json, *, negative: bool = False) -> list[Json]:
        found = [_known(line, LINE) for line in body.get("lineItems") or ()]
        if not found:
            raise Wrong("LineItems are required.")
        for line in found:
            code, quantity = line.get("code"), Decimal(str(line.get("qty") or 0))
            if code not in self._books.products and code not in self._services:
                raise Wrong(f"Product code '{code}' does not exist.")
            if quantity == 0 or (quantity < 0) is not negative:
                raise Wrong(f"Qty of '{code}' is not valid.")
            if Decimal(str(line.get("unitPrice") or 0)) < 0:
                raise Wrong(f"UnitPrice of '{code}' is not valid.")
        return found

    def _total(self, body: Json, lines: list[Json]) -> Decimal:
        total = sum(
            (
                Decimal(str(line["qty"])) * Decimal(str(line.get("unitPrice") or 0))
                - Decimal(str(line.get("discount") or 0))
                for line in lines
            ),
            Decimal(0),
        )
        for name, sign in (("freightTotal", 1), ("surcharge", 1), ("discountTotal", -1)):
            total += sign * Decimal(str(body.get(name) or 0))
        if body.get("taxStatus") not in ("Incl", "Excl", "Exempt"):
            raise Wrong("TaxStatus must be Incl, Excl or Exempt.")
        if body["taxStatus"] == "Excl":
            total += (total * Decimal(str(body.get("taxRate") or 0)) / 100).quantize(Decimal("0.01"))
        return total

    def _order(self, number: Any) -> BookedOrder:
        one = self._books.orders.get(int(number or 0))
        if one is None or not one.facts.get("reference"):
            raise Wrong(f"Order {number} does not exist.")
        return one

    def _open(self, number: Any) -> str:
        place = self._views.branch(number)
        if place is None or place in self._books.closed:
            raise Wrong(f"Branch {number} does not exist or is not active.")
        return place

    @staticmethod
    def _lengths(body: Json) -> None:
        for name, most in LENGTHS.items():
            if len(str(body.get(name) or "")) > most:
                raise Wrong(f"{name} must not be longer than {most} characters.")


def _known(said: Json, names: Collection[str]) -> Json:
    """The fields of a body by our spelling: Omni takes any case; what it does not know is a mistake of ours."""
    spelled = {name.lower(): name for name in names}
    for name in said:
        if name.lower() not in spelled:
            raise Wrong(f"Unknown field {name}.")
    return {spelled[name.lower()]: value for name, value in said.items()}


def _moment(said: Any) -> float:
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError as odd:
        raise Wrong(f"'{said}' is not a valid date.") from odd
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _ref(number: str) -> str | None:
    """The shop's order behind a customerOrderNo, for the report."""
    digits = number.rpartition("-")[2]
    return f"gid://shopify/Order/{digits}" if digits.isdigit() else None
