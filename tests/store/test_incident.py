"""An incident bundle holds what happened, nothing of a buyer and no secret, and another machine opens it as it was."""

import asyncio
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from console.cli.root import run
from console.incident import opened
from console.settings import load
from console.support import clean
from engine.model.clock import SystemClock
from engine.model.failure import Refused
from engine.store.incident import copy_for_others
from engine.store.session import Store
from engine.store.trouble import StoreTrouble
from engine.store.verbs.command import ask
from engine.store.verbs.effect import intend
from engine.store.verbs.inbox import receive
from engine.store.verbs.ledger import append, verify
from tests.cli.test_command_line import CONFIG

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
BUYER = ("Adalbert Quisling", "Nordring 117", "adalbert@quisling.example", "+49 170 5550199")
SECRET = "shpat_canary_0123456789"


def told(store: Store) -> None:
    """What an ordinary day leaves: a webhook, a document that was sent, and lines of the ledger."""
    name, street, mail, phone = BUYER
    store.write_sync(
        receive, connection="main", source="shop", webhook_id="1", topic="orders/create", resource="gid://1",
        resource_version=None, body=orjson.dumps({"email": mail, "name": name}), triggered_at=None, now=NOW,
    )  # fmt: skip
    sale = {
        "ref": "gid://1", "name": "#1001", "total": "12.90", "customer": name, "email": mail, "address": [street],
        "buyer": {"name": name, "phone": phone}, "note": f"ring {name}", "lines": [{"sku": "MUG", "quantity": 2}],
    }  # fmt: skip
    store.write_sync(
        intend, connection="main", work_id=None, remote="back_office", op="create", ext_ref="gid://1", key="gid://1",
        fingerprint="f", body=orjson.dumps(sale).decode(), now=NOW,
    )  # fmt: skip
    store.write_sync(
        append, "main", "held", "order:gid://1", NOW, detail=f"no such address, ask {mail} or {phone}"
    )
    store.write_sync(ask, "main", "edit", orjson.dumps({"words": [name, street]}).decode(), "ana", NOW)
    store.write_sync(append, "main", "reworded", "order:gid://1", NOW, actor="ana", detail=f"name: {name}")
    store.write_sync(append, "main", "published", "cell:MUG|1", NOW, detail="3 to 2")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tmp_path.chmod(0o700)
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "config.toml").chmod(0o600)
    monkeypatch.setenv("TRUEUP_SECRETS__MAIN__SHOP_ACCESS_TOKEN", SECRET)
    monkeypatch.chdir(tmp_path)
    store = Store.open(f"sqlite:///{tmp_path / 'trueup.db'}", clock=SystemClock())
    told(store)
    store.write_sync(append, "main", "cursor moved", "cursor:orders", NOW, detail=f"token {SECRET}")
    store.close()
    return tmp_path


def test_another_machine_opens_and_replays_what_happened(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["incident", "write", "it.zip"]) == 0
    assert "4 lines of the ledger were cleaned" in capsys.readouterr().out
    assert run(["incident", "replay", "it.zip", "--about", "MUG"]) == 0
    said = capsys.readouterr().out
    assert "main engine: published cell:MUG|1 3 to 2" in said
    with zipfile.ZipFile("it.zip") as zipped:
        whole = b"".join(zipped.read(name) for name in zipped.namelist())
    assert not [word for word in (*BUYER, SECRET) if word.encode() in whole]
    assert b"#1001" in whole and b"MUG" in whole
    with opened(Path("it.zip")) as bundle:
        assert bundle.store.read_sync(verify) is None
        pulse = asyncio.run(bundle.desk.pulse())
        assert pulse.as_of == bundle.clock.now()
        with pytest.raises(Refused):
            asyncio.run(bundle.desk.make_plan("main", operator="ana"))


def test_a_bundle_that_was_changed_or_is_none_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["incident", "write", "it.zip"]) == 0
    assert run(["incident", "write", "it.zip"]) == 2
    with zipfile.ZipFile("it.zip") as old, zipfile.ZipFile("other.zip", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + (b"\0" if name == "store.db" else b""))
    assert run(["incident", "replay", "other.zip"]) == 1
    assert "was changed since it was made" in capsys.readouterr().err
    assert run(["incident", "replay", "config.toml"]) == 2
    assert "is no incident bundle" in capsys.readouterr().err


def test_nothing_is_written_over(folder: Path) -> None:
    (folder / "there.db").write_text("mine", encoding="utf-8")
    store = Store.open(load(folder / "config.toml").store.url, clock=SystemClock())
    try:
        with pytest.raises(StoreTrouble):
            store.read_sync(copy_for_others, folder / "there.db", clean, SystemClock())
    finally:
        store.close()
    assert (folder / "there.db").read_text(encoding="utf-8") == "mine"
