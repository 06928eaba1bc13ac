"""The page on installing is carried out to the letter: wheel, environment, first configuration, check, units, backup."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.world.world import free_port
from tests.cli.test_init import both, words

HOUSE = Path(__file__).parents[2]
PAGE = HOUSE / "docs" / "install.md"
PATIENCE = 60.0
NOT_HERE = ("sudo useradd ", "sudo systemctl ")
"""A user of the machine and its service manager: neither is this test's to change."""

__all__ = ["both"]  # a fixture


class Machine:
    """A folder that stands for a machine: what the page says of /opt, /etc and /var happens below it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.here = root / "here"
        """Where the administrator stands: the wheel, the lock and docs/install."""
        self.secrets: dict[str, str] = {}

    def there(self, text: str) -> str:
        """A path of the page as it is on this machine."""
        return re.sub(r"(?<![\w.])/(opt|etc|var)/", rf"{self.root}/\1/", text)

    def do(self, line: str, *more: str) -> str:
        """Carry out a line of the page and some words more; what it says. Nothing of the developer's is around."""
        said = self.there(re.sub(r"^sudo (-u trueup )?", "", line.partition("  #")[0].strip()))
        said = said.replace("python3 ", f"{sys.executable} ").replace(" -o trueup", "")
        done = subprocess.run(
            ["sh", "-c", f'{said} "$@"', "sh", *more],
            cwd=self.here, env=self.environment(), capture_output=True, text=True, check=False, timeout=PATIENCE * 2,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def lend(self, *, first: bool) -> None:
        """What is locked is there already, in the environment of the tests: pip judges its versions and fetches none.

        `first`: its pip and all count before the machine's own; otherwise what is installed here does.
        """
        [packages] = (self.root / "opt/trueup/lib").glob("python*/site-packages")
        lent = sysconfig.get_paths()["purelib"]
        line = f"import sys; sys.path.insert(0, {lent!r})" if first else lent
        (packages / "lent.pth").write_text(line + "\n", encoding="utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **self.secrets, **more}


def blocks() -> list[list[str]]:
    """The lines of each block of commands on the page."""
    found = re.findall(r"^```\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.S | re.M)
    return [[line for line in block.splitlines() if not line.startswith(NOT_HERE)] for block in found]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which the first block of the page was carried out, without an index of packages."""
    machine = Machine(tmp_path_factory.mktemp("machine"))
    for name in ("here", "opt", "etc/systemd/system", "var/lib"):
        (machine.root / name).mkdir(parents=True)
    shutil.copy(HOUSE / "requirements.lock", machine.here)
    shutil.copytree(HOUSE / "docs" / "install", machine.here / "docs" / "install")
    page = PAGE.read_text(encoding="utf-8")
    [build] = re.findall(r"from the wheel that `(python -m build)`", page)
    built = build.replace("python", sys.executable).split()
    subprocess.run(
        [*built, "--no-isolation", "--outdir", str(machine.here), str(HOUSE)], check=True, capture_output=True
    )
    for line in blocks()[0]:
        if "pip install" not in line:
            machine.do(line)
        elif "requirements.lock" in line:
            machine.lend(first=True)
            machine.do(line, "--no-index")
            machine.lend(first=False)
        else:
            assert "Successfully installed trueup" in machine.do(line, "--no-index")
    yield machine
    shutil.rmtree(machine.root, ignore_errors=True)


def test_the_page_leads_from_nothing_to_an_engine_that_runs_and_is_backed_up(
    installed: Machine, both: tuple[Any, Any]
) -> None:
    shop, office = both
    page, machine = PAGE.read_text(encoding="utf-8"), installed
    machine.secrets = {
        f"TRUEUP_SECRETS__MAIN__{name.upper()}": value
        for name, value in {**shop.secrets, **office.secrets}.items()
    }
    _, [init, check], [copied], upgrade, beside = blocks()
    locations = [f"--location=gid://shopify/Location/{at}=WH{at}" for at in (1, 2)]
    assert "Written: " in machine.do(init, *words(both, *locations)[1:])
    config = Path(machine.there("/etc/trueup/config.toml"))
    [url] = re.findall(r"Let `store\.url` be `(\S+)`", page)
    told = config.read_text(encoding="utf-8").replace(
        "sqlite:///trueup.db", url.replace("/var", f"{machine.root}/var", 1)
    )
    config.write_text(told.replace("port = 8470", f"port = {free_port()}"), encoding="utf-8")
    lines = machine.do(check).splitlines()
    assert [line for line in lines if line.startswith("FAIL")] == []
    assert len([line for line in lines if line.startswith("ok")]) > 10

    machine.do(copied)
    database = Path(machine.there("/var/lib/trueup/trueup.db"))
    for unit in (
        Path(machine.there("/etc/systemd/system/trueup.service")),
        machine.here / "docs/install/trueup-listener.service",
    ):
        runs(machine, unit)
        assert database.is_file()
        assert not database.stat().st_mode & 0o077

    # the version beside the old one is installed by the lines tried above, and the unit is not this test's to switch
    assert [line.replace("-next", "") for line in beside[:3]] == blocks()[0][: len(beside[:3])]
    for line in upgrade:
        if "requirements.lock" not in line:  # the same line as above, which takes its time
            machine.do(line, *(["--no-index"] if "pip install" in line else []))
    assert Path(machine.there("/var/lib/trueup/before.db")).is_file()


def runs(machine: Machine, unit: Path) -> None:
    """The unit's command tells its service manager that it is at work, and ends in order when it is told to."""
    entries = dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(encoding="utf-8"), re.M))
    assert entries["Type"] == "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0trueup-test-{os.getpid()}-{unit.stem}")
        manager.settimeout(PATIENCE)
        tells = {
            "NOTIFY_SOCKET": f"@trueup-test-{os.getpid()}-{unit.stem}",
            "WATCHDOG_USEC": f"{int(entries['WatchdogSec']) * 1_000_000}",
        }
        process = subprocess.Popen(
            machine.there(entries["ExecStart"]).split(), cwd=machine.there(entries["WorkingDirectory"]),
            env=machine.environment(**tells), umask=int(entries["UMask"], 8), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            heard = ""
            while "READY=1" not in heard or "WATCHDOG=1" not in heard:
                heard += manager.recv(4096).decode() + "\n"
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, said
            while "STOPPING=1" not in heard:
                heard += manager.recv(4096).decode() + "\n"
        finally:
            process.kill()
            process.communicate()
