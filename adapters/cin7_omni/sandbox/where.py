"""Conditions of a listing: fields of the record itself, joined by AND, with the operators Omni names."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.sandbox.books import Json

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<op><>|<=|>=|=|<|>)"
    r"|(?P<mark>[(),])|(?P<word>[A-Za-z_]+))"
)
DATES = frozenset(["modifieddate", "createddate", "dispatcheddate", "invoicedate", "completeddate"])
Test = Callable[[Json], bool]


class Unreadable(ValueError):
    """A condition or an order that cannot be read."""


def matching(where: str, fields: Collection[str]) -> Test:
    """A test of records for this condition; Unreadable for what the API does not know."""
    tests = [_one(tokens, fields) for tokens in _clauses(_tokens(where))] if where.strip() else []
    return lambda row: all(test(row) for test in tests)


def ordered(rows: Sequence[Json], order: str, fields: Collection[str]) -> list[Json]:
    """Records in the order asked for; the newest first without one."""
    if not order:
        return sorted(rows, key=lambda row: -int(row.get("id") or 0))
    name, _, way = order.strip().partition(" ")
    key = _field(name, fields)
    if way.upper() not in ("", "ASC", "DESC"):
        raise Unreadable(f"Incorrect syntax near '{way}'.")
    down = way.upper() == "DESC"
    return sorted(rows, key=lambda row: _sortable(row.get(key)), reverse=down)


def _tokens(where: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    where = where.rstrip()
    while at < len(where):
        match = TOKEN.match(where, at)
        if match is None or match.lastgroup is None:
            raise Unreadable(f"Incorrect syntax near '{where[at : at + 10].strip()}'.")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _clauses(tokens: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    clauses: list[list[tuple[str, str]]] = [[]]
    for kind, said in tokens:
        if kind == "word" and said.upper() == "AND":
            clauses.append([])
        else:
            clauses[-1].append((kind, said))
    return clauses


def _one(tokens: list[tuple[str, str]], fields: Collection[str]) -> Test:
    if not tokens or tokens[0][0] != "word":
        raise Unreadable("Incorrect syntax near the beginning of a condition.")
    key = _field(tokens[0][1], fields)
    words = [said.upper() if kind == "word" else kind for kind, said in tokens[1:]]
    rest = tokens[1:]
    if words and words[0] == "op" and len(rest) == 2:
        return _compared(key, rest[0][1], _value(rest[1]))
    if words in (["IS", "NULL"], ["IS", "NOT", "NULL"]):
        wanted = len(words) == 2
        return lambda row: (row.get(key) is None) is wanted
    negative = bool(words) and words[0] == "NOT"
    if negative:
        words, rest = words[1:], rest[1:]
    if len(rest) == 2 and words[0] == "LIKE" and rest[1][0] == "text":
        parts = [re.escape(part) for part in str(_value(rest[1])).split("%")]
        form = re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)
        return lambda row: (form.fullmatch(str(row.get(key) or "")) is not None) is not negative
    if words and words[0] == "IN" and [t[1] for t in rest[1:2]] == ["("] and rest[-1][1] == ")":
        values = {str(_value(each)).lower() for each in rest[2:-1] if each[1] != ","}
        return lambda row: (str(row.get(key)).lower() in values) is not negative
    raise Unreadable(f"Incorrect syntax near '{tokens[-1][1]}'.")


def _compared(key: str, op: str, value: Any) -> Test:
    dated = key.lower() in DATES
    due = _moment(str(value)) if dated else value

    def test(row: Json) -> bool:
        has = row.get(key)
        if has is None:
            return op == "<>"
        mine: Any = _moment(str(has)) if dated else has
        if not dated and isinstance(due, str):
            mine = str(mine).lower()
        theirs = due.lower() if isinstance(due, str) else due
        fits: dict[str, bool] = {
            "=": mine == theirs,
            "<>": mine != theirs,
            "<": mine < theirs,
            ">": mine > theirs,
            "<=": mine <= theirs,
            ">=": mine >= theirs,
        }
        return fits[op]

    return test


def _value(token: tuple[str, str]) -> Any:
    kind, said = token
    if kind == "text":
        return said[1:-1].replace("''", "'")
    if kind == "number":
        return float(said)
    if said.lower() in ("true", "false"):
        return said.lower() == "true"
    raise Unreadable(f"Incorrect syntax near '{said}'.")


def _field(name: str, fields: Collection[str]) -> str:
    for field in fields:
        if field.lower() == name.lower():
            return field
    raise Unreadable(f"Invalid column name '{name}'.")


def _moment(said: str) -> float:
    try:
        at = datetime.fromisoformat(said)
    except ValueError as odd:
        raise Unreadable(f"'{said}' is not a valid date.") from odd
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _sortable(value: Any) -> tuple[int, Any]:
    return (0, 0) if value is None else (1, value) if isinstance(value, int | float) else (2, str(value))
