"""Ids and times of the sandbox in Unleashed's spelling, and what it says when it declines."""

import re
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from typing import Any

from adapters.sandbox.books import Json

_SPACE = uuid.UUID("0f6b4f0a-6c1e-4a57-8a6e-5b0c4f1d7e33")
STAMP = re.compile(r"^/Date\((-?\d+)\)/$")


class Wrong(Exception):
    """A request that is declined: status, field and words of its error body."""

    def __init__(self, text: str, field: str = "", status: int = 400) -> None:
        super().__init__(text)
        self.text, self.field, self.status = text, field, status


@cache
def guid(kind: str, name: object) -> str:
    """The id of a thing, the same at every start."""
    return str(uuid.uuid5(_SPACE, f"{kind} {name}"))


def is_guid(text: str) -> bool:
    """Whether a text has the form of a GUID."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def date(at: float) -> str:
    """A time as bodies tell it."""
    return f"/Date({int(at * 1000)})/"


def read_date(said: object, field: str) -> float:
    """A time as a body sent it."""
    found = STAMP.match(str(said))
    if found is None:
        raise Wrong(f"'{said}' is not a valid date.", field)
    return int(found[1]) / 1000


def read_filter(said: str, field: str) -> float:
    """A time as a filter sent it: a date, or UTC to the second without an offset."""
    for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.strptime(said, form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    raise Wrong(f"'{said}' is not a valid date.", field)


def only(body: Json, names: Collection[str], where: str) -> None:
    """No field that nobody knows: a typing error must not pass for a field that was written."""
    for name in body:
        if name not in names:
            raise Wrong(f"{where} has no field {name}.", name)


def needed(body: Json, *names: str) -> None:
    """These fields are there."""
    for name in names:
        if body.get(name) in (None, "", []):
            raise Wrong(f"{name} is required.", name)


def inside(body: Json, name: str, code: str) -> Any:
    """A code inside of an object, `{"Customer": {"CustomerCode": …}}`; None when it is not there."""
    return (body.get(name) or {}).get(code)
