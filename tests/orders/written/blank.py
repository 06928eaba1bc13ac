"""What Shopify answers of an order to which nothing special belongs; the files say only what is otherwise.

Two kinds of defaults, none of them reckoned: a plain value, or the value of another field of the same object
(`SAME`), because of an order that nobody edited, returned or paid back the figure of today is that of the sale.
"""

from collections.abc import Mapping
from typing import Any

AT = "2026-11-23T12:00:00Z"

BLANK: Mapping[str, Mapping[str, Any]] = {
    "": {
        "createdAt": AT, "processedAt": AT, "updatedAt": AT, "closedAt": None, "cancelledAt": None,
        "cancelReason": None, "confirmed": True, "test": False, "edited": False, "sourceName": "web",
        "sourceIdentifier": None, "poNumber": None, "confirmationNumber": None, "currencyCode": "EUR",
        "taxesIncluded": False, "taxExempt": False, "dutiesIncluded": False, "estimatedTaxes": False,
        "displayFinancialStatus": "PAID", "displayFulfillmentStatus": "UNFULFILLED", "returnStatus": "NO_RETURN",
        "totalTaxSet": "0", "originalTotalDutiesSet": None, "originalTotalAdditionalFeesSet": None,
        "totalTipReceivedSet": "0", "totalCashRoundingAdjustment": {"paymentSet": "0", "refundSet": "0"},
        "currentShippingPriceSet": "0", "totalReceivedSet": "0", "totalRefundedSet": "0",
        "totalOutstandingSet": "0", "refundDiscrepancySet": "0", "additionalFees": [], "retailLocation": None,
        "email": "ada@example.com", "phone": None, "customerLocale": "en", "note": None, "tags": [],
        "customAttributes": [], "risk": {"recommendation": "ACCEPT"},
        "customer": {"id": "Customer/1", "displayName": "Ada Sample"}, "purchasingEntity": None,
        "billingAddress": None, "shippingAddress": None, "localizedFields": [], "paymentTerms": None,
        "lineItems": [], "shippingLines": [], "discountApplications": [], "transactions": [],
        "fulfillmentOrders": [], "fulfillments": [], "refunds": [],
    },
    "lineItems": {
        "variantTitle": None, "vendor": "Brand", "requiresShipping": True, "isGiftCard": False, "taxable": True,
        "discountAllocations": [], "taxLines": [], "duties": [], "customAttributes": [], "sellingPlan": None,
        "lineItemGroup": None,
    },
    "lineItems.duties": {"countryCodeOfOrigin": "CN", "taxLines": []},
    "shippingLines": {
        "code": "STANDARD", "source": "shopify", "carrierIdentifier": None, "discountAllocations": [],
        "taxLines": [],
    },
    "additionalFees": {"taxLines": []},
    "taxLines": {"channelLiable": False, "source": None},
    "transactions": {
        "status": "SUCCESS", "gateway": "shopify_payments", "manualPaymentGateway": False, "processedAt": AT,
        "paymentId": None, "amountRoundingSet": None, "totalUnsettledSet": None, "parentTransaction": None,
    },
    "fulfillmentOrders": {
        "status": "OPEN", "assignedLocation": {"location": {"id": "Location/1"}},
        "deliveryMethod": {"methodType": "SHIPPING"},
    },
    "fulfillments": {"status": "SUCCESS", "createdAt": AT, "location": {"id": "Location/1"}, "trackingInfo": []},
    "refunds": {
        "createdAt": AT, "processedAt": AT, "note": None, "duties": [], "refundLineItems": [],
        "refundShippingLines": [], "transactions": [],
    },
    "refunds.refundLineItems": {"restocked": True, "location": {"id": "Location/1"}},
}  # fmt: skip
"""By place; what is empty here and given in a file is as the file says."""

SAME: Mapping[str, Mapping[str, str]] = {
    "": {
        "presentmentCurrencyCode": "currencyCode",
        "currentSubtotalPriceSet": "subtotalPriceSet",
        "currentTotalTaxSet": "totalTaxSet",
        "currentTotalDutiesSet": "originalTotalDutiesSet",
        "currentTotalAdditionalFeesSet": "originalTotalAdditionalFeesSet",
        "currentTotalPriceSet": "totalPriceSet",
        "netPaymentSet": "totalReceivedSet",
    },
    "lineItems": {
        "currentQuantity": "quantity",
        "originalTotalSet": "originalUnitPriceSet",
        "priceAfterAllDiscountsBeforeTaxesSet": "originalTotalSet",
    },
    "shippingLines": {"discountedPriceSet": "originalPriceSet"},
}
"""Fields that stand for themselves only where a file says so; each is that other one otherwise, in this order."""
