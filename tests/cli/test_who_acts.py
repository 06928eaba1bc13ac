"""Every act of the command line is written down under the login behind sudo and SSH."""

from collections.abc import Iterator

import click
import pytest

from console.cli.root import root
from console.operator import operator


def acts(command: click.Command, name: str = "trueup") -> Iterator[tuple[str, click.Parameter]]:
    """Commands that say whose act they are, with the option that says it."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from acts(found, f"{name} {each}")
    else:
        yield from ((name, option) for option in command.params if option.name == "operator")


def test_whoever_is_behind_sudo_acts_unless_somebody_else_is_named() -> None:
    found = dict(acts(root))
    assert {"trueup plan stock", "trueup apply", "trueup order pull", "trueup failed retry"} <= set(found)
    assert {name for name, option in found.items() if option.default is not operator} == set()


def test_the_login_behind_sudo_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "ana")
    [option] = [option for name, option in acts(root) if name == "trueup apply"]
    assert str(option.get_default(click.Context(click.Command("apply")))).startswith("ana as ")
