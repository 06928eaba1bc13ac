"""What the Tryton user of TrueUp may do, asked of Tryton without changing anything."""

from adapters.tryton.rpc import Rpc

Missing = tuple[str, str, str]
"""(subject, cause, remedy)"""
READ, MAKE, ALL = ("read",), ("read", "write", "create"), ("read", "write", "create", "delete")
SELLING = {
    **dict.fromkeys(("web.shop", "product.product", "stock.location", "currency.currency"), READ),
    **dict.fromkeys(("party.party", "party.address", "party.contact_mechanism"), MAKE),
    **dict.fromkeys(("sale.sale", "sale.line", "stock.move"), MAKE),
    "stock.shipment.out": ALL,
    "stock.shipment.out.return": MAKE,
}
MONEY = {
    **dict.fromkeys(
        ("account.invoice.payment.method", "account.journal", "account.journal.period", "account.period"),
        READ,
    ),
    "account.account": READ,
    **dict.fromkeys(("account.move", "account.move.line", "account.invoice", "account.invoice.line"), ALL),
}
GROUPS = "docs/back-offices/tryton.md"


async def lacking(rpc: Rpc, *, money: bool, selling: bool = False) -> list[Missing]:
    """Rights that are missing for selling, and for entering money that moves later."""
    wanted = {**(SELLING if selling else {}), **(MONEY if money else {})}
    may = await rpc.model("ir.model.access", "get_access", sorted(wanted))
    found = []
    for model, verbs in wanted.items():
        lacks = [verb for verb in verbs if not may.get(model, {}).get(verb)]
        if lacks:
            found.append(
                (
                    model,
                    f"The Tryton user of TrueUp may not {', '.join(lacks)} {model}",
                    f"Put it into the groups that {GROUPS} lists, then retry",
                )
            )
    return found
