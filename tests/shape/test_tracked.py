"""What the repository may not carry."""

import subprocess
from pathlib import Path

import pytest

HOSTS = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("crates", "io"),
    ("golang", "org/x"),
    ("maven", "org"),
    ("debian", "org"),
)


def tracked(house: Path) -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=house, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [house / name for name in done.stdout.split("\0") if name and (house / name).is_file()]


def test_no_tracked_file_names_a_package_registry(house: Path) -> None:
    hosts = [".".join(parts).encode() for parts in HOSTS]
    found = [
        str(path.relative_to(house))
        for path in tracked(house)
        if any(host in path.read_bytes() for host in hosts)
    ]
    assert found == []


def test_the_lock_pins_every_package_by_hash_and_says_nothing_of_a_machine(house: Path) -> None:
    lines = (house / "requirements.lock").read_text(encoding="utf-8").splitlines()
    options = [line for line in lines if line.startswith("-")]
    pins = [line for line in lines if "==" in line and not line.startswith((" ", "#"))]
    assert options == []
    assert pins
    assert all(line.endswith("\\") for line in pins)


def test_no_secret_is_tracked(house: Path) -> None:
    assert [
        path.name for path in tracked(house) if path.name in {"config.toml", "secrets.toml", ".env"}
    ] == []


def test_nothing_stands_at_the_top_but_what_belongs_there(house: Path) -> None:
    tops = {path.relative_to(house).parts[0] for path in tracked(house)}
    assert tops == {
        ".ci", ".gitignore", "Makefile", "README.md", "SECURITY.md", "adapters", "config.example.toml", "console", "docs",
        "engine", "pyproject.toml", "requirements.lock", "screens", "tests",
    }  # fmt: skip
