"""What an order charges: lines, shipping, fees, with their discounts and taxes, from Shopify's JSON."""

from decimal import Decimal

from adapters.shopify.wire import JsonObject, bag, bag_if_given, line, sku_of, whole
from engine.model.buyer import Attribute
from engine.model.order import (
    Allocation,
    BundleParent,
    DiscountApplication,
    OrderLine,
    ShippingLine,
    Surcharge,
    TaxLine,
)

_KINDS = {
    "DiscountCodeApplication": "code",
    "AutomaticDiscountApplication": "automatic",
    "ManualDiscountApplication": "manual",
    "ScriptDiscountApplication": "script",
}


def line_from(node: JsonObject) -> OrderLine:
    """One line item."""
    plan = node.get("sellingPlan")
    quantity = whole(node["quantity"])
    return OrderLine(
        id=line(node["id"]),
        sku=sku_of(node),
        title=line(node.get("title")),
        quantity=quantity,
        current_quantity=whole(node.get("currentQuantity", quantity)),
        unit_price=bag(node["originalUnitPriceSet"]),
        allocations=_allocations(node),
        taxes=_taxes(node),
        requires_shipping=bool(node.get("requiresShipping", True)),
        is_gift_card=bool(node.get("isGiftCard")),
        gross=bag_if_given(node.get("originalTotalSet")),
        net=bag_if_given(node.get("priceAfterAllDiscountsBeforeTaxesSet")),
        duties=tuple(_duty(each) for each in node.get("duties") or ()),
        variant_title=line(node.get("variantTitle")),
        vendor=line(node.get("vendor")),
        taxable=bool(node.get("taxable", True)),
        attributes=attributes(node),
        selling_plan="" if plan is None else line(plan["name"]),
        bundle=_bundle(node.get("lineItemGroup")),
    )


def shipping_from(node: JsonObject, at: int) -> ShippingLine:
    """One shipping charge, the `at`-th of its order."""
    return ShippingLine(
        id=line(node.get("id")) or f"shipping-{at}",
        title=line(node.get("title")),
        price=bag(node["originalPriceSet"]),
        allocations=_allocations(node),
        taxes=_taxes(node),
        discounted=bag_if_given(node.get("discountedPriceSet")),
        code=line(node.get("code")),
        source=line(node.get("source")),
        carrier=line(node.get("carrierIdentifier")),
    )


def fee_from(node: JsonObject) -> Surcharge:
    """One additional fee of the order."""
    return Surcharge(line(node.get("id")), line(node.get("name")), bag(node["price"]), _taxes(node))


def discounts_from(nodes: list[JsonObject]) -> tuple[DiscountApplication, ...]:
    """In the order of their index, which is what allocations refer to."""
    by_index = {whole(node["index"]): node for node in nodes}
    if sorted(by_index) != list(range(len(nodes))):
        raise ValueError("discount applications are not numbered from 0 without gaps")
    return tuple(_discount(node) for _, node in sorted(by_index.items()))


def attributes(node: JsonObject) -> tuple[Attribute, ...]:
    """Custom attributes of an order or a line."""
    return tuple(
        Attribute(line(each["key"]), line(each.get("value"))) for each in node.get("customAttributes") or ()
    )


def _discount(node: JsonObject) -> DiscountApplication:
    kind = line(node.get("__typename"))
    return DiscountApplication(
        kind=_KINDS.get(kind, kind),
        title=line(node.get("code") or node.get("title")),
        target=line(node.get("targetSelection")),
        method=line(node.get("allocationMethod")),
        applies_to=line(node.get("targetType")),
    )


def _duty(node: JsonObject) -> Surcharge:
    return Surcharge(
        line(node.get("id")),
        line(node.get("harmonizedSystemCode")),
        bag(node["price"]),
        _taxes(node),
        line(node.get("countryCodeOfOrigin")),
    )


def _bundle(node: JsonObject | None) -> BundleParent | None:
    if node is None:
        return None
    return BundleParent(
        line(node["id"]), line(node.get("title")), whole(node["quantity"]), line(node.get("variantSku"))
    )


def _allocations(node: JsonObject) -> tuple[Allocation, ...]:
    return tuple(
        Allocation(whole(share["discountApplication"]["index"]), bag(share["allocatedAmountSet"]))
        for share in node.get("discountAllocations") or ()
    )


def _taxes(node: JsonObject) -> tuple[TaxLine, ...]:
    return tuple(_tax(tax) for tax in node.get("taxLines") or ())


def _tax(node: JsonObject) -> TaxLine:
    rate = node.get("rate")
    return TaxLine(
        line(node["title"]),
        None if rate is None else Decimal(str(rate)),
        bag(node["priceSet"]),
        bool(node.get("channelLiable")),
        line(node.get("source")),
    )
