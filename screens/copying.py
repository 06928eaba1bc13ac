"""The file that receives what was copied, for terminals that ignore clipboard requests."""

import os
from pathlib import Path


def keep_copy(file: Path, text: str) -> None:
    """Write the text where only its owner can read it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text + "\n")
