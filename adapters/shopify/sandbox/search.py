"""Shopify's search syntax, as far as the sandbox understands it; a field it does not know is ignored with a warning."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.shopify.sandbox.refusals import Declined

TERM = re.compile(r"(\w+):(>=|<=|>|<)?('[^']*'|\"[^\"]*\"|\S+)")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition."""

    field: str
    operator: str
    value: str

    def holds(self, actual: Any) -> bool:
        """Whether a value fits."""
        wanted: Any = moment(self.value) if isinstance(actual, datetime) else self.value
        if not isinstance(actual, datetime):
            actual = str(actual)
        match self.operator:
            case ">=":
                return bool(actual >= wanted)
            case ">":
                return bool(actual > wanted)
            case "<=":
                return bool(actual <= wanted)
            case "<":
                return bool(actual < wanted)
        return (
            bool(actual.casefold() == str(wanted).casefold()) if isinstance(actual, str) else actual == wanted
        )


def moment(text: str) -> datetime:
    """A date or time as the search takes it."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as odd:
        raise Declined(f"Invalid timestamp for query filter: {text}", "BAD_REQUEST") from odd
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def terms(context: Any, root: str, query: str | None, known: Collection[str]) -> list[Term]:
    """The conditions of a query; unknown ones become warnings beside the answer."""
    found, warnings = [], []
    for field, operator, value in TERM.findall(query or ""):
        if field in known:
            found.append(Term(field, operator, value.strip("'\"")))
        else:
            warnings.append({"field": field, "message": "Invalid search field for this query."})
    if query:
        entry: dict[str, Any] = {"path": [root], "query": query}
        if warnings:
            entry["warnings"] = warnings
            context.searches.append(entry)
    return found
