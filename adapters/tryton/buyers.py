"""The parties behind sales: found by e-mail address, or made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adapters.tryton.rpc import Row, Rpc
from engine.model.failure import Refused
from engine.model.ids import OrderId
from engine.model.sale import SalesDocument

NAMELESS = "Shopify buyer"


@dataclass(frozen=True, slots=True)
class Buyer:
    """A party and the address to ship to."""

    party: int
    address: int


@dataclass(frozen=True, slots=True)
class _Person:
    """Who bought, as far as the sale tells: known by the e-mail address, or by the name where there is none."""

    name: str
    email: str

    @property
    def key(self) -> tuple[str, str]:
        """Equal for the same person."""
        return ("", self.email) if self.email else (self.name, "")


class Buyers:
    """Finds or makes parties. To be asked one at a time.

    Transactions of Tryton that make parties at the same moment draw the same party code, and all but one fail.
    """

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    async def of(self, sales: Sequence[SalesDocument]) -> Mapping[OrderId, Buyer]:
        """The buyer of each sale, with an address as written on it."""
        people = {sale.ref: _person(sale) for sale in sales}
        parties = await self._parties(people.values())
        wanted = {sale.ref: (parties[people[sale.ref].key], _street(sale)) for sale in sales}
        addresses = await self._addresses(set(wanted.values()))
        return {ref: Buyer(pair[0], addresses[pair]) for ref, pair in wanted.items()}

    async def _parties(self, people: Iterable[_Person]) -> dict[tuple[str, str], int]:
        unique = {person.key: person for person in people}
        found = await self._known(unique.values())
        missing = [person for key, person in unique.items() if key not in found]
        if missing:
            try:
                made = await self._rpc.create("party.party", [_values(person) for person in missing])
                found |= {person.key: number for person, number in zip(missing, made, strict=True)}
            except Refused:  # somebody else in Tryton took the code, or entered the same buyer
                found |= await self._known(missing)
                for person in missing:
                    if person.key not in found:
                        (found[person.key],) = await self._rpc.create("party.party", [_values(person)])
        return found

    async def _known(self, people: Iterable[_Person]) -> dict[tuple[str, str], int]:
        emails = sorted({person.email for person in people if person.email})
        names = sorted({person.name for person in people if not person.email})
        found: dict[tuple[str, str], int] = {}
        if emails:
            domain = [["type", "=", "email"], ["value", "in", emails]]
            for row in await self._rpc.rows("party.contact_mechanism", domain, ["party", "value"]):
                found.setdefault(("", row["value"]), int(row["party"]))
        for name in names:
            rows = await self._rpc.rows("party.party", [["name", "=", name]], ["name"], limit=1)
            if rows:
                found[name, ""] = int(rows[0]["id"])
        return found

    async def _addresses(self, wanted: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
        domain = [["party", "in", sorted({party for party, _ in wanted})]]
        found: dict[tuple[int, str], int] = {}
        for row in await self._rpc.rows("party.address", domain, ["party", "street_unstructured"]):
            found.setdefault((int(row["party"]), row["street_unstructured"] or ""), int(row["id"]))
        missing = sorted(wanted - found.keys())
        if missing:
            values = [{"party": party, "street_unstructured": street} for party, street in missing]
            made = await self._rpc.create("party.address", values)
            found |= dict(zip(missing, made, strict=True))
        return found


def _person(sale: SalesDocument) -> _Person:
    email = sale.email.strip()
    return _Person(sale.customer.strip() or email or NAMELESS, email)


def _street(sale: SalesDocument) -> str:
    return "\n".join(part for part in sale.address if part.strip())


def _values(person: _Person) -> Row:
    values: Row = {"name": person.name}
    if person.email:
        values["contact_mechanisms"] = [["create", [{"type": "email", "value": person.email}]]]
    return values
