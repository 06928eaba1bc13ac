"""The files for installing are what they say, judged by those who read them."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

FILES = Path(__file__).parents[2] / "docs" / "install"
UNITS = (FILES / "trueup.service", FILES / "trueup-listener.service")
MUST = (
    "NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict", "ProtectHome=yes", "StateDirectoryMode=0700",
    "UMask=0077", "PrivateDevices=yes", "PrivateUsers=yes", "ProtectProc=invisible", "MemoryDenyWriteExecute=yes",
    "RestrictNamespaces=yes", "SystemCallFilter=@system-service", "SystemCallFilter=~@privileged @resources", "LimitCORE=0",
    "Restart=on-failure", "WatchdogSec=30", "Type=notify", "User=trueup",
)  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_unit_takes_away_what_is_not_needed(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()
    assert [each for each in MUST if each not in lines] == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_judges_the_unit_to_be_hardly_exposed(unit: Path) -> None:
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout + judged.stderr
    [level] = re.findall(r"Overall exposure level for \S+: ([\d.]+)", judged.stdout)
    assert float(level) <= 2.0


def test_proxies_pass_on_webhooks_alone() -> None:
    nginx = (FILES / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"location (\S+) \{", nginx) == ["/webhooks/", "/"]
    assert re.search(r"location / \{ return 404; \}", nginx)
    caddy = (FILES / "Caddyfile").read_text(encoding="utf-8")
    assert re.findall(r"handle (\S+) \{", caddy) == ["/webhooks/*"]
    assert "respond 404" in caddy


def test_the_container_runs_as_a_user_of_its_own_on_locked_dependencies() -> None:
    text = (FILES / "Containerfile").read_text(encoding="utf-8")
    assert "\nUSER trueup\n" in text
    assert "--require-hashes -r requirements.lock" in text
    project = tomllib.loads((FILES.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "trueup" in project["scripts"]
