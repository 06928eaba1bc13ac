"""Which variant of the shop is which article of the back office: proposals, for a person to confirm.

A match is certain where exactly one variant and one article bear the same SKU. Everything else is named with what
speaks for it and against it, and is adopted only when a person says so for that very pair.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from engine.model.product import OfficeProduct, ShopVariant, Value
from engine.products.fields import shown

T = TypeVar("T")


class How(StrEnum):
    """What a proposal rests on."""

    SKU = "same SKU"
    CASE = "SKU but for case or blanks"
    BARCODE = "same barcode"
    DUPLICATE = "duplicate"
    """Several variants or several articles answer to one name: a person has to tidy up first, or to choose."""
    CHOSEN = "chosen by a person"
    """This very pair, whatever speaks for it or against it."""
    ONLY_SHOP = "only in the shop"
    ONLY_OFFICE = "only in the back office"


@dataclass(frozen=True, slots=True)
class Match:
    """One proposal, or one side that nothing was found for."""

    how: How
    variant: ShopVariant | None
    article: OfficeProduct | None
    note: str = ""
    """For a duplicate: who else answers to the name."""

    @property
    def certain(self) -> bool:
        """It may be confirmed together with others, without a look at each."""
        return self.how is How.SKU

    @property
    def pair(self) -> tuple[ShopVariant, OfficeProduct]:
        """Both sides; ValueError when one is missing."""
        if self.variant is None or self.article is None:
            raise ValueError("there is nothing to adopt: one side is missing")
        return self.variant, self.article


def folded(sku: str) -> str:
    """A SKU as people mix it up: case, blanks and hyphens aside."""
    return "".join(sign for sign in sku.casefold() if not sign.isspace() and sign not in "-_")


def match(variants: Iterable[ShopVariant], articles: Iterable[OfficeProduct]) -> tuple[Match, ...]:
    """A proposal for every variant, then the articles without one; certain ones first, in the order of SKUs."""
    variants = sorted(variants, key=lambda each: (each.sku, each.id))
    articles = sorted(articles, key=lambda each: each.sku)
    theirs = _by([(each.sku, each) for each in articles])
    same = _by([(folded(each.sku), each) for each in articles])
    coded = _by([(barcode, each) for each in articles if (barcode := _barcode(each.values))])
    ours = _by([(each.sku, each) for each in variants])
    blurred = _by([(folded(each.sku), each) for each in variants])
    coded_ours = _by([(barcode, each) for each in variants if (barcode := _barcode(each.values))])
    found: list[Match] = []
    for variant in variants:
        barcode = _barcode(variant.values)
        if variant.sku and theirs[variant.sku]:
            found.append(_judged(How.SKU, variant, theirs[variant.sku], ours[variant.sku]))
        elif variant.sku and same[folded(variant.sku)]:
            name = folded(variant.sku)
            found.append(_judged(How.CASE, variant, same[name], blurred[name]))
        elif barcode and coded[barcode]:
            found.append(_judged(How.BARCODE, variant, coded[barcode], coded_ours[barcode]))
        else:
            note = "" if variant.sku else "it has no SKU"
            found.append(Match(How.ONLY_SHOP, variant, None, note))
    taken = {id(each.article) for each in found if each.article is not None}
    taken |= {
        id(each) for one in found if one.how is How.DUPLICATE for each in _answering(one, theirs, same, coded)
    }
    found += [Match(How.ONLY_OFFICE, None, each) for each in articles if id(each) not in taken]
    order = list(How)
    return _once(sorted(found, key=lambda each: order.index(each.how)))


def _once(found: Sequence[Match]) -> tuple[Match, ...]:
    """An article goes to the variant for which most speaks; what else answers to it is a duplicate."""
    given: dict[int, Match] = {}
    once: list[Match] = []
    for each in found:
        first = given.setdefault(id(each.article), each) if each.article and each.variant else each
        if first is not each and each.how is not How.DUPLICATE and each.article and first.variant:
            note = (
                f"{each.how}: article {each.article.sku} goes to {first.variant.title} ({first.variant.id})"
            )
            each = Match(How.DUPLICATE, each.variant, None, note)
        once.append(each)
    return tuple(sorted(once, key=lambda each: list(How).index(each.how)))


def _answering(one: Match, *books: defaultdict[str, list[OfficeProduct]]) -> list[OfficeProduct]:
    assert one.variant is not None, "a duplicate is named at a variant"
    sku, barcode = one.variant.sku, _barcode(one.variant.values)
    theirs, same, coded = books
    return [*theirs[sku], *same[folded(sku)], *(coded[barcode] if barcode else ())]


def _judged(
    how: How, variant: ShopVariant, articles: Sequence[OfficeProduct], variants: Sequence[ShopVariant]
) -> Match:
    if len(articles) == 1 and len(variants) == 1:
        return Match(how, variant, articles[0])
    others = [f"{each.title} ({each.id})" for each in variants if each is not variant]
    others += [f"article {each.sku}" for each in articles] if len(articles) > 1 else []
    note = f"{how}: also {', '.join(others)}"
    return Match(How.DUPLICATE, variant, articles[0] if len(articles) == 1 else None, note)


def _by(pairs: Iterable[tuple[str, T]]) -> defaultdict[str, list[T]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for name, each in pairs:
        found[name].append(each)
    return found


def _barcode(values: Mapping[str, Value]) -> str:
    return shown(values.get("barcode"))
