"""SuiteQL over the books: questions are put to the tables a connector needs, in SQLite.

Refused as NetSuite refuses: anything but a SELECT, LIMIT and OFFSET, tables and columns nobody has.
"""

import re
import sqlite3

from adapters.netsuite.sandbox.tables import Tables

FORBIDDEN = re.compile(r"\b(limit|offset|insert|update|delete|drop|attach|pragma)\b", re.IGNORECASE)
FETCH = re.compile(r"\bFETCH\s+FIRST\s+(\d+)\s+ROWS\s+ONLY\b", re.IGNORECASE)
LITERAL = re.compile(r"'(?:[^']|'')*'")


class Invalid(ValueError):
    """NetSuite cannot read the question."""


class SuiteQl:
    """Answers questions."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def ask(self, question: str) -> list[dict[str, str]]:
        """All rows as NetSuite gives them: lower-case names, text values, NULL left out."""
        outside = LITERAL.sub("''", question)
        if not outside.lstrip().lower().startswith("select") or FORBIDDEN.search(outside) or ";" in outside:
            raise Invalid("Invalid or unsupported search")
        fetch = FETCH.search(outside)
        asked = FETCH.sub("", question)
        asked = re.sub(r"\bFROM\s+transaction\b", 'FROM "transaction"', asked, flags=re.IGNORECASE)
        asked = re.sub(r"\bJOIN\s+transaction\b", 'JOIN "transaction"', asked, flags=re.IGNORECASE)
        asked = re.sub(
            r"(?<![\w\"'])(\w+\.)?transaction\b(?![\"'])", lambda m: f"{m[1] or ''}transaction_", asked
        )
        try:
            cursor = self._tables.now().execute(asked)
            rows = cursor.fetchmany(int(fetch[1])) if fetch else cursor.fetchall()
        except sqlite3.Error as odd:
            raise Invalid(f"Invalid or unsupported search: {odd}") from odd
        names = [column[0].rstrip("_").lower() for column in cursor.description]
        return [
            {name: _text(value) for name, value in zip(names, row, strict=True) if value is not None}
            for row in rows
        ]


def _text(value: object) -> str:
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)
