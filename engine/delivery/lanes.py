"""Which lanes the free workers serve: weighted fair, a slot reserved per lane, ageing for what waits too long.

Lanes 0 to 4 are urgent to leisurely. Each connection has a queue and workers of its own, so no connection waits for
another; within a lane the oldest due record comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

WEIGHTS = (16, 8, 4, 2, 1)
LANES = range(len(WEIGHTS))
LANE_NAMES = ("decreases", "orders", "fulfilments", "products", "sweeps")
"""What travels in each."""
PATIENCE = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 120, 600, 3600))
"""For every such time that the head of a lane has waited past its due time it counts as one lane more urgent."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits in one lane."""

    due: int
    """Records that could be begun now."""
    waited: timedelta = timedelta(0)
    """How long the oldest of them has been due."""


@dataclass(frozen=True, slots=True)
class Turns:
    """How much each lane has been served, in records over weight; the lane that had least is next."""

    served: tuple[float, ...] = field(default_factory=lambda: (0.0,) * len(WEIGHTS))


def weight(lane: int, waited: timedelta) -> int:
    """The lane's weight, doubled for every patience its head has waited, up to the most urgent."""
    raised = max(0, int(waited / PATIENCE[lane]))
    return WEIGHTS[max(0, lane - raised)]


def share(
    workers: int, running: Sequence[int], queues: Sequence[Queue], turns: Turns
) -> tuple[list[int], Turns]:
    """How many records of each lane to begin, and the turns after that.

    A lane with nothing running keeps one worker free for itself, so that the most urgent work never waits for a
    call of the least urgent to end; with fewer workers than lanes the reserve ends where the workers end.
    """
    taken = [0] * len(WEIGHTS)
    served = list(turns.served)
    active = [lane for lane in LANES if queues[lane].due or running[lane]]
    floor = min((served[lane] for lane in active), default=0.0)
    for lane in LANES:
        # a lane that was idle does not come back with a claim on everything it did not use
        served[lane] = max(served[lane], floor)
    free = workers - sum(running)
    reserved = min(len(WEIGHTS), workers - 1)
    while free > 0:
        idle = [lane for lane in LANES if running[lane] + taken[lane] == 0][:reserved]
        able = [
            lane
            for lane in LANES
            if taken[lane] < queues[lane].due and free - sum(other != lane for other in idle) > 0
        ]
        if not able:
            break
        lane = min(able, key=lambda one: (served[one], one))
        taken[lane] += 1
        served[lane] += 1.0 / weight(lane, queues[lane].waited)
        free -= 1
    low = min(served)
    return taken, Turns(tuple(value - low for value in served))
