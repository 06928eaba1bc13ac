"""A document in the words of a person: which parts of it may be edited, which words are valid, and how they get in.

Goods, money, dates and references are not edited: the two books would differ. Who bought, where it goes and the note
are text to every back office.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from engine.model.failure import Refused
from engine.model.sale import SalesDocument
from engine.model.wording import ORDER, Stale, Wording
from engine.orders.values import WORDS, Kind, ValueMaps

BREAK = " / "
"""Stands between the lines of an address where it has to be one line."""
FIELDS: Mapping[str, int] = {"customer": 120, "email": 254, "address": 400, "note": 1000}
"""What of a document may be edited, and the longest text of it."""
NAME = 120
"""The longest name of a value."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def fault(kind: str, field: str, said: str) -> str:
    """Why these words cannot be sent, in a sentence; empty when they can."""
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") for sign in said):
        return "It has a sign that does not print: type it anew."
    if said != said.strip():
        return "It begins or ends with a blank: take that away."
    longest = FIELDS.get(field, 0) if kind == ORDER else NAME
    if kind == ORDER and field not in FIELDS:
        return f"Nothing called {field} can be edited: {', '.join(FIELDS)} can."
    if kind != ORDER and kind not in set(Kind):
        return f"There is no table {kind}: there are {', '.join(Kind)}."
    if len(said) > longest:
        return f"It has {len(said)} signs, {longest} are allowed: shorten it."
    if not said and (kind != ORDER or field == "customer"):
        return "It is empty: the back office needs a name."
    if field == "email" and kind == ORDER and said and not _EMAIL.fullmatch(said):
        return "It is no e-mail address: name@domain.example is one."
    return ""


def told(body: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a document that may be edited, each as one line; from a document as it was written down."""
    lines = body.get("address") or ()
    return {
        field: BREAK.join(str(row) for row in lines) if field == "address" else str(body.get(field) or "")
        for field in FIELDS
    }


def reworded(sale: SalesDocument, words: Collection[Wording]) -> tuple[SalesDocument, tuple[Wording, ...]]:
    """The document in a person's words, and those words that Shopify's newest take the place of.

    Raises Refused when Shopify says something else by now and the person wanted to be asked then.
    """
    shop = told({"customer": sale.customer, "email": sale.email, "address": sale.address, "note": sale.note})
    changes: dict[str, Any] = {}
    overtaken = []
    for one in words:
        if one.field not in shop:
            continue
        if shop[one.field] != one.instead_of and one.stale is not Stale.FORCE:
            if one.stale is Stale.NEWEST:
                overtaken.append(one)
                continue
            raise Refused(
                f"The {one.field} of order {sale.name} was edited, and has changed in Shopify since.",
                "Edit the record once more (e on screen 4, or trueup failed edit) and retry.",
                code="edit_overtaken",
            )
        lines = tuple(row for row in (part.strip() for part in one.said.split(BREAK.strip())) if row)
        changes[one.field] = lines if one.field == "address" else one.said
    return (replace(sale, **changes) if changes else sale), tuple(overtaken)


def named(values: ValueMaps, words: Collection[Wording]) -> ValueMaps:
    """The tables of a connection with the names that people gave, which count before the configuration's."""
    given: dict[str, dict[str, str]] = {}
    for one in words:
        if one.kind in set(Kind):
            given.setdefault(one.kind, {})[one.name] = one.said
    return {kind: {**table, **given.get(kind, {})} for kind, table in values.items()} if given else values


def label(kind: str, name: str, field: str) -> str:
    """What people call it."""
    return field if kind == ORDER else f"{WORDS[Kind(kind)]} {name}"
