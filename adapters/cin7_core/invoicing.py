"""Invoices of sales: Cin7 Core credits only what was invoiced, so a sale nobody has invoiced is invoiced as it was ordered."""

from adapters.cin7_core.client import NOTHING, Cin7CoreClient
from adapters.cin7_core.wire import AUTHORISED, Sale


async def invoiced(client: Cin7CoreClient, sale: Sale, today: str) -> None:
    """Invoice a sale unless it is."""
    if sale.invoiced:
        return
    await client.post(
        "sale/invoice",
        {
            "SaleID": sale.id,
            "TaskID": NOTHING,
            "Status": AUTHORISED,
            "InvoiceDate": today,
            "Lines": list(sale.lines),
            "AdditionalCharges": list(sale.charges),
        },
    )
