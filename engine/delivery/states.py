"""The states of a record and the moves between them, as data; every verb of the store moves by this table.

pending | redriven | retry_scheduled ──► in_flight ──► succeeded | retry_scheduled | held | dead_lettered
                                             └───────► uncertain ──► probing ──► succeeded | uncertain | held …

A record has one row for ever, and what is asked of it while it runs is done once more afterwards: there is no earlier
record of the same key to wait for, so none is ever blocked.
"""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a record is in its life."""

    PENDING = "pending"
    """Due, or waiting for its time."""
    IN_FLIGHT = "in_flight"
    """An engine works on it."""
    RETRY_SCHEDULED = "retry_scheduled"
    """Proven not applied; comes back by itself."""
    UNCERTAIN = "uncertain"
    """It may have been applied; looked up after its settling time."""
    PROBING = "probing"
    """An engine is looking it up."""
    SUCCEEDED = "succeeded"
    HELD = "held"
    """A person must change something first."""
    DEAD_LETTERED = "dead_lettered"
    """Tried often enough, or it killed the engine; a person looks at it."""
    REDRIVEN = "redriven"
    """A person said: try again."""
    RESOLVED = "resolved"
    """A person said: dealt with elsewhere."""
    SUPERSEDED = "superseded"
    """A record with a wider cause covers it: of a cell, one of its SKU or of its location."""


class Move(StrEnum):
    """What may happen to a record."""

    ASK = "ask"
    CLAIM = "claim"
    SUCCEED = "succeed"
    RETRY = "retry"
    POSTPONE = "postpone"
    DOUBT = "doubt"
    INTERRUPT = "interrupt"
    HOLD = "hold"
    DEAD_LETTER = "dead_letter"
    QUARANTINE = "quarantine"
    RESCUE = "rescue"
    REDRIVE = "redrive"
    RESOLVE = "resolve"
    SUPERSEDE = "supersede"
    PUT_ASIDE = "put_aside"
    TAKE_BACK = "take_back"


S = State
RUNNING = frozenset({S.IN_FLIGHT, S.PROBING})
WAITING = frozenset({S.PENDING, S.REDRIVEN, S.RETRY_SCHEDULED})
DONE = frozenset({S.SUCCEEDED, S.SUPERSEDED, S.RESOLVED})
"""Nothing is left to do; the key is free for its next record."""
WITH_A_PERSON = frozenset({S.HELD, S.DEAD_LETTERED})

CREATING_KINDS = frozenset({"order", "money"})
"""Kinds whose attempt may create a document: never simply tried again after a crash."""

MOVES: Mapping[Move, Mapping[State, frozenset[State]]] = {
    Move.ASK: {s: frozenset({S.PENDING}) for s in (DONE | WITH_A_PERSON) - {S.SUPERSEDED}},
    Move.CLAIM: {
        **{s: frozenset({S.IN_FLIGHT, S.PROBING}) for s in WAITING},
        S.UNCERTAIN: frozenset({S.PROBING}),
    },
    Move.SUCCEED: {s: frozenset({S.SUCCEEDED, S.PENDING}) for s in RUNNING},
    Move.RETRY: {s: frozenset({S.RETRY_SCHEDULED}) for s in RUNNING},
    Move.POSTPONE: {S.IN_FLIGHT: frozenset({S.PENDING}), S.PROBING: frozenset({S.UNCERTAIN})},
    Move.DOUBT: {s: frozenset({S.UNCERTAIN}) for s in RUNNING},
    Move.INTERRUPT: {S.IN_FLIGHT: frozenset({S.PENDING, S.UNCERTAIN}), S.PROBING: frozenset({S.UNCERTAIN})},
    Move.HOLD: {s: frozenset({S.HELD}) for s in RUNNING},
    Move.DEAD_LETTER: {s: frozenset({S.DEAD_LETTERED}) for s in RUNNING},
    Move.QUARANTINE: {s: frozenset({S.DEAD_LETTERED}) for s in RUNNING},
    Move.RESCUE: {S.IN_FLIGHT: frozenset({S.UNCERTAIN, S.PENDING}), S.PROBING: frozenset({S.UNCERTAIN})},
    Move.REDRIVE: {s: frozenset({S.REDRIVEN}) for s in WITH_A_PERSON | {S.UNCERTAIN}},
    Move.RESOLVE: {s: frozenset({S.RESOLVED}) for s in WITH_A_PERSON | {S.UNCERTAIN}},
    Move.SUPERSEDE: {S.HELD: frozenset({S.SUPERSEDED})},
    Move.PUT_ASIDE: {s: frozenset({S.HELD}) for s in DONE | {S.HELD}},
    Move.TAKE_BACK: {S.HELD: frozenset({S.SUCCEEDED})},
}
"""For each move: from which states it starts, and where it may lead."""


def allowed(move: Move, before: State, after: State) -> bool:
    """May a record go this way?"""
    return after in MOVES[move].get(before, frozenset())


def check(move: Move, before: str, after: str) -> State:
    """The state after the move; AssertionError when no record may go this way."""
    assert allowed(move, State(before), State(after)), f"{move} from {before} to {after}"
    return State(after)


def rescued(kind: str, in_doubt: bool) -> State:
    """Where a dead engine's record goes: what may have created a document is looked up first."""
    return State.UNCERTAIN if in_doubt or kind in CREATING_KINDS else State.PENDING


def waits_again(in_doubt: bool) -> State:
    """Where a record goes that was taken and not begun."""
    return State.UNCERTAIN if in_doubt else State.PENDING
