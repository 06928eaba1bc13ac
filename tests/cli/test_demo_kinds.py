"""`trueup demo --headless` with every back office: people play, both sides agree, and the report has its zeros."""

import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from console.cli.demo import BACK_OFFICES
from console.settings.back_offices import BackOfficeSettings

ZEROS = {"lost", "duplicated", "total_mismatch", "held"}
MARKS = {"tryton": [pytest.mark.tryton]}


def test_every_kind_of_back_office_has_a_demo() -> None:
    (union, *_) = get_args(BackOfficeSettings)
    kinds = {kind for each in get_args(union) for kind in get_args(each.model_fields["kind"].annotation)}
    assert set(BACK_OFFICES) == kinds


@pytest.mark.long
@pytest.mark.parametrize("kind", [pytest.param(kind, marks=MARKS.get(kind, [])) for kind in BACK_OFFICES])
def test_both_sides_agree_in_the_end(tmp_path: Path, kind: str) -> None:
    told = tmp_path / "report.json"
    words = ["demo", "--headless", "--seconds", "8", "--back-office", kind, "--report", str(told)]
    program = "from console.main import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=900
    )
    assert ended.returncode == 0, f"{ended.stderr[:2000]}\n{told.read_text(encoding='utf-8')}"
    report = json.loads(told.read_text(encoding="utf-8"))
    orders, stock = report["orders"], report["stock"]
    assert orders["in_back_office"] > 0
    assert {name: orders[name] for name in ZEROS} == dict.fromkeys(ZEROS, 0)
    assert orders.get("unbilled", 0) == 0
    assert (stock["differing"], stock["relisted_units"]) == (0, 0)
