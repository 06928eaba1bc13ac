"""Odoo's search domains over records in memory: the operators and dotted paths a connector needs, no others."""

from collections.abc import Callable, Mapping
from typing import Any

Record = Mapping[str, Any]
Resolve = Callable[[str, int], Record | None]
"""A record by the model a many2one points to and its id."""


class BadDomain(ValueError):
    """A field or operator the server does not know."""


class Domains:
    """Judges records by domains."""

    def __init__(
        self,
        relations: Mapping[tuple[str, str], str],
        fields: Mapping[str, frozenset[str]],
        resolve: Resolve,
        parents: Callable[[int], list[int]],
    ) -> None:
        """`relations` maps (model, field) to the model a many2one points to; `parents` lists a location's ancestors."""
        self._relations = relations
        self._fields = fields
        self._resolve = resolve
        self._parents = parents

    def judge(self, model: str, domain: list[Any]) -> Callable[[Record], bool]:
        """The test a record of this model must pass; BadDomain for what cannot be read."""
        rest = list(domain)
        tests: list[Callable[[Record], bool]] = []
        while rest:
            tests.append(self._term(model, rest))
        return lambda record: all(test(record) for test in tests)

    def _term(self, model: str, rest: list[Any]) -> Callable[[Record], bool]:
        head = rest.pop(0)
        if head in ("&", "|"):
            one, other = self._term(model, rest), self._term(model, rest)
            if head == "&":
                return lambda record: one(record) and other(record)
            return lambda record: one(record) or other(record)
        if head == "!":
            inner = self._term(model, rest)
            return lambda record: not inner(record)
        if not isinstance(head, list | tuple) or len(head) != 3:
            raise BadDomain(f"Invalid domain term {head!r}")
        path, operator, wanted = head
        return self._leaf(model, str(path).split("."), str(operator), wanted)

    def _leaf(self, model: str, path: list[str], operator: str, wanted: Any) -> Callable[[Record], bool]:
        name, deeper = path[0], path[1:]
        if name not in self._fields[model]:
            raise BadDomain(f"Invalid field {model}.{name} in leaf")
        target = self._relations.get((model, name))
        if deeper:
            if target is None:
                raise BadDomain(f"Invalid field {model}.{'.'.join(path)} in leaf")
            inner = self._leaf(target, deeper, operator, wanted)

            def follow(record: Record) -> bool:
                linked = self._resolve(target, record[name]) if record[name] else None
                return linked is not None and inner(linked)

            return follow
        if operator == "child_of":
            above = {wanted} if isinstance(wanted, int) else set(wanted)
            return lambda record: bool(above & {record[name], *self._parents(record[name] or 0)})
        compare = OPERATORS.get(operator)
        if compare is None:
            raise BadDomain(f"Invalid operator {operator!r}")
        return lambda record: compare(record[name], wanted)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda have, want: have not in (False, None) and compare(have, want)


def _same(have: Any, want: Any) -> bool:
    return (
        (have or False) == (want or False) if want in (False, None) or have in (False, None) else have == want
    )


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": _same,
    "!=": lambda have, want: not _same(have, want),
    "in": lambda have, want: have in want,
    "not in": lambda have, want: have not in want,
    ">": _ordered(lambda have, want: have > want),
    ">=": _ordered(lambda have, want: have >= want),
    "<": _ordered(lambda have, want: have < want),
    "<=": _ordered(lambda have, want: have <= want),
    "=ilike": lambda have, want: bool(have) and str(have).lower() == str(want).lower(),
    "ilike": lambda have, want: bool(have) and str(want).lower() in str(have).lower(),
}
