"""Whether Odoo lets us do what we need, asked without changing anything."""

from collections.abc import Mapping

from adapters.amounts import RowKind
from adapters.odoo.client import OdooClient
from adapters.odoo.places import Places
from engine.model.failure import Misset

MODELS = (
    "product.product", "res.partner", "sale.order", "sale.order.line", "stock.warehouse", "stock.location",
    "stock.quant", "stock.move", "stock.picking",
)  # fmt: skip


INVOICING = ("account.journal", "account.payment", "account.move")
"""Asked only when payments, credit notes and refunds are posted."""


async def probe(
    client: OdooClient, places: Places, products: Mapping[RowKind, str], journal: str = ""
) -> tuple[tuple[str, str, str], ...]:
    """See `engine.ports.Probed.probe`."""
    missing: list[tuple[str, str, str]] = []
    for model in MODELS + (INVOICING if journal else ()):
        try:
            await client.count(model, [["id", "=", 0]])
        except Misset as wrong:
            missing.append((model, wrong.cause, wrong.remedy))
    if missing:
        return tuple(missing)
    if journal and not await client.count("account.journal", [["code", "=", journal]]):
        cause = (
            f"Odoo has no journal with the code {journal}, in which payments and refunds are to be posted."
        )
        missing.append((f"journal {journal}", cause, "Correct journal under [connections.back_office]."))
    known = await places.product_ids(sorted(set(products.values())))
    for kind, code in products.items():
        if code not in known:
            missing.append(
                (
                    f"product {code}",
                    f"Odoo has no service product with internal reference {code}, sold for {kind} lines.",
                    "Create it there without taxes, or name yours under products of this connection.",
                )
            )
    return tuple(missing)
