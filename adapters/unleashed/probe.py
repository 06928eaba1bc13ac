"""Whether Unleashed lets us do what we need, asked without changing anything."""

from adapters.unleashed.client import UnleashedClient
from adapters.unleashed.places import Places
from adapters.unleashed.selling import Terms
from engine.model.failure import Misset, Refused

READ = ("Warehouses", "Products", "StockOnHand", "SalesOrders", "SalesShipments", "CreditNotes")


async def probe(client: UnleashedClient, places: Places, terms: Terms) -> tuple[tuple[str, str, str], ...]:
    """See `engine.ports.Probed.probe`."""
    missing: list[tuple[str, str, str]] = []
    for path in READ:
        try:
            await client.get(f"{path}/1", pageSize=1)
        except (Misset, Refused) as wrong:
            missing.append((path, wrong.cause, wrong.remedy))
    if missing:
        return tuple(missing)
    customers, _ = await client.rows("Customers", lambda row: row["Guid"], customerCode=terms.customer)
    if not any(row["CustomerCode"] == terms.customer for row in customers):
        missing.append(
            (
                f"customer {terms.customer}",
                f"Unleashed has no customer with code {terms.customer}, for whom all orders are entered.",
                "Create the customer there, or name yours under customer of this connection.",
            )
        )
    known = await places.products(sorted(set(terms.products.values())))
    for kind, code in terms.products.items():
        if code not in known or known[code].stocked:
            missing.append(
                (
                    f"product {code}",
                    f"Unleashed has no product {code} that never diminishes, sold for {kind} lines.",
                    "Create it there with Never Diminishing on, or name yours under products of this connection.",
                )
            )
    return tuple(missing)
