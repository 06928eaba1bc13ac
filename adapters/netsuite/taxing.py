"""Taxes in an account with SuiteTax: tax detail lines that carry what the shop charged.

Every tax on a line of the shop is one detail. It belongs to a line of the transaction by a reference that both bear; a
line of the shop that stands in two rows (unit prices a cent apart) or at two locations bears its taxes on the first of
them, and their basis is what all of them cost. With the override set NetSuite keeps amounts as they were entered, and
it is set on every transaction of ours, without any tax too, or an engine would compute taxes of its own (Oracle REST
API browser 2026.1: salesOrder `taxDetailsOverride`, `taxDetails`, `item.taxDetailsReference`; salesTaxItem).

Not confirmed with a live account, and found out by a refusal or by the total that is read back: that a line keeps a
reference of our own, that a tax type is told by its internal id, that the rate is percent (it is worked out from amount
and basis, to four decimals), and that one line may bear two details of one tax code. Where the SuiteTax Latam engine applies, Oracle supports no override: book taxes as items there.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

from adapters.amounts import Row, RowKind
from adapters.netsuite.client import Json, NetSuiteClient
from engine.model.failure import Misset, Refused, Unmapped
from engine.orders.allocate import share_out

RATE = Decimal("0.0001")
"""What the rate is rounded to, in percent."""
KEPT = ("taxType", "taxBasis", "taxRate", "taxAmount")
"""Of a detail as it is read, what states it again beside its reference and its code."""


@dataclass(frozen=True, slots=True)
class Levy:
    """One tax on one line."""

    line: str
    """The line as the shop or the credit memo tells it from others."""
    code: str
    """Internal id of the sales tax item."""
    name: str
    """As the shop calls it."""
    basis: Decimal
    """What the line costs without taxes."""
    amount: Decimal

    @property
    def rate(self) -> Decimal:
        """Percent of the basis; 0 where there is none."""
        return (self.amount / self.basis * 100).quantize(RATE) if self.basis else Decimal(0)


Borne = tuple[str, Levy]
"""The reference of the line that bears a tax, and the tax."""


def levies(rows: Sequence[Row], otherwise: str) -> tuple[Levy, ...]:
    """The taxes among the rows of a sale; `otherwise` is the code of those that the configuration does not name."""
    net: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.kind is not RowKind.TAX:
            net[row.line] += row.amount
    return tuple(
        Levy(row.line, row.item or otherwise, row.text, net[row.line], row.amount)
        for row in rows
        if row.kind is RowKind.TAX
    )


def references(taken: Collection[str] = ()) -> Iterator[str]:
    """References that none of these lines bears."""
    return (name for number in count(1) if (name := f"tax-{number}") not in taken)


def carried(record: Json) -> Json:
    """The part of a body that states the taxes of a transaction again, as they were read by REST with its sublists.

    `{"taxDetailsOverride": true, "taxDetails": {"items": [...]}}`; nothing for a record whose taxes nobody entered.
    """
    if not record.get("taxDetailsOverride"):
        return {}
    return _part(
        [
            {
                "taxDetailsReference": {"id": _id(each["taxDetailsReference"])},
                "taxCode": {"id": _id(each["taxCode"])},
                **{name: each[name] for name in KEPT if name in each},
            }
            for each in _details(record)
        ]
    )


def line_references(record: Json) -> Mapping[int, str]:
    """References of the lines of a transaction read by REST, by line number; empty text for a line that has none."""
    return {int(line["line"]): str(line.get("taxDetailsReference") or "") for line in record["item"]["items"]}


def same(record: Json, wanted: Iterable[tuple[str, Levy]]) -> bool:
    """Whether a transaction has just these taxes, each on a line of the item with this internal id."""
    if not record.get("taxDetailsOverride"):
        return False
    there = Counter(
        (item, _id(each["taxCode"]), _decimal(each["taxBasis"]), _decimal(each["taxAmount"]))
        for item, each in _by_item(record)
    )
    return there == Counter((item, levy.code, levy.basis, levy.amount) for item, levy in wanted)


def shares(
    record: Json, item: str, tax: Decimal, step: Decimal, otherwise: str
) -> tuple[tuple[str, Decimal], ...]:
    """A tax that is given back by tax code, in the proportions in which an order charged it.

    By the order's lines of this item (an internal id), by all of them when those bear none; under `otherwise` when the
    order bears no taxes as details.
    """
    details = list(_by_item(record))
    chosen = [each for of, each in details if of == item] or [each for _, each in details]
    charged: dict[str, int] = defaultdict(int)
    for each in chosen:
        charged[_id(each["taxCode"])] += int(abs(_decimal(each["taxAmount"])) / step)
    if not any(charged.values()):
        return ((otherwise, tax),)
    codes = sorted(charged)
    shared = share_out(tax, [charged[code] for code in codes], step)
    return tuple((code, amount) for code, amount in zip(codes, shared, strict=True) if amount)


class Taxing:
    """Knows the sales tax items of an account, each read once."""

    def __init__(self, client: NetSuiteClient, codes: Collection[str]) -> None:
        """`codes` are those of the configuration, for `probe`."""
        self._client, self._codes = client, codes
        self._types: dict[str, str] = {}

    async def part(self, borne: Iterable[Borne]) -> Json:
        """The part of a body that says that these taxes are charged and no others; Unmapped for a code nobody has."""
        made = []
        for reference, levy in borne:
            made.append(
                {
                    "taxDetailsReference": {"id": reference},
                    "taxType": await self._type(levy),
                    "taxCode": {"id": levy.code},
                    "taxBasis": float(levy.basis),
                    "taxRate": float(levy.rate),
                    "taxAmount": float(levy.amount),
                }
            )
        return _part(made)

    async def probe(self) -> tuple[tuple[str, str, str], ...]:
        """What is missing for these codes, as (name, cause, remedy); an account without SuiteTax is told once."""
        missing = []
        for code in sorted(set(self._codes)):
            try:
                await self._read(code)
            except Unmapped as wrong:
                missing.append((f"tax code {code}", wrong.cause, wrong.remedy))
            except Misset as wrong:
                return (*missing, ("salesTaxItem", wrong.cause, wrong.remedy))
        return tuple(missing)

    async def _type(self, levy: Levy) -> str:
        if levy.code not in self._types:
            self._types[levy.code] = await self._read(levy.code, f" ({levy.name})")
        return self._types[levy.code]

    async def _read(self, code: str, of: str = "") -> str:
        """The tax type of a sales tax item that is in use."""
        try:
            if not code.removeprefix("-").isdecimal():
                raise _unmapped(f"{code}{of} is no internal id of a sales tax item of NetSuite.")
            record = await self._client.read(f"salesTaxItem/{code}")
        except Refused as no:
            raise _unmapped(f"NetSuite has no sales tax item with internal id {code}{of}.") from no
        except Misset as no:
            if no.code == "http_401":
                raise
            raise Misset(
                f"NetSuite shows no sales tax items: {no.cause}",
                "Let the role see tax records, or set taxes_as to items where the account has no SuiteTax.",
                code="netsuite_suite_tax",
            ) from no
        if record.get("isInactive"):
            raise _unmapped(f"Sales tax item {code}{of} of NetSuite is inactive.")
        return _id(record["taxType"])


def _unmapped(cause: str) -> Unmapped:
    return Unmapped(
        cause,
        "Correct [connections.taxes] or tax_code by the tax codes of NetSuite, or set taxes_as to items where the account "
        "has no SuiteTax, and retry.",
        code="tax_code_unknown",
    )


def _part(details: list[Json]) -> Json:
    return {"taxDetailsOverride": True, "taxDetails": {"items": details}}


def _details(record: Json) -> list[Json]:
    found: list[Json] = (record.get("taxDetails") or {}).get("items", [])
    return found


def _by_item(record: Json) -> Iterator[tuple[str, Json]]:
    """Internal id of the item on the line that bears a tax, and the detail."""
    items = {str(line.get("taxDetailsReference", "")): _id(line["item"]) for line in record["item"]["items"]}
    return ((items.get(_id(each["taxDetailsReference"]), ""), each) for each in _details(record))


def _id(reference: Any) -> str:
    """The internal id that a field names, given as an object or by itself."""
    return str(reference["id"] if isinstance(reference, dict) else reference)


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))
