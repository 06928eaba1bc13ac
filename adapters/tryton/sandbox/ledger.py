"""The money of our sales as Tryton's books have it: read from posted moves and invoices, judged by their figures alone."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
OURS = re.compile(r"^Shopify (\d+)/(\S+)")
MOVE = "description state origin " + " ".join(
    f"lines.{name}" for name in ("debit", "credit", "amount_second_currency", "account.type.receivable")
)
INVOICE = "reference state total_amount"


def money(sales: Iterable[Json], moves: Iterable[Json], invoices: Iterable[Json]) -> Mapping[str, list[Json]]:
    """Payments, credits and refunds by document: what lessens the receivable of a buyer is a payment, the rest a refund."""
    documents = {(row["web_id"] or "").rpartition("/")[2]: str(row["id"]) for row in sales if row["web_shop"]}
    found: dict[str, list[Json]] = {"payments": [], "credits": [], "refunds": []}
    for row in moves:
        said = OURS.match(row["description"] or "")
        if said and row["state"] == "posted" and not row["origin"]:
            [line] = [each for each in row["lines."] if each["account."]["type."]["receivable"]]
            amount = line["amount_second_currency"]
            owed: Decimal = line["debit"] - line["credit"] if amount is None else amount
            kind = "payments" if owed < 0 else "refunds"
            found[kind].append(_told(said, documents, abs(owed)))
    for row in invoices:
        said = OURS.match(row["reference"] or "")
        if said and row["state"] in ("posted", "paid"):
            found["credits"].append(_told(said, documents, -row["total_amount"]))
    return found


def drafts(moves: Iterable[Json], invoices: Iterable[Json]) -> list[str]:
    """What of ours was begun and not posted."""
    texts = [row["description"] for row in moves if row["state"] == "draft"]
    return texts + [row["reference"] for row in invoices if row["state"] in ("draft", "validated")]


def _told(said: re.Match[str], documents: Mapping[str, str], amount: Decimal) -> Json:
    return {"document": documents.get(said[1]), "key": said[2], "amount": str(amount)}
