"""Invariants that must hold after every step, read from the files themselves and not through the engine."""

from collections import Counter
from pathlib import Path
from typing import Any

from engine.store.sqlite import driver
from tests.simulation.erp import Erp, plain
from tests.simulation.process import Process
from tests.simulation.stage import Stage

WAITS_FOR_PERSON = frozenset({"held", "dead_lettered"})
A_PERSON_SAYS = frozenset({"redrive", "resolve", "try_again", "do"})
ENDINGS = frozenset({"claim", "succeed", "retry", "postpone", "hold", "dead_letter", "uncertain"})
"""Verbs only the engine that leads may carry out."""

UNFINISHED = (
    "SELECT key || ' ' || state || ' ' || code FROM work WHERE state NOT IN ('succeeded', 'resolved', 'superseded',"
    " 'cancelled', 'held', 'dead_lettered')",
    "SELECT sku || ' ' || location || ' is marked' FROM stock WHERE dirty_at IS NOT NULL",
    "SELECT op || ' ' || ext_ref || ' is open' FROM effect WHERE outcome IN ('none', 'unknown')",
    "SELECT 'message ' || id FROM inbox WHERE closed_at IS NULL",
)
"""What is neither done nor waiting for a person, in words; on both databases."""
WAITING = (
    "SELECT id, key, state, code, cause FROM work WHERE state IN ('held', 'dead_lettered')"
    " OR (state = 'uncertain' AND due_at IS NULL)"
)
"""What waits for a person."""


class Watcher:
    """Looks at the store after each commit and at the ERP after each booking."""

    def __init__(self, stage: Stage, path: Path, erp: Erp) -> None:
        self._stage, self._erp = stage, erp
        self._eye = driver().connect(str(path), isolation_level=None)
        self._epoch = 0
        self._closed = 0
        self._rows: dict[int, tuple[Any, ...]] = {}
        self.epochs: dict[str, Any] = {}
        """Process → how to ask for the epoch it believes in."""

    def committed(self, process: Process, verb: str) -> None:
        """The store as it is after a commit."""
        stage = self._stage
        for (epoch,) in self._ask("SELECT epoch FROM lease"):
            if epoch < self._epoch:
                stage.violate("EPOCH BACK", f"{self._epoch} to {epoch} by {verb}")
            self._epoch = epoch
        self._inbox()
        changed = False
        rows = {row[0]: row for row in self._ask("SELECT id, key, state, version, kind FROM work")}
        for number, row in rows.items():
            before = self._rows.get(number)
            if before is None or before[3] == row[3]:
                continue
            changed = True
            left = before[2] in WAITS_FOR_PERSON and row[2] != before[2]
            if left and row[4] == "order" and verb not in A_PERSON_SAYS:
                stage.violate("LEFT WITHOUT A PERSON", f"{row[1]} {before[2]} to {row[2]} by {verb}")
        self._rows = rows
        if changed and verb in ENDINGS and self._superseded(process.name):
            stage.violate("NOT FENCED", f"{verb} by {process.name}, now epoch {self._epoch} leads")

    def _inbox(self) -> None:
        """A message about an order is closed together with asking for the work, never before."""
        [(closed,)] = self._ask("SELECT count(*) FROM inbox WHERE closed_at IS NOT NULL")
        if closed == self._closed:
            return
        self._closed = closed
        for (message,) in self._ask(
            "SELECT id FROM inbox WHERE closed_at IS NOT NULL AND topic LIKE 'orders/%' AND NOT EXISTS (SELECT 1"
            " FROM work WHERE key = json_extract(CAST(body AS TEXT), '$.admin_graphql_api_id'))"
        ):
            self._stage.violate("CLOSED WITHOUT WORK", f"message {message}")

    def booked(self) -> None:
        """The ERP's books after one of our bookings."""
        names = [
            row[0] for row in self._erp.rows("SELECT ext_ref FROM sales_order WHERE ext_ref IS NOT NULL")
        ]
        for ref, count in Counter(map(plain, names)).items():
            if count > 1 and not self.admitted(ref):
                self._stage.violate("DUPLICATE", f"{ref} {count} times")

    def admitted(self, ref: str) -> bool:
        """A double that cannot be closed: to be searched for is all this back office offers, and whoever found nothing
        stood still before sending. It must be told, and a person cancels one."""
        searched = self._stage.weather.tier == "T2"
        return searched and any(
            plain(what.removeprefix("back office create ")) == ref for what in self._stage.late
        )

    def doubles(self) -> list[str]:
        """What people are told to do about orders with two documents."""
        rows = self._ask("SELECT remedy FROM alert WHERE code = 'document_doubled' AND cleared_at IS NULL")
        return [row[0] for row in rows]

    def intended(self, op: str, key: str, by: str) -> None:
        """A call that changes a remote has been written down before it leaves.

        What a superseded engine still sends may have been settled by the one that leads: written down it was.
        """
        column = "ext_ref" if op == "create" else "key"
        open_ = "" if self._superseded(by) else " AND outcome IN ('none', 'unknown')"
        if not self._ask(f"SELECT 1 FROM effect WHERE op = ? AND {column} = ?{open_}", op, key):
            self._stage.violate("NOT WRITTEN DOWN", f"{op} {key}")

    def _superseded(self, engine: str) -> bool:
        """Another one leads, and this one does not know it yet."""
        return self.epochs.get(engine, lambda: self._epoch)() < self._epoch

    def unfinished(self) -> list[str]:
        """What is neither done nor waiting for a person."""
        return [row[0] for query in UNFINISHED for row in self._ask(query)]

    def waiting(self) -> list[tuple[int, str, str, str, str]]:
        """What waits for a person: id, key, state, code, cause."""
        return [tuple(row) for row in self._ask(WAITING)]

    def told(self, query: str) -> list[tuple[str, ...]]:
        """What the store says to a question in SQL."""
        return [tuple(row) for row in self._ask(query)]

    def cells(self) -> list[tuple[str, str, int | None, int, int | None]]:
        """SKU, location, base, pos and on hand as last seen."""
        return [tuple(row) for row in self._ask("SELECT sku, location, base, pos, on_hand FROM stock")]

    def agreed(self, sku: str, place: int) -> bool:
        """The engine has settled once what this cell holds."""
        return any(
            base is not None and (cell, location.rsplit("/", 1)[-1]) == (sku, str(place + 1))
            for cell, location, base, _, _ in self.cells()
        )

    def stored(self) -> tuple[set[str], set[str]]:
        """Ids and body hashes of the inbox."""
        rows = self._ask("SELECT webhook_id, body_hash FROM inbox")
        return {row[0] for row in rows}, {row[1] for row in rows}

    def doubled(self) -> list[tuple[str, str, int]]:
        """Messages of a dated resource that are in the inbox more than once: topic, resource, how often."""
        return [tuple(row) for row in self._ask(
            "SELECT topic, resource, count(*) FROM inbox WHERE resource_version IS NOT NULL"
            " GROUP BY topic, resource, resource_version, body HAVING count(*) > 1"
        )]  # fmt: skip

    def named(self) -> Counter[tuple[str, str]]:
        """N per cell of all orders we remember: − fulfilled + restocked."""
        rows = self._ask("SELECT sku, location, sum(restocked - fulfilled) FROM order_cell GROUP BY 1, 2")
        return Counter({(row[0], row[1]): row[2] for row in rows})

    def close(self) -> None:
        self._eye.close()

    def _ask(self, statement: str, *values: object) -> list[Any]:
        found: list[Any] = self._eye.execute(statement, values).fetchall()
        return found
