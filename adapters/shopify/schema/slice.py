"""Cuts the carried GraphQL schema out of the introspection that Shopify publishes with its developer tools.

A maintainer runs it when the API version moves:

    npm pack @shopify/dev-mcp && tar xzf shopify-dev-mcp-*.tgz
    python -m adapters.shopify.schema.slice package/dist/data/admin_2026-10.json.gz > admin-2026-10.graphql

Only types, fields and arguments are kept; descriptions stay behind.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

QUERIES = frozenset(
    [
        "bulkOperation",
        "bulkOperations",
        "catalogs",
        "currentAppInstallation",
        "fulfillmentOrder",
        "inventoryItem",
        "inventoryItems",
        "inventoryLevel",
        "inventoryProperties",
        "job",
        "location",
        "locations",
        "locationsCount",
        "node",
        "nodes",
        "order",
        "orders",
        "ordersCount",
        "product",
        "productByIdentifier",
        "productVariant",
        "productVariants",
        "productVariantsCount",
        "products",
        "refund",
        "shop",
        "webhookSubscription",
        "webhookSubscriptions",
    ]
)
MUTATIONS = frozenset(
    [
        "bulkOperationCancel",
        "bulkOperationRunQuery",
        "fulfillmentCreate",
        "fulfillmentOrderMove",
        "fulfillmentTrackingInfoUpdate",
        "inventoryActivate",
        "inventoryAdjustQuantities",
        "inventoryDeactivate",
        "inventoryItemUpdate",
        "inventorySetQuantities",
        "orderCancel",
        "priceListFixedPricesAdd",
        "priceListFixedPricesDelete",
        "productCreate",
        "productVariantsBulkCreate",
        "productVariantsBulkUpdate",
        "webhookSubscriptionCreate",
        "webhookSubscriptionDelete",
    ]
)
LEFT_OUT = frozenset(
    [
        "App",
        "AppCatalog",
        "Channel",
        "ChannelInformation",
        "PaymentMandateResourceConnection",
        "ProductOptionValue",
        "ChannelConnection",
        "DeliveryCarrierService",
        "DeliveryProfile",
        "DraftOrder",
        "EventConnection",
        "BusinessEntity",
        "CompanyLocationCatalog",
        "DeliveryBrandedPromise",
        "DeliveryMethodAdditionalInformation",
        "ExchangeLineItemConnection",
        "ExchangeV2Connection",
        "FulfillmentEventConnection",
        "FulfillmentOrderLineItemFinancialSummary",
        "FulfillmentOrderLocationForMoveConnection",
        "FulfillmentOrderMerchantRequestConnection",
        "FulfillmentService",
        "InventoryScheduledChangeConnection",
        "LocalizationExtensionConnection",
        "LocationSuggestedAddress",
        "MediaConnection",
        "MetafieldConnection",
        "MetafieldDefinitionConnection",
        "OrderAttribution",
        "OrderCustomerJourneyAssociation",
        "OrderDisputeSummary",
        "OrderPaymentCollectionDetails",
        "OrderRisk",
        "CustomerJourney",
        "CustomerJourneySummary",
        "PaymentDetails",
        "PointOfSaleDevice",
        "PrivateMetafield",
        "PrivateMetafieldConnection",
        "ProductBundleComponentConnection",
        "ProductVariantComponentConnection",
        "ProductVariantContextualPricing",
        "ProductVariantPricePairConnection",
        "Publication",
        "PublicationConnection",
        "ResourceAlert",
        "ResourcePublicationConnection",
        "ResourcePublicationV2Connection",
        "ReturnReasonDefinitionConnection",
        "SalesAgreementConnection",
        "SellingPlanGroupConnection",
        "ShopifyPaymentsTransactionSet",
        "ShopifyProtectOrderSummary",
        "StaffMember",
        "SuggestedRefund",
        "Translation",
        "UnitPriceMeasurement",
    ]
)
"""Types our operations never ask for; every field of such a type goes with it."""

SLIM = {
    "Shop": frozenset(
        [
            "id",
            "name",
            "email",
            "contactEmail",
            "myshopifyDomain",
            "currencyCode",
            "enabledPresentmentCurrencies",
            "ianaTimezone",
            "taxesIncluded",
            "taxShipping",
            "plan",
            "createdAt",
            "updatedAt",
            "timezoneOffset",
            "weightUnit",
        ]
    ),
    "Customer": frozenset(
        [
            "id",
            "legacyResourceId",
            "displayName",
            "firstName",
            "lastName",
            "email",
            "phone",
            "locale",
            "note",
            "tags",
            "state",
            "taxExempt",
            "createdAt",
            "updatedAt",
        ]
    ),
    "AppInstallation": frozenset({"id", "accessScopes", "launchUrl", "uninstallUrl"}),
    "Return": frozenset(
        {"id", "name", "status", "order", "totalQuantity", "createdAt", "closedAt", "refunds"}
    ),
    "Product": frozenset(
        [
            "id",
            "legacyResourceId",
            "title",
            "handle",
            "status",
            "vendor",
            "productType",
            "tags",
            "createdAt",
            "updatedAt",
            "publishedAt",
            "totalInventory",
            "tracksInventory",
            "isGiftCard",
            "variants",
            "variantsCount",
            "descriptionHtml",
            "hasOnlyDefaultVariant",
            "metafield",
        ]
    ),
    "Company": frozenset({"id", "name", "externalId", "note", "createdAt", "updatedAt"}),
    "CompanyLocation": frozenset(
        {"id", "name", "externalId", "phone", "locale", "company", "createdAt", "updatedAt"}
    ),
    "CompanyContact": frozenset({"id", "title", "locale", "createdAt", "updatedAt"}),
    "OrderRiskSummary": frozenset({"recommendation"}),
    "Metafield": frozenset({"id", "namespace", "key", "type", "value", "createdAt", "updatedAt"}),
    "Catalog": frozenset({"id", "title", "status", "priceList"}),
    "MarketCatalog": frozenset({"id", "title", "status", "priceList", "markets"}),
    "Market": frozenset({"id", "name", "handle", "status", "type"}),
    "PriceList": frozenset({"id", "name", "currency", "fixedPricesCount", "prices", "catalog"}),
    "PriceListPrice": frozenset({"compareAtPrice", "originType", "price", "variant"}),
    "Image": frozenset({"id", "url", "altText", "width", "height"}),
    "OrderApp": frozenset({"id", "name"}),
    "PaymentTerms": frozenset(
        [
            "id",
            "due",
            "dueInDays",
            "overdue",
            "paymentTermsName",
            "paymentTermsType",
            "translatedName",
            "paymentSchedules",
            "order",
        ]
    ),
}
"""Types of which only these fields are kept."""

ONLY_ON = {"Metafield": ("ProductVariant", "Product")}
"""Types that are asked for on these types alone; fields of it go from every other."""

BUILT_IN = frozenset({"String", "Int", "Float", "Boolean", "ID"})


def named(reference: dict[str, Any]) -> dict[str, Any]:
    """The type behind lists and non-nulls."""
    while reference.get("ofType"):
        reference = reference["ofType"]
    return reference


def written(reference: dict[str, Any]) -> str:
    """A type reference as SDL writes it."""
    if reference["kind"] == "NON_NULL":
        return written(reference["ofType"]) + "!"
    if reference["kind"] == "LIST":
        return "[" + written(reference["ofType"]) + "]"
    return str(reference["name"])


class Slice:
    """The part of a schema that is reachable from the chosen roots."""

    def __init__(self, schema: dict[str, Any]) -> None:
        """Take the `__schema` object of an introspection answer."""
        self.types = {kind["name"]: kind for kind in schema["types"]}
        self.query = schema["queryType"]["name"]
        self.mutation = schema["mutationType"]["name"]
        self.directives = [d for d in schema["directives"] if d["name"] == "idempotent"]
        self.kept: dict[str, None] = {}

    def fields(self, kind: dict[str, Any]) -> list[dict[str, Any]]:
        """The fields of a type that stay."""
        only = {self.query: QUERIES, self.mutation: MUTATIONS}.get(kind["name"]) or SLIM.get(kind["name"])
        return [
            field
            for field in kind["fields"] or ()
            if (kept := named(field["type"])["name"]) not in LEFT_OUT
            and kind["name"] in ONLY_ON.get(kept, (kind["name"],))
            and (only is None or field["name"] in only)
        ]

    def follow(self, name: str) -> None:
        """Keep a type and everything it needs."""
        waiting = [name]
        while waiting:
            name = waiting.pop()
            if name in self.kept or name in LEFT_OUT or name in BUILT_IN:
                continue
            self.kept[name] = None
            kind = self.types[name]
            for field in self.fields(kind):
                waiting.append(named(field["type"])["name"])
                waiting.extend(named(argument["type"])["name"] for argument in field["args"])
            waiting.extend(named(entry["type"])["name"] for entry in kind["inputFields"] or ())
            if kind["kind"] == "UNION" or name in ("DiscountApplication", "Catalog"):
                waiting.extend(possible["name"] for possible in kind["possibleTypes"])

    def argument(self, entry: dict[str, Any]) -> str:
        """One argument or input field."""
        default = f" = {entry['defaultValue']}" if entry.get("defaultValue") is not None else ""
        return f"{entry['name']}: {written(entry['type'])}{default}"

    def sdl_of(self, kind: dict[str, Any]) -> str:
        """One type in SDL."""
        name = kind["name"]
        match kind["kind"]:
            case "SCALAR":
                return f"scalar {name}\n"
            case "UNION":
                members = sorted(p["name"] for p in kind["possibleTypes"] if p["name"] in self.kept)
                return f"union {name} = {' | '.join(members)}\n"
            case "ENUM":
                values = "\n".join(f"  {value['name']}" for value in kind["enumValues"])
                return f"enum {name} {{\n{values}\n}}\n"
            case "INPUT_OBJECT":
                entries = "\n".join(f"  {self.argument(entry)}" for entry in kind["inputFields"])
                return f"input {name} {{\n{entries}\n}}\n"
        lines = []
        for field in self.fields(kind):
            arguments = ", ".join(self.argument(argument) for argument in field["args"])
            listed = f"({arguments})" if arguments else ""
            old = " @deprecated" if field["isDeprecated"] else ""
            lines.append(f"  {field['name']}{listed}: {written(field['type'])}{old}")
        parents = sorted(i["name"] for i in kind["interfaces"] or () if i["name"] in self.kept)
        behind = f" implements {' & '.join(parents)}" if parents else ""
        word = "interface" if kind["kind"] == "INTERFACE" else "type"
        return f"{word} {name}{behind} {{\n" + "\n".join(lines) + "\n}\n"

    def sdl(self) -> str:
        """The whole slice."""
        for name in (self.query, self.mutation, "Node"):
            self.follow(name)
        parts = [f"schema {{\n  query: {self.query}\n  mutation: {self.mutation}\n}}\n"]
        for directive in self.directives:
            arguments = ", ".join(self.argument(argument) for argument in directive["args"])
            parts.append(
                f"directive @{directive['name']}({arguments}) on {' | '.join(directive['locations'])}\n"
            )
        parts.extend(self.sdl_of(self.types[name]) for name in sorted(self.kept))
        return "\n".join(parts)


def main(path: str) -> None:
    """Read an introspection answer, plain or gzipped, and print the slice."""
    raw = Path(path).read_bytes()
    answer = json.loads(gzip.decompress(raw) if path.endswith(".gz") else raw)
    schema = (answer.get("data") or answer)["__schema"]
    sys.stdout.write(Slice(schema).sdl())


if __name__ == "__main__":
    main(sys.argv[1])
