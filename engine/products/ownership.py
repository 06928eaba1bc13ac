"""Which side owns a field of a product, and what follows from it: rules as data, one answer for every case.

A rule covers fields under conditions (shop, market, product type, tag); of the rules that cover a case, the narrowest
counts. Rules of the configuration come before the default ones. `checking` refuses a set of rules in which a case
could have two narrowest rules that disagree, so the order in which rules are written down never matters.

A market's own prices are written by a rule that names the market, and by no other: what a rule says of the shop's own
price is no leave to put fixed prices into the price lists of its markets.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from engine.products.fields import FACTS, at_market, market_key, parts

BACK_OFFICE, STOREFRONT = "back_office", "storefront"


class Policy(StrEnum):
    """What the owner's value does to the other side's."""

    MIRROR = "mirror"
    """The shop follows every change of the owner."""
    WRITE_ONCE = "write_once"
    """Written one time, never again."""
    FILL_IF_EMPTY = "fill_if_empty"
    """Written where the shop has no value."""
    ALERT_ONLY = "alert_only"
    """Never written; a difference is shown."""
    IGNORE = "ignore"
    """Neither written nor shown."""


def folded(names: frozenset[str]) -> frozenset[str]:
    """Types and tags are compared as Shopify does: case aside."""
    return frozenset(name.casefold() for name in names)


@dataclass(frozen=True, slots=True)
class Scope:
    """The case a rule is asked for: one product in one shop, and one market of it."""

    shop: str
    """Name of the connection."""
    product_type: str = ""
    tags: frozenset[str] = frozenset()
    market: str = ""
    """As `market_key` writes it; empty for the shop's own prices."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the rule set; an empty condition holds always."""

    fields: frozenset[str]
    owner: str
    """`back_office`, `storefront`, or the name of a third system such as a headless CMS."""
    policy: Policy = Policy.MIRROR
    shops: frozenset[str] = frozenset()
    markets: frozenset[str] = frozenset()
    """By name or handle."""
    product_types: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    """The product bears at least one of them."""
    default: bool = False
    conditions: tuple[frozenset[str], ...] = field(init=False, repr=False, compare=False)
    """Shops, markets, product types and tags, folded for comparison where people type them."""
    text: str = field(init=False, repr=False, compare=False)
    """The rule as a person reads it."""

    def __post_init__(self) -> None:
        """Work out what every question about the rule needs: there are some for each field of each product."""
        markets = frozenset(map(market_key, self.markets))
        where = self.shops, markets, folded(self.product_types), folded(self.tags)
        object.__setattr__(self, "conditions", where)
        named = zip(("shop", "market", "type", "tag"), where, strict=True)
        said = " ".join(f"{word}:{'|'.join(sorted(each))}" for word, each in named if each)
        object.__setattr__(self, "text", f"{self.owner} {self.policy}" + (f" ({said})" if said else ""))

    @property
    def writes(self) -> bool:
        """TrueUp may write these fields."""
        return self.owner == BACK_OFFICE and self.policy in (
            Policy.MIRROR, Policy.WRITE_ONCE, Policy.FILL_IF_EMPTY,
        )  # fmt: skip

    def covers(self, field: str, scope: Scope) -> bool:
        """The rule speaks of this field in this case."""
        shops, markets, types, tags = self.conditions
        return (
            field in self.fields
            and (not shops or scope.shop in shops)
            and (scope.market in markets if markets else not (scope.market and self.writes))
            and (not types or scope.product_type.casefold() in types)
            and (not tags or not tags.isdisjoint(folded(scope.tags)))
        )

    def names(self) -> Iterable[str]:
        """Its fields, each in every market it is for."""
        _, markets, *_ = self.conditions
        return [at_market(name, each) for name in self.fields for each in markets] if markets else self.fields

    def narrower(self, other: "Rule") -> bool:
        """Whatever this rule covers the other covers too, and not the other way round; any rule beats a default one."""
        if self.default is not other.default:
            return other.default
        pairs = list(zip(self.conditions, other.conditions, strict=True))
        return all(not theirs or (ours and ours <= theirs) for ours, theirs in pairs) and any(
            ours != theirs for ours, theirs in pairs
        )


IGNORED = Rule(frozenset(), STOREFRONT, Policy.IGNORE, default=True)
"""What holds for a field that no rule speaks of: nobody writes it."""

DEFAULT_RULES = (
    Rule(
        frozenset({
            "sku", "barcode", "price", "compare_at_price", "cost", "weight", "origin", "customs_code",
            "tracked", "quantities",
        }), BACK_OFFICE, Policy.MIRROR, default=True,
    ),
    # facts for metafields: the back office's own, and written only where a rule asks for it
    Rule(frozenset(FACTS), BACK_OFFICE, Policy.IGNORE, default=True),
    Rule(
        frozenset({
            "title", "description", "images", "seo", "collections", "tags", "status", "template", "metafields",
            "vendor", "product_type", "category", "handle", "options", "publications",
        }), STOREFRONT, Policy.IGNORE, default=True,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ownership:
    """A checked set of rules."""

    rules: tuple[Rule, ...] = DEFAULT_RULES

    def rule_for(self, field: str, scope: Scope) -> Rule:
        """The rule that decides about a field in a case; the field may be named with its market."""
        field, market = parts(field)
        if market:
            scope = replace(scope, market=market)
        return _narrowest(self.rules, field, scope)

    def markets(self, shop: str) -> tuple[str, ...]:
        """Markets whose own prices a rule of this shop speaks of, other than to ignore them."""
        named = [
            markets
            for rule in self.rules
            for shops, markets, *_ in [rule.conditions]
            if rule.policy is not Policy.IGNORE and (not shops or shop in shops)
        ]
        return tuple(sorted(frozenset().union(*named)))

    def speaks_of(self, fields: Iterable[str], shop: str) -> bool:
        """A rule of this shop is for one of these fields, other than to ignore it."""
        wanted = set(fields)
        return any(
            rule.policy is not Policy.IGNORE
            and not wanted.isdisjoint(rule.fields)
            and (not rule.shops or shop in rule.shops)
            for rule in self.rules
        )

    def may_write(self, field: str, scope: Scope) -> bool:
        """The back office owns the field there, by a policy that writes."""
        return self.rule_for(field, scope).writes


@lru_cache(maxsize=2048)
def _narrowest(rules: tuple[Rule, ...], field: str, scope: Scope) -> Rule:
    """Asked for every field of every product, and most products are alike."""
    covering = [rule for rule in rules if rule.covers(field, scope)]
    narrowest = [rule for rule in covering if not any(other.narrower(rule) for other in covering)]
    return narrowest[0] if narrowest else IGNORED


def ownership(rules: Iterable[Rule] = ()) -> Ownership:
    """These rules before the default ones; check them first."""
    return Ownership((*rules, *DEFAULT_RULES))
