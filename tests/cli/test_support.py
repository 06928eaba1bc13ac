"""A support bundle helps whoever gets it, and tells them no secret and no buyer."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

from console.support import clean
from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.verbs.watch import note_remote, raise_alert
from tests.cli.test_command_line import CONFIG

SECRET = "shpat_canary_0123456789"
BUYER = "jane.doe@example.com"


def test_a_bundle_has_what_helps_and_nothing_that_must_stay(trueup: Callable, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        'secrets_file = "secrets.toml"\n[log]\nfile = "trueup.log"\n'
        + CONFIG.replace('environment = "test"\n', "")
    )
    secrets = tmp_path / "secrets.toml"
    secrets.touch(mode=0o600)
    secrets.write_text(f'[main]\nshop_access_token = "{SECRET}"\n')
    (tmp_path / "trueup.log").write_text(f"the shop repeats {SECRET}\norder of {BUYER}, +43 660 1234567\n")
    store = Store.open(f"sqlite:///{tmp_path / 'trueup.db'}", clock=SystemClock())
    now = store.clock.now()
    store.write_sync(note_remote, "main", "shop", "FAIL", f"no buyer {BUYER} is known", now, ok=False)
    store.write_sync(raise_alert, "main", "loop_ended", "deliver", f"It ended by {SECRET}.", "Restart.", now)
    store.close()

    said = trueup("support", "bundle.zip")
    assert said.code == 0, said.err
    file = tmp_path / "bundle.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as zipped:
        parts = {name: zipped.read(name).decode() for name in zipped.namelist()}
    assert {"versions.json", "config.json", "check.json", "measures.json", "ledger.json", "log.txt"} <= set(
        parts
    )
    everything = "".join(parts.values())
    assert "loop_ended" in parts["measures.json"]
    assert "the shop repeats ‹hidden›" in parts["log.txt"]
    assert "order of ‹e-mail›, ‹phone›" in parts["log.txt"]
    assert not any(word in everything for word in (SECRET, BUYER, "1234567"))
    assert trueup("support", "bundle.zip").code == 2


def test_figures_and_times_are_no_telephone_numbers() -> None:
    text = "2026-11-28T12:00:00+00:00 took +12.5 ms, order #1001, 12345678901"
    assert clean(text) == text
