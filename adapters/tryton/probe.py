"""Whether Tryton lets us do what we need, asked without changing anything."""

from collections.abc import Collection, Sequence

from adapters.amounts import CHARGES
from adapters.tryton.payments import METHOD, methods
from adapters.tryton.rights import Missing, lacking
from adapters.tryton.rpc import Rpc

EXCHANGE = ("currency_exchange_debit_account", "currency_exchange_credit_account")


async def probe(rpc: Rpc, shop: int, wanted: Collection[str]) -> tuple[Missing, ...]:
    """See `engine.ports.Probed.probe`; with the payment methods that entries are to name, where there are any."""
    missing = await lacking(rpc, money=bool(wanted), selling=True)
    if not missing:
        missing += await _services(rpc)
        missing += await _methods(rpc, sorted(wanted)) if wanted else []
        missing += await _exchange(rpc, shop) if wanted else []
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


async def _methods(rpc: Rpc, names: Sequence[str]) -> list[Missing]:
    found = [row["name"] for row in await methods(rpc, names)]
    return [
        (
            f"{METHOD} {name}",
            f"Tryton has {'more than one' if name in found else 'no'} invoice payment method named {name}, by which "
            "payments and refunds are to be entered",
            "Correct payment_method of this connection or [connections.payments], or create it in Tryton",
        )
        for name in names
        if found.count(name) != 1
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
