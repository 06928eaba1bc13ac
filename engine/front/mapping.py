"""What is told in which words: edits of a record, both sides of it, and names that are missing."""

from collections.abc import Sequence

import orjson

from engine.desk import (
    Change,
    Chosen,
    Comparison,
    EditForm,
    GapRow,
    MappingRow,
    NameTrial,
    Overtaken,
    Subject,
)
from engine.flows.product_commands import FIELD
from engine.flows.rewording import EDIT
from engine.front.door import Door
from engine.model.ids import WorkId
from engine.model.wording import Stale
from engine.orders.rewording import fault
from engine.store.queries.drafts import waiting_drafts
from engine.store.queries.editing import edit_form, overtaken
from engine.store.queries.gaps import open_gaps
from engine.store.queries.products import field_conflicts, waiting_fields
from engine.store.queries.sides import comparison, mappings, name_trial
from engine.store.verbs.command import outcome
from engine.store.verbs.wording import wordings


class MappingFront(Door):
    """Implements what `engine.desk` says of editing, mapping and gaps."""

    async def overtaken(self, chosen: tuple[Chosen, ...]) -> tuple[Overtaken, ...]:
        """Those that are not as somebody saw them, and those whose order changed after the attempt."""
        return await self._store.read(overtaken, chosen)

    async def editable(self, work: WorkId) -> EditForm | None:
        """What of a record may be told in other words."""
        names = self._atlas.in_force(await self._store.read(wordings))
        return await self._store.read(edit_form, work, names)

    async def edit(
        self, connection: str, record: Chosen | None, changes: Sequence[Change], *, stale: str, operator: str
    ) -> int | str:
        """Ask the engine to tell this from now on and to try the record again; the number to ask by, or why not."""
        for one in changes:
            wrong = fault(one.kind, one.field, one.said) if one.said is not None else ""
            if wrong:
                return f"{one.field or one.name}: {wrong}"
        words = [[one.kind, one.name, one.field, one.said, one.instead_of] for one in changes]
        seen = None if record is None or stale == Stale.FORCE else record.version
        args = {
            "work": None if record is None else record.id,
            "seen": seen,
            "words": words,
            "stale": Stale(stale).value,
        }
        body = orjson.dumps(args).decode()
        return await self._put(connection, EDIT, body, operator)

    async def outcome(self, asked: int) -> str | None:
        """What came of an edit, in a few words."""
        return await self._store.read(outcome, asked)

    async def compare(self, subject: Subject) -> Comparison | None:
        """Both sides of a record as they were last seen."""
        return await self._store.read(comparison, subject, self._atlas)

    async def try_name(self, connection: str, kind: str, name: str, said: str) -> NameTrial:
        """What calling a value `said` would have changed in the newest orders; nothing is edited."""
        return await self._store.read(name_trial, connection, kind, name, said)

    async def mappings(self) -> tuple[MappingRow, ...]:
        """What the two sides call the same thing."""
        return await self._store.read(mappings, self._atlas)

    async def gaps(self) -> tuple[GapRow, ...]:
        """What has no mapping yet, fields of products that wait for a decision, and drafts that are to be made."""
        waiting = await self._store.read(waiting_fields, self._clock.now())
        drafts = await self._store.read(waiting_drafts, self._atlas.warehouses.keys())
        return (*await self._store.read(open_gaps), *waiting, *drafts)

    async def decide_field(
        self, connection: str, sku: str, field: str, what: str, *, minutes: int, operator: str
    ) -> str:
        """Ask the engine to act on a decision about a field of a product; why not, or empty."""
        known = await self._store.read(field_conflicts, self._clock.now())
        if not any((each.connection, each.sku, each.field) == (connection, sku, field) for each in known):
            return f"{field} of {sku} does not wait for a decision any more."
        body = orjson.dumps({"sku": sku, "field": field, "what": what, "minutes": minutes}).decode()
        await self._put(connection, FIELD, body, operator)
        return ""
