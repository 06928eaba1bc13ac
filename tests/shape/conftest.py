"""The tree as the shape tests see it."""

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
FOLDERS = ("console", "engine", "adapters", "screens")


@pytest.fixture(scope="session")
def house() -> Path:
    """The root of the checkout."""
    return HOUSE


@pytest.fixture(scope="session")
def modules() -> dict[str, str]:
    """Every Python file of the product by its path, with its text."""
    return {
        path.relative_to(HOUSE).as_posix(): path.read_text(encoding="utf-8")
        for folder in FOLDERS
        for path in sorted((HOUSE / folder).rglob("*.py"))
    }


@pytest.fixture(scope="session")
def trees(modules: dict[str, str]) -> dict[str, ast.Module]:
    """The same files, parsed."""
    return {name: ast.parse(text) for name, text in modules.items()}


@pytest.fixture(scope="session")
def fresh_python() -> Callable[[str], set[str]]:
    """Runs a statement in a fresh interpreter and gives the top-level names of what it loaded."""

    def run(statement: str) -> set[str]:
        code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=HOUSE, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return set(done.stdout.split())

    return run
