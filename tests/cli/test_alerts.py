"""`trueup alerts` as a shell sees it."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.model.clock import SystemClock
from engine.store.session import Store
from engine.store.verbs.notices import note_findings
from tests.alerts.made import rule
from tests.cli.test_command_line import CONFIG

CHANNELS = '[[channels]]\nname = "ops"\n[[alerts]]\nname = "r"\nwhen = "oversold"\ntell = ["ops"]\n'


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('secrets_file = "secrets.toml"\n' + CONFIG + CHANNELS, encoding="utf-8")
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('[targets]\nops = "json://127.0.0.1:9/hush"\n', encoding="utf-8")
    secrets.chmod(0o600)
    return path


def test_alerts_are_listed_acknowledged_and_muted(trueup: Callable, configured: Path) -> None:
    from engine.alerts.judge import Finding, Key

    database = configured.with_name("trueup.db")
    store = Store.open(f"sqlite:///{database}", clock=SystemClock())
    found = Finding(Key("r", "main", ""), 2, "2 cells have sold what is not there.", "Look.")
    store.write_sync(note_findings, [(found, rule(name="r"))], store.clock.now())
    store.close()

    listed = trueup("alerts", "list")
    assert (listed.code, "2 cells have sold what is not there." in listed.out) == (1, True)
    assert trueup("alerts", "ack", "all", "--operator", "ada").code == 0
    again = trueup("alerts", "ack", "1", "--operator", "bob")
    assert (again.code, "No alert stands unacknowledged under 1." in again.err) == (1, True)
    assert trueup("alerts", "mute", "5", "--reason", "a switch", "--operator", "ada").code == 0
    told = trueup("alerts", "list", "--json")
    said = json.loads(told.out)
    assert (told.code, said["alerts"][0]["acked_by"], said["mutes"][0]["reason"]) == (0, "ada", "a switch")
    with sqlite3.connect(database) as rows:
        actors = rows.execute(
            "select actor, action from ledger where actor <> 'engine' order by seq"
        ).fetchall()
    assert actors == [("ada", "alert acknowledged"), ("ada", "alerts muted")]


def test_a_channel_that_cannot_be_reached_fails_its_test_without_its_address(
    trueup: Callable, configured: Path
) -> None:
    said = trueup("alerts", "test")
    assert (said.code, said.out.startswith("FAIL  ops: The target of this channel is inside")) == (1, True)
    assert "hush" not in said.out + said.err
    assert trueup("alerts", "test", "boss").code == 2


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ('[[alerts]]\nname = "x"\nwhen = "oversold"\ntell = ["boss"]\n', "tells boss, but no channel"),
        ('[[alerts]]\nname = "x"\nwhen = "disk"\nat_least = 3\ntell = ["ops"]\n', "give below"),
        ('[[alerts]]\nname = "r"\nwhen = "oversold"\ntell = ["ops"]\n', "two alerts have one name"),
        ('[watch]\ntime_zone = "Europe/Atlantis"\n', "no time zone"),
        ('[[alerts]]\nname = "x"\nwhen = "oversold"\ntell = ["ops"]\nquiet = "25:00-07:00"\n', "quiet"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(configured: Path, more: str, cause: str) -> None:
    from console.settings import SettingsTrouble, load

    configured.write_text(configured.read_text() + more)
    with pytest.raises(SettingsTrouble, match=cause):
        load(configured)
