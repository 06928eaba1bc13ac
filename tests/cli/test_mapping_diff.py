"""An edit to the maps is tried on orders before it takes effect; one that moves posted money wants a typed word."""

from pathlib import Path

import orjson
import pytest

from console.cli.root import run
from tests.orders.written import written

HEAD = """
environment = "rehearsal"
[[connections]]
name = "main"
[connections.shop]
kind = "shopify"
url = "https://brand.myshopify.com"
[connections.back_office]
kind = "sql"
url = "sqlite:///erp.db"
[connections.back_office.statements]
warehouses = "select 1"
[connections.locations]
"gid://shopify/Location/1" = "WH1"
"gid://shopify/Location/2" = "WH2"
"""
ACCOUNTS = '[connections.payments]\ngift_card = "3270"\nshopify_payments = "{}"\n'
TAXES = '[connections.taxes]\nVAT = "{}"\n'


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path, Path]:
    """The configuration, its edited copy, and order 21: 40.00 by gift card and 50.00 by card, 15.00 of it VAT."""
    order = next(each for each in written() if each.name.startswith("21"))
    (tmp_path / "order.json").write_bytes(orjson.dumps(order.node))
    (tmp_path / "config.toml").write_text(HEAD + ACCOUNTS.format("1210") + TAXES.format("V20"))
    return tmp_path / "config.toml", tmp_path / "edited.toml", tmp_path / "order.json"


def _diff(paths: tuple[Path, Path, Path], edit: str, *more: str) -> int:
    config, edited, order = paths
    edited.write_text(edit)
    return run(["mapping", "diff", str(edited), "--config", str(config), "--file", str(order), *more])


def test_the_same_maps_change_nothing(
    paths: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _diff(paths, paths[0].read_text()) == 0
    assert "1 orders tried, 0 change" in capsys.readouterr().out


def test_another_account_is_shown_as_field_and_in_cents(
    paths: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _diff(paths, HEAD + ACCOUNTS.format("1300") + TAXES.format("V20"), "--json") == 1
    changes = orjson.loads(capsys.readouterr().out)["changes"]
    assert [(each["field"], each["before"], each["after"], each["amount"]) for each in changes] == [
        ("payment shopify_payments gid://shopify/OrderTransaction/2: account", "1210", "1300", None),
        ("sum of account 1210", "50.00", "0", "-50.00"),
        ("sum of account 1300", "0", "50.00", "50.00"),
    ]


def test_an_edit_that_would_hold_an_order_says_so(
    paths: tuple[Path, Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _diff(paths, HEAD + ACCOUNTS.format("1210") + '[connections.taxes]\nMwSt = "M19"\n') == 1
    said = capsys.readouterr().out
    assert "tax title “VAT”" in said
    assert "-90.00" in said


@pytest.mark.parametrize(("word", "code"), [("", 1), ("production", 1), ("rehearsal", 0)])
def test_moved_money_wants_the_environment_typed(
    paths: tuple[Path, Path, Path], word: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, edit = paths[0].read_text(), HEAD + ACCOUNTS.format("1210") + TAXES.format("V21")
    monkeypatch.setattr("click.prompt", lambda *_, **__: "")
    assert _diff(paths, edit, "--apply", "--confirm", word) == code
    assert paths[0].read_text() == (edit if code == 0 else before)


def test_an_edit_of_anything_else_is_not_put_in_place(paths: tuple[Path, Path, Path]) -> None:
    before = paths[0].read_text()
    assert _diff(paths, before.replace("brand.my", "other.my"), "--apply") == 1
    assert paths[0].read_text() == before
