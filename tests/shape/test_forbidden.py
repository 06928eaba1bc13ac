"""Patterns that hurt elsewhere and have no place here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest


def dotted(node: ast.expr) -> str:
    """`a.b.c` for a name or an attribute of one; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def calls(tree: ast.Module) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, dotted(node.func), node


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def swallowed(tree: ast.Module) -> Iterator[int]:
    broad = {"", "Exception", "BaseException"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = dotted(node.type) if node.type else ""
            quiet = all(isinstance(step, ast.Pass | ast.Continue) for step in node.body)
            if caught in broad and (node.type is None or caught) and quiet:
                yield node.lineno


def test_no_error_is_swallowed(trees: dict[str, ast.Module]) -> None:
    assert [f"{name}:{line}" for name, tree in trees.items() for line in swallowed(tree)] == []


OWNERS = {
    "adapters/listener.py",  # the server's task, awaited when the listener stops
    "console/running.py",  # the engine's task and the wait for its end, both awaited there
    "console/inbox.py",  # each commit, awaited by all whose webhooks are in it
}
"""Who may make a task outside a group: each keeps it and waits for it."""

ASKERS = {
    "console/face.py",  # terminal kind, before the settings are loaded
    "console/operator.py",  # the login behind the session
    "console/cli/init.py",  # whether a secret is there, before there are settings
    "adapters/tryton/sandbox/install.py",  # where a cache belongs
    "adapters/tryton/sandbox/build_database.py",  # runs in another interpreter, whose settings these are
}
"""Who may read the environment besides the settings."""


def test_nothing_blocks_in_sleep(trees: dict[str, ast.Module]) -> None:
    ours = {name: tree for name, tree in trees.items() if "/sandbox/" not in name}
    found = [
        f"{name}:{line}"
        for name, tree in ours.items()
        for line, what in imported(tree)
        if what == "time.sleep"
    ]
    found += [
        f"{name}:{line}"
        for name, tree in ours.items()
        for line, what, _ in calls(tree)
        if what == "time.sleep"
    ]
    assert found == []


def test_a_task_belongs_to_a_group_or_to_a_named_owner(trees: dict[str, ast.Module]) -> None:
    bare = re.compile(r"^(asyncio|.*loop)\.(create_task|ensure_future)$")
    places = {name for name, tree in trees.items() for _, what, _ in calls(tree) if bare.match(what)}
    assert places <= OWNERS


def test_only_the_settings_read_the_environment(trees: dict[str, ast.Module]) -> None:
    others = {n: t for n, t in trees.items() if not n.startswith("console/settings/") and n not in ASKERS}
    doors = {"os.environ", "os.getenv", "os.putenv"}
    found = [
        f"{name}:{node.lineno}"
        for name, tree in others.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and dotted(node) in doors
    ]
    found += [
        f"{name}:{line}" for name, tree in others.items() for line, what in imported(tree) if what in doors
    ]
    assert found == []


def test_the_product_never_imports_its_tests(trees: dict[str, ast.Module]) -> None:
    found = [
        f"{name}:{line}"
        for name, tree in trees.items()
        for line, what in imported(tree)
        if what.split(".")[0] == "tests"
    ]
    assert found == []


def test_no_handler_of_a_message_calls_the_one_it_overrides(trees: dict[str, ast.Module]) -> None:
    """Textual calls the handler of every class of a widget: one called by another is called twice."""
    found = [
        f"{name}:{node.lineno}"
        for name, tree in trees.items()
        if name.startswith("screens/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("on_")
        and isinstance(node.value, ast.Call)
        and dotted(node.value.func) == "super"
    ]
    assert found == []


def test_no_module_is_a_drawer_for_odds_and_ends(modules: dict[str, str]) -> None:
    drawers = {"utils", "helpers", "manager", "base"}
    assert [name for name in modules if Path(name).stem in drawers and name != "screens/base.py"] == []


def test_tests_wait_for_facts_not_for_time(house: Path) -> None:
    found = []
    for path in sorted((house / "tests").rglob("*.py")):
        for line, what, call in calls(ast.parse(path.read_text(encoding="utf-8"))):
            zero = bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0
            virtual = "simulation" in path.parts  # its loop moves the clock instead of waiting
            if what == "time.sleep" or (what == "asyncio.sleep" and not zero and not virtual):
                found.append(f"{path.relative_to(house)}:{line}")
    assert found == []


def outer_rules(sheet: str) -> list[str]:
    """What stands outside all braces: the selectors of the outer rules, and any stray declaration."""
    found, depth, start = [], 0, 0
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.S)
    for at, sign in enumerate(sheet):
        if sign == "{":
            if depth == 0:
                found.append(sheet[start:at].strip())
            depth += 1
        elif sign == "}":
            depth -= 1
            start = at + 1 if depth == 0 else start
    return [*found, sheet[start:].strip()] if sheet[start:].strip() else found


def test_a_style_sheet_has_one_outer_rule_so_that_it_colours_its_own_screen_only(house: Path) -> None:
    sheets = sorted(path for folder in ("screens", "console") for path in (house / folder).rglob("*.tcss"))
    many = {path.name: outer_rules(path.read_text(encoding="utf-8")) for path in sheets}
    assert {name: rules for name, rules in many.items() if len(rules) != 1} == {}


@pytest.mark.parametrize(
    ("sheet", "count"),
    [
        ("A { B { c: d; } }", 1),
        ("A { } B { }", 2),
        ("$x: red; A { }", 1),
        ("A {} $x: red;", 2),
        ("/* A {} */ B {}", 1),
    ],
)
def test_outer_rules_are_counted(sheet: str, count: int) -> None:
    assert len(outer_rules(sheet)) == count
