"""The party behind a sale: found by e-mail address, or made."""

import asyncio
from dataclasses import dataclass

from adapters.tryton.rpc import Rpc
from engine.model.failure import Refused
from engine.model.sale import SalesDocument

NAMELESS = "Shopify buyer"


@dataclass(frozen=True, slots=True)
class Buyer:
    """A party and the address to ship to."""

    party: int
    address: int


class Buyers:
    """Finds or makes parties, one at a time. A buyer without an e-mail address is found by name.

    Transactions of Tryton that make parties at the same moment draw the same party code, and all but one fail.
    """

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._turn = asyncio.Lock()

    async def of(self, sale: SalesDocument) -> Buyer:
        """The buyer of this sale, with an address as written on it."""
        async with self._turn:
            return await self._of(sale)

    async def _of(self, sale: SalesDocument) -> Buyer:
        name, email = sale.customer.strip() or sale.email.strip() or NAMELESS, sale.email.strip()
        street = "\n".join(part for part in sale.address if part.strip())
        party = await self._party(name, email)
        if party is None:
            try:
                party = await self._make(name, email, street)
            except Refused:  # somebody else in Tryton took the code, or entered the same buyer
                party = await self._party(name, email) or await self._make(name, email, street)
        found = await self._rpc.rows("party.address", [["party", "=", party]], ["street_unstructured"])
        for row in found:
            if (row["street_unstructured"] or "") == street:
                return Buyer(party, row["id"])
        (address,) = await self._rpc.create(
            "party.address", [{"party": party, "street_unstructured": street}]
        )
        return Buyer(party, address)

    async def _make(self, name: str, email: str, street: str) -> int:
        values = {"name": name, "addresses": [["create", [{"street_unstructured": street}]]]}
        if email:
            values["contact_mechanisms"] = [["create", [{"type": "email", "value": email}]]]
        (party,) = await self._rpc.create("party.party", [values])
        return party

    async def _party(self, name: str, email: str) -> int | None:
        if email:
            rows = await self._rpc.rows(
                "party.contact_mechanism", [["type", "=", "email"], ["value", "=", email]], ["party"], limit=1
            )
            return int(rows[0]["party"]) if rows else None
        rows = await self._rpc.rows("party.party", [["name", "=", name]], ["name"], limit=1)
        return int(rows[0]["id"]) if rows else None
