"""The hand-over says what happened since, who did what, and what is left."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from engine.alerts.judge import Finding, Key
from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.verbs.ledger import append
from engine.store.verbs.notices import acknowledge, note_findings
from engine.store.verbs.watch import note_remote
from tests.alerts.made import rule
from tests.cli.test_command_line import CONFIG


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return Store.open(f"sqlite:///{tmp_path / 'trueup.db'}", clock=SystemClock())


def test_a_hand_over_tells_the_last_hours_and_what_is_left(trueup: Callable, store: Store) -> None:
    now = store.clock.now()
    old = now - timedelta(hours=20)
    store.write_sync(note_remote, "main", "shop", "OK", "", now, ok=True)
    for at in (old, now, now):
        store.write_sync(append, "main", "succeeded", "order:1", at)
    store.write_sync(append, "main", "redriven", "order:1", now, actor="ada")
    store.write_sync(append, "main", "resolved", "order:0", old, actor="bob")
    found = Finding(Key("r", "main", ""), 2, "2 cells have sold what is not there.", "Look.")
    [standing] = store.write_sync(note_findings, [(found, rule(name="r"))], now)
    store.write_sync(acknowledge, standing.id, "ada", now)
    store.close()

    said = trueup("shift")
    assert said.code == 1, said.err
    assert "        2  records done" in said.out
    assert "2 cells have sold what is not there. (STANDS, ada looks after it)" in said.out
    assert "ada: redriven order:1" in said.out
    assert "bob" not in said.out
    assert "NO ENGINE works on it" in said.out
    assert "bob: resolved order:0" in trueup("shift", "--hours", "48").out


def test_a_quiet_shift_is_nothing_to_hand_over(trueup: Callable, store: Store) -> None:
    store.close()
    said = trueup("shift", "--json")
    assert (said.code, '"acts": []' in said.out) == (0, True)
