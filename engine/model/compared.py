"""One field of a product, an order or a customer on both sides, and what connects them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Compared:
    """Both values, the rule between them, and the result."""

    field: str
    office: str
    shop: str
    rule: str
    result: str
    """same, same after rule, differs, only ours, only theirs or invalid: what two readings come to."""
    told: bool = False
    """The back office's value is what it was told: it is not asked for this field again."""


def result_of(office: str, shop: str, *, by_rule: bool = False) -> str:
    """What two values come to; `by_rule`: the rule wants them to differ in words."""
    if office == shop:
        return "same"
    if not office:
        return "only theirs"
    if not shop:
        return "only ours"
    return "same after rule" if by_rule else "differs"
