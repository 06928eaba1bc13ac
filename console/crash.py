"""What happens when the console itself breaks: a short word on the terminal, the whole story in a private file."""

import os
import traceback
from datetime import datetime
from pathlib import Path


def record_crash(error: BaseException, folder: Path, now: datetime) -> Path | None:
    """Write the traceback, without the values of variables, where only its owner can read it."""
    story = "".join(traceback.format_exception(error))
    file = folder / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(story)
    except OSError:
        return None
    return file


def last_words(error: BaseException, file: Path | None) -> str:
    """What the terminal gets to see: no values, no messages, nothing a customer or a key could be in."""
    where = f"The details are in {file}." if file else "The details could not be written to a file."
    return f"The console stopped: {type(error).__name__}. {where} The engine is not affected if it runs elsewhere.\n"
