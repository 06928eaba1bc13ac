"""The statements for the sandbox's own schema, as a user would write them into config.toml."""

from typing import Final

STATEMENTS: Final[dict[str, str]] = {
    "warehouses": "SELECT code AS id, name, active FROM warehouse ORDER BY code",
    "products": "SELECT sku FROM product WHERE stocked = 1 AND sku > :after ORDER BY sku LIMIT :limit",
    "stock": "SELECT sku, warehouse, on_hand, reserved FROM shelf WHERE sku IN :skus",
    "reservations": (
        "SELECT o.ext_ref AS ref, a.sku, a.warehouse, a.quantity - a.shipped AS units"
        " FROM allotment AS a JOIN sales_order AS o ON o.id = a.document"
        " WHERE a.sku IN :skus AND a.quantity > a.shipped AND o.status = 'open' AND o.ext_ref IS NOT NULL"
    ),
    "changes": "SELECT sequence, sku, ref FROM movement WHERE sequence > :cursor ORDER BY sequence LIMIT :limit",
    "latest_change": "SELECT coalesce(max(sequence), 0) AS sequence FROM movement",
    "articles": (
        "SELECT number AS id, sku, title, discontinued, price, compare_at_price, barcode, cost, weight, origin,"
        " customs_code, tracked, supplier, supplier_sku, purchase_price, purchase_currency, minimum_order, lead_days,"
        ' landed_cost, price_eu AS "price@eu", compare_at_price_eu AS "compare_at_price@eu"'
        ", variant_of, options FROM article WHERE sku > :after ORDER BY sku LIMIT :limit"
    ),
    "articles_named": (
        "SELECT number AS id, sku, title, discontinued, price, compare_at_price, barcode, cost, weight, origin,"
        " customs_code, tracked, supplier, supplier_sku, purchase_price, purchase_currency, minimum_order, lead_days,"
        ' landed_cost, price_eu AS "price@eu", compare_at_price_eu AS "compare_at_price@eu"'
        ", variant_of, options FROM article WHERE sku IN :skus"
    ),
    "article_changes": (
        "SELECT sequence, sku FROM article_change WHERE sequence > :cursor ORDER BY sequence LIMIT :limit"
    ),
    "latest_article_change": "SELECT coalesce(max(sequence), 0) AS sequence FROM article_change",
    "documents": "SELECT id, ext_ref AS ref, status, total FROM sales_order WHERE ext_ref IN :refs",
    "document": "SELECT id, ext_ref AS ref, status, total FROM sales_order WHERE id = :document",
    "document_lines": (
        "SELECT document, sku, warehouse, quantity, shipped, shipped_at, returned FROM allotment"
        " WHERE document IN :documents ORDER BY document, sku, warehouse"
    ),
    "parcels": (
        "SELECT document, number, carrier, url, warehouse, sku FROM parcel WHERE document IN :documents"
        " ORDER BY document, number, sku"
    ),
    "create_order": (
        "INSERT INTO sales_order (ext_ref, name, placed_at, currency, taxes_included, total, total_minor,"
        " presentment_currency, presentment_total, customer, email, address, note)"
        " VALUES (:ref, :name, :placed_at, :currency, :taxes_included, :total, :total_minor,"
        " :presentment_currency, :presentment_total, :customer, :email, :address, :note)"
    ),
    "create_line": (
        "INSERT INTO sales_line (document, position, line_key, kind, sku, title, quantity, unit_price_minor,"
        " discount_minor, tax_minor, taxes, warehouse)"
        " VALUES (:document, :position, :key, :kind, :sku, :title, :quantity, :unit_price_minor,"
        " :discount_minor, :tax_minor, :taxes, :warehouse)"
    ),
    "create_payment": (
        "INSERT INTO payment (document, payment_key, kind, gateway, amount, amount_minor)"
        " VALUES (:document, :key, :kind, :gateway, :amount, :amount_minor)"
    ),
    "payments": (
        "SELECT payment_key AS key, amount FROM payment WHERE document = :document AND kind IN ('SALE', 'CAPTURE')"
    ),
    "create_credit_line": (
        "INSERT INTO credit_line (document, credit_key, position, line_key, sku, title, quantity, amount_minor, tax_minor)"
        " VALUES (:document, :credit, :position, :line, :sku, :title, :quantity, :amount_minor, :tax_minor)"
    ),
    "create_credit": (
        "INSERT INTO credit_memo (document, credit_key, amount, amount_minor, taxes_included, note)"
        " VALUES (:document, :key, :amount, :amount_minor, :taxes_included, :note)"
    ),
    "credits": "SELECT credit_key AS key, amount FROM credit_memo WHERE document = :document",
    "create_refund": (
        "INSERT INTO refund (document, refund_key, credit_key, gateway, amount, amount_minor)"
        " VALUES (:document, :key, :refund, :gateway, :amount, :amount_minor)"
    ),
    "refunds": "SELECT refund_key AS key, amount FROM refund WHERE document = :document",
    "confirm_order": "UPDATE sales_order SET status = 'open' WHERE id = :document",
    "note_refusal": "INSERT INTO refusal (ref, message) VALUES (:ref, :message)",
    "order_lines": "SELECT line_key AS key, sku, quantity FROM sales_line WHERE document = :document",
    "amend_line": (
        "INSERT INTO sales_line (document, position, line_key, kind, sku, title, quantity, unit_price_minor,"
        " discount_minor, tax_minor, taxes, warehouse)"
        " VALUES (:document, (SELECT coalesce(max(position), 0) + 1 FROM sales_line WHERE document = :document),"
        " :key, :kind, :sku, :title, :quantity, :unit_price_minor, :discount_minor, :tax_minor, :taxes, :warehouse)"
        " ON CONFLICT (document, line_key) DO UPDATE SET quantity = excluded.quantity,"
        " unit_price_minor = excluded.unit_price_minor, discount_minor = excluded.discount_minor,"
        " tax_minor = excluded.tax_minor, taxes = excluded.taxes, warehouse = excluded.warehouse"
    ),
    "drop_line": "DELETE FROM sales_line WHERE document = :document AND line_key = :key",
    "allot_line": (
        "INSERT INTO amendment (document, sku, warehouse, units) VALUES (:document, :sku, :warehouse, :units)"
    ),
    "amend_order": (
        "UPDATE sales_order SET total = :total, total_minor = :total_minor,"
        " presentment_total = :presentment_total WHERE id = :document"
    ),
    "cancel_order": "UPDATE sales_order SET status = 'cancelled' WHERE id = :document",
    "reroute_line": (
        "INSERT INTO reroute (document, sku, origin, warehouse, units)"
        " VALUES (:document, :sku, :origin, :warehouse, :units)"
    ),
    "ship_line": (
        "INSERT INTO shipment (document, sku, warehouse, units) VALUES (:document, :sku, :warehouse, :units)"
    ),
    "return_line": (
        "INSERT INTO goods_return (document, sku, warehouse, units, return_key)"
        " VALUES (:document, :sku, :warehouse, :units, :key)"
    ),
}

PRODUCT_FIELDS: Final = (
    "price", "compare_at_price", "barcode", "cost", "weight", "origin", "customs_code", "tracked", "supplier",
    "supplier_sku", "purchase_price", "purchase_currency", "minimum_order", "lead_days", "landed_cost",
)  # fmt: skip
"""Columns of products that these statements give."""
MARKET_FIELDS: Final = ("price@eu", "compare_at_price@eu")
"""Columns of the one market that has prices of its own here, in EUR."""
