"""The `trueup` command. Bare `trueup` goes straight to the console: nothing heavy is loaded before it paints."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        from importlib.metadata import version

        sys.stdout.write(f"trueup {version('trueup')}\n")
        return
    from console.cli.root import run

    sys.exit(run(words))
