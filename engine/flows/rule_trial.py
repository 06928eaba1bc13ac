"""Edited ownership rules tried on adopted products: what each field's rule and fate would be, with nothing written."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.flows.adopting import told
from engine.flows.product_looking import look
from engine.flows.site import Site
from engine.products.fields import shown
from engine.products.ownership import Ownership
from engine.store.product_rows import FieldSeen, Link


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One field of one product that another rule would hold for, or that would fare otherwise."""

    sku: str
    field: str
    before: str
    """The rule now."""
    after: str
    """The edited rule."""
    shop: str
    office: str
    now: str
    """What becomes of it now: written, same, left, alert, conflict, fight or invalid."""
    then: str
    """What would become of it."""

    @property
    def writes(self) -> bool:
        """The edit has it written, and the rules now do not."""
        return self.then == "written" != self.now


async def tried(site: Site, edited: Ownership, links: Sequence[Link]) -> list[RuleChange]:
    """What the edit changes for these; both sides are read. Raises Failure."""
    told(site)
    kept = site.ownership
    try:
        now, _ = await look(site, links, {})
        site.ownership = edited
        then, _ = await look(site, links, {})
    finally:
        site.ownership = kept
    later = {(one.looked.link.sku, name): seen for one in then for name, seen in one.looked.fields.items()}
    found = []
    for one in now:
        for name, seen in one.looked.fields.items():
            other = later.get((one.looked.link.sku, name))
            if other is None or (seen.rule, _fate(seen)) == (other.rule, _fate(other)):
                continue
            held, office = shown(one.variant.values[name]), shown(seen.office)
            found.append(
                RuleChange(
                    one.looked.link.sku, name, seen.rule, other.rule, held, office, _fate(seen), _fate(other)
                )
            )
    return found


def _fate(seen: FieldSeen) -> str:
    return "written" if seen.written else str(seen.state)
