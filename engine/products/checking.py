"""What is wrong with a set of ownership rules, before the first product is looked at."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from engine.products.fields import FIELDS, MARKETED, Home, field_of, market_key
from engine.products.ownership import BACK_OFFICE, Policy, Rule

NEVER_WRITTEN = {
    Home.PRODUCT: "is a field of the storefront that no operation of TrueUp writes",
    Home.STOCK: "is written by the rule for stock alone",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that has to be corrected."""

    cause: str
    remedy: str


def findings(
    rules: Sequence[Rule], readable: Collection[str] | None = None, shop: str | None = None
) -> tuple[Finding, ...]:
    """All that is wrong with configured rules.

    `readable`: fields the back office of the connection `shop` can read; None where that is not known yet.
    """
    found = [*_strange_fields(rules), *_nameless(rules), *_unwritable(rules), *_two_owners(rules)]
    if readable is not None:
        found += _unreadable([rule for rule in rules if not rule.shops or shop in rule.shops], readable)
    return tuple(found)


def _strange_fields(rules: Sequence[Rule]) -> Iterator[Finding]:
    for name in sorted({name for rule in rules for name in rule.fields} - FIELDS.keys()):
        yield Finding(
            f"A rule of [ownership] names the field {name!r}, which TrueUp does not know.",
            f"Give one of: {', '.join(FIELDS)}.",
        )


def _nameless(rules: Sequence[Rule]) -> Iterator[Finding]:
    if any(not market_key(market) or "@" in market for rule in rules for market in rule.markets):
        yield Finding(
            "A rule of [ownership] is for a market without a name, or with @ in it.",
            "Give the market's name or handle as Shopify shows it.",
        )


def _unwritable(rules: Sequence[Rule]) -> Iterator[Finding]:
    """Rules that would have TrueUp write what it has no operation for, or only one that touches other fields."""
    for rule in rules:
        for name in sorted(rule.fields & FIELDS.keys()):
            field = FIELDS[name]
            if name == "quantities" and rule.owner == BACK_OFFICE and rule.policy is Policy.MIRROR:
                continue
            if rule.writes and not field.written:
                yield Finding(
                    f"A rule of [ownership] lets the back office write {name}, which {NEVER_WRITTEN[field.home]}.",
                    f"Give {name} to the storefront, or take it out of the rule.",
                )
            elif name == "quantities":
                yield Finding(
                    "A rule of [ownership] gives quantities to somebody else than the back office.",
                    "Take a location out of [connections.locations] to leave its stock alone.",
                )
            elif rule.markets and name not in MARKETED:
                yield Finding(
                    f"A rule of [ownership] is for markets and names {name}, which is the same in every market.",
                    "Name only price and compare_at_price in a rule for markets.",
                )


def _two_owners(rules: Sequence[Rule]) -> Iterator[Finding]:
    for at, one in enumerate(rules):
        for other in rules[at + 1 :]:
            shared = sorted(one.fields & other.fields)
            same = (one.owner, one.policy) == (other.owner, other.policy)
            if not shared or same or not _meet(one, other) or one.narrower(other) or other.narrower(one):
                continue
            what = "two owners" if one.owner != other.owner else "two policies"
            yield Finding(
                f"{shared[0]} may have {what}: {one.text}, and {other.text}.",
                "Make one of the two rules a special case of the other, or their conditions exclude each other.",
            )


def _meet(one: Rule, other: Rule) -> bool:
    """Some product in some shop and market falls under both; a product may bear any number of tags."""
    *first, _ = one.conditions
    *second, _ = other.conditions
    apart = (one.markets and not other.markets and other.writes) or (
        other.markets and not one.markets and one.writes
    )
    return not apart and all(
        not a or not b or not a.isdisjoint(b) for a, b in zip(first, second, strict=True)
    )


def _unreadable(rules: Sequence[Rule], readable: Collection[str]) -> Iterator[Finding]:
    named = {name for rule in rules if rule.writes for name in rule.names()} - set(readable)
    for name in sorted(name for name in named if (known := field_of(name)) is not None and known.written):
        yield Finding(
            f"A rule of [ownership] lets the back office write {name}, which it cannot be asked for here.",
            f"Let it tell {name}, or give the field to the storefront.",
        )
