"""Whatever verbs are called in whatever order, no record makes a move the table of states forbids, and every one is made."""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from engine.delivery.states import MOVES, Move, State
from engine.model.ids import LocationId, Sku
from engine.model.stock import CellKey
from engine.store.rows import FailureNote
from engine.store.session import Store
from engine.store.tables import work
from engine.store.tx import Tx
from engine.store.verbs.aside import put_aside, take_back, try_again
from engine.store.verbs.claim import claim
from engine.store.verbs.effect import intend
from engine.store.verbs.endings import dead_letter, hold, interrupted, postpone, retry, succeed, uncertain
from engine.store.verbs.person import resolve
from engine.store.verbs.rescue import rescue
from engine.store.verbs.work import enqueue

STEPS = 2000
NOTE = FailureNote("away", "wait", "away", "")
CELL = CellKey(Sku("A"), LocationId("L"))
SETTLE = timedelta(seconds=120)
Seen = dict[int, State]


class Player:
    """Calls verbs at random, valid and invalid ones alike, as engines and people would."""

    def __init__(self, tx: Tx, now: datetime, chance: Random) -> None:
        self.tx, self.now, self.chance, self.epoch = tx, now, chance, 1
        self.made: Counter[tuple[Move, State, State]] = Counter()

    def play(self) -> None:
        acts: list[tuple[Callable[[], Any], Collection[Move]]] = [
            (self.ask, {Move.ASK}),
            (self.claim, {Move.CLAIM}),
            (self.claim, {Move.CLAIM}),
            (self.die, {Move.RESCUE, Move.QUARANTINE}),
            (self.put_aside, {Move.PUT_ASIDE, Move.SUPERSEDE}),
            (lambda: take_back(self.tx, "main", [CELL], self.now), {Move.TAKE_BACK}),
            (self.person(try_again), {Move.REDRIVE, Move.RESOLVE}),
            (self.person(resolve, note="done"), {Move.RESOLVE}),
            (self.ending(succeed), {Move.SUCCEED}),
            (self.ending(retry, self.later, NOTE), {Move.RETRY}),
            (self.ending(postpone, self.later), {Move.POSTPONE}),
            (self.ending(hold, NOTE), {Move.HOLD}),
            (self.ending(dead_letter, NOTE), {Move.DEAD_LETTER}),
            (self.ending(uncertain, self.later, NOTE), {Move.DOUBT}),
            (self.ending(uncertain, lambda: None, NOTE), {Move.DOUBT}),
            (self.interrupt, {Move.INTERRUPT}),
        ]
        for _ in range(STEPS):
            act, moves = self.chance.choice(acts)
            self.now += timedelta(seconds=self.chance.choice((0, 1, 60)))
            before = self.states()
            act()
            self.judge(before, self.states(), moves)

    def judge(self, before: Seen, after: Seen, moves: Collection[Move]) -> None:
        for number, state in after.items():
            was = before.get(number, state)
            if was is state:
                continue
            how = [move for move in moves if state in MOVES[move].get(was, ())]
            assert how, f"{was} to {state} by one of {moves}"
            self.made[how[0], was, state] += 1

    def states(self) -> Seen:
        return {row.id: State(row.state) for row in self.tx.execute(select(work.c.id, work.c.state))}

    def one(self) -> int:
        return self.chance.choice([0, *self.states()])

    def ask(self) -> None:
        kind, key = self.chance.choice(("order", "price")), f"k{self.chance.randrange(6)}"
        enqueue(
            self.tx, connection="main", kind=kind, key=key, lane=1, due_at=self.now, now=self.now,
            force=self.chance.random() < 0.3,
        )  # fmt: skip

    def claim(self) -> None:
        claim(self.tx, connection="main", epoch=self.epoch, now=self.now, lanes=(2,) * 5, lease_seconds=60)

    def die(self) -> None:
        if self.chance.random() < 0.3:
            rescue(
                self.tx,
                connection="main",
                epoch=self.epoch,
                now=self.now,
                settle=SETTLE,
                keep=[self.one()],  # type: ignore[list-item]
            )
            return
        self.epoch += 1
        rescue(self.tx, connection="main", epoch=self.epoch, now=self.now, settle=SETTLE)

    def put_aside(self) -> None:
        code = self.chance.choice(("refused", "sku_unknown", "location_unmapped"))
        put_aside(self.tx, "main", CELL, FailureNote("no", "mend", code, ""), 1, self.now)

    def interrupt(self) -> None:
        number = self.one()
        if number and self.chance.random() < 0.5:
            intend(
                self.tx, connection="main", work_id=number, remote="back_office", op="create",  # type: ignore[arg-type]
                ext_ref=str(number), key="k", fingerprint="f", body="{}", now=self.now,
            )  # fmt: skip
        interrupted(self.tx, number, self.epoch, self.chance.choice((SETTLE, None)), self.now)  # type: ignore[arg-type]

    def later(self) -> datetime:
        return self.now + timedelta(seconds=self.chance.choice((0, 90)))

    def ending(self, verb: Callable[..., Any], *args: Any) -> Callable[[], None]:
        def act() -> None:
            given = [arg() if callable(arg) else arg for arg in args]
            epoch = self.epoch - (self.chance.random() < 0.2)
            verb(self.tx, self.one(), epoch, *given, self.now)

        return act

    def person(self, verb: Callable[..., Any], **more: str) -> Callable[[], None]:
        return lambda: verb(self.tx, self.one(), operator="kim", now=self.now, **more)


def test_no_verb_makes_a_forbidden_move_and_every_allowed_one_is_made(
    sqlite_store: Store, now: datetime
) -> None:
    made: Counter[tuple[Move, State, State]] = Counter()
    for seed in range(5):

        def played(tx: Tx, seed: int = seed) -> Counter[tuple[Move, State, State]]:
            player = Player(tx, now + timedelta(days=seed), Random(seed))
            player.epoch = 1 + 10_000 * seed
            player.play()
            return player.made

        made += sqlite_store.write_sync(played)
    table = {
        (move, before, after)
        for move, rows in MOVES.items()
        for before, to in rows.items()
        for after in to
        if before is not after
    }
    assert {(before, after) for _, before, after in made} >= {(b, a) for _, b, a in table}
    assert {move for move, _, _ in made} == set(Move)
