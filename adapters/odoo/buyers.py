"""The partner behind an order: found by e-mail address (else by name), or made."""

import asyncio

from adapters.odoo.client import OdooClient
from engine.model.sale import SalesDocument

NAMELESS = "Shopify buyer"


class Buyers:
    """Finds or makes partners, one at a time, so that one buyer's two orders do not make two of them."""

    def __init__(self, client: OdooClient) -> None:
        self._client = client
        self._turn = asyncio.Lock()

    async def of(self, sale: SalesDocument) -> int:
        """The partner's id."""
        name = sale.customer.strip() or sale.email.strip() or NAMELESS
        email = sale.email.strip()
        async with self._turn:
            domain = [["email", "=ilike", email]] if email else [["name", "=", name], ["email", "=", False]]
            found = await self._client.rows("res.partner", domain, ["name"], limit=1)
            if found:
                return int(found[0]["id"])
            values = {"name": name, "email": email or False, "street": ", ".join(filter(None, sale.address))}
            return await self._client.create("res.partner", values)
