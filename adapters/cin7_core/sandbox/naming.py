"""Ids and times of the sandbox in Cin7 Core's spelling, and what it says when it declines."""

import uuid
from datetime import UTC, datetime
from functools import cache

from adapters.sandbox.books import Json

NOTHING = "00000000-0000-0000-0000-000000000000"
_SPACE = uuid.UUID("6f2a2f0e-5f6b-4c55-9c57-5a1f7b9d2c11")


class Wrong(Exception):
    """A request that is declined: the code and the words of its error body."""

    def __init__(self, text: str, code: int = 400) -> None:
        super().__init__(text)
        self.text, self.code = text, code


@cache
def guid(kind: str, name: object) -> str:
    """The id of a thing, the same at every start."""
    return str(uuid.uuid5(_SPACE, f"{kind} {name}"))


def text(at: float) -> str:
    """A time: UTC, milliseconds, no offset."""
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def moment(said: str) -> float:
    """A time as it was sent; Wrong when it is none."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError as odd:
        raise Wrong(f"{said} is not a valid date") from odd
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def only(body: Json, names: frozenset[str], where: str) -> None:
    """No field that nobody knows: a typing error must not pass for a field that was written."""
    for name in body:
        if name not in names:
            raise Wrong(f"Unknown field {name} of {where}")


def needed(body: Json, *names: str) -> None:
    """These fields are there."""
    for name in names:
        if body.get(name) in (None, ""):
            raise Wrong(f"'{name}' is required")
