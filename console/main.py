"""The `trueup` command. Bare `trueup` goes straight to the console: nothing heavy is loaded before it paints."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        from importlib.metadata import version

        sys.stdout.write(f"trueup {version('trueup')}\n")
        return
    face = _face(words)
    if face is not None:
        from console.face import run_console

        sys.exit(run_console(face.config, rw=face.rw, theme=face.theme, ascii=face.ascii))
    from console.cli.root import run

    sys.excepthook = _defect
    sys.exit(run(words))


def _defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A defect is told with its traceback, and without a secret."""
    from traceback import format_exception

    from engine.model.hidden import hide

    sys.stderr.write(hide("".join(format_exception(kind, error, trace))))


@dataclass(slots=True)
class Face:
    """The console as the words ask for it."""

    config: Path = Path("config.toml")
    rw: bool = False
    theme: str | None = None
    ascii: bool = False


def _face(words: list[str]) -> Face | None:
    """What the words say of the console; None when they ask for something else."""
    face, rest = Face(), list(words)
    while rest:
        word, _, value = rest.pop(0).partition("=")
        if word == "--rw" and not value:
            face.rw = True
        elif word == "--ascii" and not value:
            face.ascii = True
        elif word == "--config" and (value or rest):
            face.config = Path(value or rest.pop(0))
        elif word == "--theme" and (value or rest):
            face.theme = value or rest.pop(0)
            if face.theme not in ("dark", "light", "ansi", "contrast"):
                return None
        else:
            return None
    return face
