"""What the documents say is there, is there."""

import re
from pathlib import Path

from adapters.sql.statements import SHAPES
from console.cli.root import COMMANDS


def test_every_statement_of_a_sql_back_office_is_documented(house: Path) -> None:
    text = (house / "docs" / "operating.md").read_text(encoding="utf-8")
    assert [name for name in SHAPES if f"`{name}`" not in text] == []


def test_every_command_the_documents_name_exists(house: Path) -> None:
    for path in (house / "README.md", *sorted((house / "docs").glob("*.md"))):
        named = set(re.findall(r"trueup (?!demo-)([a-z]+)", path.read_text(encoding="utf-8")))
        assert named <= set(COMMANDS) | {"stock"}, path.name
