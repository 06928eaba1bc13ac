"""The desk over the store: what faces read is queried, what they ask becomes a command row for the engine."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import orjson

from engine.desk import (
    Asked,
    Came,
    CauseRow,
    Change,
    Changes,
    Chosen,
    Comparison,
    ConflictRow,
    EditForm,
    FailedDetail,
    FailedPage,
    GapRow,
    Look,
    MappingRow,
    OrderDetail,
    OrderLineRow,
    Overtaken,
    Page,
    PlanLine,
    Pulse,
    RiskPage,
    StockPage,
    Subject,
    SyncPage,
    TrailRow,
    Verified,
)
from engine.flows.plan_commands import Done
from engine.flows.product_commands import FIELD
from engine.flows.reconcile import FULL
from engine.flows.rewording import EDIT
from engine.flows.subscribing import VERB as SUBSCRIBE
from engine.model.clock import Clock
from engine.model.comparison import Proof
from engine.model.explanation import Explanation
from engine.model.hold import EVERY, Hold
from engine.model.ids import OrderId, WorkId
from engine.model.plan import Plan
from engine.model.role import Role, needed_for, too_little
from engine.model.wording import Stale
from engine.orders.atlas import Atlas
from engine.orders.rewording import fault
from engine.store.queries.compared import proof
from engine.store.queries.conflicts import conflicts
from engine.store.queries.editing import edit_form, overtaken
from engine.store.queries.failed import failed_causes, failed_chosen, failed_detail, failed_page
from engine.store.queries.gaps import open_gaps
from engine.store.queries.history import explanations
from engine.store.queries.named_cell import cells_named
from engine.store.queries.orders import order_detail, order_page
from engine.store.queries.plans import plan_lines, read_plan
from engine.store.queries.products import field_conflicts, waiting_fields
from engine.store.queries.pulse import pulse
from engine.store.queries.risk import risk_page
from engine.store.queries.sides import comparison, mappings
from engine.store.queries.stock import stock_page
from engine.store.queries.sync import sync_page
from engine.store.queries.trail import trail_page, verified
from engine.store.queries.undo import inverse
from engine.store.session import Store
from engine.store.verbs.asked import VERBS, Target, args_of
from engine.store.verbs.command import ask, note_refusal, outcome
from engine.store.verbs.hold import holds
from engine.store.verbs.notices import acknowledge_all
from engine.store.verbs.orders import read_orders
from engine.store.verbs.owners import connections_of, versions_of
from engine.store.verbs.wording import wordings

PULLED_AT_ONCE = 500
"""Orders in one command, so that no transaction of the engine grows long."""


class StoreChanges:
    """The store's bell."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def after(self, seen: int, *, at_most: float) -> int:
        """Wait until the revision is past `seen` or `at_most` seconds went by; the revision then."""
        return await self._store.changed_after(seen, at_most)


class Front:
    """Implements `engine.desk.Desk`; `me` is the holder name of an engine in this process, if there is one."""

    def __init__(
        self,
        store: Store,
        *,
        environment: str,
        clock: Clock,
        me: str | None = None,
        proof_hours: float = 24.0,
        atlas: Atlas | None = None,
        role: Role = Role.ADMIN,
    ) -> None:
        self._store = store
        self._environment = environment
        self._clock = clock
        self._me = me
        self._proof_hours = proof_hours
        self._atlas = atlas or Atlas()
        self._role = role
        self._changes = StoreChanges(store)

    @property
    def environment(self) -> str:
        """Name shown in the status line."""
        return self._environment

    @property
    def changes(self) -> Changes:
        """The bell."""
        return self._changes

    async def pulse(self) -> Pulse:
        """The overview."""
        return await self._store.read(pulse, me=self._me, now=self._clock.now())

    async def proof(self) -> Proof:
        """Whether every cell was compared within the hours that were set."""
        return await self._store.read(proof, FULL, self._proof_hours, self._clock.now())

    async def stock(self, *, filter: str = "", offset: int = 0, limit: int = 200) -> StockPage:
        """SKUs containing `filter` in SKU or title, sorted by SKU."""
        return await self._store.read(
            stock_page, filter=filter, offset=offset, limit=limit, now=self._clock.now()
        )

    async def risk(self) -> RiskPage:
        """Cells that sell, the soonest empty first."""
        return await self._store.read(risk_page, self._clock.now())

    async def holds(self) -> tuple[Hold, ...]:
        """What operators hold back from sale."""
        return tuple(await self._store.read(holds))

    async def hold(
        self,
        connection: str,
        sku: str,
        location: str,
        *,
        units: int | None,
        minutes: int | None,
        operator: str,
    ) -> str:
        """Ask the engine to hold units back in a cell; why not, or empty."""
        said = {"units": units, "minutes": minutes}
        return await self._ask_cell(connection, sku, location, "hold", said, operator)

    async def let_go(self, connection: str, sku: str, location: str, *, operator: str) -> str:
        """Ask the engine to end what is held back in a cell; why not, or empty."""
        return await self._ask_cell(connection, sku, location, "let go", {}, operator)

    async def conflicts(self) -> tuple[ConflictRow, ...]:
        """Levels that something other than TrueUp changed, the oldest first."""
        return tuple(await self._store.read(conflicts))

    async def decide(
        self,
        connection: str,
        sku: str,
        location: str,
        *,
        units: int,
        real: bool,
        operator: str,
        kind: str = "",
    ) -> str:
        """Ask the engine to note what so many units of a conflict were; why not, or empty."""
        mine = [
            row
            for row in await self._store.read(conflicts)
            if row.sku == sku
            and location.lower() in (row.location.lower(), row.location_name.lower())
            and connection in ("", row.connection)
        ]
        mine = [row for row in mine if row.kind == "fall"] or mine  # a cell's fall is judged before its rise
        if kind and len(mine) == 1 and mine[0].kind != kind:
            return f"Of {sku} at {location} a {mine[0].kind} of {mine[0].units} has to be decided before the {kind}."
        if len(mine) != 1 or units > mine[0].units:
            known = ", ".join(f"a {row.kind} of {row.units} in {row.connection}" for row in mine)
            return f"Of {sku} at {location} waits {known or 'nothing'}, not one change of {units} units."
        said = {"units": units, "real": int(real), "rise": int(mine[0].kind == "rise")}
        return await self._ask_cell(mine[0].connection, sku, location, "decide", said, operator)

    async def _ask_cell(
        self,
        connection: str,
        sku: str,
        location: str,
        verb: str,
        said: Mapping[str, int | None],
        operator: str,
    ) -> str:
        found = await self._store.read(cells_named, connection, sku, location)
        if len(found) != 1:
            what, unknown = ("cells", "No SKU is") if sku == EVERY else (sku, f"{sku} is not")
            many = f"{len(found)} connections have {what} at {location}: name one."
            return many if found else f"{unknown} known at {location}."
        [(owner, key)] = found
        held = await self._store.read(holds, owner)
        if verb == "let go" and not any((one.sku, one.location) == key for one in held):
            what = "everything" if sku == EVERY else f"anything back of {sku}"
            return f"No operator holds {what} at {location}."
        args = orjson.dumps({"sku": key.sku, "location": key.location, **said}).decode()
        await self._put(owner, verb, args, operator)
        return ""

    async def explain(self, sku: str, location: str, at: datetime | None = None) -> tuple[Explanation, ...]:
        """Why a cell held what it held at a moment (by default now); one per connection that has it."""
        now = self._clock.now()
        return tuple(await self._store.read(explanations, sku, location, at or now, now))

    async def plans(self) -> tuple[PlanLine, ...]:
        """The newest plans, the newest first."""
        return tuple(await self._store.read(plan_lines))

    async def plan(self, number: int) -> Plan | None:
        """A plan with all its rows; None when there is none of that number."""
        return await self._store.read(read_plan, number)

    async def _put(self, connection: str, verb: str, args: str, operator: str) -> int:
        """Ask the engine for something; its number. Raises Refused for too little a role."""
        await self._allow(connection, verb, operator)
        return await self._store.write(ask, connection, verb, args, operator, self._clock.now())

    async def _allow(self, connection: str, verb: str, operator: str) -> None:
        """Raise Refused, and write that down, when the role of whoever acts here is too little."""
        needs = needed_for(verb)
        if self._role < needs:
            refusal = too_little(self._role, needs, f"To {verb}")
            await self._store.write(
                note_refusal, connection, verb, operator, refusal.cause, self._clock.now()
            )
            raise refusal

    async def make_plan(self, connection: str, subject: str = "stock", *, operator: str) -> int:
        """Ask the engine for a plan of a connection's stock or products; the number to ask about it by."""
        args = orjson.dumps({} if subject == "stock" else {"subject": subject}).decode()
        return await self._put(connection, "plan", args, operator)

    async def run_plan(
        self, number: int, cells: tuple[tuple[str, str], ...] | None, *, operator: str
    ) -> int | None:
        """Ask the engine to run a plan, or of it only these cells; None when there is no such plan."""
        found = await self._store.read(read_plan, number)
        if found is None:
            return None
        args = orjson.dumps({"plan": number, "cells": cells}).decode()
        return await self._put(found.connection, "apply", args, operator)

    async def came_of(self, asked: int) -> Came | None:
        """What came of asking for a plan or its run; None while the engine has not finished it."""
        text = await self._store.read(outcome, asked)
        if text is None:
            return None
        done = Done.read(text)
        return Came(done.plan, done.cause, done.remedy)

    async def failed(
        self, *, filter: str = "", limit: int = 500, offset: int = 0, sort: str = "", descending: bool = True
    ) -> FailedPage:
        """Records that wait for a person, newest first by default."""
        return await self._store.read(
            failed_page,
            filter=filter,
            limit=limit,
            offset=offset,
            sort=sort,
            descending=descending,
            now=self._clock.now(),
        )

    async def failed_causes(self, *, filter: str = "") -> tuple[CauseRow, ...]:
        """The same by cause, those with most records first."""
        return await self._store.read(failed_causes, filter=filter, now=self._clock.now())

    async def failed_chosen(self, *, filter: str = "") -> tuple[Chosen, ...]:
        """Every record the filter lets through, as it is at this moment."""
        return await self._store.read(failed_chosen, filter=filter, now=self._clock.now())

    async def failed_detail(self, work: WorkId) -> FailedDetail | None:
        """One of them; None when it has been cleared meanwhile."""
        return await self._store.read(failed_detail, work)

    async def retry(self, works: tuple[WorkId, ...], *, operator: str) -> Asked:
        """Ask the engine to try these records again."""
        return await self._ask("retry", [(work, None) for work in works], "", operator)

    async def act(
        self, verb: str, chosen: tuple[Chosen, ...], *, value: str, operator: str, stale: str = Stale.SKIP
    ) -> Asked:
        """Ask the engine for an action on these records; `stale` says what becomes of those that changed."""
        if verb not in VERBS:
            raise ValueError(f"there is no action {verb}")
        if stale == Stale.FORCE:
            return await self._ask(verb, [(one.id, None) for one in chosen], value, operator)
        versions = await self._store.read(versions_of, [one.id for one in chosen])
        moved = [one for one in chosen if versions.get(one.id, one.version) != one.version]
        if stale == Stale.NEWEST:
            moved = []
        still: list[Target] = [
            (one.id, versions.get(one.id, one.version)) for one in chosen if one not in moved
        ]
        asked = await self._ask(verb, still, value, operator)
        names = tuple(f"{one.ref or one.id} changed since it was listed: look at it again." for one in moved)
        return Asked(asked.accepted, (*asked.refused, *names))

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

    async def mappings(self) -> tuple[MappingRow, ...]:
        """What the two sides call the same thing."""
        return await self._store.read(mappings, self._atlas)

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

    async def subscribe(self, connection: str, *, operator: str) -> None:
        """Ask the engine to list the shop's subscriptions and to make anew what is gone."""
        await self._put(connection, SUBSCRIBE, "{}", operator)

    async def undo(self, seq: int, *, operator: str) -> str:
        """Ask the engine to take back what this line of the ledger says; why not, or empty."""
        found = await self._store.read(inverse, seq, self._clock.now())
        if isinstance(found, str):
            return found
        await self._put(found.connection, found.verb, found.args_json, operator)
        return ""

    async def _ask(self, verb: str, targets: list[Target], value: str, operator: str) -> Asked:
        owners = await self._store.read(connections_of, [work for work, _ in targets])
        by_connection: dict[str, list[Target]] = defaultdict(list)
        for target in targets:
            if target[0] in owners:
                by_connection[owners[target[0]]].append(target)
        for connection, mine in by_connection.items():
            await self._put(connection, verb, args_of(mine, value), operator)
        return Asked(len(owners), _gone([work for work, _ in targets], owners))

    async def orders(self, look: Look) -> Page[OrderLineRow]:
        """Orders, newest first by default."""
        return await self._store.read(order_page, look, self._clock.now())

    async def order(self, connection: str, order: str) -> OrderDetail | None:
        """One of them; None when it is not known."""
        return await self._store.read(order_detail, connection, order)

    async def sync(self) -> SyncPage:
        """Each connection with its steps and lanes."""
        return await self._store.read(sync_page, self._clock.now())

    async def trail(self, look: Look, *, people: bool) -> Page[TrailRow]:
        """Lines of the ledger, newest first: all, or only what people asked and what came of it."""
        return await self._store.read(trail_page, look, people=people, now=self._clock.now())

    async def verify_trail(self) -> Verified:
        """Follow the hash chain of the whole ledger."""
        return await self._store.read(verified, self._clock.now())

    async def acknowledge(self, *, operator: str) -> int:
        """Say that this person looks after every alert that stands; of how many nobody did before."""
        await self._allow("", "acknowledge", operator)
        return await self._store.write(acknowledge_all, operator, self._clock.now())

    async def gaps(self) -> tuple[GapRow, ...]:
        """What has no mapping yet, and fields of products that wait for a decision."""
        waiting = await self._store.read(waiting_fields, self._clock.now())
        return (*await self._store.read(open_gaps), *waiting)

    async def pull(
        self, connection: str, orders: tuple[OrderId, ...], *, unseen: bool, operator: str
    ) -> Asked:
        """Ask the engine to look at these orders again; with `unseen` only at those it has never seen."""
        accepted = 0
        for begin in range(0, len(orders), PULLED_AT_ONCE):
            wanted = orders[begin : begin + PULLED_AT_ONCE]
            if unseen:
                known = await self._store.read(read_orders, connection, wanted)
                wanted = tuple(order for order in wanted if order not in known)
            if wanted:
                body = orjson.dumps(wanted).decode()
                await self._put(connection, "pull", body, operator)
            accepted += len(wanted)
        return Asked(accepted, ())


def _gone(works: Collection[WorkId], known: Collection[WorkId]) -> tuple[str, ...]:
    return tuple(f"Record {work} does not exist any more." for work in works if work not in known)
