"""What a shell sees: exit codes, one sentence of cause and one of remedy, JSON for scripts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

CONFIG = """
environment = "test"
[[connections]]
name = "main"
[connections.shop]
kind = "shopify"
url = "http://127.0.0.1:9"
[connections.back_office]
kind = "sql"
url = "sqlite:///erp.db"
[connections.back_office.statements]
[connections.locations]
"gid://shopify/Location/1" = "WH1"
"""

Trueup = Callable[..., "object"]


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def test_the_version_is_said(trueup: Callable) -> None:
    assert trueup("--version").out.startswith("trueup ")


def test_help_names_every_command(trueup: Callable) -> None:
    said = trueup("--help")
    assert said.code == 0
    for name in (
        "run",
        "check",
        "demo",
        "sandbox",
        "status",
        "stock",
        "risk",
        "hold",
        "simulate",
        "failed",
        "audit",
    ):
        assert name in said.out


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("check",),
        ("status",),
        ("stock",),
        ("risk",),
        ("failed", "list"),
        ("failed", "show", "1"),
        ("audit", "verify"),
    ],
    ids=" ".join,
)
def test_a_missing_configuration_is_wrong_usage_said_in_two_sentences(
    trueup: Callable, words: tuple[str, ...]
) -> None:
    said = trueup(*words)
    assert said.code == 2
    assert said.err.splitlines() == [
        "trueup: There is no configuration at config.toml.",
        "Run trueup init to make one, copy config.example.toml there, or name another with --config.",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("stats",),
        ("failed", "show", "abc"),
        ("demo", "--seconds", "-1"),
        ("status", "--jsn"),
        ("failed", "retry"),
        ("sandbox", "nope"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_names_the_help(
    trueup: Callable, configured: Path, words: tuple[str, ...]
) -> None:
    said = trueup(*words)
    assert said.code == 2
    assert len(said.err.splitlines()) == 2
    assert "--help" in said.err


def test_a_report_of_a_world_that_does_not_run_fails(trueup: Callable) -> None:
    said = trueup("sandbox", "report", "--dir", "nowhere")
    assert said.code == 1
    assert "trueup sandbox up" in said.err


def test_a_fresh_store_has_nothing_that_waits(trueup: Callable, configured: Path) -> None:
    said = trueup("failed", "list", "--json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["rows"] == []


def test_an_export_never_writes_over_a_file(trueup: Callable, configured: Path, tmp_path: Path) -> None:
    done = trueup("failed", "export", "all.csv")
    assert (done.code, done.out) == (0, "0 records written to all.csv.\n"), done.err
    (tmp_path / "all.csv").write_text("mine", encoding="utf-8")
    again = trueup("failed", "export", "all.csv")
    assert (again.code, again.err) == (2, "trueup: all.csv is there already.\nName another file.\n")
    assert (tmp_path / "all.csv").read_text(encoding="utf-8") == "mine"
    nowhere = trueup("failed", "export", "no/such/all.csv")
    assert nowhere.code == 2
    assert "no/such/all.csv cannot be written: No such file or directory." in nowhere.err


def test_a_fresh_ledger_holds(trueup: Callable, configured: Path) -> None:
    said = trueup("audit", "verify", "--json")
    assert said.code == 0, said.err
    assert json.loads(said.out) == {"intact": True, "first_bad": None}


def test_status_prints_json_for_scripts(trueup: Callable, configured: Path) -> None:
    said = trueup("status", "--json")
    assert json.loads(said.out)["orders_total"] == 0


def test_a_sku_nobody_knows_is_a_no(trueup: Callable, configured: Path) -> None:
    said = trueup("stock", "NO-SUCH")
    assert said.code == 1
    assert "NO-SUCH" in said.err


def test_a_record_that_does_not_wait_is_a_no(trueup: Callable, configured: Path) -> None:
    assert trueup("failed", "show", "4711").code == 1


def test_check_fails_when_the_shop_is_not_there(trueup: Callable, configured: Path) -> None:
    said = trueup("check", "--json")
    assert said.code == 1, said.err
    assert any(not line["ok"] and line["remedy"] for line in json.loads(said.out))


def test_the_console_needs_a_terminal(trueup: Callable, configured: Path) -> None:
    assert trueup().code == 2
