"""Who bought and how the order came about, from Shopify's JSON. A key without access to customers gets less."""

from adapters.shopify.wire import JsonObject, line, moment_or_none, nodes, whole
from engine.model.buyer import Address, Buyer, Company, Instalment, Origin, PaymentTerms, TaxId


def buyer_from(node: JsonObject) -> Buyer:
    """The buyer with addresses, company and tax numbers."""
    customer = node.get("customer") or {}
    return Buyer(
        id=line(customer.get("id")),
        name=name_of(node),
        email=line(node.get("email")),
        phone=line(node.get("phone")),
        locale=line(node.get("customerLocale")),
        tax_exempt=bool(node.get("taxExempt")),
        billing=_address(node.get("billingAddress")),
        shipping=_address(node.get("shippingAddress")),
        company=_company(node.get("purchasingEntity")),
        tax_ids=tuple(
            TaxId(
                line(each["key"]), line(each.get("title")), line(each.get("countryCode")), line(each["value"])
            )
            for each in nodes(node, "localizedFields")
        ),
    )


def name_of(node: JsonObject) -> str:
    """The first name there is: the customer's, the payer's, the receiver's."""
    names = (
        (node.get("customer") or {}).get("displayName"),
        (node.get("billingAddress") or {}).get("name"),
        (node.get("shippingAddress") or {}).get("name"),
    )
    return next((line(name) for name in names if name), "")


def origin_from(node: JsonObject) -> Origin:
    """Channel, numbers and states of the order."""
    risk = node.get("risk") or {}
    return Origin(
        source=line(node.get("sourceName")),
        source_identifier=line(node.get("sourceIdentifier")),
        po_number=line(node.get("poNumber")),
        confirmation_number=line(node.get("confirmationNumber")),
        processed_at=moment_or_none(node.get("processedAt")),
        closed_at=moment_or_none(node.get("closedAt")),
        cancel_reason=line(node.get("cancelReason")),
        financial_status=line(node.get("displayFinancialStatus")),
        fulfilment_status=line(node.get("displayFulfillmentStatus")),
        return_status=line(node.get("returnStatus")),
        risk=line(risk.get("recommendation")),
        test=bool(node.get("test")),
        edited=bool(node.get("edited")),
        confirmed=bool(node.get("confirmed", True)),
        estimated_taxes=bool(node.get("estimatedTaxes")),
    )


def terms_from(node: JsonObject | None) -> PaymentTerms | None:
    """Payment terms; None when the order has none."""
    if node is None:
        return None
    due = node.get("dueInDays")
    return PaymentTerms(
        line(node.get("paymentTermsName")),
        line(node.get("paymentTermsType")),
        None if due is None else whole(due),
        tuple(
            Instalment(*(moment_or_none(each.get(at)) for at in ("dueAt", "issuedAt", "completedAt")))
            for each in nodes(node, "paymentSchedules")
        ),
    )


def _address(node: JsonObject | None) -> Address | None:
    if node is None:
        return None
    return Address(
        name=line(node.get("name")),
        company=line(node.get("company")),
        street=tuple(line(row) for row in (node.get("address1"), node.get("address2")) if row),
        city=line(node.get("city")),
        postcode=line(node.get("zip")),
        province=line(node.get("provinceCode")),
        country=line(node.get("countryCodeV2")),
        phone=line(node.get("phone")),
    )


def _company(node: JsonObject | None) -> Company | None:
    company, place = (node or {}).get("company"), (node or {}).get("location") or {}
    if company is None:
        return None
    return Company(
        line(company["id"]),
        line(company.get("name")),
        line(company.get("externalId")),
        line(place.get("name")),
        line(place.get("id")),
        line(place.get("externalId")),
    )
