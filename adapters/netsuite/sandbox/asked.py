"""What a record request says, and what NetSuite declines of it."""

from typing import Any

from adapters.sandbox.books import Json


class Wrong(Exception):
    """A request NetSuite declines: its code, its words, its status."""

    def __init__(self, code: str, detail: str, path: str = "", status: int = 400) -> None:
        super().__init__(detail)
        self.code, self.detail, self.path, self.status = code, detail, path, status


def known(body: Json, names: frozenset[str], path: str) -> None:
    """X-NetSuite-PropertyNameValidation: Error."""
    for name in body:
        if name not in names:
            where = f"{path}.{name}" if path else name
            raise Wrong("INVALID_CONTENT", f"Unknown reference or field {where}", where)


def id_of(reference: Any) -> str:
    """The internal id a reference names."""
    return str(reference.get("id", "")) if isinstance(reference, dict) else str(reference)
