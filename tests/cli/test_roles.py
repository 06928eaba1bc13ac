"""Every command has a role, checked where it is carried out; what is refused stands in the audit trail."""

import asyncio
import grp
import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from console import roles
from console.cli.rights import NEEDS, needs
from console.cli.root import root, run
from console.roles import granted, role_of
from console.settings.roles import RoleSettings
from engine import front
from engine.front import Front
from engine.model.clock import SystemClock
from engine.model.failure import Refused
from engine.model.ids import OrderId
from engine.model.role import Role
from engine.store.session import Store
from tests.cli.test_command_line import CONFIG

LOOKS = RoleSettings(viewers=("seers",), operators=("doers", "night"), admins=("wheels",))


def leaves(command: click.Command, path: str = "") -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(found, f"{path} {name}".strip())
    else:
        yield path


def test_every_command_has_a_role_and_every_role_a_command() -> None:
    paths = list(leaves(root))
    assert {path: needs(path) for path in paths}
    covered = {path if path in NEEDS else path.partition(" ")[0] for path in paths}
    assert set(NEEDS) == covered


def test_what_takes_an_operator_needs_more_than_looking() -> None:
    def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                yield from commands(found, f"{path} {name}".strip())
        else:
            yield path, command

    acting = [path for path, one in commands(root, "") if any(p.name == "operator" for p in one.params)]
    assert len(acting) > 10
    assert [path for path in acting if needs(path) is Role.VIEWER] == []


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ((), Role.VIEWER), (("seers",), Role.VIEWER), (("night", "users"), Role.OPERATOR),
        (("wheels",), Role.ADMIN), (("doers", "wheels"), Role.ADMIN), (("strangers",), Role.VIEWER),
    ],
)  # fmt: skip
def test_the_highest_role_of_the_groups_counts(groups: tuple[str, ...], role: Role) -> None:
    assert granted(LOOKS, groups) is role


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration that gives the role of an operator to the groups of whoever runs this test."""
    mine = grp.getgrgid(os.getgid()).gr_name
    config = tmp_path / "config.toml"
    config.write_text(f'{CONFIG}\n[roles]\noperators = ["{mine}"]\n', encoding="utf-8")
    config.chmod(0o600)
    tmp_path.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(roles, "logged_in", lambda: "ana")
    return config


def test_a_command_beyond_the_role_is_refused_and_written_down(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(roles, "groups_of", lambda person: frozenset({"strangers"}))
    assert role_of(here) is Role.VIEWER
    assert run(["alerts", "unmute"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("trueup: trueup alerts unmute is for the role admin, and yours is viewer.\n")
    assert run(["status"]) in (0, 1)
    assert not capsys.readouterr().err
    store = Store.open(f"sqlite:///{here.parent / 'trueup.db'}", clock=SystemClock())
    try:
        lines = store.read_sync(lambda tx: tx.exec_driver_sql("SELECT action, detail FROM ledger").all())
    finally:
        store.close()
    assert [line.action for line in lines] == ["refused"]
    assert "alerts unmute is for the role admin" in lines[0].detail


def test_nobody_gives_themselves_a_role_by_the_environment(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(roles, "groups_of", lambda person: frozenset({"strangers"}))
    monkeypatch.setenv("TRUEUP_ROLES__ADMINS", '["strangers"]')
    assert role_of(here) is Role.VIEWER
    assert run(["failed", "list"]) == 2
    assert "TRUEUP_ROLES__ADMINS" in capsys.readouterr().err


def test_without_roles_everybody_may_do_everything(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    assert role_of(config) is Role.ADMIN


def test_the_desk_asks_the_engine_through_one_door() -> None:
    rooms = Path(str(front.__file__)).parent.glob("*.py")
    assert {
        room.name: found for room in rooms if (found := room.read_text(encoding="utf-8").count(".write(ask,"))
    } == {"door.py": 1}


async def test_the_desk_of_a_viewer_asks_the_engine_for_nothing(tmp_path: Path) -> None:
    store = await asyncio.to_thread(Store.open, f"sqlite:///{tmp_path / 'trueup.db'}", clock=SystemClock())
    try:
        desk = Front(store, environment="test", clock=SystemClock(), role=Role.VIEWER)
        with pytest.raises(Refused, match="is for the role operator"):
            await desk.make_plan("main", operator="ana")
        with pytest.raises(Refused, match="is for the role operator"):
            await desk.pull("main", (OrderId("1"),), unseen=False, operator="ana")
        rows = await store.read(lambda tx: tx.exec_driver_sql("SELECT action, actor, at FROM ledger").all())
        assert [(row.action, row.actor) for row in rows] == [("refused", "ana")] * 2
        assert await store.read(lambda tx: tx.exec_driver_sql("SELECT count(*) FROM command").scalar()) == 0
    finally:
        await asyncio.to_thread(store.close)
