"""Every command the documents show is one TrueUp takes; those that only look are carried out."""

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copy2

import click
import pytest

from console.cli.root import root, run
from engine.model.clock import SystemClock
from engine.store.session import Store
from tests.cli.test_command_line import CONFIG

HOUSE = Path(__file__).parents[2]
PAGES = [HOUSE / "README.md", HOUSE / "SECURITY.md", *sorted((HOUSE / "docs").rglob("*.md"))]
STANDS_FOR = {
    "SKU": "MUG", "LOCATION": "1", "UNITS": "3", "REF": "#1001", "DATE": "2026-11-01", "TIME": "2026-11-28T10:00:00Z",
    "ID": "1", "TEXT": "mug", "M": "5", "R": "2", "S": "7", "N": "5", "MINUTES": "5", "KIND": "odoo", "FILE": "file.out",
    "PLAN": "1", "EDITED": "config.toml", "FIELD": "price", "LINE": "1", "NAME": "list", "USER": "ana", "WORDS": "x",
    "SUBJECT": "orders",
}  # fmt: skip
"""What is put in place of a word in capitals."""
CARRIED_OUT = (
    "status", "stock", "risk", "hold list", "conflict list", "failed list", "failed show", "alerts list", "audit verify",
    "mapping coverage", "mapping values", "mapping gaps", "explain", "support", "backup", "alerts mute",
    "alerts unmute", "alerts ack", "drill list", "shift", "product list", "shadow report",
    "golive list",
)  # fmt: skip
"""Commands that end by themselves and reach no remote; whether the answer is yes or no is not what is tested here."""


def shown(text: str) -> Iterator[str]:
    """Commands in code: in a line of a block, or between backticks."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.S | re.M)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))
    for piece in (*(line for block in blocks for line in block.splitlines()), *inline):
        code = piece.partition("  #")[0].partition(", then")[0].strip()
        found = re.match(r"^(?:sudo (?:-u trueup )?)?(?:\S*/)?trueup (?!-)(?=[a-z])(.+)$", code)
        if found is None:
            continue
        # `status | stock SKU`: one command and others like it; `a\|b`: one of two words
        first, *others = re.split(r"(?<!\\) \| ", found.group(1))
        yield first
        group = first.split()[0]
        for other in others:
            known = other.split()[0] in root.list_commands(click.Context(root))
            yield other if known else f"{group} {other}"


def spoken(command: str) -> list[str]:
    """As it would be typed."""
    text = re.sub(r"\\\|[^\s\]]+", "", command)  # the first of what is offered
    text = re.sub(r"(?<=[a-z])\|[^\s\]]+", "", text)
    text = text.replace("[", " ").replace("]", " ").replace("…", "")
    words = [STANDS_FOR.get(word, word) for word in text.split()]
    return [word for word in words if word not in ("...", "&&", "&")]


def documented() -> list[str]:
    found = {command for page in PAGES for command in shown(page.read_text(encoding="utf-8"))}
    return sorted(" ".join(spoken(command)) for command in found)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration and a store that has been looked at."""
    folder = tmp_path_factory.mktemp("documented")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "config.toml").chmod(0o600)
    Store.open(f"sqlite:///{folder / 'trueup.db'}", clock=SystemClock()).close()
    for name in ("order.json", "trueup.service"):
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture
def here(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of its own, in which the command is given."""
    tmp_path.chmod(0o700)
    for file in prepared.iterdir():
        copy2(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _carried_out(command: str) -> bool:
    elsewhere = any(word in command for word in ("/etc/", "/var/", "--write", "--watch"))
    bare = command in ("backup", "support", "explain", "hold", "restore")  # named only
    return command.startswith(CARRIED_OUT) and not elsewhere and not bare


def taken(words: list[str]) -> None:
    """Raise UsageError unless every command, option and argument is known; a bare name only has to be one."""
    known: click.Command | None = root
    context = click.Context(root, info_name="trueup")
    while isinstance(known, click.Group) and words:
        _, known, words = known.resolve_command(context, words)
        assert known is not None
        context = click.Context(known, parent=context, info_name=known.name)
    if words and known is not None:
        known.make_context(known.name, list(words), parent=context.parent)


def test_the_documents_show_many_commands() -> None:
    assert len(documented()) > 50


@pytest.mark.parametrize("command", documented())
def test_a_documented_command_is_taken(command: str, prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(prepared)  # some arguments are files that have to be there
    taken(command.split())


@pytest.mark.parametrize("command", [one for one in documented() if _carried_out(one)])
def test_a_documented_command_that_only_looks_is_carried_out(
    command: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(command.split())
    said = capsys.readouterr()
    assert code in (0, 1), f"{said.out}{said.err}"
    assert said.out or said.err


def test_what_is_no_command_is_found(here: Path) -> None:
    for wrong in (["nosuch"], ["status", "--nosuch"], ["failed", "nosuch"], ["hold", "set", "MUG"]):
        with pytest.raises(click.UsageError):
            taken(wrong)
