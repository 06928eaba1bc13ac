"""--watch paints an answer when it changes and only then; shells complete what there is."""

import functools
import io
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from console.cli.completion import BASH, CONSOLE, FISH, ZSH, candidates
from console.cli.root import COMMANDS, root, run
from console.cli.trouble import Trouble
from console.cli.watching import ALL, HOME, interrupted, keep


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def rounds(many: int) -> Callable[[float], bool]:
    """Pauses that end the watch after so many looks."""
    left = iter([False] * (many - 1) + [True])
    return lambda seconds: next(left)


def answers(*said: str | Exception) -> Callable[[], int]:
    left = iter(said)

    def ask() -> int:
        one = next(left)
        if isinstance(one, Exception):
            raise one
        click.echo(one)
        return int(one == "bad")

    return ask


def test_nothing_is_painted_while_nothing_changed() -> None:
    out = Screen()
    assert keep(answers("good", "good", "good"), 1, out=out, pause=rounds(3)) == 0
    assert out.getvalue().count(HOME) == 1 and out.getvalue().startswith(ALL)


def test_a_change_is_painted_in_its_place_and_the_last_answer_is_the_exit_code() -> None:
    out = Screen()
    assert keep(answers("good", "bad"), 1, out=out, pause=rounds(2)) == 1
    assert out.getvalue().count(HOME) == 2 and out.getvalue().count(ALL) == 1


def test_trouble_at_first_ends_it_and_later_is_shown() -> None:
    away = Trouble("The database is away.", "Start it.")
    with pytest.raises(Trouble):
        keep(answers(away), 1, out=Screen(), pause=rounds(1))
    out = Screen()
    assert keep(answers("good", away, "good"), 1, out=out, pause=rounds(3)) == 0
    assert "The database is away." in out.getvalue() and out.getvalue().count(HOME) == 3


@pytest.fixture
def heard() -> Iterator[None]:
    """Ctrl-C is heard, whether or not whoever runs the tests hears it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    blocked = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_ctrl_c_in_the_middle_of_a_look_lets_it_end_and_a_second_one_does_not() -> None:
    ended: list[int] = []

    def look(presses: int) -> int:
        for _ in range(presses):
            signal.raise_signal(signal.SIGINT)
        ended.append(presses)
        return 1

    out = io.StringIO()
    assert keep(functools.partial(look, 1), 60, out=out) == 1
    with pytest.raises(KeyboardInterrupt):
        keep(functools.partial(look, 2), 60, out=out)
    assert ended == [1] and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_that_nobody_is_to_hear_is_not_heard() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupted() as wait:
            signal.raise_signal(signal.SIGINT)
            assert not wait(0.0)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_long_answer_is_cut_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINES", "10")
    monkeypatch.setenv("COLUMNS", "20")
    out = Screen()
    keep(answers("\n".join("x" * 50 for _ in range(40))), 1, out=out, pause=rounds(1))
    lines = out.getvalue().splitlines()
    assert len(lines) <= 10 and "… 33 more lines" in out.getvalue()


def test_in_a_pipe_no_sign_of_a_terminal_is_written() -> None:
    out = io.StringIO()
    keep(answers("good", "bad"), 1, out=out, pause=rounds(2))
    assert "\x1b" not in out.getvalue() and "good" in out.getvalue() and "bad" in out.getvalue()


@pytest.mark.parametrize("command", ["status", "stock", "risk", "failed list", "conflict list"])
def test_what_people_look_at_all_day_can_be_watched(command: str) -> None:
    known: click.Command = root
    for word in command.split():
        assert isinstance(known, click.Group)
        found = known.get_command(click.Context(known), word)
        assert found is not None
        known = found
    assert "watch" in {each.name for each in known.params}
    assert run([*command.split(), "--watch", "--json"]) == 2


def test_commands_options_and_values_are_completed() -> None:
    assert candidates([""]) == list(COMMANDS)
    assert candidates(["fai"]) == ["failed"]
    assert candidates(["--"]) == list(CONSOLE)
    assert set(candidates(["failed", ""])) >= {
        "list",
        "show",
        "retry",
        "edit",
        "park",
        "resolve",
        "assign",
        "export",
    }
    assert candidates(["risk", "--sort", "v"]) == ["velocity"]
    assert "--watch" in candidates(["status", "--"])
    assert candidates(["completion", "w"]) == []  # what shells ask is not for people
    assert candidates(["status", "--config", "x"]) == []  # a file


def test_bash_completes_with_what_is_printed(tmp_path: Path) -> None:
    (tmp_path / "trueup").write_text('#!/bin/sh\nprintf "%s\\n" failed "$@"\n')
    (tmp_path / "trueup").chmod(0o755)
    asked = f'PATH={tmp_path}:$PATH\n{BASH}COMP_WORDS=(trueup "" fai); COMP_CWORD=2; _trueup; printf "%s|" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
    assert (
        done.stdout == "failed|completion|words|--||fai|" or done.stdout == "failed|completion|words|--|fai|"
    )
    assert "compdef" in ZSH and "complete -c trueup" in FISH
