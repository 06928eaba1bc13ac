"""How a made-up order was paid, and what the payments of its document must be."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.orders.made.charges import NOTHING, Maker
from tests.orders.made.money import Pair, minus, plus

PAYMENTS = (
    "sale", "authorised", "captured in part", "captured", "gift card and card", "manual pending",
    "manual", "store credit", "terms", "failed and voided first", "cash with change", "cash rounded",
)  # fmt: skip


@dataclass
class Paid:
    """Transactions, their sums, and the payments expected."""

    name: str
    nodes: list[dict[str, Any]] = field(default_factory=list)
    expected: list[tuple[str, str, Decimal]] = field(default_factory=list)
    received: Pair = NOTHING
    refunded: Pair = NOTHING
    rounding: Pair = NOTHING


class _Till:
    def __init__(self, maker: Maker, name: str) -> None:
        self._maker, self.paid = maker, Paid(name)

    def take(self, kind: str, gateway: str, amount: Pair, *, status: str = "SUCCESS", **more: Any) -> str:
        """One transaction; its id."""
        bag, paid = self._maker.purse.bag, self.paid
        told = {name: bag(value) if isinstance(value, tuple) else value for name, value in more.items()}
        node = {"id": self._maker.id("OrderTransaction"), "kind": kind, "status": status, "gateway": gateway,
                "amountSet": bag(amount), "manualPaymentGateway": gateway == "bank", **told}  # fmt: skip
        paid.nodes.append(node)
        if status == "SUCCESS":
            match kind:
                case "SALE" | "CAPTURE":
                    paid.received = plus(paid.received, amount)
                case "CHANGE":
                    paid.received = minus(paid.received, amount)
                case "REFUND":
                    paid.refunded = plus(paid.refunded, amount)
        return str(node["id"])

    def expect(self, kind: str, gateway: str, amount: Pair) -> None:
        """A payment of the document."""
        if amount[0]:
            self.paid.expected.append((kind, gateway, self._maker.purse.home(amount[0])))


def paid(maker: Maker, case: str, total: Pair, back: Pair) -> Paid:
    """Pay `total` in the way of the case; `back` is given back where money was taken."""
    till = _Till(maker, case)
    if not total[0] or not total[1]:
        return till.paid
    half = maker.purse.part(total, 0.5)
    rest = minus(total, half)
    match case:
        case "authorised":
            till.take("AUTHORIZATION", "card", total, totalUnsettledSet=total)
            till.expect("AUTHORIZATION", "card", total)
        case "captured in part" | "captured":
            taken = half if case == "captured in part" else total
            left = minus(total, taken)
            first = till.take("AUTHORIZATION", "card", total, totalUnsettledSet=left)
            till.expect("AUTHORIZATION", "card", left)
            till.take("CAPTURE", "card", taken, parentTransaction={"id": first})
            till.expect("CAPTURE", "card", taken)
        case "gift card and card":
            for gateway, amount in (("gift_card", half), ("card", rest)):
                till.take("SALE", gateway, amount)
                till.expect("SALE", gateway, amount)
        case "manual pending":
            till.take("SALE", "bank", total, status="PENDING")
        case "terms":
            pass
        case "failed and voided first":
            till.take("SALE", "card", total, status="FAILURE")
            first = till.take("AUTHORIZATION", "card", total, totalUnsettledSet=NOTHING)
            till.take("VOID", "card", total, parentTransaction={"id": first})
            till.take("SALE", "card", total)
            till.expect("SALE", "card", total)
        case "cash with change":
            change = maker.purse.amount(1, 20)
            first = till.take("SALE", "cash", plus(total, change))
            till.take("CHANGE", "cash", change, parentTransaction={"id": first})
            till.expect("SALE", "cash", total)
        case "cash rounded":
            till.paid.rounding = (1, 1) if maker.chance.random() < 0.5 else (-1, -1)
            till.take("SALE", "cash", total, amountRoundingSet=till.paid.rounding)
            till.expect("SALE", "cash", plus(total, till.paid.rounding))
        case _:
            gateway = {"manual": "bank", "store credit": "shopify_store_credit"}.get(case, "card")
            till.take("SALE", gateway, total)
            till.expect("SALE", gateway, total)
    if back != NOTHING and till.paid.received != NOTHING:
        till.take("REFUND", "card", (min(back[0], total[0]), min(back[1], total[1])))
    return till.paid
