"""What the documents tell those who work on the program to run is there: targets of make with their variables, modules."""

import re
from importlib.util import find_spec
from pathlib import Path


def documented(house: Path) -> str:
    pages = [house / "README.md", *sorted((house / "docs").rglob("*.md")), house / "Makefile"]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def test_every_target_of_make_that_is_documented_is_one(house: Path) -> None:
    rules = (house / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", rules, re.M))
    variables = set(re.findall(r"\$\((\w+)\)", rules))
    shown = re.findall(r"(?:`|^)make ([a-z][a-z-]*)((?: [A-Z]+=\S+)*)", documented(house), re.M)
    assert len(shown) > 10
    assert {target for target, _ in shown} - targets == set()
    assert {name for _, given in shown for name in re.findall(r"([A-Z]+)=", given)} - variables == set()


def test_every_module_that_is_documented_can_be_run(house: Path) -> None:
    shown = set(re.findall(r"python -m (tests(?:\.\w+)+|console(?:\.\w+)+)", documented(house)))
    assert len(shown) >= 5
    assert [name for name in sorted(shown) if find_spec(name) is None] == []
