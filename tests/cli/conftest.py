"""Runs commands the way a shell does."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from console.canned import CannedDesk


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def trueup(tmp_path: Path) -> Callable[..., Said]:
    """`trueup WORDS` in an empty folder and without variables of ours."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TRUEUP_")}

    def run(*words: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-c", "from console.main import main; main()", *words],
            cwd=tmp_path,
            env=clean,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def desk() -> CannedDesk:
    """A desk over 40 made-up SKUs."""
    return CannedDesk(size=40)
