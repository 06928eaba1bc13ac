"""Whether NetSuite lets us do what we need, asked without changing anything.

A table the role may not see is no error of rights for SuiteQL: it says that there is no such record type.
"""

from collections.abc import Mapping

from adapters.amounts import RowKind
from adapters.netsuite.client import NetSuiteClient
from adapters.netsuite.names import Names
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
NOBODY = "eid:trueup-nobody"


async def probe(
    client: NetSuiteClient, names: Names, items: Mapping[RowKind, str]
) -> tuple[tuple[str, str, str], ...]:
    """See `engine.ports.Probed.probe`."""
    missing: list[tuple[str, str, str]] = []
    remedy = "Give the role the permissions docs/back-offices/netsuite.md lists."
    for table in TABLES:
        try:
            await client.query(f"SELECT COUNT(*) AS many FROM {table}")  # noqa: S608
        except (Misset, Refused) as wrong:
            missing.append((table, f"The role of TrueUp may not read {table}: {wrong.cause}", remedy))
    for record in RECORDS:
        try:
            await client.read(f"{record}/{NOBODY}")
        except Misset as wrong:
            missing.append((record, wrong.cause, wrong.remedy))
        except Refused:
            continue  # there is no such record, and we may know it
    if missing:
        return tuple(missing)
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
