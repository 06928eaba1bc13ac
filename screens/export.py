"""Writes a list to a file: CSV that no spreadsheet takes for formulas, or JSON; never outside its folder."""

import csv
import io
import json
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings by which a spreadsheet takes a text for a formula (OWASP: CSV injection), full-width ones included."""
FORMATS = ("csv", "json")


def as_csv(rows: Sequence[dict[str, object]]) -> str:
    """Rows with a heading; a text that could be a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    if rows:
        writer.writerow([_cell(name) for name in rows[0]])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return out.getvalue()


def as_json(rows: Iterable[dict[str, object]]) -> str:
    """Rows as objects; amounts as text, so that no cent is lost."""
    return json.dumps(list(rows), default=_plain, ensure_ascii=True, indent=1) + "\n"


def write_export(folder: Path, name: str, text: str) -> Path:
    """Put the text in a fresh file of the folder that only its owner can read; OSError when it cannot be.

    The name is ours, but whatever in it could lead out of the folder is taken away; a link is never followed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_.") else "-" for char in name)
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        handle = os.open(plain.lstrip("."), flags, 0o600, dir_fd=place)
    finally:
        os.close(place)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        stream.write(text)
    return folder / plain.lstrip(".")


def _cell(value: object) -> str:
    shown = _plain(value)
    if isinstance(value, int | Decimal) or not shown.startswith(FORMULA):
        return shown
    return f"'{shown}"


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(timespec="seconds")
        case Decimal():
            return format(value, "f")
        case tuple():
            return "; ".join(" ".join(_plain(each) for each in one) if isinstance(one, tuple) else _plain(one)
                             for one in value)  # fmt: skip
        case _:
            return str(value)
