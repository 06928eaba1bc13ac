"""The models the sandbox knows, by version: their fields, and which of them point to another model."""

from collections.abc import Mapping

RELATIONS: Mapping[tuple[str, str], str] = {
    ("stock.warehouse", "lot_stock_id"): "stock.location",
    ("stock.warehouse", "view_location_id"): "stock.location",
    ("stock.warehouse", "in_type_id"): "stock.picking.type",
    ("stock.warehouse", "out_type_id"): "stock.picking.type",
    ("stock.warehouse", "delivery_route_id"): "stock.route",
    ("stock.location", "warehouse_id"): "stock.warehouse",
    ("stock.location", "location_id"): "stock.location",
    ("product.product", "product_tmpl_id"): "product.template",
    ("stock.quant", "product_id"): "product.product",
    ("stock.quant", "location_id"): "stock.location",
    ("stock.move", "product_id"): "product.product",
    ("stock.move", "location_id"): "stock.location",
    ("stock.move", "location_dest_id"): "stock.location",
    ("stock.move", "sale_line_id"): "sale.order.line",
    ("stock.move", "picking_id"): "stock.picking",
    ("stock.move", "origin_returned_move_id"): "stock.move",
    ("stock.picking", "picking_type_id"): "stock.picking.type",
    ("stock.picking", "location_id"): "stock.location",
    ("stock.picking", "location_dest_id"): "stock.location",
    ("sale.order", "partner_id"): "res.partner",
    ("sale.order", "warehouse_id"): "stock.warehouse",
    ("sale.order", "currency_id"): "res.currency",
    ("sale.order", "pricelist_id"): "product.pricelist",
    ("account.payment", "partner_id"): "res.partner",
    ("account.payment", "currency_id"): "res.currency",
    ("account.payment", "journal_id"): "account.journal",
    ("account.move", "partner_id"): "res.partner",
    ("account.move", "currency_id"): "res.currency",
    ("sale.order.line", "order_id"): "sale.order",
    ("sale.order.line", "product_id"): "product.product",
    ("sale.order.line", "route_id"): "stock.route",
    ("product.pricelist.item", "pricelist_id"): "product.pricelist",
    ("product.pricelist.item", "product_id"): "product.product",
    ("product.pricelist.item", "product_tmpl_id"): "product.template",
    ("product.pricelist", "currency_id"): "res.currency",
    ("product.template.attribute.value", "attribute_id"): "product.attribute",
    ("product.supplierinfo", "partner_id"): "res.partner",
    ("product.supplierinfo", "product_id"): "product.product",
    ("product.supplierinfo", "product_tmpl_id"): "product.template",
    ("product.supplierinfo", "currency_id"): "res.currency",
}

BASE = ("id", "display_name", "create_date", "write_date")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "res.partner": ("name", "email", "street", "active"),
    "res.currency": ("name",),
    "product.pricelist": ("name", "currency_id"),
    "product.pricelist.item": (
        "pricelist_id", "applied_on", "product_id", "product_tmpl_id", "min_quantity", "date_start", "date_end",
        "compute_price", "fixed_price", "percent_price",
    ),
    "product.template": ("name", "active", "list_price"),
    "product.product": (
        "default_code", "name", "barcode", "type", "active", "lst_price", "standard_price", "weight", "weight_uom_name",
        "product_tmpl_id", "product_template_variant_value_ids",
    ),
    "product.attribute": ("name",),
    "product.supplierinfo": (
        "partner_id", "product_code", "product_id", "product_tmpl_id", "sequence", "min_qty", "price", "currency_id",
        "delay", "date_start", "date_end",
    ),
    "product.template.attribute.value": ("name", "attribute_id"),
    "stock.route": ("name", "sale_selectable"),
    "stock.picking.type": ("name", "code"),
    "stock.warehouse": (
        "name", "code", "active", "lot_stock_id", "view_location_id", "in_type_id", "out_type_id",
        "delivery_route_id",
    ),
    "stock.location": ("name", "complete_name", "usage", "warehouse_id", "location_id", "scrap_location", "active"),
    "stock.quant": ("product_id", "location_id", "quantity", "reserved_quantity"),
    "stock.move": (
        "product_id", "product_uom_qty", "quantity", "picked", "state", "location_id", "location_dest_id",
        "sale_line_id", "picking_id", "date", "origin_returned_move_id", "to_refund",
    ),
    "stock.picking": (
        "name", "picking_type_id", "location_id", "location_dest_id", "origin", "state", "move_ids",
        "carrier_tracking_ref", "date_done",
    ),
    "sale.order": (
        "name", "partner_id", "client_order_ref", "origin", "warehouse_id", "pricelist_id", "currency_id",
        "date_order", "state", "amount_total", "note", "order_line",
    ),
    "account.journal": ("name", "code", "type"),
    "account.payment": (
        "payment_type", "partner_type", "partner_id", "amount", "currency_id", "date", "journal_id", "state",
    ),
    "account.move": (
        "move_type", "partner_id", "currency_id", "invoice_date", "invoice_origin", "ref", "state", "amount_total",
    ),
    "account.move.line": ("product_id", "name", "quantity", "price_unit", "tax_ids"),
    "sale.order.line": (
        "order_id", "product_id", "product_uom_qty", "price_unit", "discount", "name", "route_id", "qty_delivered",
    ),
}  # fmt: skip


def fields_of(version: int) -> Mapping[str, frozenset[str]]:
    """Fields by model in Odoo 17, 18 or 19."""
    found = {model: frozenset((*BASE, *names)) for model, names in _FIELDS.items()}
    found["sale.order.line"] |= {"tax_ids" if version >= 19 else "tax_id"}
    found["account.payment"] |= {"memo" if version >= 18 else "ref"}
    if version < 19:
        found["stock.move"] |= {"name"}
    if version >= 18:
        found["product.product"] |= {"is_storable"}
    return found


REQUIRED: Mapping[str, tuple[str, ...]] = {
    "res.partner": ("name",),
    "account.payment": ("payment_type", "partner_type", "journal_id"),
    "account.move": ("move_type", "partner_id"),
    "account.move.line": ("price_unit",),
    "sale.order": ("partner_id",),
    "sale.order.line": ("product_id",),
    "stock.picking": ("picking_type_id", "location_id", "location_dest_id"),
    "stock.move": ("product_id", "location_id", "location_dest_id"),
}
