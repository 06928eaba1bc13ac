"""One declaration gives key, label, help, palette entry and refusal; no two share a key."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.canned import CannedDesk
from screens.command import Command, by_word
from screens.commands import FAILED, SCREENS, key_line
from screens.everywhere import MOVES
from screens.help import help_lines
from screens.session import Session

NEVER = {"ctrl+i", "ctrl+m", "ctrl+j", "ctrl+h", "ctrl+left_square_bracket", "ctrl+a", "ctrl+b", "ctrl+space"}


@pytest.fixture
def session() -> Session:
    return Session(lambda: datetime(2026, 1, 1, tzinfo=UTC), "ana", False, Path("nowhere"))


@pytest.mark.parametrize("name", SCREENS)
def test_no_two_commands_of_a_screen_share_a_key(name: str) -> None:
    keys = Counter(k for c in (*SCREENS[name], *MOVES) for k in c.keys.split(",") if k)
    assert [key for key, times in keys.items() if times > 1] == []
    assert not NEVER & set(keys)


def test_no_key_moves_on_one_screen_and_writes_on_another() -> None:
    moving = {k for c in MOVES for k in c.keys.split(",")}
    writing = {k for commands in SCREENS.values() for c in commands if c.writes for k in c.keys.split(",")}
    assert not moving & writing


@pytest.mark.parametrize("name", SCREENS)
def test_ids_are_unique_and_every_command_is_explained(name: str) -> None:
    commands = (*SCREENS[name], *MOVES)
    assert len({c.id for c in commands}) == len(commands)
    assert all(c.label and c.tip and c.shown for c in commands)


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("width", [68, 176])
def test_help_explains_every_command_within_its_width(name: str, width: int, session: Session) -> None:
    session.writable, session.desk = True, CannedDesk()
    notes = (("/", "Fields: sku, title."),)
    lines = ["".join(part for part, _ in line) for line in help_lines(SCREENS[name], session, width, notes)]
    text = " ".join(" ".join(lines).split())
    assert all(" ".join(c.tip.split()) in text for c in (*SCREENS[name], *MOVES)) and notes[0][1] in text
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("width", [80, 200])
def test_the_key_line_fits(name: str, width: int) -> None:
    assert len(key_line(SCREENS[name], width)) < width


def test_writing_is_off_with_the_way_to_it(session: Session) -> None:
    retry = by_word(FAILED, "retry")
    assert isinstance(retry, Command)
    why = retry.why_off(session)
    assert why is not None and "--rw" in why and ":rw" in why


@pytest.mark.parametrize(
    ("word", "id"), [("q", "quit"), ("quit", "quit"), ("fai", "failed"), ("rw", "rw"), ("ro", "ro")]
)
def test_words_after_the_colon(word: str, id: str) -> None:
    command = by_word(FAILED, word)
    assert command is not None and command.id == id


@pytest.mark.parametrize("word", ["", "r", "nonsense"])
def test_an_unclear_word_means_nothing(word: str) -> None:
    assert by_word(FAILED, word) is None
