"""Whether NetSuite lets us do what we need, asked without changing anything.

A table the role may not see is no error of rights for SuiteQL: it says that there is no such record type.
"""

from adapters.netsuite.client import NetSuiteClient, text
from adapters.netsuite.names import Names
from adapters.netsuite.selling import Terms
from engine.model.failure import Misset, Refused

TABLES = (
    "item",
    "location",
    "currency",
    "customer",
    "aggregateitemlocation",
    "transaction",
    "transactionline",
)
RECORDS = ("salesOrder", "customer", "itemFulfillment", "returnAuthorization", "itemReceipt")
MONEY = ("customerDeposit", "creditMemo", "customerRefund", "customerPayment")
BILLS = ("invoice",)
"""Ours, or those of NetSuite's own people, which a payment pays."""
NOBODY = "eid:trueup-nobody"


async def probe(client: NetSuiteClient, names: Names, terms: Terms) -> tuple[tuple[str, str, str], ...]:
    """See `engine.ports.Probed.probe`."""
    missing: list[tuple[str, str, str]] = []
    account, items = terms.account, terms.charges
    remedy = "Give the role the permissions docs/back-offices/netsuite.md lists."
    for table in (*TABLES, *(("account",) if account else ())):
        try:
            await client.query(f"SELECT COUNT(*) AS many FROM {table}")  # noqa: S608  one of our own names
        except (Misset, Refused) as wrong:
            missing.append((table, f"The role of TrueUp may not read {table}: {wrong.cause}", remedy))
    bills = BILLS if terms.invoices or account else ()
    for record in (*RECORDS, *(MONEY if account else ()), *bills):
        try:
            await client.read(f"{record}/{NOBODY}")
        except Misset as wrong:
            missing.append((record, wrong.cause, wrong.remedy))
        except Refused:
            continue  # there is no such record, and we may know it
    if missing:
        return tuple(missing)
    if account and not await client.query(
        f"SELECT id FROM account WHERE id = {text(account)} AND isinactive = 'F'"  # noqa: S608  a literal of `text`
    ):
        missing.append(
            (
                f"account {account}",
                f"NetSuite has no active account with internal id {account} for payments and refunds.",
                "Correct deposit_account of this connection by Setup > Accounting > Chart of Accounts.",
            )
        )
    known = await names.items(sorted(set(items.values())))
    for kind, name in items.items():
        if name not in known:
            missing.append(
                (
                    f"item {name}",
                    f"NetSuite has no charge item {name}, sold for {kind} lines.",
                    "Create it there without tax, or name yours under items of this connection.",
                )
            )
    return tuple(missing)
