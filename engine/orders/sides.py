"""An order and its buyer as both systems have them at this moment: value beside value, the rule between them, the result.

`trueup mapping diff` asks both systems. What the engine keeps of an order, with what people edited and what it waits
for, is another question and needs no call: `engine.orders.kept_sides`.

What a back office says of a document (its number, state, total, units at each warehouse) is read back and compared.
Everything else of it is what it was told by the field map, and is marked so: it is not asked for those fields again.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from decimal import Decimal

from engine.model.buyer import Address, Buyer
from engine.model.compared import Compared, result_of
from engine.model.ids import Sku
from engine.model.money import exact
from engine.model.order import Order
from engine.model.sale import Document, DocumentStatus, LineKind, SalesDocument
from engine.orders.coverage import FieldMap, How
from engine.orders.standing import standing

READ_BACK = "read back from the document"


def order_sides(
    order: Order, document: Document | None, sale: SalesDocument | str, rules: FieldMap
) -> tuple[Compared, ...]:
    """Every field of an order that means something to the back office.

    `sale` is the document the order would be by the maps of this moment, or why it is none.
    """
    if isinstance(sale, str):
        whole = Compared("document", document.id if document else "", order.name, sale, "invalid")
        return whole, *_read_back(order, document, rules)
    return (
        Compared("document", document.id if document else "", order.name, "one document for each order",
                 "same after rule" if document else "only theirs"),
        *_read_back(order, document, rules),
        *_units(order, document, sale),
        *_told(_heads(order, sale), rules, booked=document is not None),
        *_told(_names(sale), rules, booked=document is not None),
    )  # fmt: skip


def buyer_sides(order: Order, document: Document | None, rules: FieldMap) -> tuple[Compared, ...]:
    """What both systems have of who bought an order."""
    return tuple(_told(_buyer(order, order.buyer), rules, booked=document is not None))


Cell = tuple[str, str, str, str]
"""Name of the row, path of the field in Shopify's order, the shop's value, the word the back office is told."""


def _read_back(order: Order, document: Document | None, rules: FieldMap) -> Iterator[Compared]:
    ref = document.ref if document else ""
    yield Compared("reference", ref, order.id, _rule(rules, "id"), result_of(ref, order.id))
    shop, office = _state(order), document.status.value if document else ""
    yield Compared("state", office, shop, READ_BACK, result_of(office, shop))
    if order.cancelled_at is not None:
        return
    worth = exact(standing(order).total.shop.amount, order.currency)
    total = str(exact(document.total, order.currency)) if document else ""
    same = document is not None and document.total == worth
    result = "same" if same else result_of(total, str(worth))
    yield Compared("total", total, str(worth), _rule(rules, "totalPriceSet"), result)


def _state(order: Order) -> str:
    """In the words of a document."""
    if order.cancelled_at is not None:
        return DocumentStatus.CANCELLED.value
    owed = any(units for held in order.fulfilment_orders for _, units in held.lines)
    left = any(each.status != "CANCELLED" for each in order.fulfilments)
    return (DocumentStatus.SHIPPED if left and not owed else DocumentStatus.OPEN).value


def _units(order: Order, document: Document | None, sale: SalesDocument) -> Iterator[Compared]:
    """Units of each SKU at each warehouse, and those that left and came back; a cancelled order promises none."""
    if order.cancelled_at is not None:
        return
    ours: Counter[tuple[str, str]] = Counter()
    for line in sale.lines:
        if line.kind is LineKind.GOODS and line.sku is not None and line.warehouse is not None:
            ours[line.sku, line.warehouse] += line.quantity
    theirs: Counter[tuple[str, str]] = Counter()
    for held in document.lines if document else ():
        theirs[held.sku, held.warehouse] += held.quantity
    for sku, warehouse in sorted(ours.keys() | theirs.keys()):
        yield _count(
            f"{sku} at {warehouse}", document, theirs[sku, warehouse], ours[sku, warehouse],
            "the warehouse behind its location takes it",
        )  # fmt: skip
    sent, back = _moved(order)
    for word, shop, office in (
        ("sent", sent, _sum(document, "shipped")), ("returned", back, _sum(document, "returned"))
    ):  # fmt: skip
        for sku in sorted(shop.keys() | office.keys()):
            yield _count(f"{sku} {word}", document, office[sku], shop[sku], READ_BACK)


def _count(name: str, document: Document | None, office: int, shop: int, rule: str) -> Compared:
    said = str(office) if document else ""
    return Compared(name, said, str(shop), rule, result_of(said, str(shop)))


def _moved(order: Order) -> tuple[Counter[Sku], Counter[Sku]]:
    """Units that have left, and units that came back into stock, by SKU."""
    sku_of = {line.id: line.sku for line in order.lines if line.sku is not None}
    sent, back = Counter[Sku](), Counter[Sku]()
    for parcel in order.fulfilments:
        for line, units in parcel.lines if parcel.status != "CANCELLED" else ():
            if line in sku_of:
                sent[sku_of[line]] += units
    for refund in order.refunds:
        for given in refund.lines:
            if given.line in sku_of and given.restock == "RETURN":
                back[sku_of[given.line]] += given.quantity
    return +sent, +back


def _sum(document: Document | None, what: str) -> Counter[Sku]:
    found = Counter[Sku]()
    for line in document.lines if document else ():
        found[line.sku] += getattr(line, what)
    return +found


def _heads(order: Order, sale: SalesDocument) -> Iterator[Cell]:
    company = order.buyer.company
    yield "name", "name", order.name, sale.name
    yield (
        "placed",
        "createdAt",
        f"{order.created_at:%Y-%m-%d %H:%M:%S}Z",
        f"{sale.placed_at:%Y-%m-%d %H:%M:%S}Z",
    )
    yield "currency", "currencyCode", order.currency, sale.currency
    yield "customer", "customer.displayName", order.customer, sale.customer
    yield (
        "company",
        "purchasingEntity.company.name",
        company.name if company else "",
        company.name if company else "",
    )
    yield "purchase order", "poNumber", order.origin.po_number, sale.origin.po_number
    terms = order.terms.name if order.terms else ""
    yield "payment terms", "paymentTerms.paymentTermsName", terms, sale.terms.name if sale.terms else ""
    yield "note", "note", order.note, sale.note
    yield "tags", "tags", ", ".join(order.tags), ", ".join(sale.tags)
    for each in order.attributes:
        yield f"attribute {each.name}", "customAttributes.value", each.value, each.value


def _names(sale: SalesDocument) -> Iterator[Cell]:
    """What a table of names may say otherwise in the back office."""
    for paid in sale.payments:
        yield f"payment {paid.amount}", "transactions.gateway", paid.gateway, paid.account or paid.gateway
    taxes: dict[str, Decimal] = {}
    for line in sale.lines:
        for title, amount in line.taxes:
            taxes[title] = taxes.get(title, Decimal(0)) + amount
        if line.kind is LineKind.SHIPPING:
            yield "shipping method", "shippingLines.title", line.title, line.carrier or line.title
    for title, amount in taxes.items():
        yield f"tax {amount}", "lineItems.taxLines.title", title, sale.tax_codes.get(title) or title


def _buyer(order: Order, buyer: Buyer) -> Iterator[Cell]:
    company = buyer.company
    cells = [
        ("name", "customer.displayName", order.customer or buyer.name), ("e-mail", "email", order.email or buyer.email),
        ("phone", "phone", buyer.phone), ("language", "customerLocale", buyer.locale),
        ("tax exempt", "taxExempt", "yes" if buyer.tax_exempt else ""),
        ("company", "purchasingEntity.company.name", company.name if company else ""),
        ("company id", "purchasingEntity.company.externalId", company.external_id if company else ""),
        ("company location", "purchasingEntity.location.name", company.location if company else ""),
        *(("tax id " + each.title, "localizedFields.value", each.value) for each in buyer.tax_ids),
        *_address("ship to", "shippingAddress", buyer.shipping), *_address("bill to", "billingAddress", buyer.billing),
    ]  # fmt: skip
    yield from ((name, path, value, value) for name, path, value in cells)


def _address(word: str, path: str, address: Address | None) -> Iterator[tuple[str, str, str]]:
    if address is not None:
        for part, field in (
            ("name", "name"), ("company", "company"), ("city", "city"), ("postcode", "zip"), ("province", "provinceCode"),
            ("country", "countryCodeV2"), ("phone", "phone"),
        ):  # fmt: skip
            yield f"{word} {part}", f"{path}.{field}", getattr(address, part)
        for at, street in enumerate(address.street[:2], 1):
            yield f"{word} street {at}", f"{path}.address{at}", street


def _told(cells: Iterator[Cell], rules: FieldMap, *, booked: bool) -> Iterator[Compared]:
    for name, path, shop, word in cells:
        if not shop and not word:
            continue
        rule = rules.get(path)
        tells = rule is not None and (rule.how is How.TO or _within(path, rule.how, rules))
        office = word if booked and tells else ""
        result = result_of(office, shop, by_rule=word != shop)
        yield Compared(name, office, shop, _rule(rules, path), result, told=bool(office))


def _within(path: str, how: How, rules: FieldMap) -> bool:
    """A part of an address goes where the address as Shopify writes it goes."""
    whole = rules.get(f"{path.partition('.')[0]}.formatted")
    return (
        path.startswith("shippingAddress.")
        and how is How.DERIVED
        and whole is not None
        and whole.how is How.TO
    )


def _rule(rules: FieldMap, path: str) -> str:
    rule = rules.get(path)
    return "no rule: TrueUp does not know the field" if rule is None else rule.said


def differing(rows: Collection[Compared]) -> bool:
    """Somebody has to look at one of them."""
    return any(each.result.startswith(("differs", "invalid")) for each in rows)
