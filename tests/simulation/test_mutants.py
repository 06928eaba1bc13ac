"""Every deliberate fault still fits the engine: what it replaces is there and is called as its substitute can be."""

import inspect
from pkgutil import resolve_name

import pytest

from tests.simulation.hunt import MUTANTS


def standing(target: str) -> object:
    """What stands at a dotted name now."""
    owner, _, name = target.rpartition(".")
    return inspect.getattr_static(resolve_name(owner), name)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_stands_where_the_engine_calls(name: str) -> None:
    for target, instead in MUTANTS[name].patches.items():
        original = standing(target)
        if not (inspect.isfunction(original) and inspect.isfunction(instead)):
            assert isinstance(original, property) == isinstance(instead, property), target
            continue
        given = inspect.signature(original).parameters.values()
        keyed = {each.name: None for each in given if each.kind is each.KEYWORD_ONLY}
        placed = [None for each in given if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
        inspect.signature(instead).bind(*placed, **keyed)
