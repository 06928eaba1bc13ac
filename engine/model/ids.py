"""Names of things, so that a SKU can never be handed in where an order is asked for."""

from typing import NewType

Sku = NewType("Sku", str)
"""Stock-keeping unit, as both sides spell it after trimming."""

LocationId = NewType("LocationId", str)
"""Shopify location, a GID."""

WarehouseId = NewType("WarehouseId", str)
"""Warehouse in the back office: its own id, as text."""

ItemId = NewType("ItemId", str)
"""Shopify inventory item, a GID."""

OrderId = NewType("OrderId", str)
"""Shopify order, a GID; also the external reference of its document in the back office."""

DocumentId = NewType("DocumentId", str)
"""Sales document in the back office: its own id, as text."""

WorkId = NewType("WorkId", int)
"""One row of the work queue."""
