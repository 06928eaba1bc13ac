"""Made-up orders: Shopify's JSON and the sales document it must become, both written from the same facts."""
