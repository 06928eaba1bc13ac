"""What others could read or change keeps TrueUp from starting, with the command that mends it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from console.permissions import loose, refuse_loose
from console.settings import Settings, SettingsTrouble, load
from tests.cli.test_command_line import CONFIG


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    path = tmp_path / "config.toml"
    path.touch(mode=0o600)
    path.write_text(CONFIG, encoding="utf-8")
    return path


def causes(config: Path) -> list[str]:
    return [
        each.cause for each in loose(load(config), config) if not each.cause.startswith("TrueUp runs as root")
    ]


def test_files_of_ones_own_are_fine(configured: Path) -> None:
    assert causes(configured) == []


@pytest.mark.parametrize(
    ("name", "mode", "cause"),
    [
        ("config.toml", 0o620, "Others can change the configuration"),
        ("trueup.db", 0o640, "Others can read the database"),
        ("trueup.db", 0o604, "Others can read the database"),
        (".", 0o770, "Others can replace files in"),
        (".", 0o702, "Others can replace files in"),
    ],
)
def test_what_others_could_do_keeps_it_from_starting(
    configured: Path, name: str, mode: int, cause: str
) -> None:
    file = configured.parent / name
    if name != ".":
        file.touch()
    file.chmod(mode)
    with pytest.raises(SettingsTrouble, match=cause) as refused:
        refuse_loose(load(configured), configured)
    assert refused.value.remedy.startswith("Run: chmod ")


def test_a_configuration_others_can_read_is_only_named(configured: Path) -> None:
    configured.chmod(0o644)
    settings: Settings = load(configured)
    refuse_loose(settings, configured)
    [said] = causes(configured)
    assert said.startswith("Others can read the configuration")


def test_a_folder_everybody_may_write_but_not_replace_in_is_fine(configured: Path) -> None:
    configured.parent.chmod(0o1777)
    assert causes(configured) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_database_of_somebody_else_is_refused(configured: Path) -> None:
    database = configured.with_name("trueup.db")
    database.touch(mode=0o600)
    os.chown(database, 12345, -1)
    with pytest.raises(SettingsTrouble, match="belongs to another user"):
        refuse_loose(load(configured), configured)


def test_the_daemon_does_not_start_beside_a_database_others_can_read(
    trueup: Callable, configured: Path
) -> None:
    database = configured.with_name("trueup.db")
    database.touch()
    database.chmod(0o644)
    said = trueup("run")
    assert said.code == 2
    assert said.err.startswith(f"trueup: Others can read the database {database} (mode 0644)")
