"""What the product declares, the product uses: what only a test asks for lives with the tests."""

import ast
from collections.abc import Iterator, Mapping

LISTED = {
    ("adapters.shopify.operations", "names"),  # every operation is checked against the schema by tests
    ("console.main", "main"),  # the command that is installed
    ("screens.commands", "SCREENS"),  # what holds of every screen is checked by tests
}
"""Names that list what there is, or that are called from outside."""


def module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def declared(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Functions, classes and constants of a module; what a decorator hands to somebody is used by that."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not node.decorator_list or "dataclass" in ast.unparse(node.decorator_list[0]):
                yield node.name, node
        elif isinstance(node, ast.Assign):
            yield from ((name.id, node) for name in node.targets if isinstance(name, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node


def loaded(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
            yield each.id


def used(modules: Mapping[str, ast.Module]) -> set[tuple[str, str]]:
    """(module, name) of all that a module takes from another, or a statement from another of its own module.

    Taken by an import, by an attribute of an imported module, or by a text like `screens.stock:Stock`.
    """
    found: set[tuple[str, str]] = set()
    for module, tree in modules.items():
        known: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    found.add((node.module, alias.name))
                    known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in known
            ):
                found.add((known[node.value.id], node.attr))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and ":" in node.value:
                module_named, _, name = node.value.partition(":")
                found.add((module_named, name))
        for statement in tree.body:
            own = {name for name, node in declared(tree) if node is statement}
            found |= {(module, name) for name in loaded(statement) if name not in own}
    return found


def test_nothing_is_declared_for_tests_alone_or_for_nobody(trees: dict[str, ast.Module]) -> None:
    modules = {module_of(path): tree for path, tree in trees.items()}
    asked = used(modules) | LISTED
    idle = [
        f"{module}.{name}"
        for module, tree in modules.items()
        if ".migrations.versions." not in module
        for name, _ in declared(tree)
        if (module, name) not in asked and not name.startswith("__")
    ]
    assert idle == [], "take these out, or move them to the tests that need them"
    assert {one for one in LISTED if one[1] not in dict(declared(modules[one[0]]))} == set()
