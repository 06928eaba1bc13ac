"""The `trueup` command. Bare `trueup` goes straight to the console: nothing heavy is loaded before it paints."""

import sys
from collections.abc import Sequence
from pathlib import Path


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

        sys.exit(run_console(face[0], rw=face[1]))
    from console.cli.root import run

    sys.exit(run(words))


def _face(words: list[str]) -> tuple[Path, bool] | None:
    """The configuration file and whether acting is allowed, when these words ask for the console."""
    config, rw, rest = Path("config.toml"), False, list(words)
    while rest:
        word, _, value = rest.pop(0).partition("=")
        if word == "--rw" and not value:
            rw = True
        elif word == "--config" and (value or rest):
            config = Path(value or rest.pop(0))
        else:
            return None
    return config, rw
