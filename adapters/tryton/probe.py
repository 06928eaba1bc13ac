"""Whether Tryton lets us do what we need, asked without changing anything."""

from adapters.amounts import CHARGES
from adapters.tryton.payments import METHOD, methods
from adapters.tryton.rights import Missing, lacking
from adapters.tryton.rpc import Rpc

EXCHANGE = ("currency_exchange_debit_account", "currency_exchange_credit_account")


async def probe(rpc: Rpc, shop: int, method: str) -> tuple[Missing, ...]:
    """See `engine.ports.Probed.probe`."""
    missing = await lacking(rpc, money=bool(method), selling=True)
    if not missing:
        missing += await _services(rpc)
        missing += await _method(rpc, method) if method else []
        missing += await _exchange(rpc, shop) if method else []
    return tuple(missing)


async def _services(rpc: Rpc) -> list[Missing]:
    """Products that charges and taxes are sold as."""
    rows = await rpc.rows("product.product", [["code", "in", sorted(CHARGES.values())]], ["code"])
    known = {row["code"].strip() for row in rows}
    return [
        (
            f"product {code}",
            f"Tryton has no active product with the code {code}, sold for {kind} lines",
            "Create it as a service in Tryton, with an accounting category and without taxes",
        )
        for kind, code in CHARGES.items()
        if code not in known
    ]


async def _method(rpc: Rpc, name: str) -> list[Missing]:
    found = await methods(rpc, [name])
    if len(found) == 1:
        return []
    said = "no" if not found else "more than one"
    cause = f"Tryton has {said} invoice payment method named {name}, by which payments and refunds are to be entered"
    return [
        (f"{METHOD} {name}", cause, "Correct payment_method under [connections.back_office], or create it")
    ]


async def _exchange(rpc: Rpc, shop: int) -> list[Missing]:
    """A credit note in another currency than the books' needs accounts for what rounding leaves over."""
    [row] = await rpc.rows("web.shop", [["id", "=", shop]], ["currency", "company.currency"])
    if row["currency"] == row["company."]["currency"]:
        return []
    [books] = await rpc.read("account.configuration", [1], EXCHANGE)
    if all(books[name] for name in EXCHANGE):
        return []
    return [
        (
            "currency exchange accounts",
            "The web shop sells in another currency than the company's, and Tryton knows no accounts for exchange "
            "differences, which credit notes need",
            "Set both currency exchange accounts in Tryton's accounting configuration",
        )
    ]
