"""Taxes of the account: with SuiteTax those entered as tax details, or the engine's own; with legacy tax none over REST."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from adapters.netsuite.sandbox.asked import Wrong, id_of, known
from adapters.netsuite.sandbox.ledger import Line, TaxDetail, Transaction
from adapters.sandbox.books import Json

CODES = {
    "901": ("VAT standard", "13", False),
    "902": ("VAT reduced", "13", False),
    "903": ("Sales tax", "14", False),
    "909": ("VAT of long ago", "13", True),
}
"""Sales tax items by internal id: name, tax type, whether it is inactive."""
TYPES = {"13": "VAT", "14": "Sales Tax"}
ENGINE, ITS_RATE = "901", Decimal(20)
"""What the account's tax engine charges on every line, in percent, where nobody overrides it."""
BODY = frozenset(["taxDetailsOverride", "taxDetails"])
LINE = frozenset(["taxDetailsReference"])
DETAIL = frozenset(
    ["taxDetailsReference", "taxType", "taxCode", "taxBasis", "taxRate", "taxAmount", "netAmount", "lineType",
     "lineName", "calcDetail"]
)  # fmt: skip
CENT = Decimal("0.01")


class Taxes:
    """What the record service does with taxes."""

    def __init__(self, suite_tax: bool = False) -> None:
        """`suite_tax`: the account has the SuiteTax feature."""
        self.on = suite_tax
        self.body = BODY if suite_tax else frozenset[str]()
        """Fields of a transaction that this account knows beside the others."""
        self.line = LINE if suite_tax else frozenset[str]()
        """Fields of its lines."""

    def tax_code(self, number: str) -> Json:
        """A sales tax item; an account with legacy tax has no such record type over REST."""
        if not self.on:
            raise Wrong("INVALID_REQUEST", "Record type 'salesTaxItem' does not exist.", status=404)
        if number not in CODES:
            detail = f"The record instance does not exist. Provide a valid record ID. {number}"
            raise Wrong("NONEXISTENT_ID", detail, status=404)
        name, kind, inactive = CODES[number]
        return {
            "id": number, "name": name, "description": name, "isInactive": inactive, "itemType": "TaxItem",
            "taxType": {"id": kind, "refName": TYPES[kind]},
        }  # fmt: skip

    def read(
        self, body: Json, lines: Sequence[Line], kept: Transaction | None = None, *, replace: bool = False
    ) -> tuple[bool, list[TaxDetail]]:
        """(override, details) of a transaction that was sent; without the override the engine says what they are.

        Details have no key: they come beside those that are there, unless the sublist is replaced. Those of a line that
        goes, go with it.
        """
        if not self.on:
            return False, []
        number = kept.id if kept else None
        own = [reference for line in lines if (reference := reference_of(number, line))]
        if len(own) != len(set(own)):
            raise Wrong("INVALID_CONTENT", "Duplicate taxDetailsReference", "item.items.taxDetailsReference")
        override = bool(body.get("taxDetailsOverride", kept.override if kept else False))
        if not override:
            return False, [_computed(number, line) for line in lines if line.amount]
        asked = (body.get("taxDetails") or {}).get("items", [])
        fresh = [_detail(each, own, f"taxDetails.items[{at}]") for at, each in enumerate(asked)]
        stay = [each for each in kept.taxes if each.reference in own] if kept and not replace else []
        return True, [*stay, *fresh]

    def shown(self, one: Transaction) -> Json:
        """What a transaction says of its taxes."""
        if not self.on:
            return {}
        net = {reference_of(one.id, line): line for line in one.lines}
        items = [
            {
                "taxDetailsReference": {"id": each.reference, "refName": each.reference},
                "taxType": each.type,
                "taxCode": {"id": each.code, "refName": CODES[each.code][0]},
                "taxBasis": float(each.basis),
                "taxRate": float(each.rate),
                "taxAmount": float(each.amount),
                "netAmount": float(net[each.reference].amount),
                "lineType": "Item",
                "lineName": net[each.reference].item,
            }
            for each in one.taxes
        ]
        return {
            "taxDetailsOverride": one.override,
            "taxDetails": {"items": items, "totalResults": len(items)},
            "taxTotal": float(sum((each.amount for each in one.taxes), Decimal(0))),
        }

    def shown_of(self, one: Transaction, line: Line) -> Json:
        """What a line says of its taxes."""
        return {"taxDetailsReference": reference_of(one.id, line)} if self.on else {}


def reference_of(number: int | None, line: Line) -> str:
    """What ties details to a line: as it was entered, or made of the transaction's id and its number once it has one."""
    return line.reference or (f"{number}_{line.number}" if number is not None else "")


def _computed(number: int | None, line: Line) -> TaxDetail:
    amount = (line.amount * ITS_RATE / 100).quantize(CENT, ROUND_HALF_UP)
    return TaxDetail(reference_of(number, line), CODES[ENGINE][1], ENGINE, line.amount, ITS_RATE, amount)


def _detail(asked: Json, own: Sequence[str], path: str) -> TaxDetail:
    known(asked, DETAIL, path)
    for name in ("taxDetailsReference", "taxType", "taxCode", "taxBasis", "taxRate", "taxAmount"):
        if asked.get(name) in (None, "", {}):
            raise Wrong("USER_ERROR", f"Please enter value(s) for: {name}", path)
    reference, code = asked["taxDetailsReference"], id_of(asked["taxCode"])
    if not isinstance(reference, dict) or id_of(reference) not in own:
        raise _invalid("taxDetailsReference", reference, path)
    if code not in CODES or CODES[code][2]:
        raise _invalid("taxCode", code, path)
    if not isinstance(asked["taxType"], str) or asked["taxType"] != CODES[code][1]:
        raise _invalid("taxType", asked["taxType"], path)
    basis, rate, amount = (_number(asked[name], path) for name in ("taxBasis", "taxRate", "taxAmount"))
    if amount != amount.quantize(CENT):
        raise _invalid("taxAmount", amount, path)
    if basis and abs(basis * rate / 100 - amount) > CENT / 2 + abs(basis) / 1_000_000:
        raise Wrong("USER_ERROR", f"{amount} is no tax of {rate}% on {basis}.", path)
    return TaxDetail(id_of(reference), asked["taxType"], code, basis, rate, amount)


def _number(value: Any, path: str) -> Decimal:
    try:
        if isinstance(value, str | bool):
            raise InvalidOperation
        return Decimal(str(value))
    except InvalidOperation as odd:
        raise Wrong("INVALID_CONTENT", f"Invalid number {value!r}", path) from odd


def _invalid(name: str, value: Any, path: str) -> Wrong:
    return Wrong(
        "INVALID_CONTENT", f"Invalid Field Value {value} for the following field: {name}", f"{path}.{name}"
    )
