"""The table of states and moves."""

import itertools

import pytest

from engine.delivery.states import (
    CREATING_KINDS,
    DONE,
    MOVES,
    RUNNING,
    WAITING,
    WITH_A_PERSON,
    Move,
    State,
    allowed,
    check,
    rescued,
)

ALL = set(State)
CLAIMABLE = WAITING | {State.UNCERTAIN}


def test_every_move_has_a_line_and_every_state_an_entrance() -> None:
    assert set(MOVES) == set(Move)
    assert {after for table in MOVES.values() for to in table.values() for after in to} == ALL


def test_every_state_belongs_to_exactly_one_group() -> None:
    groups = [CLAIMABLE, RUNNING, DONE, WITH_A_PERSON]
    assert sorted(itertools.chain(*groups)) == sorted(ALL)


def test_nothing_but_asking_anew_leaves_a_finished_state() -> None:
    left = {(move, before) for move, before in itertools.product(Move, DONE) if before in MOVES[move]}
    asked = {(Move.ASK, State.SUCCEEDED), (Move.ASK, State.RESOLVED)}
    assert left == asked | {(Move.PUT_ASIDE, before) for before in DONE}


def test_only_a_running_record_ends_and_only_a_claimable_one_runs() -> None:
    for move in (
        Move.SUCCEED, Move.RETRY, Move.POSTPONE, Move.DOUBT, Move.INTERRUPT, Move.HOLD, Move.DEAD_LETTER, Move.RESCUE,
        Move.QUARANTINE,
    ):  # fmt: skip
        assert set(MOVES[move]) == RUNNING
    assert set(MOVES[Move.CLAIM]) == CLAIMABLE


def test_an_uncertain_record_is_only_ever_looked_up_or_decided() -> None:
    assert MOVES[Move.CLAIM][State.UNCERTAIN] == {State.PROBING}
    ways = {move for move in Move if State.UNCERTAIN in MOVES[move]}
    assert ways == {Move.CLAIM, Move.REDRIVE, Move.RESOLVE}


def test_what_is_being_looked_up_is_never_forgotten_to_be_in_doubt() -> None:
    for move in (Move.POSTPONE, Move.INTERRUPT, Move.RESCUE):
        assert MOVES[move][State.PROBING] == {State.UNCERTAIN}


@pytest.mark.parametrize("in_doubt", [True, False])
def test_a_dead_engines_creation_never_goes_back_to_pending(in_doubt: bool) -> None:
    for kind in CREATING_KINDS:
        assert rescued(kind, in_doubt) is State.UNCERTAIN
    assert rescued("price", in_doubt) is (State.UNCERTAIN if in_doubt else State.PENDING)


def test_a_move_that_is_not_in_the_table_is_refused() -> None:
    assert not allowed(Move.REDRIVE, State.IN_FLIGHT, State.REDRIVEN)
    with pytest.raises(AssertionError, match="redrive from in_flight"):
        check(Move.REDRIVE, "in_flight", "redriven")
