"""`trueup risk` as a shell sees it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from console.canned_risk import risk_page
from console.cli import risk as module
from console.cli.risk import risk
from engine.desk import RiskPage

Asked = Callable[..., Result]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The command over a desk that has these cells."""

    def run(page: RiskPage, *words: str) -> Result:
        monkeypatch.setattr(module, "at_desk", lambda config, ask: page)
        return CliRunner().invoke(risk, words, standalone_mode=False)

    return run


def test_the_cells_are_printed_soonest_empty_first_with_what_to_do(asked: Asked) -> None:
    said = asked(risk_page())
    first, last = said.output.splitlines()[1], said.output.splitlines()[-1]
    assert first.split()[:4] == ["x", "over", "LE-000000", "Berlin"] and first.endswith("stop selling")
    assert "27 from Ghent" in said.output
    assert last == "3 of 6 at risk (from 2 %); a change travels 1.9 s"
    assert said.return_value == 1


def test_nothing_at_risk_is_exit_code_zero_and_a_text_narrows(asked: Asked) -> None:
    page = risk_page()
    calm = replace(page, rows=page.rows[4:])
    assert asked(calm).return_value == 0
    assert asked(page, "turin").output.count("HW-000004") == 1
    assert asked(page, "nowhere").output == "No selling cell fits.\n"
    assert asked(replace(page, rows=())).output == "Nothing has been sold of late on either side.\n"


def test_json_has_every_cell_in_the_order_asked_for(asked: Asked) -> None:
    told = json.loads(asked(risk_page(), "--json", "--sort", "oversell", "--limit", "1").output)
    assert [row["oversell"] for row in told["rows"]] == [1.0, 0.084, 0.021, 0.0, 0.0, 0.0]
    assert told["threshold"] == 0.02 and told["rows"][0]["velocity"] == 27.3


def test_a_store_without_sales_says_so(trueup: Callable, tmp_path: Path) -> None:
    from tests.cli.test_command_line import CONFIG

    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    said = trueup("risk")
    assert (said.code, said.out) == (0, "Nothing has been sold of late on either side.\n")
