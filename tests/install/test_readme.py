"""Whoever knows nothing but the README has an engine at work in five minutes: its lines are typed at a shell."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.world.world import free_port
from tests.terminal import Terminal

HOUSE = Path(__file__).parents[2]
README = (HOUSE / "README.md").read_text(encoding="utf-8").partition("\n### In five minutes")[2]
[BLOCK] = re.findall(r"^```\n(.*?)^```", README.partition("\n### Its commands")[0], re.S | re.M)
LINES = [line.partition("  #")[0].rstrip() for line in BLOCK.splitlines()]
ASKED = dict(re.findall(r"^\| ([A-Z][^|]+) \| `?([^`|]+)`? \|$", README, re.M))
INSTALLS = 4
"""So many lines lead to a program; the others use it."""


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Free ones instead of those of the README; a listing need not prove anything for a whole minute here."""
    monkeypatch.setenv("TRUEUP_LISTENER__PORT", str(free_port()))
    monkeypatch.setenv("TRUEUP_ENGINE__LISTING_LAG_SECONDS", "1.5")
    monkeypatch.setenv("TRUEUP_ENGINE__ORDERS_POLL_SECONDS", "3")
    monkeypatch.setenv("PS1", "$ ")
    return {port: str(free_port()) for port in ("8480", "8481")}


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ports: dict[str, str]) -> Iterator[Terminal]:
    """A shell in an empty folder of one's own; whatever it started is gone afterwards."""
    monkeypatch.chdir(tmp_path)
    terminal = Terminal("/bin/sh", "-i")
    yield terminal
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            session = entry.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[3]
            if int(session) == terminal.pid:
                os.kill(int(entry.parent.name), 9)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
    os.waitpid(terminal.pid, 0)


def typed(shell: Terminal, line: str, ports: dict[str, str], number: int) -> None:
    """One line, answered where it asks, with a word at its end that says it went well."""
    for port, free in ports.items():
        line = line.replace(port, free)
    shell.press(f"clear; {line}\n")
    if line.endswith("init"):
        for question, answer in ASKED.items():
            shell.until(question[:60])
            for port, free in ports.items():
                answer = answer.replace(port, free)
            shell.press("\n" if answer == "Enter" else f"{answer}\n")
    elif line.endswith("--watch"):
        shell.until("120 cells, 0 waiting", "running elsewhere")
        shell.press("\x03")
        return
    shell.press(f"echo ended-$?-{number}\n")
    shell.until(f"ended-0-{number}")


def test_the_table_answers_whatever_is_asked() -> None:
    assert len(LINES) == 11 and LINES[INSTALLS].endswith("sandbox shopify --port 8480 &")
    assert len(ASKED) == 12


def test_the_lines_of_the_readme_lead_to_an_engine_that_agrees_on_every_cell(
    shell: Terminal, tmp_path: Path, ports: dict[str, str]
) -> None:
    (tmp_path / "env").symlink_to(sys.prefix)
    for number, line in enumerate(LINES[INSTALLS:]):
        typed(shell, line, ports, number)
    assert (tmp_path / "config.toml").is_file()


@pytest.mark.long
def test_the_lines_of_the_readme_install_the_program_they_use(
    shell: Terminal, tmp_path: Path, ports: dict[str, str]
) -> None:
    """As above from the first line on; what is locked is lent by the environment of the tests, no index is asked."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=HOUSE, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, listed):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HOUSE / name, target)
    lent = sysconfig.get_paths()["purelib"]
    for number, line in enumerate(LINES):
        offline = "pip install" in line
        typed(shell, f"{line} --no-index" if offline else line, ports, number)
        if number == 0:
            [packages] = (tmp_path / "env/lib").glob("python*/site-packages")
            (packages / "lent.pth").write_text(
                f"import sys; sys.path.insert(0, {lent!r})\n", encoding="utf-8"
            )
        elif number == 1:
            (packages / "lent.pth").write_text(f"{lent}\n", encoding="utf-8")
    assert (tmp_path / "env/bin/trueup").is_file()
