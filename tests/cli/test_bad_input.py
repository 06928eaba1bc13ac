"""What is wrong before the engine can begin is said in one sentence of cause and one of remedy, and ends with 2."""

import json
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.sql.sandbox.statements import STATEMENTS


def configured(folder: Path, *, head: str = "", secrets: str = 'shop_access_token = "x"') -> None:
    """A configuration whose shop and back office nobody answers for."""
    (folder / "secrets.toml").write_text(f"[main]\n{secrets}\n", encoding="utf-8")
    (folder / "secrets.toml").chmod(0o600)
    statements = "\n".join(f"{name} = {json.dumps(sql)}" for name, sql in STATEMENTS.items())
    (folder / "config.toml").write_text(
        f"""secrets_file = "secrets.toml"
{head}
[[connections]]
name = "main"
[connections.shop]
kind = "shopify"
url = "http://127.0.0.1:9"
[connections.back_office]
kind = "sql"
url = "postgresql+psycopg://trueup@127.0.0.1:1/stock"
[connections.back_office.statements]
{statements}
[connections.locations]
"gid://shopify/Location/1" = "WH1"
""",
        encoding="utf-8",
    )


@pytest.mark.parametrize("words", [("run",), ("status",), ("failed", "list")], ids=" ".join)
def test_a_database_of_a_newer_version(trueup: Callable, tmp_path: Path, words: tuple[str, ...]) -> None:
    configured(tmp_path)
    assert trueup("status").code == 0
    with sqlite3.connect(tmp_path / "trueup.db") as database:
        database.execute("update alembic_version set version_num = 'v9999'")
    database.close()
    said = trueup(*words)
    assert said.code == 2
    assert said.err.splitlines()[-2:] == [
        "trueup: The database was written by a newer version of TrueUp.",
        "Start that version, or restore a backup made with this one.",
    ]


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("sqlite:///no/folder/trueup.db", "does not exist"),
        ("sqlite:///config.toml", "cannot be opened"),
        ("postgresql+psycopg://trueup@127.0.0.1:1/trueup", "cannot be opened"),
    ],
)
def test_a_store_that_cannot_be_opened(trueup: Callable, tmp_path: Path, url: str, cause: str) -> None:
    configured(tmp_path, head=f'[store]\nurl = "{url}"')
    (tmp_path / "config.toml").chmod(0o600)
    said = trueup("run")
    assert said.code == 2
    assert cause in said.err
    assert "store.url" in said.err.splitlines()[-1]


def test_a_shop_without_a_key(trueup: Callable, tmp_path: Path) -> None:
    configured(tmp_path, secrets="")
    said = trueup("run")
    assert said.code == 2
    assert said.err.splitlines()[-2] == "trueup: No key of the shop of 'main' is set."
    assert "TRUEUP_SECRETS__MAIN__SHOP_ACCESS_TOKEN" in said.err.splitlines()[-1]


def test_a_port_that_is_taken(trueup: Callable, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        configured(tmp_path, head=f"[listener]\nport = {port}")
        said = trueup("run")
    assert said.code == 2
    assert (
        said.err.splitlines()[-2]
        == f"trueup: Nothing can listen on 127.0.0.1:{port}: Address already in use."
    )
    assert "[listener]" in said.err.splitlines()[-1]


def test_check_names_a_back_office_that_is_not_there(trueup: Callable, tmp_path: Path) -> None:
    configured(tmp_path)
    said = trueup("check", "--json")
    assert said.code == 1
    found = next(line for line in json.loads(said.out) if line["name"] == "main: back office")
    assert "cannot be reached" in found["detail"]
    assert "correct its address" in found["remedy"]
