"""Whether Cin7 Core lets us do what we need, asked without changing anything."""

from adapters.cin7_core.client import Cin7CoreClient
from adapters.cin7_core.places import Places
from adapters.cin7_core.selling import Terms
from engine.model.failure import Misset, Refused

READ = ("me", "ref/location", "ref/productavailability", "product", "saleList")


async def probe(client: Cin7CoreClient, places: Places, terms: Terms) -> tuple[tuple[str, str, str], ...]:
    """See `engine.ports.Probed.probe`."""
    missing: list[tuple[str, str, str]] = []
    for path in READ:
        try:
            await client.get(path, **({} if path == "me" else {"Page": 1, "Limit": 1}))
        except (Misset, Refused) as wrong:
            missing.append((path, wrong.cause, wrong.remedy))
    if missing:
        return tuple(missing)
    customers, _ = await client.rows("customer", "CustomerList", lambda row: row["ID"], Name=terms.customer)
    if not any(row["Name"] == terms.customer for row in customers):
        missing.append(
            (
                f"customer {terms.customer}",
                f"Cin7 Core has no customer named {terms.customer}, for whom all orders are entered.",
                "Create the customer there, or name yours under customer of this connection.",
            )
        )
    rules, _ = await client.rows("ref/tax", "TaxRuleList", lambda row: row["ID"], Name=terms.tax_rule)
    rule = next((row for row in rules if row["Name"] == terms.tax_rule), None)
    if rule is None or rule.get("TaxPercent"):
        missing.append(
            (
                f"tax rule {terms.tax_rule}",
                f"Cin7 Core has no tax rule of 0 % named {terms.tax_rule}.",
                "Create it there, or name one that takes 0 % under tax_rule of this connection.",
            )
        )
    if terms.account:
        accounts, _ = await client.rows(
            "ref/account", "AccountsList", lambda row: row["Code"], Code=terms.account
        )
        if not any(row["Code"] == terms.account and row.get("Status") == "ACTIVE" for row in accounts):
            missing.append(
                (
                    f"account {terms.account}",
                    f"Cin7 Core has no active account with the code {terms.account} for payments and refunds.",
                    "Correct deposit_account of this connection by the Chart of Accounts, or create the account.",
                )
            )
    known = await places.named(sorted(set(terms.products.values())))
    for kind, name in terms.products.items():
        if name not in known:
            missing.append(
                (
                    f"product {name}",
                    f"Cin7 Core has no service product named {name}, sold for {kind} lines.",
                    "Create it there as a service, or name yours under products of this connection.",
                )
            )
    return tuple(missing)
