"""The field maps the back offices carry, each in its own room as `fields.toml`."""

import tomllib
from functools import cache
from importlib.resources import files

from engine.orders.coverage import FieldMap, How, Rule


@cache
def kinds() -> tuple[str, ...]:
    """Back offices that carry a field map."""
    return tuple(
        sorted(room.name for room in files("adapters").iterdir() if (room / "fields.toml").is_file())
    )


@cache
def field_map(kind: str) -> FieldMap:
    """The map of one back office; ValueError when a line does not say exactly one thing."""
    text = (files("adapters") / kind / "fields.toml").read_text("utf-8")
    declared: dict[str, Rule] = {}
    for field, said in tomllib.loads(text)["fields"].items():
        if len(said) != 1:
            raise ValueError(f"the field map of {kind} says {said!r} of {field}")
        ((how, what),) = said.items()
        declared[field] = Rule(How(how), what)
    return declared


def nowhere(kind: str) -> frozenset[str]:
    """Fields whose content this back office is not told."""
    return frozenset(field for field, rule in field_map(kind).items() if rule.how is How.NOWHERE)


def as_markdown(kind: str) -> str:
    """The map of one back office as a page for people."""
    declared = field_map(kind)
    rows = [
        f"| `{field}` | {rule.how.value.replace('_', ' ')} | {rule.text} |"
        for field, rule in declared.items()
    ]
    head = (
        f"# Shopify order to {kind}",
        "",
        f"Written by `trueup mapping coverage --write docs/field-maps` from `adapters/{kind}/fields.toml`.",
        "`to`: booked there. `derived`: decides something else. `left out`: says nothing the document needs.",
        "`nowhere`: content that stays in Shopify; `trueup mapping gaps` lists the orders' first of each.",
        "",
        "| field | how | where or why |",
        "|---|---|---|",
    )
    return "\n".join([*head, *rows]) + "\n"
