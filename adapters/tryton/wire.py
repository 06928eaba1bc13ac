"""Tryton's typed JSON: decimals and dates travel as objects with a `__class__`."""

import base64
import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any


def encode(value: Any) -> bytes:
    """JSON as trytond reads it. Aware moments become the naive UTC that Tryton keeps."""
    return json.dumps(value, default=_typed, separators=(",", ":"), allow_nan=False).encode()


def decode(body: bytes) -> Any:
    """What trytond answered; its moments become aware UTC."""
    return json.loads(body, object_hook=_plain)


def _typed(value: object) -> object:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case datetime():
            naive = value.astimezone(UTC) if value.tzinfo else value
            return {
                "__class__": "datetime",
                **{
                    part: getattr(naive, part)
                    for part in ("year", "month", "day", "hour", "minute", "second")
                },
                "microsecond": naive.microsecond,
            }
        case date():
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
        case _:
            raise TypeError(f"cannot send a {type(value).__name__} to Tryton")


def _plain(value: dict[str, Any]) -> object:
    match value.get("__class__"):
        case "Decimal":
            return Decimal(value["decimal"])
        case "datetime":
            return datetime(
                value["year"],
                value["month"],
                value["day"],
                value["hour"],
                value["minute"],
                value["second"],
                value["microsecond"],
                tzinfo=UTC,
            )
        case "date":
            return date(value["year"], value["month"], value["day"])
        case "time":
            return time(value["hour"], value["minute"], value["second"], value["microsecond"])
        case "timedelta":
            return timedelta(seconds=value["seconds"])
        case "bytes":
            return base64.b64decode(value["base64"])
        case _:
            return value
