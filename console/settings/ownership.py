"""Which side owns which field of a product."""

from pydantic import Field, model_validator

from console.settings.part import Part
from engine.products.checking import findings
from engine.products.ownership import BACK_OFFICE, Ownership, Policy, Rule, ownership


class OwnershipRuleSettings(Part):
    """One rule. Of the rules that cover a case the narrowest counts; the order does not matter."""

    fields: tuple[str, ...] = Field(min_length=1)
    """Fields as docs/products.md names them: `price`, `barcode`, `weight` …"""
    owner: str = Field(default=BACK_OFFICE, pattern=r"^[a-z][a-z0-9_]*$")
    """`back_office`, `storefront`, or a name for a third system such as a headless CMS."""
    policy: Policy = Policy.MIRROR
    """mirror, write_once, fill_if_empty, alert_only or ignore."""
    shops: tuple[str, ...] = ()
    """Connections by name; without it every one."""
    markets: tuple[str, ...] = ()
    """Markets of a shop by name or handle, for `price` and `compare_at_price`: their own prices, in the price list of the
    market's catalogue. Without it the rule lets nobody write those."""
    product_types: tuple[str, ...] = ()
    """Product types as the shop names them; without it every one."""
    tags: tuple[str, ...] = ()
    """The product bears at least one of these tags; without it every product."""

    @property
    def rule(self) -> Rule:
        """As the engine takes it."""
        return Rule(
            frozenset(self.fields), self.owner, self.policy, frozenset(self.shops), frozenset(self.markets),
            frozenset(self.product_types), frozenset(self.tags),
        )  # fmt: skip


class OwnershipSettings(Part):
    """Who owns which field of a product; without a rule the back office owns its own and no other."""

    rules: tuple[OwnershipRuleSettings, ...] = ()
    """Exceptions from what holds otherwise."""

    @model_validator(mode="after")
    def _sound(self) -> "OwnershipSettings":
        if wrong := findings(self.plain):
            raise ValueError(f"{wrong[0].cause} {wrong[0].remedy}")
        return self

    @property
    def plain(self) -> tuple[Rule, ...]:
        """The configured rules alone."""
        return tuple(rule.rule for rule in self.rules)

    @property
    def whole(self) -> Ownership:
        """With what holds otherwise."""
        return ownership(self.plain)
