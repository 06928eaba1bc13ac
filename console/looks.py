"""How the console looks and which keys it has, read before the first paint without the whole of the settings.

The settings check the same table again, in prose, once they are loaded; here what is wrong is simply left out.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from screens.tones import THEMES


@dataclass(frozen=True, slots=True)
class Looks:
    """The `[console]` table, with what the command line says instead."""

    theme: str | None = None
    ascii: bool = False
    mouse: bool = False
    keymap: dict[str, str] = field(default_factory=dict)


def looks(config: Path, *, theme: str | None = None, ascii: bool = False) -> Looks:
    """The looks of this configuration file; ours where it is missing or cannot be read."""
    try:
        table: Any = tomllib.loads(config.read_text("utf-8")).get("console", {})
    except (OSError, ValueError):
        table = {}
    if not isinstance(table, dict):
        table = {}
    name = theme or table.get("theme")
    keys = table.get("keymap")
    return Looks(
        theme=THEMES.get(name) if isinstance(name, str) else None,
        ascii=ascii or table.get("ascii") is True,
        mouse=table.get("mouse") is True,
        keymap={str(id): str(key) for id, key in keys.items()} if isinstance(keys, dict) else {},
    )
