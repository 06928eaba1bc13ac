"""The wheel, installed where nothing of the checkout is, starts and holds what it needs."""

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

FOLDERS = ("adapters", "console", "engine", "screens")


def run(*words: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, house, cwd=out)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it and our dependencies beside it, but not the checkout."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, with_pip=False, symlinks=True)
    run(
        sys.executable,
        "-m",
        "pip",
        f"--python={home / 'bin' / 'python'}",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        wheel,
        cwd=home,
    )
    packages = next(home.glob("lib/python*/site-packages"))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home


def test_the_four_folders_belong_to_our_distribution_alone(clean: Path) -> None:
    code = (
        "import json, console\nfrom importlib.metadata import packages_distributions as owners\n"
        f"print(json.dumps([console.__file__, {{n: owners().get(n) for n in {FOLDERS!r}}}]))"
    )
    where, owners = json.loads(run(clean / "bin" / "python", "-c", code, cwd=clean))
    assert Path(where).is_relative_to(clean)
    assert owners == {name: ["trueup"] for name in FOLDERS}


def test_the_command_says_its_version(clean: Path) -> None:
    assert run(clean / "bin" / "trueup", "--version", cwd=clean).startswith("trueup ")


def test_the_command_line_starts(clean: Path) -> None:
    assert "sandbox" in run(clean / "bin" / "trueup", "--help", cwd=clean)


def test_every_file_that_is_not_python_is_inside(wheel: Path, house: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    kinds = ("*.tcss", "*.graphql", "py.typed", "*.mako", "*.json", "*.toml")
    wanted = {p.relative_to(house).as_posix() for f in FOLDERS for k in kinds for p in (house / f).rglob(k)}
    assert wanted - names == set()
    assert {f"{folder}/py.typed" for folder in FOLDERS} <= names
    assert not any(name.startswith("tests/") for name in names)
