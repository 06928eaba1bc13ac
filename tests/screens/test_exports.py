"""An exported list is safe to open in a spreadsheet and never lands outside its folder."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from screens.export import as_csv, as_json, write_export

FORMULAS = ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(as_csv([{"title": text}]), newline=""))
    assert row == [f"'{text}"]


def test_figures_stay_figures_and_quotes_stay_inside_their_cell() -> None:
    text = as_csv([{"left": -3, "total": Decimal("-1.50"), "title": 'a "b",\nc'}])
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ["-3", "-1.50", 'a "b",\nc']


def test_json_keeps_every_cent() -> None:
    assert json.loads(as_json([{"total": Decimal("0.10"), "held": (("EUR", Decimal("2.00")),)}])) == [
        {"total": "0.10", "held": [["EUR", "2.00"]]}
    ]


@pytest.mark.parametrize("name", ["../../out.csv", "/etc/out.csv", "a/b.csv", "..", "\x00x.csv"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "exports"
    file = write_export(folder, name + "z", "x")
    assert file.parent == folder and [*tmp_path.iterdir()] == [folder]
    assert file.stat().st_mode & 0o077 == 0


def test_a_link_is_not_followed_and_nothing_is_overwritten(tmp_path: Path) -> None:
    folder, secret = tmp_path / "exports", tmp_path / "secret"
    folder.mkdir()
    secret.write_text("kept")
    (folder / "list.csv").symlink_to(secret)
    with pytest.raises(FileExistsError):
        write_export(folder, "list.csv", "x")
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(OSError):
        write_export(tmp_path / "link", "list2.csv", "x")
    assert secret.read_text() == "kept"
