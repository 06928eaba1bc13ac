"""Whether Omni lets us do what we need, asked without changing anything."""

from adapters.cin7_omni.client import OmniClient
from adapters.cin7_omni.places import Places
from adapters.cin7_omni.selling import Terms
from adapters.cin7_omni.trouble import Gone
from engine.model.failure import Misset, Refused

READ = ("Branches", "ProductOptions", "Stock", "SalesOrders", "CreditNotes")


async def probe(client: OmniClient, places: Places, terms: Terms) -> tuple[tuple[str, str, str], ...]:
    """See `engine.ports.Probed.probe`."""
    missing: list[tuple[str, str, str]] = []
    for path in (*READ, *(("Payments",) if terms.payment_method else ())):
        try:
            await client.get(path, page=1, rows=1)
        except (Misset, Refused) as wrong:
            missing.append((path, wrong.cause, wrong.remedy))
    if missing:
        return tuple(missing)
    if terms.customer is not None:
        try:
            await client.get(f"Contacts/{terms.customer}")
        except (Gone, Misset) as wrong:
            missing.append(
                (
                    f"contact {terms.customer}",
                    wrong.cause,
                    "Name the id of a contact under customer of this connection, or leave it out.",
                )
            )
    known = await places.options(sorted(set(terms.products.values())))
    for kind, code in terms.products.items():
        if code not in known:
            missing.append(
                (
                    f"product {code}",
                    f"Cin7 Omni has no product with code {code}, sold for {kind} lines.",
                    "Create it there without stock control, or name yours under products of this connection.",
                )
            )
    return tuple(missing)
