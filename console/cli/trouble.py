"""Trouble a command ends with, and how it is said: one sentence of cause and one of remedy, on stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.model.hidden import hide

DONE, NO, WRONG = 0, 1, 2
"""Exit codes: done; the answer is no or something failed; wrong usage or configuration."""


class Trouble(Exception):
    """A command cannot go on."""

    def __init__(self, cause: str, remedy: str, code: int = NO) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy
        self.code = code


@contextmanager
def new_file(file: Path) -> Iterator[None]:
    """In here a file that must not be there yet is written; Trouble when it is, or cannot be."""
    try:
        yield
    except FileExistsError as there:
        raise Trouble(f"{file} is there already.", "Name another file.", WRONG) from there
    except OSError as trouble:
        raise Trouble(
            f"{file} cannot be written: {trouble.strerror}.",
            "Name a file in a folder you may write to.",
            WRONG,
        ) from trouble


def say(cause: str, remedy: str) -> None:
    """Both sentences on stderr, without the control characters a remote may have put into them."""
    sys.stderr.write(f"trueup: {plain(cause)}\n{plain(remedy)}\n")


def plain(text: str) -> str:
    """The text without anything a terminal would obey, and without a secret."""
    return "".join(sign if sign.isprintable() else "�" for sign in hide(text))


class Told(BaseException):
    """A signal to end arrived outside an event loop; the exit code is that of a process ended by it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number
