"""Writes TOML: JSON writes strings, numbers and lists the way TOML reads them."""

import json
from collections.abc import Mapping


def table(name: str, values: Mapping[str, object]) -> str:
    """A table with the tables inside it."""
    lines, nested = [f"[{name}]"], []
    for key, value in values.items():
        if isinstance(value, Mapping):
            nested.append(table(f"{name}.{quoted(key)}", value))
        else:
            lines.append(f"{quoted(key)} = {json.dumps(value)}")
    return "\n".join([*lines, "", *nested])


def quoted(key: str) -> str:
    """A key as it may stand."""
    return key if key.isascii() and key.isidentifier() else json.dumps(key)
