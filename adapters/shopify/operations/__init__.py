"""The GraphQL operations TrueUp sends, each in its own file, read once.

A file holds one operation, named like the file in camel case; the fragments it spreads live in `fragments.graphql`
and are appended. A test validates every one against the published schema.
"""

import re
from functools import cache
from importlib.resources import files

_SPREAD = re.compile(r"\.\.\.\s*([A-Z]\w*)")
_FRAGMENT = re.compile(r"^fragment (\w+) on .*?^\}", re.MULTILINE | re.DOTALL)


@cache
def operation(name: str) -> str:
    """The text of an operation with every fragment it needs."""
    return with_fragments((files(__name__) / f"{name}.graphql").read_text("utf-8"))


def with_fragments(text: str) -> str:
    """The text followed by the fragments it spreads, each once."""
    known, used, todo = _fragments(), dict[str, str](), [text]
    while todo:
        for name in _SPREAD.findall(todo.pop()):
            if name not in used:
                used[name] = known[name]
                todo.append(known[name])
    return "\n".join([text.strip(), *used.values()])


def names() -> tuple[str, ...]:
    """Every operation there is."""
    return tuple(
        sorted(
            entry.name.removesuffix(".graphql")
            for entry in files(__name__).iterdir()
            if entry.name.endswith(".graphql") and entry.name != "fragments.graphql"
        )
    )


@cache
def _fragments() -> dict[str, str]:
    text = (files(__name__) / "fragments.graphql").read_text("utf-8")
    return {found.group(1): found.group(0) for found in _FRAGMENT.finditer(text)}
